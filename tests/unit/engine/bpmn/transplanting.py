"""What the tests of transplants share: diagrams in two versions, and the move from one to the other."""

from collections.abc import Mapping

from app.engine.bpmn import Instance, ProcessDefinition
from app.engine.bpmn.instance import Transplanted
from app.engine.bpmn.transplant import Blocked
from app.engine.words import sentence
from tests.unit.engine.bpmn.bpmn_files import (
    Play,
    boundary,
    chain,
    document,
    end,
    flow,
    process,
    start,
    timer,
    user,
)

Files = bytes | Mapping[str, bytes]


def line(*parts: str, path: tuple[str, ...]) -> bytes:
    return document(process(start(), *parts, end(), chain(*path)))


def definition(files: Files, process_id: str = "P") -> ProcessDefinition:
    return ProcessDefinition.compile(files if isinstance(files, Mapping) else {"p.bpmn": files}, process_id)


def move(play: Play, files: Files, process_id: str = "P", **given: str) -> Transplanted:
    """Move what plays to another version; it plays on there."""
    result = tried(play, files, process_id, **given)
    assert isinstance(result, Transplanted), result
    play.definition = result.instance.definition
    play._keep(result.instance, result.step)
    return result


def tried(play: Play, files: Files, process_id: str = "P", **given: str) -> Transplanted | Blocked:
    instance = Instance.restore(play.definition, play.state, play.environment)
    return instance.transplant(definition(files, process_id), given, play.now)


def blocked(play: Play, files: Files, process_id: str = "P", **given: str) -> list[tuple[str, str]]:
    before = play.state
    result = tried(play, files, process_id, **given)
    assert isinstance(result, Blocked), result.step
    assert play.state == before
    for reason in result.reasons:
        for language in ("zh", "en"):
            words = sentence(reason.code, reason.params, language)
            assert reason.element_id in words
            assert "?" not in words
    return [(reason.code, reason.element_id) for reason in result.reasons]


def timed(duration: str, *, interrupting: bool = True, kind: str = "timeDuration", id: str = "T") -> bytes:
    event = boundary(id, "A", timer(kind, duration), interrupting=interrupting)
    return line(user("A"), event, user("L"), flow(id, "L"), end("E2"), flow("L", "E2"), path=("S", "A", "E"))


AB = line(user("A"), user("B"), path=("S", "A", "B", "E"))

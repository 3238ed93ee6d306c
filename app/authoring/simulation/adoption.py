"""A new task stands in the way of tests that were written before it: they take it up with a given answer."""

import re
from collections.abc import Mapping

from app.authoring.simulation.scripts import write_script
from app.definitions.checks import play_path_test
from app.definitions.compiled import Contents
from app.engine.bpmn.path_tests import PathTestResult

MOST_TURNS = 20
"""How often one test may meet the task."""

_STEP = re.compile(r"^\[\[step\]\]", re.MULTILINE)
_EXPECT = re.compile(r"^\[expect\]", re.MULTILINE)


def adopted(held: Contents, name: str, content: bytes, element_id: str, answer: Mapping[str, object]) -> bytes | None:
    """The test with a step for the task wherever it waits for it; None when that does not mend the test.

    The rest of the text stays as it was written. A test that passes is returned as it is.
    """
    text = content.decode()
    step = write_script({"step": [{"at": element_id} | ({"answer": dict(answer)} if answer else {})]})
    waiting = ""
    for _ in range(MOST_TURNS):
        result = play_path_test(held, name, text.encode())
        if result.passed:
            return text.encode()
        if result.trail is None or element_id not in result.trail.open_at:
            break
        move = _refused_move(result)
        if not move:
            waiting = waiting or text
        text = _with_step(text, step, move)
    return _earlier(held, name, waiting, step) if waiting else None


def _earlier(held: Contents, name: str, text: str, step: str) -> bytes | None:
    """The test with the step before one of its moves, the last that does; None when none does.

    For a test that can make all its moves while the task waits, and expects another order.
    """
    for before in range(len(_STEP.findall(text)), 0, -1):
        candidate = _with_step(text, step, before).encode()
        if play_path_test(held, name, candidate).passed:
            return candidate
    return None


def _refused_move(result: PathTestResult) -> int:
    """The number of the move that could not be made; 0 when all were made."""
    for failure in result.failures:
        move = failure.params.get("move")
        if isinstance(move, int):
            return move
    return 0


def _with_step(text: str, step: str, before: int) -> str:
    """The text with the step before the move of that number, or after the last one."""
    places = [found.start() for found in _STEP.finditer(text)]
    if 0 < before <= len(places):
        at = places[before - 1]
    else:
        expect = _EXPECT.search(text)
        at = expect.start() if expect else len(text)
    return f"{text[:at]}{step}\n{text[at:]}"

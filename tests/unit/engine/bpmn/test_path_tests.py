"""Path tests say what is not as expected, in words that a process owner can act on."""

from pathlib import Path

import pytest

from app.engine.bpmn import ProcessDefinition, check
from app.engine.bpmn.path_tests import PathTestResult, read_path_test, run_path_test
from app.engine.findings import EngineError
from app.engine.words import sentence
from tests.unit.engine.bpmn.bpmn_files import (
    boundary,
    chain,
    document,
    end,
    extension,
    flow,
    items,
    mapping,
    message,
    node,
    process,
    script,
    service,
    start,
    timer,
    user,
)

DIAGRAM = document(
    process(
        start(),
        user("ask", items("parties", "party"), camunda__candidateGroups="clerk"),
        service("send", "court.send", extension(mapping({"to": "court"})), camunda__asyncBefore="true"),
        service("tell", "notices.send"),
        node("exclusiveGateway", "G", default="G_done"),
        user("wait_for_it"), boundary("late", "wait_for_it", timer("timeDuration", "P3D")),
        script("mark", "= {late: true}"),
        boundary("stop", "wait_for_it", message("stop")), end("done"), end("stopped"),
        node("adHocSubProcess", "menu", user("visit")),
        chain("S", "ask", "send", "tell", "G"), flow("G", "done"), flow("G", "wait_for_it", '= receipt = "sent"'),
        chain("wait_for_it", "done"), chain("late", "mark", "done"), chain("stop", "stopped"),
    )
)  # fmt: skip

GOOD = """
[test]
name = "a way"
now = 2026-03-02T09:00:00+08:00

[start]
parties = [{ id = "a" }, { id = "b" }]

[topics."notices.send"]

[[step]]
at = "ask"
item = 1
by = "clerk"
answer = { amount = 3 }

[[step]]
at = "ask"

[[step]]
topic = "court.send"
result = { receipt = "sent" }

[[step]]
start = "visit"

[[step]]
at = "visit"

[[step]]
wait = "P4D"

[expect]
visited = ["ask", "send", "late", "mark"]
not_visited = ["stopped"]
variables = { late = true, receipt = "sent" }
end = "done"
open = []
finished = true
"""


def played(text: str) -> PathTestResult:
    test = read_path_test(text, name="file", main_process="P")
    return run_path_test(ProcessDefinition.compile({"p.bpmn": DIAGRAM}, "P"), None, None, test)


def words(result: PathTestResult) -> list[str]:
    return [sentence(one.code, one.params, "en") for one in result.failures]


def test_a_way_through_passes() -> None:
    result = played(GOOD)
    assert (words(result), result.name) == ([], "a way")
    assert result.trail is not None
    assert [topic for topic, _ in result.trail.calls] == ["court.send", "notices.send"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('"late", "mark"', '"mark", "late"'), "“late”, but in another order"),
        (('"late", "mark"', '"stopped"'), "passed “stopped”, but did not"),
        (('not_visited = ["stopped"]', 'not_visited = ["mark"]'), "not have passed “mark”"),
        (("late = true,", "late = false,"), "“late” should be False but is True"),
        (("late = true,", "early = 1,"), "“early” should be 1 but was never set"),
        (('end = "done"', 'end = "stopped"'), "end at “stopped” but ended at “done”"),
        (("open = []", 'open = ["ask"]'), "open: ask; open are: –"),
        (("finished = true", "finished = false"), "should not have finished"),
        (('wait = "P4D"', 'wait = "P1D"'), "finished but did not. Open: wait_for_it"),
        (('by = "clerk"', 'by = "leader"'), "Step 1: “ask” is not for “leader” but for: clerk"),
        (("item = 1", "item = 2"), "Step 1: no task “ask” is open. Open now: ask, ask"),
        (('start = "visit"', 'start = "dance"'), "Step 4 cannot be done"),
        (('result = { receipt = "sent" }', 'fail = "no line"'), "Incident at “send”"),
    ],
)
def test_what_differs_is_said(change: tuple[str, str], said: str) -> None:
    assert change[0] in GOOD
    assert any(said in one for one in words(played(GOOD.replace(*change))))


def test_an_expected_incident_is_no_failure() -> None:
    text = GOOD.replace('result = { receipt = "sent" }', 'fail = "no line"').split("[[step]]\nstart")[0]
    result = played(text + '[expect]\nincidents = ["send"]')
    assert words(result) == []
    assert words(played(text + '[expect]\nincidents = ["tell"]'))[-1] == (
        "There should be an incident at “tell”, but there is none"
    )


def test_messages_and_changes() -> None:
    text = GOOD.split("[[step]]\nstart")[0] + '[[step]]\nmessage = "stop"\n[expect]\nend = "stopped"\nfinished = true'
    assert words(played(text)) == []
    text = text.replace('message = "stop"', 'message = "note"')
    assert "Step 4 cannot be done" in words(played(text))[0]


@pytest.mark.parametrize(
    "text",
    [
        "not toml at all",
        "[tset]\nname = 'x'",
        "[[step]]\nat = 'a'\nmessage = 'b'",
        "[[step]]\nat = 'a'\nanser = {}",
        "[[step]]\n",
        "[expect]\nvisitid = []",
        "[test]\nnow = 'today'",
        "[start]\n[[step]]\nat = 'a'\nanswer = 3",
    ],
)
def test_a_broken_test_is_refused(text: str) -> None:
    with pytest.raises(EngineError, match="path_test_broken"):
        read_path_test(text)


def test_the_command_checks_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "p.bpmn").write_bytes(DIAGRAM)
    (tmp_path / "package.toml").write_text('main = "P"\ntopics = ["court.send", "notices.send"]\nroles = ["clerk"]')
    names = ("parties", "amount", "receipt", "late")
    (tmp_path / "data.toml").write_text("".join(f'[{name}]\nsource = "process"\n' for name in names))
    (tmp_path / "tests" / "way.toml").write_text(GOOD)
    assert check.main([str(tmp_path), "--en"]) == 0
    said = capsys.readouterr().out
    assert "passed  way.toml  a way" in said
    assert "1 of 1 path tests passed" in said
    (tmp_path / "data.toml").write_text('[parties]\nsource = "party"')
    assert check.main([str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "FAILED" in said
    assert "变量“late”不在数据字典中" in said

"""Files on disk: does each of them run?"""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from app.definitions.commands import processes_cli
from app.definitions.files_on_disk import Judged, Verdict, judge_path

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d">'
)


def diagram(inside: str, process: str = "p", executable: str = ' isExecutable="true"') -> str:
    return f'{HEAD}<process id="{process}"{executable}>{inside}</process></definitions>'


def steps(middle: str) -> str:
    return (
        f'<startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="t"/>{middle}'
        '<sequenceFlow id="f2" sourceRef="t" targetRef="e"/><endEvent id="e"/>'
    )


ASK = '<userTask id="t" name="Ask" camunda:formKey="x/ask" camunda:candidateGroups="clerk"/>'
PLAIN = diagram(steps(ASK))


def call(process: str) -> str:
    return diagram(steps(f'<callActivity id="t" name="Call" calledElement="{process}"/>'), "caller")


def only(path: Path) -> Judged:
    (found,) = judge_path(path)
    return found


def codes(judged: Judged) -> set[str]:
    return {one.code for one in judged.findings}


def test_a_diagram_without_remarks_runs(tmp_path: Path) -> None:
    (tmp_path / "a.bpmn").write_text(PLAIN)
    assert only(tmp_path / "a.bpmn").verdict == Verdict.RUNS
    assert only(tmp_path / "a.bpmn").findings == ()


def test_a_task_that_names_nobody_runs_with_a_warning(tmp_path: Path) -> None:
    (tmp_path / "a.bpmn").write_text(diagram(steps('<userTask id="t" name="Ask"/>')))
    assert only(tmp_path).verdict == Verdict.WARNED
    assert codes(only(tmp_path)) == {"form_missing", "nobody_named"}


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("empty.bpmn", b"", "xml_broken"),
        ("text.bpmn", b"hello", "xml_broken"),
        ("binary.bpmn", bytes(range(256)) * 40, "xml_broken"),
        ("cut.bpmn", PLAIN[:200].encode(), "xml_broken"),
        ("wrong_encoding.bpmn", b'<?xml version="1.0" encoding="klingon"?>' + PLAIN.encode(), "xml_broken"),
        ("entities.bpmn", b'<!DOCTYPE a [<!ENTITY b "c">]>' + PLAIN.encode(), "xml_doctype"),
        ("huge.bpmn", b" " * (8 * 1024 * 1024 + 1), "xml_too_large"),
        ("deep.bpmn", b"<a>" * 5_000, "xml_broken"),
        ("page.bpmn", b"<html/>", "not_a_diagram"),
        ("case.cmmn", b'<definitions xmlns="http://www.omg.org/spec/CMMN/20151109/MODEL"/>', "cmmn_refused"),
        ("case.bpmn", b'<definitions xmlns="http://www.omg.org/spec/CMMN/20151109/MODEL"/>', "cmmn_refused"),
        ("drawing.bpmn", diagram(steps(ASK), executable=' isExecutable="false"').encode(), "process_not_executable"),
        ("pools.bpmn", f'{HEAD}<collaboration id="c"/></definitions>'.encode(), "no_process"),
        ("broken.form", b"{", "form_unreadable"),
        ("list.form", b"[]", "form_unreadable"),
        (
            "c8.bpmn",
            diagram(
                steps('<userTask id="t"><extensionElements><zeebe:userTask/></extensionElements></userTask>')
            ).encode(),
            "camunda_8_refused",
        ),
    ],
)
def test_what_is_no_process_that_runs_is_refused_with_the_reason(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert only(tmp_path / name).verdict == Verdict.REFUSED
    assert code in codes(only(tmp_path / name))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030", "iso-8859-1"])
def test_any_encoding_that_the_file_declares_is_read(tmp_path: Path, encoding: str) -> None:
    name = "Prüfen" if encoding == "iso-8859-1" else "核实"
    declared = encoding.removesuffix("-sig")
    text = f'<?xml version="1.0" encoding="{declared}"?>' + PLAIN.replace("Ask", name)
    (tmp_path / "a.bpmn").write_bytes(text.encode(encoding))
    assert only(tmp_path).verdict == Verdict.RUNS


def test_another_pool_that_is_only_drawn_does_no_harm(tmp_path: Path) -> None:
    drawn = '<process id="outside" isExecutable="false"><task id="x"/></process></definitions>'
    (tmp_path / "a.bpmn").write_text(PLAIN.replace("</definitions>", drawn))
    assert only(tmp_path).verdict == Verdict.RUNS
    assert codes(only(tmp_path)) == {"process_not_executable"}


def test_a_called_process_is_found_beside_and_around(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "caller.bpmn").write_text(call("p"))
    assert codes(only(inner)) == {"called_unknown"}
    (tmp_path / "around.bpmn").write_text(PLAIN)
    assert {one.verdict for one in judge_path(tmp_path)} == {Verdict.RUNS}
    (inner / "beside.bpmn").write_text(PLAIN)
    assert only(inner / "caller.bpmn").verdict == Verdict.RUNS


def test_who_calls_what_is_refused_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.bpmn").write_text(call("p"))
    (tmp_path / "b.bpmn").write_text(diagram(steps('<complexGateway id="t"/>')))
    (tmp_path / "c.bpmn").write_text(call("caller").replace('id="caller"', 'id="first"'))
    caller, _, first = judge_path(tmp_path)
    assert codes(caller) == {"called_refused"}
    assert codes(first) == {"called_refused"}


def test_the_nearest_of_two_processes_with_one_id_is_called(tmp_path: Path) -> None:
    for name, called in (("one", PLAIN), ("two", diagram(steps('<complexGateway id="t"/>')))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "p.bpmn").write_text(called)
        (tmp_path / name / "z.bpmn").write_text(call("p"))
    found = {Path(one.file).relative_to(tmp_path).as_posix(): one.verdict for one in judge_path(tmp_path)}
    assert found["one/z.bpmn"] == Verdict.RUNS
    assert found["two/z.bpmn"] == Verdict.REFUSED


def test_two_files_of_a_folder_with_one_id_are_told(tmp_path: Path) -> None:
    (tmp_path / "v1.bpmn").write_text(PLAIN)
    (tmp_path / "v2.bpmn").write_text(PLAIN)
    assert [one.verdict for one in judge_path(tmp_path)] == [Verdict.WARNED, Verdict.WARNED]
    assert codes(judge_path(tmp_path)[0]) == {"process_twice"}


def test_folders_are_read_to_the_bottom_but_not_hidden_ones(tmp_path: Path) -> None:
    for place in ("a/b", ".git", "node_modules/x"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "p.bpmn20.xml").write_text(PLAIN)
        (tmp_path / place / "notes.txt").write_text("no")
    assert [Path(one.file).relative_to(tmp_path).as_posix() for one in judge_path(tmp_path)] == ["a/b/p.bpmn20.xml"]


def test_a_package_in_a_folder_is_checked_as_one() -> None:
    found = {one.file: one for one in judge_path(Path("tests/packages"), tests=False)}
    assert found
    assert not [one for one in found.values() if one.verdict == Verdict.REFUSED]


def test_the_command_tells_each_file_and_its_verdict(tmp_path: Path) -> None:
    (tmp_path / "good.bpmn").write_text(PLAIN)
    run = CliRunner().invoke
    good = run(processes_cli, ["check", "--json", str(tmp_path)])
    assert good.exit_code == 0
    assert json.loads(good.output) == [{"file": str(tmp_path / "good.bpmn"), "verdict": "runs", "findings": []}]
    (tmp_path / "bad.bpmn").write_text("no")
    bad = run(processes_cli, ["check", "--json", str(tmp_path)])
    assert bad.exit_code == 1
    assert [(set(one), one["verdict"]) for one in json.loads(bad.output)] == [
        ({"file", "verdict", "findings"}, "refused"),
        ({"file", "verdict", "findings"}, "runs"),
    ]
    chinese, english = (run(processes_cli, ["check", str(tmp_path), "--language", one]).output for one in ("zh", "en"))
    assert "bad.bpmn: 不能运行" in chinese
    assert "good.bpmn: runs" in english


def test_a_folder_without_a_diagram_is_an_error(tmp_path: Path) -> None:
    assert CliRunner().invoke(processes_cli, ["check", str(tmp_path)]).exit_code == 1


def package(folder: Path, task: str, settings: str = "", dictionary: str = "") -> Path:
    home = folder / "processes/x"
    home.mkdir(parents=True)
    (home / "package.toml").write_text(f'name = "x"\nmain = "p"\nlabel = {{ zh = "某", en = "X" }}\n{settings}')
    (home / "x.bpmn").write_text(diagram(steps(task)))
    if dictionary:
        (home / "data.toml").write_text(dictionary)
    return home


def errors(home: Path) -> set[tuple[str, str]]:
    return {(one.code, one.element_id) for file in judge_path(home) for one in file.findings if one.severity == "error"}


def test_a_group_of_another_system_is_told_and_not_published(tmp_path: Path) -> None:
    task = '<userTask id="t" name="Ask" camunda:candidateGroups="management, mediator, clerk@town"/>'
    (tmp_path / "loose.bpmn").write_text(diagram(steps(task)))
    told = [one.params["group"] for one in only(tmp_path / "loose.bpmn").findings if one.code == "group_foreign"]
    assert told == ["management"]
    assert errors(package(tmp_path / "one", task)) == {("role_unknown", "t")}
    listed = 'roles = ["management", "mediator", "clerk"]'
    assert errors(package(tmp_path / "two", task, listed)) == set()


def test_the_fields_of_a_task_are_held_against_the_dictionary(tmp_path: Path) -> None:
    fields = (
        '<userTask id="t" name="Ask"><extensionElements><camunda:formData><camunda:formField id="age" type="long"/>'
        '<camunda:formField id="agreed" type="boolean"/></camunda:formData></extensionElements></userTask>'
    )
    age = '[age]\ntype = "text"\nform = true\nlabel = { zh = "年龄", en = "Age" }\n'
    assert errors(package(tmp_path / "one", fields)) == set()
    assert errors(package(tmp_path / "two", fields, dictionary=age)) == {
        ("form_type_mismatch", "t"),
        ("form_name_undeclared", "t"),
    }

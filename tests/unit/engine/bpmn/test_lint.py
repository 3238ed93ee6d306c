"""What would not run, or not as drawn, is refused with its place and a way out."""

import ast
from pathlib import Path

import pytest

from app.engine.bpmn import ProcessDefinition, lint
from app.engine.findings import DefinitionError, Severity
from app.engine.words import sentence
from app.engine.words.bpmn import MESSAGES
from tests.unit.engine.bpmn.bpmn_files import (
    HEAD,
    Play,
    boundary,
    chain,
    compensate,
    condition,
    document,
    end,
    error,
    event_subprocess,
    extension,
    flow,
    items,
    message,
    node,
    process,
    properties,
    script,
    service,
    signal,
    start,
    timer,
    undo_by,
    user,
)

TASK = user("T", camunda__candidateGroups="clerk", camunda__formKey="p/f")


def line(task: str, *more: str) -> bytes:
    return document(process(start(), task, end(), chain("S", "T", "E"), *more))


def wrong(xml: bytes, **known: object) -> list[tuple[str, str]]:
    return [
        (one.code, one.element_id)
        for one in lint({"p.bpmn": xml}, None, **known)  # type: ignore[arg-type]
        if one.severity is Severity.ERROR
    ]


def test_a_plain_process_is_well() -> None:
    assert wrong(line(TASK)) == []


TERMINATE = "<bpmn:terminateEventDefinition/>"
CANCEL = "<bpmn:cancelEventDefinition/>"
BACK = user("back", isForCompensation="true")

REFUSED = {
    "no start": (document(process(TASK, end(), chain("T", "E"))), ("start_missing", "P")),
    "empty": (document(process()), ("body_empty", "P")),
    "join behind what never runs": (
        line(node("parallelGateway", "T"), user("alone"), flow("alone", "T")), ("join_never_full", "T"),
    ),
    "loose flow": (line(TASK, flow("T", "nowhere")), ("flow_loose", "P")),
    "into start": (line(TASK, flow("T", "S")), ("start_has_incoming", "S")),
    "out of end": (line(TASK, flow("E", "T")), ("end_has_outgoing", "E")),
    "two plain starts": (line(TASK, start("S2"), flow("S2", "T")), ("several_plain_starts", "S2")),
    "dead gateway": (
        document(process(start(), node("exclusiveGateway", "G"), chain("S", "G"))), ("node_without_exit", "G"),
    ),
    "condition missing": (
        document(process(start(), node("exclusiveGateway", "G"), TASK, end(),
                         chain("S", "G", "T", "E"), flow("G", "E"))),
        ("condition_missing", "G"),
    ),
    "condition on parallel": (
        document(process(start(), node("parallelGateway", "G"), TASK, end(), chain("S", "G"), flow("G", "T", "= x"),
                         chain("T", "E"), flow("G", "E"))),
        ("condition_not_asked", "G"),
    ),
    "unknown default": (
        document(process(start(), node("exclusiveGateway", "G", default="f"), end(), chain("S", "G", "E"))),
        ("default_unknown", "G"),
    ),
    "complex gateway": (line(node("complexGateway", "T")), ("complex_gateway", "T")),
    "event gateway to task": (
        document(process(start(), node("eventBasedGateway", "G"), TASK, node("receiveTask", "R", messageRef="m_note"),
                         end(), chain("S", "G", "T", "E"), chain("G", "R", "E"))),
        ("event_gateway_target", "G"),
    ),
    "event gateway alone": (
        document(process(start(), node("eventBasedGateway", "G"), node("receiveTask", "R", messageRef="m_note"), end(),
                         chain("S", "G", "R", "E"))),
        ("event_gateway_alone", "G"),
    ),
    "compensation without handler": (
        line(TASK, boundary("B", "T", compensate())), ("compensation_without_handler", "B"),
    ),
    "compensation handler not marked": (
        line(TASK, undo_by("T", user("back"), "back")), ("compensation_handler_unmarked", "back"),
    ),
    "compensation handler alone": (line(TASK, user("back", isForCompensation="true")),
                                   ("compensation_handler_alone", "back")),
    "compensation handler in the flow": (
        document(process(start(), TASK, end(), chain("S", "T", "back", "E"), undo_by("T", BACK, "back"))),
        ("compensation_handler_has_flows", "back"),
    ),
    "compensation boundary leads on": (
        line(TASK, undo_by("T", BACK, "back"), chain("uT", "E")), ("compensation_leads_on", "uT"),
    ),
    "compensation twice": (
        line(TASK, undo_by("T", BACK, "back"), undo_by("T", BACK, "back").replace('"uT', '"vT').replace("back", "b2")),
        ("compensation_twice", "vT"),
    ),
    "compensation by two ways": (
        line(node("subProcess", "T", start("a") + end("b") + chain("a", "b")
                  + event_subprocess("CE", compensate(), end("c"), chain("CE_in", "c"))),
             undo_by("T", BACK, "back")),
        ("compensation_twice", "uT"),
    ),
    "compensation of a handler": (
        line(TASK, undo_by("T", BACK, "back"), undo_by("back", user("b2", isForCompensation="true"), "b2")),
        ("compensation_of_handler", "uback"),
    ),
    "compensation of something elsewhere": (
        line(TASK, user("X"), node("intermediateThrowEvent", "U", compensate("inner")),
             node("subProcess", "H", start("a") + user("inner") + end("b") + chain("a", "inner", "b")),
             chain("T", "U", "H", "E")),
        ("compensation_target_unknown", "U"),
    ),
    "compensation begins a process": (
        line(TASK, event_subprocess("CE", compensate(), end("c"), chain("CE_in", "c"))),
        ("compensation_start_place", "CE_in"),
    ),
    "cancel in a plain sub-process": (
        line(node("subProcess", "T", start("a") + end("b", CANCEL) + chain("a", "b"))), ("cancel_place", "b"),
    ),
    "cancel beside a task": (line(TASK, boundary("B", "T", CANCEL), chain("B", "E")), ("cancel_place", "B")),
    "cancel twice": (
        line(node("transaction", "T", start("a") + end("b", CANCEL) + chain("a", "b")), boundary("B", "T", CANCEL),
             boundary("B2", "T", CANCEL), chain("B", "E"), chain("B2", "E")),
        ("cancel_twice", "B2"),
    ),
    "two compensation event sub-processes": (
        line(node("subProcess", "T", start("a") + end("b") + chain("a", "b")
                  + event_subprocess("CE", compensate(), end("c"), chain("CE_in", "c"))
                  + event_subprocess("CF", compensate(), end("f"), chain("CF_in", "f")))),
        ("compensation_twice", "CF"),
    ),
    "cancel without boundary": (
        line(node("transaction", "T", start("a") + end("b", CANCEL) + chain("a", "b"))),
        ("cancel_without_boundary", "T"),
    ),
    "stored transaction": (
        line(node("transaction", "T", start("a") + end("b") + chain("a", "b"), method="##Store")),
        ("transaction_method", "T"),
    ),
    "two events": (line(node("intermediateCatchEvent", "T", message() + signal())), ("several_events", "T")),
    "no event": (line(node("intermediateCatchEvent", "T")), ("event_without_kind", "T")),
    "no message": (
        line(node("intermediateCatchEvent", "T", "<bpmn:messageEventDefinition/>")), ("event_without_name", "T"),
    ),
    "no error code": (
        document(process(start(), end("E", "<bpmn:errorEventDefinition/>"), chain("S", "E"))),
        ("event_without_code", "E"),
    ),
    "conditional start": (
        document(process(start("S", condition("= x")), end(), chain("S", "E"))), ("start_kind_refused", "S"),
    ),
    "timer start over a value": (
        document(process(start("S", timer("timeDate", "= hearing")), end(), chain("S", "E"))),
        ("start_timer_reads", "S"),
    ),
    "terminate in the middle": (line(node("intermediateThrowEvent", "T", TERMINATE)), ("event_kind_refused", "T")),
    "error does not interrupt": (
        line(TASK, boundary("B", "T", error(), interrupting=False), chain("B", "E")), ("error_interrupts", "B"),
    ),
    "timer without time": (
        line(node("intermediateCatchEvent", "T", "<bpmn:timerEventDefinition/>")), ("timer_without_time", "T"),
    ),
    "cron": (
        line(node("intermediateCatchEvent", "T", timer("timeCycle", "0 0 9 * * ?"))), ("timer_not_understood", "T"),
    ),
    "wrong duration": (
        line(node("intermediateCatchEvent", "T", timer("timeDuration", "3 days"))), ("timer_not_understood", "T"),
    ),
    "no condition": (line(node("intermediateCatchEvent", "T", condition(""))), ("condition_of_event_missing", "T")),
    "boundary nowhere": (
        line(TASK, boundary("B", "nothing", message()), chain("B", "E")), ("boundary_without_host", "B"),
    ),
    "event sub-process without event": (
        line(TASK, event_subprocess("ES", "", end("x"), chain("ES_in", "x"))), ("event_subprocess_start", "ES"),
    ),
    "event sub-process with flows": (
        line(TASK, event_subprocess("ES", message(), end("x"), chain("ES_in", "x")), flow("T", "ES")),
        ("event_subprocess_has_flows", "ES"),
    ),
    "link to nothing": (
        line(node("intermediateThrowEvent", "T", '<bpmn:linkEventDefinition name="L"/>')), ("link_without_target", "T"),
    ),
    "no script": (line(node("scriptTask", "T")), ("script_missing", "T")),
    "groovy": (
        line(node("scriptTask", "T", "<bpmn:script>x = 1</bpmn:script>", scriptFormat="groovy")),
        ("language_refused", "T"),
    ),
    "python condition": (
        line(user("T"), user("X"), chain("X", "E"), flow("T", "X", "x == 1")), ("language_refused", "T"),
    ),
    "no topic": (line(node("serviceTask", "T")), ("topic_missing", "T")),
    "no decision": (line(node("businessRuleTask", "T")), ("decision_missing", "T")),
    "unknown binding": (
        line(node("businessRuleTask", "T", camunda__decisionRef="d", camunda__decisionRefBinding="x")),
        ("binding_unknown", "T"),
    ),
    "no called process": (line(node("callActivity", "T")), ("called_missing", "T")),
    "unknown called process": (line(node("callActivity", "T", calledElement="Q")), ("called_unknown", "T")),
    "ad-hoc without end": (line(node("adHocSubProcess", "T", user("a"))), ("ad_hoc_never_ends", "T")),
    "loop without end": (line(user("T", "<bpmn:standardLoopCharacteristics/>")), ("loop_endless", "T")),
    "multi-instance over nothing": (
        line(user("T", "<bpmn:multiInstanceLoopCharacteristics/>")), ("collection_missing", "T"),
    ),
    "output without element": (
        line(user("T", extension(properties(outputCollection="x")) + items("list"))), ("output_incomplete", "T"),
    ),
    "script without name": (line(script("T", "= 1 + 1")), ("script_writes_nothing", "T")),
    "foreign element": (line(TASK, '<bpmn:fooTask id="foo" name="foo"/>'), ("element_not_run", "foo")),
    "id twice": (
        document(process(start(), TASK, end(), chain("S", "T", "E")), process(start(), end(), chain("S", "E"), id="Q")),
        ("id_twice", "S"),
    ),
    "connector": (line(service("T", "t", extension("<camunda:connector/>"))), ("connector_refused", "T")),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_with_its_element(case: str) -> None:
    xml, expected = REFUSED[case]
    found = wrong(xml)
    assert expected in found
    with pytest.raises(DefinitionError) as refused:
        ProcessDefinition.compile({"p.bpmn": xml}, "P")
    assert expected in [(one.code, one.element_id) for one in refused.value.findings]


@pytest.mark.parametrize("case", REFUSED)
def test_the_sentence_is_complete_in_both_languages(case: str) -> None:
    for finding in lint({"p.bpmn": REFUSED[case][0]}, None):
        for language in ("zh", "en"):
            text = sentence(finding.code, finding.params, language)
            assert text != finding.code
            assert "?" not in text.replace("* * ?", "")


def test_findings_have_file_line_and_name() -> None:
    xml = (
        HEAD + '\n<bpmn:process id="P" name="办理">\n<bpmn:startEvent id="S"/>\n'
        + '<bpmn:complexGateway id="G" name="并行"/>\n' + chain("S", "G") + "</bpmn:process></bpmn:definitions>"
    ).encode()  # fmt: skip
    finding = next(one for one in lint({"a/b.bpmn": xml}, None) if one.code == "complex_gateway")
    assert (finding.file, finding.line, finding.element_id, finding.element_name) == ("a/b.bpmn", 5, "G", "并行")


def test_expressions_are_compiled_and_their_line_told() -> None:
    xml = line(script("T", "= {\n  a: 1,\n  b: (2 +\n}", camunda__resultVariable="r"))
    finding = next(one for one in lint({"p.bpmn": xml}, None) if one.element_id == "T" and one.severity == "error")
    assert finding.code.startswith("feel_")
    assert finding.line in (4, 5)


def test_names_are_checked_against_the_dictionary() -> None:
    declared = {"amount", "list", "done"}
    loop = items("list", "party", "= nrOfCompletedInstances = 1 or ok")
    inner = start("hs") + user("U", camunda__assignee="= party.id + other") + end("he") + chain("hs", "U", "he")
    xml = document(
        process(
            start(), script("A", "= {done: amount &gt; 1, undone: true}"), node("subProcess", "H", inner + loop), end(),
            script("C", "= list[item.value &gt; price]", camunda__resultVariable="done"),
            chain("S", "A", "H", "C", "E"),
        )
    )  # fmt: skip
    undeclared = [one for one in lint({"p.bpmn": xml}, declared) if one.code == "name_undeclared"]
    assert {(one.element_id, one.params["name"]) for one in undeclared} == {
        ("A", "undone"),
        ("H", "ok"),
        ("U", "other"),
    }
    codes = {one.code for one in lint({"p.bpmn": xml}, None)}
    assert "names_not_checked" in codes
    assert "name_undeclared" not in codes


def test_what_the_caller_knows_is_checked() -> None:
    xml = line(
        user("T", camunda__formKey="p/f", camunda__candidateGroups="clerk, nobody"),
        service("X", "t"), node("businessRuleTask", "R", camunda__decisionRef="d"), chain("T", "X", "R", "E"),
    )  # fmt: skip
    found = wrong(xml, known_forms={"p/g"}, known_roles={"clerk"}, known_topics={"u"}, known_decisions={"e"})
    assert sorted(found) == [
        ("decision_not_known", "R"),
        ("form_unknown", "T"),
        ("role_unknown", "T"),
        ("topic_not_known", "X"),
    ]
    roles = {"clerk", "nobody"}
    assert wrong(xml, known_forms={"p/f"}, known_roles=roles, known_topics={"t"}, known_decisions={"d"}) == []


def test_a_java_class_is_a_topic_that_somebody_must_serve() -> None:
    xml = line(node("serviceTask", "T", camunda__class="a.B"))
    assert wrong(xml) == []
    warned = [one for one in lint({"p.bpmn": xml}, None) if one.code == "java_becomes_topic"]
    assert [one.params["topic"] for one in warned] == ["class:a.B"]
    assert wrong(xml, known_topics={"t"}) == [("java_refused", "T")]
    former = xml.replace(b"http://camunda.org/schema/1.0/bpmn", b"http://activiti.org/bpmn")
    assert wrong(former) == []


def test_what_is_not_executable_is_a_drawing() -> None:
    xml = line(node("complexGateway", "T")).replace(b'isExecutable="true"', b'isExecutable="false"')
    assert [one.code for one in lint({"p.bpmn": xml}, set())] == ["process_not_executable"]
    with pytest.raises(DefinitionError) as refused:
        ProcessDefinition.compile({"p.bpmn": xml}, "P")
    assert [one.code for one in refused.value.findings] == ["process_not_executable"]


def warned(xml: bytes) -> set[tuple[str, str]]:
    return {(one.code, one.element_id) for one in lint({"p.bpmn": xml}, None) if one.severity is Severity.WARNING}


@pytest.mark.parametrize(
    ("more", "unreached"),
    [
        ([user("alone")], {"alone"}),
        ([user("a"), user("b"), chain("a", "b", "a")], {"a", "b"}),
        ([user("alone"), flow("alone", "T")], {"alone"}),
        (
            [user("a"), boundary("late", "a", timer("timeDuration", "PT1H")), user("b"), flow("late", "b")],
            {"a", "late", "b"},
        ),
    ],
)  # fmt: skip
def test_what_no_path_leads_to_is_told_and_never_runs(more: list[str], unreached: set[str]) -> None:
    xml = line(TASK, *more)
    assert wrong(xml) == []
    assert {element for code, element in warned(xml) if code == "node_unreached"} == unreached
    play = Play(xml)
    assert play.opened == ["T"]
    play.complete("T")
    assert play.opened == []
    assert play.finished


def test_an_inclusive_join_does_not_wait_for_what_never_runs() -> None:
    xml = line(node("inclusiveGateway", "T"), user("alone"), flow("alone", "T"))
    assert wrong(xml) == []
    assert Play(xml).finished


def test_missing_words_are_warnings() -> None:
    found = {(one.code, one.element_id) for one in lint({"p.bpmn": line(TASK)}, None) if one.severity == "warning"}
    assert ("name_en_missing", "T") in found
    full = line(user("T", extension(properties(name__en="Task")), camunda__candidateGroups="c", camunda__formKey="f"))
    assert ("name_en_missing", "T") not in {(one.code, one.element_id) for one in lint({"p.bpmn": full}, None)}


def test_a_process_id_in_two_files_is_refused() -> None:
    found = lint({"a.bpmn": line(TASK), "b.bpmn": line(TASK)}, None)
    twice = [one for one in found if one.code == "process_twice"]
    assert [(one.file, one.params) for one in twice] == [("b.bpmn", {"other": "a.bpmn"})]


def test_a_diagram_beyond_all_measure_is_refused() -> None:
    deep = user("T")
    for level in range(30):
        deep = node("subProcess", f"H{level}", deep)
    assert [one.code for one in lint({"p.bpmn": line(deep)}, None) if one.severity == "error"] == ["nested_too_deep"]
    wide = line(TASK, *(user(f"T{number}") for number in range(6000)))
    assert [one.code for one in lint({"p.bpmn": wide}, None) if one.severity == "error"] == ["diagram_too_large"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"not xml", "xml_broken"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "xml_doctype"),
        (b"<other/>", "no_process"),
    ],
)
def test_a_file_that_is_no_diagram_is_refused_not_crashed_on(content: bytes, code: str) -> None:
    assert [one.code for one in lint({"p.bpmn": content}, None) if one.severity == "error"] == [code]
    with pytest.raises(DefinitionError):
        ProcessDefinition.compile({"p.bpmn": content}, "P")


def test_every_code_has_its_sentence() -> None:
    from app.engine.words import MESSAGES as ALL

    used: set[str] = set()
    for file in Path("app/engine/bpmn").rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text())):
            if isinstance(call, ast.Call) and call.args:
                name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
                if name in ("EngineError", "error", "warn", "Failure", "ScriptError"):
                    used |= {one.value for one in call.args[:1] if isinstance(one, ast.Constant)}
    assert len(used) > 60
    assert used - ALL.keys() == set()
    for chinese, english in MESSAGES.values():
        assert chinese != english

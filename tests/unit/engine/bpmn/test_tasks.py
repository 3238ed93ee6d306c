"""Tasks with the attributes of Camunda 7."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.engine.bpmn import lint
from app.engine.bpmn.environment import BpmnError, ElementInfo
from app.engine.bpmn.simulation import SimulatedEnvironment
from app.engine.findings import EngineError
from tests.unit.engine.bpmn.bpmn_files import (
    Play,
    boundary,
    chain,
    document,
    end,
    error,
    extension,
    mapping,
    node,
    process,
    properties,
    script,
    service,
    start,
    user,
)


def one(task: str, *more: str) -> bytes:
    return document(process(start(), task, user("Z"), end(), chain("S", "T", "Z", "E"), *more))


def test_a_user_task_opens_with_everything_evaluated() -> None:
    task = user(
        "T",
        extension(properties(title="= who + &quot; signs&quot;", title__en="Signs", name__en="Sign", stage="agreement",
                             party="= who", colour="blue")),
        camunda__formKey="dispute/sign", camunda__candidateGroups="mediator, clerk@town",
        camunda__candidateUsers="= [&quot;1&quot;, &quot;2&quot;]", camunda__assignee="${chosen}",
        camunda__dueDate="= today() + duration(&quot;P2D&quot;)", camunda__followUpDate="2026-03-03T10:00:00",
        camunda__priority="= 5 + 1",
    )  # fmt: skip
    item = Play(one(task), who="Zhang", chosen="7").at("T")
    assert (item.title, item.title_en, item.name, item.name_en) == ("Zhang signs", "Signs", "T", "Sign")
    assert (item.form_key, item.stage, item.assignee, item.priority) == ("dispute/sign", "agreement", "7", 6)
    assert item.candidate_groups == ("mediator", "clerk@town")
    assert item.candidate_users == ("1", "2")
    assert item.due_date == datetime(2026, 3, 4, 16, tzinfo=UTC)
    assert item.follow_up_date == datetime(2026, 3, 3, 2, tzinfo=UTC)
    assert (item.properties["party"], item.properties["colour"]) == ("Zhang", "blue")
    assert (item.process_id, item.path, item.scope) == ("P", (), "")


def test_without_title_a_task_is_called_by_its_name() -> None:
    item = Play(one(user("T", extension(properties(name__en="Task"))))).at("T")
    assert (item.title, item.title_en, item.form_key, item.assignee) == ("T", "Task", "", None)


def test_words_that_cannot_be_evaluated_do_not_stop_the_work() -> None:
    play = Play(one(user("T", extension(properties(title="= nobody.name", party="= nobody.id")))))
    assert (play.at("T").title, play.at("T").properties["party"]) == ("T", "")
    assert Play(one(user("T", camunda__assignee="= nobody.name"))).failed == ["T"]


def test_completing_writes_the_values_once() -> None:
    play = Play(one(user("T")))
    item = play.at("T")
    step = play.complete("T", answer={"deep": [1, 2]}, when=datetime(2026, 3, 2, tzinfo=UTC))
    assert step.variables == {"": {"answer": {"deep": [1, 2]}, "when": datetime(2026, 3, 2, tzinfo=UTC)}}
    assert [(one_.id, one_.reason) for one_ in step.closed] == [(item.id, "completed")]
    with pytest.raises(EngineError, match="item_gone"):
        play.call(lambda instance: instance.complete(item.id, {}, play.now))


def test_a_manual_task_waits_for_a_person_and_a_plain_one_does_not() -> None:
    assert Play(one(node("manualTask", "T"))).opened == ["T"]
    assert Play(one(node("task", "T"))).opened == ["Z"]


def test_open_items_are_evaluated_again_when_values_change() -> None:
    play = Play(one(user("T", camunda__assignee="= mediator")), mediator="1")
    play.environment.store[""]["mediator"] = "2"
    step = play.call(lambda instance: instance.variables_changed(["mediator"], play.now))
    assert [item.assignee for item in step.updated] == ["2"]
    assert play.at("T").assignee == "2"


def test_an_item_that_can_no_longer_be_evaluated_stays_as_it_is() -> None:
    play = Play(one(user("T", camunda__assignee="= mediator.id")), mediator={"id": "1"})
    del play.environment.store[""]["mediator"]
    step = play.call(lambda instance: instance.variables_changed(["mediator"], play.now))
    assert step.updated == ()
    assert play.at("T").assignee == "1"


def test_a_script_writes_a_context_or_its_result_variable() -> None:
    play = Play(one(script("T", "= {a: n + 1, b: [a, &quot;x&quot;]}")), n=1)
    assert (play.value("a"), play.value("b")) == (2, [2, "x"])
    play = Play(one(script("T", "= n * 0.5", camunda__resultVariable="half")), n=3)
    assert str(play.value("half")) == "1.5"


def test_a_script_with_a_plain_value_and_no_name_is_an_incident() -> None:
    assert Play(one(script("T", "= n")), n=1).last.incidents[0].code == "result_needs_a_name"


def test_a_service_task_gets_its_inputs_and_writes_its_outputs() -> None:
    environment = SimulatedEnvironment(topics={"add": {"sum": 5, "other": 1}}, dictionary={"n", "total"})
    inner = extension(mapping({"left": "= n", "text": "n is ${n}"}, {"total": "= sum + left"}))
    play = Play(one(service("T", "add", inner)), environment=environment, n=4)
    assert environment.calls == [("add", {"left": 4, "text": "n is 4"})]
    assert play.value("total") == 9
    assert play.value("other") is None


def test_without_output_mapping_declared_results_are_written() -> None:
    environment = SimulatedEnvironment(topics={"add": {"total": 5, "undeclared": 1}}, dictionary={"total"})
    play = Play(one(service("T", "add")), environment=environment)
    assert play.value("total") == 5
    assert "undeclared" not in play.environment.store[""]
    assert play.opened == ["Z"]


def test_a_topic_that_nobody_serves_is_an_incident() -> None:
    environment = SimulatedEnvironment(served=lambda topic: topic != "add")
    assert Play(one(service("T", "add")), environment=environment).last.incidents[0].code == "topic_unknown"


def test_a_java_class_is_served_by_its_topic() -> None:
    environment = SimulatedEnvironment(topics={"class:a.B": {"answer": 42}})
    play = Play(one(node("serviceTask", "T", camunda__class="a.B")), environment=environment)
    assert play.value("answer") == 42


@dataclass
class Failing(SimulatedEnvironment):
    error: EngineError = field(default_factory=lambda: EngineError("service_failed", reason="no line"))

    def __post_init__(self) -> None:
        super().__init__()

    def perform(self, topic: str, inputs: Mapping[str, object], element: ElementInfo) -> Mapping[str, object]:
        assert element.id == "T"
        raise self.error


def test_a_failing_service_is_an_incident_and_other_branches_go_on() -> None:
    xml = document(
        process(
            start(), node("parallelGateway", "F"), service("T", "call"), user("A"), user("B"), end(),
            chain("S", "F", "T", "B", "E"), chain("F", "A", "E"),
        )
    )  # fmt: skip
    play = Play(xml, environment=Failing())
    assert (play.opened, play.failed) == (["A"], ["T"])
    incident = play.last.incidents[0]
    assert (incident.code, incident.params, incident.file) == ("service_failed", {"reason": "no line"}, "p.bpmn")
    assert incident.line == 2


def test_a_business_error_of_a_service_goes_to_its_boundary_event() -> None:
    xml = one(service("T", "call"), boundary("B", "T", error("bad")), user("X"), chain("B", "X", "E"))
    assert Play(xml, environment=Failing(BpmnError("BAD"))).opened == ["X"]
    play = Play(xml, environment=Failing(BpmnError("ELSE")))
    assert play.last.incidents[0].code == "error_uncaught"


def test_the_code_and_the_message_of_an_error_are_told() -> None:
    caught = '<bpmn:errorEventDefinition camunda:errorCodeVariable="code" camunda:errorMessageVariable="words"/>'
    xml = one(service("T", "call"), boundary("B", "T", caught), user("X"), chain("B", "X", "E"))
    play = Play(xml, environment=Failing(BpmnError("BAD", "no such court")))
    assert (play.opened, play.value("code"), play.value("words")) == (["X"], "BAD", "no such court")


def test_a_task_that_names_nobody_takes_the_groups_of_its_lane() -> None:
    lanes = (
        '<bpmn:laneSet id="lanes"><bpmn:lane id="L" name="clerks">'
        + extension(properties(candidateGroups="clerk,dispatcher"))
        + "<bpmn:flowNodeRef>T</bpmn:flowNodeRef><bpmn:flowNodeRef>Z</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>"
    )
    xml = document(
        process(lanes, start(), user("T"), user("Z", camunda__assignee="7"), end(), chain("S", "T", "Z", "E"))
    )
    play = Play(xml)
    assert play.at("T").candidate_groups == ("clerk", "dispatcher")
    play.complete("T")
    assert play.at("Z").candidate_groups == ()


def test_an_async_service_task_is_a_job() -> None:
    xml = one(
        service("T", "call", extension(mapping({"a": "= n"})), camunda__asyncBefore="true"),
        boundary("B", "T", error("bad")), user("X"), chain("B", "X", "E"),
    )  # fmt: skip
    play = Play(xml, n=3)
    (job,) = play.last.jobs
    assert (job.topic, job.inputs, job.element_id) == ("call", {"a": 3}, "T")
    assert play.opened == []
    play.finish({"answer": 7})
    assert (play.opened, play.value("answer")) == (["Z"], 7)
    with pytest.raises(EngineError, match="job_gone"):
        play.finish({})
    play = Play(xml, n=3)
    play.finish(BpmnError("BAD"))
    assert play.opened == ["X"]
    play = Play(xml, n=3)
    play.finish(EngineError("service_failed", reason="twice"))
    assert play.failed == ["T"]
    play.retry()
    assert len(play.last.jobs) == 1
    play.finish({"answer": 8})
    assert play.opened == ["Z"]


@dataclass(frozen=True)
class Outcome:
    result: object
    trace: object = "trace"


def decided(result: object, attributes: Mapping[str, str], dictionary: set[str] | None = None) -> Play:
    asked: list[object] = []

    def decide(reference: str, variables: Mapping[str, object], now: datetime) -> Outcome:
        asked.append((reference, variables["n"]))
        return Outcome(result)

    xml = one(node("businessRuleTask", "T", **{f"camunda__{name}": value for name, value in attributes.items()}))
    play = Play(xml, environment=SimulatedEnvironment(decide=decide, dictionary=dictionary), n=1)
    assert asked == [(attributes["decisionRef"], 1)]
    return play


def test_a_decision_is_recorded_and_written() -> None:
    play = decided({"colour": "red", "why": "x"}, {"decisionRef": "risk", "resultVariable": "risk"})
    assert play.value("risk") == {"colour": "red", "why": "x"}
    (made,) = play.last.decisions
    assert (made.decision_ref, made.element_id, made.trace) == ("risk", "T", "trace")
    (made,) = decided({"days": Decimal(5)}, {"decisionRef": "risk"}).last.decisions
    assert repr(made.result) == "{'days': 5}"
    play = decided({"colour": "red", "why": "x"}, {"decisionRef": "risk"})
    assert (play.value("colour"), play.value("why")) == ("red", "x")


@pytest.mark.parametrize(
    ("mapping_", "result", "expected"),
    [
        ("singleEntry", {"colour": "red"}, "red"),
        ("singleEntry", "red", "red"),
        ("singleResult", [{"a": 1}], {"a": 1}),
        ("collectEntries", [{"a": 1}, {"a": 2}], [1, 2]),
        ("collectEntries", None, []),
        ("resultList", {"a": 1}, [{"a": 1}]),
    ],
)
def test_results_are_mapped(mapping_: str, result: object, expected: object) -> None:
    play = decided(result, {"decisionRef": "d", "resultVariable": "r", "mapDecisionResult": mapping_})
    assert play.value("r") == expected


def test_too_many_results_for_the_mapping_are_an_incident() -> None:
    play = decided([1, 2], {"decisionRef": "d", "resultVariable": "r", "mapDecisionResult": "singleEntry"})
    assert play.last.incidents[0].code == "result_does_not_map"


def test_local_inputs_of_a_user_task_stay_local() -> None:
    task = user("T", extension(mapping({"hint": "= n + 1"}, {"kept": "= answer + hint"})))
    play = Play(one(task), n=1)
    assert play.at("T").inputs == {"hint": 2}
    play.complete("T", answer=10)
    assert play.value("kept") == 12
    assert play.value("hint") is None


def test_input_parameters_may_be_lists_maps_and_scripts() -> None:
    inner = extension(
        "<camunda:inputOutput>"
        '<camunda:inputParameter name="list"><camunda:list><camunda:value>a</camunda:value>'
        "<camunda:value>= n</camunda:value></camunda:list></camunda:inputParameter>"
        '<camunda:inputParameter name="map"><camunda:map><camunda:entry key="k">= n + 1</camunda:entry></camunda:map>'
        "</camunda:inputParameter>"
        '<camunda:inputParameter name="script"><camunda:script scriptFormat="feel">n + 2</camunda:script>'
        "</camunda:inputParameter></camunda:inputOutput>"
    )
    environment = SimulatedEnvironment()
    Play(one(service("T", "t", inner)), environment=environment, n=1)
    assert environment.calls == [("t", {"list": ["a", 1], "map": {"k": 2}, "script": 3})]


def test_inputs_of_a_sub_process_are_variables_of_a_scope_of_its_own() -> None:
    """As Camunda 7 has them: seen by all inside, changed inside alone; outputs carry values out."""
    inner = start("hs") + script("X", "= {sum: sum + 1, seen: sum}") + user("W") + end("he")
    inner += chain("hs", "X", "W", "he")
    maps = extension(mapping({"sum": "= amount * 2"}, {"total": "= sum"}))
    xml = document(process(start(), node("subProcess", "H", maps + inner), end(), chain("S", "H", "E")))
    assert ("mapping_ignored", "H") not in {(one.code, one.element_id) for one in lint({"p.bpmn": xml}, None)}
    play = Play(xml, amount=5, seen=0)
    scope = play.at("W").scope
    assert play.environment.variables(scope) == {"sum": 11}
    assert play.value("seen") == 11
    step = play.complete("W", sum=12)
    assert step.closed_scopes == (scope,)
    assert play.finished
    assert (play.value("total"), play.value("sum")) == (12, None)

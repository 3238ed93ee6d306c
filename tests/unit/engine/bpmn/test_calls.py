"""Sub-processes, called processes, ad-hoc actions, and the scopes they make."""

import pytest

from app.engine.bpmn import ProcessDefinition
from app.engine.bpmn.simulation import SimulatedEnvironment
from app.engine.findings import DefinitionError, EngineError
from tests.unit.engine.bpmn.bpmn_files import (
    Play,
    boundary,
    chain,
    document,
    end,
    error,
    extension,
    message,
    node,
    process,
    properties,
    script,
    start,
    user,
)


def calling(inner: str = "", called: str = "Q", *more: str) -> dict[str, bytes]:
    main = process(
        start(), node("callActivity", "C", inner, calledElement=called), user("Z"), end(), chain("S", "C", "Z", "E"),
        *more,
    )  # fmt: skip
    other = process(start("qs"), user("U"), script("X", "= {made: 2}"), end("qe"), chain("qs", "U", "X", "qe"), id="Q")
    return {"p.bpmn": document(main), "q.bpmn": document(other)}


def test_a_called_process_shares_the_scope_of_its_caller() -> None:
    play = Play(calling(), n=1)
    item = play.at("U")
    assert (item.process_id, item.path, item.scope) == ("Q", ("C",), "")
    play.complete("U", n=5)
    assert (play.value("n"), play.value("made")) == (5, 2)
    assert play.opened == ["Z"]
    assert play.visited == ["S", "C", "qs", "U", "X", "qe", "Z"]


def test_with_mappings_a_call_has_its_own_scope() -> None:
    inner = extension(
        '<camunda:in source="n" target="x"/><camunda:in sourceExpression="= n * 2" target="double"/>'
        '<camunda:in businessKey="#{execution.processBusinessKey}"/>'
        '<camunda:out source="made" target="result"/><camunda:out sourceExpression="= x + 1" target="more"/>'
    )
    environment = SimulatedEnvironment(shared={"risk"}, variables={"risk": None})
    play = Play(calling(inner), environment=environment, n=3)
    scope = play.at("U").scope
    assert dict(play.environment.variables(scope)) == {"x": 3, "double": 6}
    play.complete("U", n=99, x=10, risk="red")
    assert (play.value("n"), play.value("result"), play.value("more")) == (3, 2, 11)
    assert play.value("made") is None
    assert play.value("risk") == "red"
    assert scope not in play.environment.store


def test_everything_may_be_passed_and_returned() -> None:
    inner = extension('<camunda:in variables="all"/><camunda:out variables="all"/>')
    play = Play(calling(inner), n=3)
    play.complete("U", n=4)
    assert (play.value("n"), play.value("made")) == (4, 2)


def test_the_called_process_may_be_computed() -> None:
    play = Play(calling("", "= which"), which="Q")
    assert play.opened == ["U"]
    play = Play(calling("", "${which}"), which="nothing")
    assert play.last.incidents[0].code == "called_process_missing"


def test_a_missing_called_process_is_refused() -> None:
    with pytest.raises(DefinitionError) as refused:
        ProcessDefinition.compile({"p.bpmn": calling()["p.bpmn"]}, "P")
    assert [(one.code, one.element_id) for one in refused.value.findings] == [("called_unknown", "C")]


def test_a_definition_tells_what_it_holds() -> None:
    definition = ProcessDefinition.compile(calling(), "P")
    assert definition.process_ids == ("P", "Q")
    assert definition.called == ("Q",)
    element = definition.element("U", "Q")
    assert element is not None
    assert (element.type, element.name, element.file) == ("userTask", "U", "q.bpmn")


def test_a_boundary_event_takes_away_the_called_process() -> None:
    play = Play(calling("", "Q", boundary("B", "C", message()), user("X"), chain("B", "X", "E")))
    step = play.send("note")
    assert play.opened == ["X"]
    assert {(one.element_id, one.how) for one in step.visits} >= {("U", "cancelled"), ("C", "cancelled")}


def test_an_error_leaves_the_called_process() -> None:
    files = calling("", "Q", boundary("B", "C", error()), user("X"), chain("B", "X", "E"))
    files["q.bpmn"] = document(process(start("qs"), end("qe", error()), chain("qs", "qe"), id="Q"))
    play = Play(files)
    assert play.opened == ["X"]


def test_a_process_may_call_itself() -> None:
    xml = document(
        process(
            start(), user("U"), node("exclusiveGateway", "G", default="G_E"), end(),
            node("callActivity", "C", calledElement="P"), chain("S", "U", "G", "E"), chain("C", "E"),
            '<bpmn:sequenceFlow id="again" sourceRef="G" targetRef="C"><bpmn:conditionExpression>= deeper'
            "</bpmn:conditionExpression></bpmn:sequenceFlow>",
        )
    )  # fmt: skip
    play = Play(xml)
    play.complete("U", deeper=True)
    assert play.at("U").path == ("C",)
    play.complete("U", deeper=True)
    assert play.at("U").path == ("C", "C")
    play.complete("U", deeper=False)
    assert play.finished


def test_stages_come_from_the_element_or_from_what_is_around_it() -> None:
    inner = extension(properties(stage="mediation"))
    play = Play(calling(inner))
    assert play.last.stage == "mediation"
    assert {(one.element_id, one.stage) for one in play.last.active} == {("C", "mediation"), ("U", "mediation")}
    assert play.at("U").stage == "mediation"


def with_menu(inner: str = "", flows: str = "") -> bytes:
    menu = (
        user("visit", extension(properties(name__en="Visit")), camunda__candidateGroups="mediator,clerk")
        + user("appraise", extension(properties(available="= amount &gt; 1000")))
        + script("follow", "= {followed: true}")
        + chain("appraise", "follow")
        + inner
    )
    return document(
        process(start(), user("T"), end(), chain("S", "T", "E"), node("adHocSubProcess", "menu", menu), flows)
    )


def test_optional_actions_wait_beside_the_work_and_may_come_often() -> None:
    play = Play(with_menu(), amount=10)
    (action,) = play.last.optional
    assert (action.element_id, action.name_en, action.candidate_groups) == ("visit", "Visit", ("mediator", "clerk"))
    assert [one.element_id for one in play.last.active] == ["T"]
    for _ in range(2):
        play.call(lambda instance: instance.start_optional("visit", play.now))
    assert play.opened == ["T", "visit", "visit"]
    with pytest.raises(EngineError, match="not_startable"):
        play.call(lambda instance: instance.start_optional("appraise", play.now))
    with pytest.raises(EngineError, match="not_startable"):
        play.call(lambda instance: instance.start_optional("follow", play.now))
    play.environment.store[""]["amount"] = 5000
    play.call(lambda instance: instance.start_optional("appraise", play.now))
    play.complete("appraise")
    assert play.value("followed") is True
    play.complete("T")
    assert not play.finished
    play.complete("visit")
    assert play.complete("visit").finished


def test_actions_that_nobody_started_do_not_hold_the_process() -> None:
    play = Play(with_menu(), amount=10)
    assert play.complete("T").finished


def test_a_failing_completion_condition_keeps_the_open_actions() -> None:
    inner = user("a") + "<bpmn:completionCondition>= enough</bpmn:completionCondition>"
    xml = document(process(start(), node("adHocSubProcess", "H", inner), user("Z"), end(), chain("S", "H", "Z", "E")))
    play = Play(xml)
    assert play.failed == ["H"]
    play.environment.store[""]["enough"] = False
    play.retry()
    play.call(lambda instance: instance.start_optional("a", play.now))
    assert (play.opened, play.failed) == (["a"], [])
    play.complete("a", enough="yes")
    assert play.failed == ["H"]
    play.environment.store[""]["enough"] = True
    play.retry()
    assert (play.opened, play.failed) == (["Z"], [])


def test_an_ad_hoc_sub_process_on_the_way_ends_by_its_condition() -> None:
    inner = user("a") + user("b") + "<bpmn:completionCondition>= enough</bpmn:completionCondition>"
    xml = document(process(start(), node("adHocSubProcess", "H", inner), user("Z"), end(), chain("S", "H", "Z", "E")))
    play = Play(xml, enough=False)
    assert play.opened == []
    for name in ("a", "b", "a"):
        play.call(lambda instance, name=name: instance.start_optional(name, play.now))
    play.complete("b")
    assert play.opened == ["a", "a"]
    play.complete("a", enough=True)
    assert play.opened == ["Z"]

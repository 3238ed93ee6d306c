"""What diagrams say of messages: whom they begin, how long one that comes too early is kept."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.engine.bpmn import lint
from app.engine.bpmn.messages import message_keeps, message_starts
from tests.unit.engine.bpmn.bpmn_files import HEAD

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def property_of(keep: str) -> str:
    return (
        "<bpmn:extensionElements><camunda:properties>"
        f'<camunda:property name="keep" value="{keep}"/></camunda:properties></bpmn:extensionElements>'
    )


def diagram(on_catch: str, on_task: str = "", started: bool = False) -> dict[str, bytes]:
    start = '<bpmn:messageEventDefinition messageRef="M"/>' if started else ""
    body = f"""
  <bpmn:message id="M" name="goods"/>
  <bpmn:process id="p" name="p" isExecutable="true">
    <bpmn:startEvent id="s">{start}</bpmn:startEvent>
    <bpmn:receiveTask id="r" messageRef="M">{on_catch}</bpmn:receiveTask>
    <bpmn:manualTask id="t">{on_task}</bpmn:manualTask>
    <bpmn:endEvent id="e"/>
    <bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="r"/>
    <bpmn:sequenceFlow id="f2" sourceRef="r" targetRef="t"/>
    <bpmn:sequenceFlow id="f3" sourceRef="t" targetRef="e"/>
  </bpmn:process>
</bpmn:definitions>"""
    return {"p.bpmn": (HEAD + body).encode()}


def codes(files: dict[str, bytes]) -> list[tuple[str, str]]:
    return [(one.code, one.element_id) for one in lint(files, None) if one.code.startswith("keep_")]


def test_the_duration_stands_on_what_catches_the_message() -> None:
    files = diagram(property_of("P7D"))
    assert codes(files) == []
    (kept,) = message_keeps(files)["goods"]
    assert kept.after(NOW, ZoneInfo("UTC")) == datetime(2026, 3, 9, 1, 0, tzinfo=UTC)


def test_without_the_property_nothing_is_kept() -> None:
    assert message_keeps(diagram("")) == {}


@pytest.mark.parametrize("text", ["a week", "7", "R/P1D", "2026-03-01"])
def test_what_is_no_duration_is_refused_by_name(text: str) -> None:
    files = diagram(property_of(text))
    assert codes(files) == [("keep_not_understood", "r")]
    assert message_keeps(files) == {}


def test_where_no_message_is_caught_it_has_no_effect_and_that_is_told() -> None:
    files = diagram("", property_of("P7D"))
    assert codes(files) == [("keep_without_message", "t")]
    assert message_keeps(files) == {}


def test_a_start_event_names_the_process_that_a_message_begins() -> None:
    (start,) = message_starts(diagram("", started=True))["goods"]
    assert (start.process_id, start.element_id) == ("p", "s")
    assert message_starts(diagram("")) == {}

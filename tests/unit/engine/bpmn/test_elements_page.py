"""The page of elements says what the check does: each kind of element of BPMN 2.0.2 is drawn once and asked."""

import re
from pathlib import Path

import pytest

from app.engine.bpmn import lint
from app.engine.bpmn.reader import DRAWN_ONLY, NODES
from app.engine.findings import Severity
from tests.unit.engine.bpmn.bpmn_files import (
    boundary,
    chain,
    compensate,
    condition,
    document,
    end,
    error,
    escalation,
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
    tie,
    timer,
    undo_by,
    user,
)

PAGES = {"en": Path("docs/elements.md"), "zh": Path("docs/elements.zh-CN.md")}
WORDS = {"runs": "runs", "drawn": "drawn", "refused": "refused", "运行": "runs", "图示": "drawn", "拒绝": "refused"}


def line(element: str, *more: str, id: str = "X") -> bytes:
    return document(process(start(), element, end(), chain("S", id, "E"), *more))


def gate(tag: str, *flows: str, **given: str) -> bytes:
    tasks = user("A") + user("B") + chain("A", "E") + chain("B", "E")
    return document(process(start(), node(tag, "X", **given), tasks, end(), chain("S", "X"), *flows))


INNER = start("is") + user("I") + end("ie") + chain("is", "I", "ie")
CATCH = node("intermediateCatchEvent", "A", message()) + node(
    "intermediateCatchEvent", "B", timer("timeDuration", "P1D")
)
LOOP = '<bpmn:standardLoopCharacteristics loopMaximum="3"/>'
INPUT = '<bpmn:dataInputAssociation id="X"><bpmn:sourceRef>d</bpmn:sourceRef></bpmn:dataInputAssociation>'
PLAIN = process(start(), user("T"), end(), chain("S", "T", "E"))


def beside(artifact: str) -> bytes:
    return line(user("T"), artifact, id="T")


DRAWN: dict[str, bytes] = {
    "task": line(node("task", "X")),
    "userTask": line(user("X")),
    "manualTask": line(node("manualTask", "X")),
    "scriptTask": line(script("X", "= {a: 1}")),
    "serviceTask": line(service("X", "topic")),
    "sendTask": line(node("sendTask", "X", messageRef="m_note")),
    "receiveTask": line(node("receiveTask", "X", messageRef="m_note")),
    "receiveTask instantiate": line(node("receiveTask", "X", messageRef="m_note", instantiate="true")),
    "businessRuleTask": line(node("businessRuleTask", "X", camunda__decisionRef="d")),
    "callActivity": document(
        process(start(), node("callActivity", "X", calledElement="Q"), end(), chain("S", "X", "E")),
        process(start("qs"), end("qe"), chain("qs", "qe"), id="Q"),
    ),
    "subProcess": line(node("subProcess", "X", INNER)),
    "subProcess triggeredByEvent": line(
        user("T"), event_subprocess("X", message(), end("xe"), chain("X_in", "xe")), id="T"
    ),
    "transaction": line(node("transaction", "X", INNER)),
    "transaction method": line(node("transaction", "X", INNER, method="##Image")),
    "adHocSubProcess": line(user("T"), node("adHocSubProcess", "X", user("I")), id="T"),
    "adHocSubProcess completionCondition": line(
        node("adHocSubProcess", "X", user("I") + "<bpmn:completionCondition>= done</bpmn:completionCondition>")
    ),
    "standardLoopCharacteristics": line(user("X", LOOP)),
    "multiInstanceLoopCharacteristics": line(user("X", items("list"))),
    "isForCompensation": line(user("T"), undo_by("T", user("X", isForCompensation="true"), "X"), id="T"),
    "exclusiveGateway": gate("exclusiveGateway", flow("X", "A", "= a"), flow("X", "B"), default="X_B"),
    "inclusiveGateway": gate("inclusiveGateway", flow("X", "A", "= a"), flow("X", "B"), default="X_B"),
    "parallelGateway": gate("parallelGateway", flow("X", "A"), flow("X", "B")),
    "eventBasedGateway": gate("eventBasedGateway", flow("X", "A"), flow("X", "B")).replace(
        (user("A") + user("B")).encode(), CATCH.encode()
    ),
    "eventBasedGateway instantiate": gate(
        "eventBasedGateway", flow("X", "A"), flow("X", "B"), instantiate="true"
    ).replace((user("A") + user("B")).encode(), CATCH.encode()),
    "complexGateway": gate("complexGateway", flow("X", "A"), flow("X", "B")),
    "sequenceFlow": line(user("T"), user("A"), flow("T", "A", "= a", id="X"), chain("A", "E"), id="T"),
    "messageFlow": document(
        '<bpmn:collaboration id="c"><bpmn:participant id="p" processRef="P"/><bpmn:participant id="q"/>'
        '<bpmn:messageFlow id="X" sourceRef="T" targetRef="q"/></bpmn:collaboration>', PLAIN
    ),
    "lane": document(
        process(
            '<bpmn:laneSet id="ls"><bpmn:lane id="X" name="L">' + extension(properties(candidateGroups="clerk"))
            + "<bpmn:flowNodeRef>T</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>",
            start(), user("T"), end(), chain("S", "T", "E"),
        )
    ),
    "participant": document(
        '<bpmn:collaboration id="c"><bpmn:participant id="X" processRef="P"/>'
        '<bpmn:participant id="q" processRef="Q"/></bpmn:collaboration>',
        PLAIN, process(start("qs"), end("qe"), chain("qs", "qe"), id="Q"),
    ),
    "dataObject": beside('<bpmn:dataObject id="X"/><bpmn:dataObjectReference id="dr" dataObjectRef="X"/>'),
    "dataStoreReference": beside('<bpmn:dataStoreReference id="X" name="Archive"/>'),
    "dataInputAssociation": line(user("T", INPUT), id="T"),
    "textAnnotation": beside('<bpmn:textAnnotation id="X"><bpmn:text>note</bpmn:text></bpmn:textAnnotation>'),
    "association": beside('<bpmn:textAnnotation id="n"/>' + tie("T", "n")),
    "group": beside('<bpmn:group id="X"/>'),
    'process isExecutable="false"': document(
        PLAIN, process(node("complexGateway", "X"), id="Q").replace('isExecutable="true"', 'isExecutable="false"')
    ),
    "globalUserTask": document(
        '<bpmn:globalUserTask id="G"/>', process(start(), node("callActivity", "X", calledElement="G"), end(),
                                                 chain("S", "X", "E"))
    ),
    "choreographyTask": beside('<bpmn:choreographyTask id="X"/>'),
}  # fmt: skip

NO_EVENT = "none"
EVENTS = {
    NO_EVENT: "", "message": message(), "timer": timer("timeDuration", "P1D"), "signal": signal(),
    "conditional": condition("= a"), "error": error(), "escalation": escalation(), "compensate": compensate(),
    "cancel": "<bpmn:cancelEventDefinition/>", "terminate": "<bpmn:terminateEventDefinition/>",
    "link": '<bpmn:linkEventDefinition name="L"/>', "multiple": message() + signal(),
}  # fmt: skip
COLUMNS = ("start", "inside", "inside not", "catch", "boundary", "boundary not", "throw", "end")


def event_at(column: str, kind: str) -> bytes:
    """The event in a place that is otherwise all right."""
    event = EVENTS[kind]
    link = node("intermediateThrowEvent", "L1", EVENTS["link"])
    match column:
        case "start":
            return document(process(start("X", event), user("T"), end(), chain("X", "T", "E")))
        case "inside" | "inside not":
            own = event_subprocess("ES", event, end("xe"), chain("ES_in", "xe"), interrupting=column == "inside")
            own = own.replace("ES_in", "X")
            return line(node("subProcess", "H", INNER + own), id="H")
        case "catch":
            if kind == "link":
                catch = node("intermediateCatchEvent", "X", event)
                return document(process(start(), link, catch, end(), chain("S", "L1"), chain("X", "E")))
            return line(node("intermediateCatchEvent", "X", event))
        case "boundary" | "boundary not":
            host = node("transaction" if kind == "cancel" else "subProcess", "H", INNER)
            border = boundary("X", "H", event, interrupting=column == "boundary")
            if kind == "compensate":
                return line(host, border, user("back", isForCompensation="true"), tie("X", "back"), id="H")
            return line(host, border, chain("X", "E"), id="H")
        case "throw":
            if kind == "link":
                catch = node("intermediateCatchEvent", "L2", event)
                throw = node("intermediateThrowEvent", "X", event)
                return document(process(start(), throw, catch, end(), chain("S", "X"), chain("L2", "E")))
            return line(node("intermediateThrowEvent", "X", event))
        case _:
            if kind == "cancel":
                inner = start("is") + end("X", event) + chain("is", "X")
                border = boundary("B", "H", event) + chain("B", "E")
                return line(node("transaction", "H", inner), border, id="H")
            return document(process(start(), user("T"), end("X", event), chain("S", "T", "X")))


def refused(xml: bytes) -> set[str]:
    return {one.element_id for one in lint({"p.bpmn": xml}, None) if one.severity is Severity.ERROR}


def rows(page: str) -> dict[str, list[str]]:
    """Table rows of a page whose first cell is code."""
    found = {}
    for row in PAGES[page].read_text().splitlines():
        if row.startswith("| `"):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]]
            assert cells[0].strip("`") not in found, row
            found[cells[0].strip("`")] = cells[1:]
    return found


@pytest.mark.parametrize("page", PAGES)
def test_every_kind_of_element_is_on_the_page_and_nothing_else(page: str) -> None:
    assert set(rows(page)) == DRAWN.keys() | EVENTS.keys()
    kinds = {name.split()[0] for name in DRAWN}
    assert NODES - kinds == {
        "startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"
    }  # fmt: skip
    assert {"dataObject", "textAnnotation", "group", "association"} <= DRAWN_ONLY & kinds


@pytest.mark.parametrize("name", DRAWN)
def test_the_check_does_what_the_page_says(name: str) -> None:
    found = refused(DRAWN[name])
    for page in PAGES:
        verdict = WORDS[rows(page)[name][0]]
        if verdict == "refused":
            assert "X" in found, page
        else:
            assert found == set(), page


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("kind", EVENTS)
def test_each_event_runs_where_the_page_says(kind: str, column: str) -> None:
    found = refused(event_at(column, kind))
    for page in PAGES:
        cell = rows(page)[kind][COLUMNS.index(column)]
        assert cell in ("✓", "✗", "–")
        if cell == "✓":
            assert found == set(), page
        else:
            assert found & {"X", "ES"}, page


def test_both_pages_say_the_same() -> None:
    english, chinese = rows("en"), rows("zh")
    assert list(english) == list(chinese)
    for name in DRAWN:
        assert WORDS[english[name][0]] == WORDS[chinese[name][0]]
        assert english[name][-1].replace(", ", "、") == chinese[name][-1], name
    for name in EVENTS:
        assert english[name] == chinese[name]

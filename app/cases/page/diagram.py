"""The case's token on the owner's diagram: the way it took, where it stands, how long each element took."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import url_for

from app.cases.models import Case
from app.cases.page.loaded import contents_of, work_of
from app.core.translations import language
from app.directory.queries import names_of
from app.engine.bpmn.diagram import Node, Process
from app.ui.formats import span_words
from app.workflow import queries as workflow
from app.workflow.models import Instance
from app.workflow.paths import taken_flows
from app.workflow.visits import Stay


def diagram(case: Case, wanted: str, *, now: datetime) -> dict[str, Any]:
    """What the diagram tab needs: the processes of this case and where their tokens stand and stood."""
    instances = work_of(case).instances
    if not instances:
        return {"processes": [], "process": None}
    instance = instances[-1]
    visits = workflow.visits_of(case.county_id, instance.id)
    active = [(str(one["process_id"]), str(one["element_id"]), one) for one in instance.active]
    processes = contents_of(case).process(instance.process_id).package.processes
    touched = {visit.process_id for visit in visits} | {process for process, _, _ in active} | {instance.process_id}
    order = [one for one in processes if one in touched]
    process_id = wanted if wanted in order else (_deepest([one[0] for one in active], order) or instance.process_id)
    process = processes[process_id]
    stays = [visit for visit in visits if visit.process_id == process_id]
    here = [(element, _since(token), token) for owner, element, token in active if owner == process_id]
    names = {one: _name(processes[one]) for one in order}
    return {
        "processes": [
            {"url": _address(case, one), "label": names[one], "current": one == process_id, "count": None}
            for one in order
        ],
        "process": process_id,
        "started_at": instance.started_at,
        "started_by": _starter(instance),
        "label": names[process_id],
        "running": sorted({element for element, _, _ in here}),
        "stopped": sorted({element for element, _, token in here if token.get("incident")}),
        "visited": sorted({stay.element_id for stay in stays}),
        "taken": sorted(taken_flows(process.body, stays, [(element, since) for element, since, _ in here])),
        "spent": _spent(stays, [(element, since) for element, since, _ in here], now),
        "called": {
            node.id: _address(case, called) for _, node in process.body.walk() if (called := _called(node)) in order
        },
        "steps": _steps(process, stays, [(element, since) for element, since, _ in here], now),
    }


def _starter(instance: Instance) -> str:
    """Who began the process; empty where it was nobody's hand, or is not known."""
    person_id = instance.started_by
    return "" if person_id is None else names_of(instance.county_id, {person_id}).get(person_id, "")


def _since(token: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(token["since"])


def _address(case: Case, process_id: str) -> str:
    return url_for("cases.diagram", code=case.code, process=process_id)


def _called(node: Node) -> str:
    """The process that a call activity names outright."""
    return node.called.text if node.called is not None else ""


def _times(
    stays: Sequence[Stay], here: Iterable[tuple[str, datetime]], now: datetime
) -> dict[str, tuple[timedelta, int]]:
    """How long the token was at each element, and how often."""
    found: dict[str, tuple[timedelta, int]] = {}
    for element, took in [(stay.element_id, stay.left - stay.entered) for stay in stays] + [
        (element, max(now - since, timedelta())) for element, since in here
    ]:
        before, times = found.get(element, (timedelta(), 0))
        found[element] = before + took, times + 1
    return found


def _spent(stays: Sequence[Stay], here: Iterable[tuple[str, datetime]], now: datetime) -> dict[str, str]:
    """The time at elements that took any, in words."""
    return {
        element: span_words(took) + (f" ×{times}" if times > 1 else "")
        for element, (took, times) in _times(stays, here, now).items()
        if took >= timedelta(minutes=1)
    }


def _steps(
    process: Process, stays: Sequence[Stay], here: Sequence[tuple[str, datetime]], now: datetime
) -> list[dict[str, Any]]:
    """The named elements that were visited, in the order in which they were first left or stand now: for reading."""
    nodes = {node.id: node for _, node in process.body.walk()}
    times = _times(stays, here, now)
    standing = {element for element, _ in here}
    english = language() == "en"
    return [
        {
            "name": (english and nodes[element].name_en) or nodes[element].name,
            "spent": times[element][0],
            "times": times[element][1],
            "now": element in standing,
        }
        for element in dict.fromkeys([stay.element_id for stay in stays] + [element for element, _ in here])
        if element in nodes and nodes[element].name
    ]


def _name(process: Process) -> str:
    english = process.properties.get("name.en", "") if language() == "en" else ""
    return english or process.name or process.id


def _deepest(busy: Sequence[str], order: Sequence[str]) -> str | None:
    return next((one for one in reversed(order) if one in busy), None)

"""The case's token on the owner's diagram."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask import url_for

from app.cases.models import Case
from app.cases.page.loaded import contents_of, work_of
from app.core.translations import language
from app.engine.bpmn.diagram import Process
from app.workflow import queries as workflow


def diagram(case: Case, wanted: str) -> dict[str, Any]:
    """What the diagram tab needs: the processes of this case and where their tokens stand and stood."""
    instances = work_of(case).instances
    if not instances:
        return {"processes": [], "process": None}
    instance = instances[-1]
    contents = contents_of(case)
    visits = workflow.visits_of(case.county_id, instance.id)
    touched = {visit.process_id for visit in visits} | {str(one["process_id"]) for one in instance.active}
    touched.add(instance.process_id)
    definition = contents.process(instance.process_id)
    processes = definition.package.processes
    names = {one.id: _name(one) for one in processes.values()}
    order = [one for one in processes if one in touched]
    busy = [str(one["process_id"]) for one in instance.active]
    process_id = wanted if wanted in order else (_deepest(busy, order) or instance.process_id)
    spent: dict[str, timedelta] = {}
    for visit in visits:
        if visit.process_id == process_id:
            spent[visit.element_id] = spent.get(visit.element_id, timedelta()) + (visit.left - visit.entered)
    return {
        "processes": [
            {
                "url": url_for("cases.diagram", code=case.code, process=one),
                "label": names.get(one, one),
                "current": one == process_id,
                "count": None,
            }
            for one in order
        ],
        "process": process_id,
        "label": names.get(process_id, process_id),
        "running": sorted({str(one["element_id"]) for one in instance.active if one["process_id"] == process_id}),
        "stopped": sorted(
            {
                str(one["element_id"])
                for one in instance.active
                if one["process_id"] == process_id and one.get("incident")
            }
        ),
        "visited": sorted({visit.element_id for visit in visits if visit.process_id == process_id}),
    }


def _name(process: Process) -> str:
    english = process.properties.get("name.en", "") if language() == "en" else ""
    return english or process.name or process.id


def _deepest(busy: Sequence[str], order: Sequence[str]) -> str | None:
    return next((one for one in reversed(order) if one in busy), None)

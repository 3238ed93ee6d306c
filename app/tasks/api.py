"""Tasks by API: list, open, claim, release, complete."""

from typing import Any

from flask import request
from flask.views import MethodView
from flask_babel import gettext as _
from flask_smorest import Blueprint

from app.cases.models import Case
from app.cases.queries import case_by_id
from app.core import clock
from app.core.database import FOREVER
from app.core.errors import Invalid
from app.core.translations import language
from app.directory.rules import Viewer
from app.directory.sessions import current_viewer, needs
from app.engine.feel import to_json
from app.forms.components import parse
from app.tasks import queries, services
from app.tasks.choices import filter_of
from app.tasks.listing import count, inbox_page
from app.tasks.schemas import (
    CompletedSchema,
    CompletionSchema,
    OpenedTaskSchema,
    TaskFilterSchema,
    TaskListSchema,
    TaskSchema,
)
from app.workflow.models import WorkItem

blueprint = Blueprint("tasks_api", __name__, url_prefix="/api/v1/tasks", description="The inbox.")

READ, WRITE = "tasks:read", "tasks:write"


@blueprint.route("")
class Tasks(MethodView):
    @needs(READ)
    @blueprint.arguments(TaskFilterSchema, location="query")
    @blueprint.response(200, TaskListSchema)
    def get(self, chosen: dict[str, Any]) -> Any:
        """One page of a tab of the inbox, narrowed and sorted as asked, with the number that the whole list holds.

        The number of a narrowed list is exact up to 1,000; 1,001 stands for more.
        """
        viewer = current_viewer()
        filter_, gone = filter_of(viewer, request.args)
        if gone:
            raise Invalid(fields={name: [_("There is no such value, or it is not yours to see.")] for name in gone})
        page = inbox_page(viewer, filter_, size=chosen["size"])
        return {
            "items": [shown_task(row.item, row.case, hidden=row.hidden) for row in page.rows],
            "count": count(viewer, filter_),
            "next": page.next_cursor,
        }


@blueprint.route("/<int:item_id>")
class OneTask(MethodView):
    @needs(READ)
    @blueprint.response(200, OpenedTaskSchema)
    def get(self, item_id: int) -> Any:
        """A task; for whoever may do it also its form's fields and the values known so far."""
        viewer, item = found_task(item_id)
        theirs = queries.may_do(viewer, item)
        form = queries.task_form(item, zone=viewer.zone, now=clock.now()) if theirs else None
        shown = task_shown_to(viewer, item)
        if form is None:
            return {**shown, "fields_": [], "values": {}}
        components = [one for one in parse(form.form).walk() if one.key]
        return {
            **shown,
            "fields_": [{"name": one.key, "type": one.type, "required": one.limits.required} for one in components],
            "values": {one.key: to_json(form.variables[one.key]) for one in components if one.key in form.variables},
        }


@blueprint.route("/<int:item_id>/claim")
class Claim(MethodView):
    @needs(WRITE)
    @blueprint.response(200, TaskSchema)
    def post(self, item_id: int) -> Any:
        """Take the task from the group's pool."""
        viewer, item = found_task(item_id)
        services.claim_task(item, viewer=viewer, now=clock.now())
        return task_shown_to(viewer, item)

    @needs(WRITE)
    @blueprint.response(200, TaskSchema)
    def delete(self, item_id: int) -> Any:
        """Give the task back."""
        viewer, item = found_task(item_id)
        services.release_task(item, viewer=viewer, reason="", now=clock.now())
        return task_shown_to(viewer, item)


@blueprint.route("/<int:item_id>/completion")
class Completion(MethodView):
    @needs(WRITE)
    @blueprint.arguments(CompletionSchema)
    @blueprint.response(200, CompletedSchema)
    def post(self, data: dict[str, Any], item_id: int) -> Any:
        """Finish the task with the values of its form; the process goes on at once."""
        now = clock.now()
        viewer = current_viewer()
        item, offered = queries.task_and_offer(viewer, item_id)
        services.refuse_stranger(item, viewer, offered=offered)
        services.refuse_if_lent(item)
        held = services.hold_process(item)
        form = queries.task_form(item, zone=viewer.zone, now=now, held=held)
        values: dict[str, object] = {}
        if form is not None:
            values = form.values(data["values"], language=language())
        outcome = services.complete_task(item, values, viewer=viewer, now=now, held=held, asked=True)
        return {"opened": [str(one) for one in outcome.opened], "finished": outcome.finished}


def found_task(item_id: int) -> tuple[Viewer, WorkItem]:
    viewer = current_viewer()
    return viewer, queries.task_for(viewer, item_id)


def case_of(item: WorkItem) -> Case | None:
    return None if item.subject_id is None else case_by_id(item.county_id, item.subject_id)


def task_shown_to(viewer: Viewer, item: WorkItem) -> dict[str, Any]:
    seen = queries.matter_is_seen(viewer, item)
    return shown_task(item, case_of(item) if seen else None, hidden=not seen)


def shown_task(item: WorkItem, case: Case | None, *, hidden: bool) -> dict[str, Any]:
    """`hidden`: the matter is not the viewer's to see any more, so nothing tells what it is and who works on it."""
    shown = {
        "id": str(item.id),
        "title": item.title_zh,
        "title_en": item.title_en or item.title_zh,
        "name": item.name_zh,
        "name_en": item.name_en,
        "status": item.status,
        "stage": item.stage,
        "form": item.form_key,
        "element": item.element_id,
        "risk": item.risk,
        "due_at": item.due_at if item.due_at < FOREVER else None,
        "assignee": str(item.assignee_id) if item.assignee_id else None,
        "case": case.code if case else None,
        "opened_at": item.opened_at,
    }
    return shown | {"title": "", "title_en": "", "risk": None, "due_at": None, "assignee": None} if hidden else shown

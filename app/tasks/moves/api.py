"""Tasks that change hands, by API: the same moves as on the pages, one state change each."""

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from app.core import clock
from app.core.translations import words_of
from app.directory.sessions import current_viewer, needs
from app.tasks.api import READ, WRITE, found_task, task_shown_to
from app.tasks.moves import queries
from app.tasks.moves.rules import Target, ToPerson, ToPool
from app.tasks.moves.schemas import (
    BesideSchema,
    DaySchema,
    ManySchema,
    ManyToSomebodySchema,
    ManyWithReasonSchema,
    NoteSchema,
    ReceiversSchema,
    ResultsSchema,
    SearchSchema,
    ToPersonSchema,
    ToSomebodySchema,
    WhySchema,
)
from app.tasks.moves.services import company, many, passing, reminding
from app.tasks.schemas import TaskSchema
from app.workflow.models import Beside

blueprint = Blueprint(
    "task_moves_api", __name__, url_prefix="/api/v1/tasks", description="Tasks that go from one person to another."
)


@blueprint.route("/<int:item_id>/receivers")
class Receivers(MethodView):
    @needs(READ)
    @blueprint.arguments(SearchSchema, location="query")
    @blueprint.response(200, ReceiversSchema)
    def get(self, asked: dict[str, Any], item_id: int) -> Any:
        """To whom the task may be handed over: people with their open tasks, and groups."""
        viewer, item = found_task(item_id)
        now, text = clock.now(), asked["q"].strip()
        posts, without = queries.may_be_given(viewer, item, now), queries.no_choice(viewer, item)
        people = queries.candidates(item.county_id, posts, without=without, text=text, near=item.org_path, now=now)
        return {
            "people": [
                {
                    "person": str(one.id),
                    "name": one.name,
                    "posts": one.posts,
                    "open": one.load,
                    "away": one.away,
                    "deputy": str(one.deputy_id) if one.deputy_id else None,
                }
                for one in people
            ],
            "pools": [
                {"role": one.role, "organisation": str(one.organisation_id), "name": one.name, "people": one.people}
                for one in queries.pools_for(viewer, item, now, text=text)
            ],
        }


@blueprint.route("/<int:item_id>/handover")
class Handover(MethodView):
    @needs(WRITE)
    @blueprint.arguments(ToSomebodySchema)
    @blueprint.response(200, TaskSchema)
    def post(self, data: dict[str, Any], item_id: int) -> Any:
        """Give the task to somebody who may do it, or to a group."""
        viewer, item = found_task(item_id)
        passing.hand_over(item, _target(data), viewer=viewer, reason=data["reason"], now=clock.now())
        return task_shown_to(viewer, item)


@blueprint.route("/<int:item_id>/delegation")
class Delegation(MethodView):
    @needs(WRITE)
    @blueprint.arguments(ToPersonSchema)
    @blueprint.response(200, TaskSchema)
    def post(self, data: dict[str, Any], item_id: int) -> Any:
        """Ask somebody to do the task; it comes back to be completed."""
        viewer, item = found_task(item_id)
        to = ToPerson(int(data["person"]), data["anyway"])
        passing.delegate(item, to, viewer=viewer, reason=data["reason"], now=clock.now())
        return task_shown_to(viewer, item)


@blueprint.route("/<int:item_id>/handback")
class Handback(MethodView):
    @needs(WRITE)
    @blueprint.arguments(NoteSchema)
    @blueprint.response(200, TaskSchema)
    def post(self, data: dict[str, Any], item_id: int) -> Any:
        """What was asked for is done: back to the owner."""
        viewer, item = found_task(item_id)
        passing.hand_back(item, viewer=viewer, reason=data["reason"], now=clock.now())
        return task_shown_to(viewer, item)


@blueprint.route("/<int:item_id>/return")
class Return(MethodView):
    @needs(WRITE)
    @blueprint.arguments(WhySchema)
    @blueprint.response(200, TaskSchema)
    def post(self, data: dict[str, Any], item_id: int) -> Any:
        """Back to the person or the group from which the task came."""
        viewer, item = found_task(item_id)
        passing.return_task(item, viewer=viewer, reason=data["reason"], now=clock.now())
        return task_shown_to(viewer, item)


@blueprint.route("/<int:item_id>/recall")
class Recall(MethodView):
    @needs(WRITE)
    @blueprint.arguments(WhySchema)
    @blueprint.response(200, TaskSchema)
    def post(self, data: dict[str, Any], item_id: int) -> Any:
        """Take back what was handed over or delegated and nobody has begun."""
        viewer, item = found_task(item_id)
        passing.recall(item, viewer=viewer, reason=data["reason"], now=clock.now())
        return task_shown_to(viewer, item)


@blueprint.route("/<int:item_id>/reminder")
class Reminder(MethodView):
    @needs(WRITE)
    @blueprint.arguments(WhySchema)
    @blueprint.response(200, TaskSchema)
    def post(self, data: dict[str, Any], item_id: int) -> Any:
        """Urge whoever has the task, once in four hours."""
        viewer, item = found_task(item_id)
        reminding.urge(item, viewer=viewer, reason=data["reason"], now=clock.now())
        return task_shown_to(viewer, item)


@blueprint.route("/<int:item_id>/co-workers")
class CoWorkers(MethodView):
    @needs(WRITE)
    @blueprint.arguments(BesideSchema)
    @blueprint.response(200, TaskSchema)
    def post(self, data: dict[str, Any], item_id: int) -> Any:
        """Somebody helps with the task while it is open."""
        viewer, item = found_task(item_id)
        person = int(data["person"])
        company.add_co_worker(item, person, viewer=viewer, reason=data["reason"], now=clock.now())
        return task_shown_to(viewer, item)


@blueprint.route("/<int:item_id>/co-workers/<int:person_id>")
class CoWorker(MethodView):
    @needs(WRITE)
    @blueprint.response(200, TaskSchema)
    def delete(self, item_id: int, person_id: int) -> Any:
        """The co-worker's part ends."""
        viewer, item = found_task(item_id)
        company.end_company(item, person_id, Beside.CO_WORKER, viewer=viewer, now=clock.now())
        return task_shown_to(viewer, item)


@blueprint.route("/<int:item_id>/copies")
class Copies(MethodView):
    @needs(WRITE)
    @blueprint.arguments(BesideSchema)
    @blueprint.response(200, TaskSchema)
    def post(self, data: dict[str, Any], item_id: int) -> Any:
        """Somebody who may see the matter gets a copy."""
        viewer, item = found_task(item_id)
        company.copy_to(item, int(data["person"]), viewer=viewer, reason=data["reason"], now=clock.now())
        return task_shown_to(viewer, item)


@blueprint.route("/<int:item_id>/follow-up")
class FollowUp(MethodView):
    @needs(WRITE)
    @blueprint.arguments(DaySchema)
    @blueprint.response(200, TaskSchema)
    def post(self, data: dict[str, Any], item_id: int) -> Any:
        """Put the task off; no time limit moves by it."""
        viewer, item = found_task(item_id)
        reminding.put_off(item, data["day"], viewer=viewer, reason=data["reason"], now=clock.now())
        return task_shown_to(viewer, item)

    @needs(WRITE)
    @blueprint.response(200, TaskSchema)
    def delete(self, item_id: int) -> Any:
        """Take it up again at once."""
        viewer, item = found_task(item_id)
        reminding.take_up_again(item, viewer=viewer, now=clock.now())
        return task_shown_to(viewer, item)


@blueprint.route("/bulk/claims")
class Claims(MethodView):
    @needs(WRITE)
    @blueprint.arguments(ManySchema)
    @blueprint.response(200, ResultsSchema)
    def post(self, data: dict[str, Any]) -> Any:
        """Claim many; each has its own result."""
        viewer = current_viewer()
        return _results(many.claim_many([int(one) for one in data["tasks"]], viewer=viewer, now=clock.now()))


@blueprint.route("/bulk/handovers")
class Handovers(MethodView):
    @needs(WRITE)
    @blueprint.arguments(ManyToSomebodySchema)
    @blueprint.response(200, ResultsSchema)
    def post(self, data: dict[str, Any]) -> Any:
        """Hand many over to the same receiver; each has its own result."""
        viewer, ids = current_viewer(), [int(one) for one in data["tasks"]]
        to, now = _target(data), clock.now()
        return _results(many.hand_over_many(ids, to, viewer=viewer, reason=data["reason"], now=now))


@blueprint.route("/bulk/reminders")
class Reminders(MethodView):
    @needs(WRITE)
    @blueprint.arguments(ManyWithReasonSchema)
    @blueprint.response(200, ResultsSchema)
    def post(self, data: dict[str, Any]) -> Any:
        """Urge many; each has its own result."""
        viewer, ids = current_viewer(), [int(one) for one in data["tasks"]]
        return _results(many.urge_many(ids, viewer=viewer, reason=data["reason"], now=clock.now()))


def _target(data: dict[str, Any]) -> Target:
    if "person" in data:
        return ToPerson(int(data["person"]), data["anyway"])
    return ToPool(data["role"], int(data["organisation"]))


def _results(results: list[many.RowResult]) -> dict[str, Any]:
    return {
        "results": [
            {
                "task": str(one.id),
                "moved": one.moved,
                "refusal": words_of(one.refusal) if one.refusal is not None else None,
            }
            for one in results
        ]
    }

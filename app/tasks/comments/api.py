"""Comments by API: what colleagues said about a case or a task, and one more."""

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from app.cases.models import Case
from app.cases.queries import case_for
from app.core import clock
from app.directory.rules import Viewer
from app.directory.sessions import current_viewer, needs, token_allows
from app.tasks.api import READ, WRITE, case_of, found_task
from app.tasks.comments import queries, services
from app.tasks.comments.models import Comment
from app.tasks.comments.schemas import CommentListSchema, CommentSchema, SaidSchema, WordsSchema
from app.workflow.models import WorkItem

blueprint = Blueprint(
    "comments_api", __name__, url_prefix="/api/v1", description="What colleagues say to each other about a case."
)

READ_CASES = "cases:read"


@blueprint.route("/cases/<string:code>/comments")
class CaseComments(MethodView):
    @needs(READ_CASES)
    @blueprint.response(200, CommentListSchema)
    def get(self, code: str) -> Any:
        """What was said about the case and its tasks."""
        viewer = current_viewer()
        return _listed(viewer, case_for(viewer, code), None)

    @needs(WRITE)
    @blueprint.arguments(SaidSchema)
    @blueprint.response(201, CommentSchema)
    def post(self, data: dict[str, Any], code: str) -> Any:
        """Say something about the case; whoever is called by @ is told."""
        viewer = current_viewer()
        return _added(viewer, data, case_for(viewer, code), None)


@blueprint.route("/tasks/<int:item_id>/comments")
class TaskComments(MethodView):
    @needs(READ)
    @blueprint.response(200, CommentListSchema)
    def get(self, item_id: int) -> Any:
        """What was said about the task; with `cases:read` about its whole matter."""
        viewer, item = found_task(item_id)
        return _listed(viewer, case_of(item), item, of_task_alone=not token_allows(READ_CASES))

    @needs(WRITE)
    @blueprint.arguments(SaidSchema)
    @blueprint.response(201, CommentSchema)
    def post(self, data: dict[str, Any], item_id: int) -> Any:
        """Say something about the task; whoever is called by @ is told."""
        viewer, item = found_task(item_id)
        return _added(viewer, data, case_of(item), item)


@blueprint.route("/comments/<int:comment_id>")
class OneComment(MethodView):
    @needs(WRITE)
    @blueprint.arguments(WordsSchema)
    @blueprint.response(200, CommentSchema)
    def put(self, data: dict[str, Any], comment_id: int) -> Any:
        """Say it better, within a quarter of an hour."""
        viewer = current_viewer()
        comment = queries.comment_for(viewer, comment_id)
        services.edit_comment(comment, data["text"], viewer=viewer, now=clock.now())
        return _shown(comment, viewer.name)

    @needs(WRITE)
    @blueprint.response(200, CommentSchema)
    def delete(self, comment_id: int) -> Any:
        """Take it back, within a quarter of an hour."""
        viewer = current_viewer()
        comment = queries.comment_for(viewer, comment_id)
        services.withdraw_comment(comment, viewer=viewer, now=clock.now())
        return _shown(comment, viewer.name)


def _listed(viewer: Viewer, case: Case | None, item: WorkItem | None, *, of_task_alone: bool = False) -> dict[str, Any]:
    said = queries.comments_of(viewer, case=case, item=item, of_task_alone=of_task_alone, now=clock.now())
    return {"items": [_shown(one.comment, one.author) for one in said]}


def _added(viewer: Viewer, data: dict[str, Any], case: Case | None, item: WorkItem | None) -> dict[str, Any]:
    mentioned = [int(one) for one in data["mentioned"]]
    made = services.add_comment(data["text"], case=case, item=item, mentioned=mentioned, viewer=viewer, now=clock.now())
    return _shown(made, viewer.name)


def _shown(comment: Comment, author: str) -> dict[str, Any]:
    return {
        "id": str(comment.id),
        "author": author,
        "text": comment.text,
        "mentioned": comment.mentioned,
        "task": str(comment.work_item_id) if comment.work_item_id is not None else None,
        "at": comment.at,
        "edited_at": comment.edited_at,
        "withdrawn": comment.withdrawn_at is not None,
    }

"""Comments by API: what colleagues said about a case or a task, and one more."""

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from app.cases.models import Case
from app.cases.queries import case_for
from app.core import clock
from app.directory.rules import Viewer
from app.directory.sessions import token_viewer
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
    @blueprint.response(200, CommentListSchema)
    def get(self, code: str) -> Any:
        """What was said about the case and its tasks."""
        viewer = token_viewer(READ_CASES)
        return _listed(viewer, case_for(viewer, code), None)

    @blueprint.arguments(SaidSchema)
    @blueprint.response(201, CommentSchema)
    def post(self, data: dict[str, Any], code: str) -> Any:
        """Say something about the case; whoever is called by @ is told."""
        viewer = token_viewer(WRITE)
        return _added(viewer, data, case_for(viewer, code), None)


@blueprint.route("/tasks/<int:item_id>/comments")
class TaskComments(MethodView):
    @blueprint.response(200, CommentListSchema)
    def get(self, item_id: int) -> Any:
        """What was said about the matter of the task."""
        viewer, item = found_task(item_id, READ)
        return _listed(viewer, case_of(item), item)

    @blueprint.arguments(SaidSchema)
    @blueprint.response(201, CommentSchema)
    def post(self, data: dict[str, Any], item_id: int) -> Any:
        """Say something about the task; whoever is called by @ is told."""
        viewer, item = found_task(item_id, WRITE)
        return _added(viewer, data, case_of(item), item)


@blueprint.route("/comments/<int:comment_id>")
class OneComment(MethodView):
    @blueprint.arguments(WordsSchema)
    @blueprint.response(200, CommentSchema)
    def put(self, data: dict[str, Any], comment_id: int) -> Any:
        """Say it better, within a quarter of an hour."""
        viewer = token_viewer(WRITE)
        comment = queries.comment_for(viewer, comment_id)
        services.edit_comment(comment, data["text"], viewer=viewer, now=clock.now())
        return _shown(comment, viewer.name)

    @blueprint.response(200, CommentSchema)
    def delete(self, comment_id: int) -> Any:
        """Take it back, within a quarter of an hour."""
        viewer = token_viewer(WRITE)
        comment = queries.comment_for(viewer, comment_id)
        services.withdraw_comment(comment, viewer=viewer, now=clock.now())
        return _shown(comment, viewer.name)


def _listed(viewer: Viewer, case: Case | None, item: WorkItem | None) -> dict[str, Any]:
    said = queries.comments_of(viewer, case=case, item=item, now=clock.now())
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

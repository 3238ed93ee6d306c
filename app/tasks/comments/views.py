"""Comments on the page of a task and in a tab of their own on the case."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app.cases.models import Case
from app.cases.queries import case_by_id
from app.cases.rights import acts_in
from app.cases.timeline import Details, Wording, register
from app.cases.views import find_case, show_tab
from app.core import clock
from app.core.errors import Refusal
from app.core.translations import words_of
from app.directory.rules import Viewer
from app.directory.sessions import current_viewer
from app.tasks.choices import list_of
from app.tasks.comments import queries, services
from app.tasks.comments.models import Comment
from app.tasks.comments.rules import LONGEST, LONGEST_NAME, MOST_MENTIONED
from app.tasks.queries import task_for
from app.workflow.models import WorkItem

blueprint = Blueprint("comments", __name__, template_folder="../templates")


def register_wordings() -> None:
    """How the timeline tells of comments: with their present words, and none of those withdrawn."""
    words = Details("comment", queries.words_of_comments)
    register("comment.added", Wording(_l("Commented"), "message", details=words))
    register("comment.edited", Wording(_l("Changed a comment"), "message-2"))
    register("comment.withdrawn", Wording(_l("Withdrew a comment"), "message-off"))


def comments_panel(viewer: Viewer, item: WorkItem, case: Case | None) -> Markup:
    """On the page of a task: what was said about its matter, and a field to say something."""
    html = render_template("tasks/comments/_panel.html", **_shown(viewer, case, item))
    return Markup(html)  # noqa: S704 - made by an autoescaping template


@blueprint.get("/cases/<code>/comments")
def of_case(code: str) -> ResponseReturnValue:
    viewer, case = find_case(code)
    return _tab(viewer, case)


@blueprint.post("/cases/<code>/comments")
def add_to_case(code: str) -> ResponseReturnValue:
    viewer, case = find_case(code)
    try:
        made = services.add_comment(_text(), case=case, mentioned=_ticked(), viewer=viewer, now=clock.now())
    except Refusal as refusal:
        return _tab(viewer, case, refusal), refusal.status
    return _back(made)


@blueprint.post("/tasks/<int:item_id>/comments")
def add_to_task(item_id: int) -> ResponseReturnValue:
    """A refusal shows what was typed again, on a page of its own where the task has no case."""
    viewer = current_viewer()
    item = task_for(viewer, item_id)
    case = case_by_id(item.county_id, item.subject_id) if item.subject_id is not None else None
    try:
        made = services.add_comment(_text(), case=case, item=item, mentioned=_ticked(), viewer=viewer, now=clock.now())
    except Refusal as refusal:
        shown = _shown(viewer, case, item, refusal)
        return render_template("tasks/comments/page.html", **shown), refusal.status
    return _back(made, to_task=True)


@blueprint.get("/cases/<code>/colleagues")
def colleagues_of_case(code: str) -> ResponseReturnValue:
    viewer, case = find_case(code)
    return _suggested(viewer, case, None)


@blueprint.get("/tasks/<int:item_id>/colleagues")
def colleagues_of_task(item_id: int) -> ResponseReturnValue:
    viewer = current_viewer()
    item = task_for(viewer, item_id)
    return _suggested(
        viewer, case_by_id(item.county_id, item.subject_id) if item.subject_id is not None else None, item
    )


@blueprint.post("/comments/<int:comment_id>/edition")
def edit(comment_id: int) -> ResponseReturnValue:
    viewer = current_viewer()
    comment = queries.comment_for(viewer, comment_id)
    services.edit_comment(comment, _text(), viewer=viewer, now=clock.now())
    return _back(comment, to_task=request.form.get("from") == "task")


@blueprint.post("/comments/<int:comment_id>/withdrawal")
def withdraw(comment_id: int) -> ResponseReturnValue:
    viewer = current_viewer()
    comment = queries.comment_for(viewer, comment_id)
    services.withdraw_comment(comment, viewer=viewer, now=clock.now())
    flash(_("The comment was withdrawn."), "success")
    return _back(comment, to_task=request.form.get("from") == "task")


def _suggested(viewer: Viewer, case: Case | None, item: WorkItem | None) -> str:
    """The choices that appear while a name is typed after @."""
    text = request.args.get("q", "").strip()[:LONGEST_NAME]
    found = queries.colleagues(viewer, text, case=case, item=item, now=clock.now())
    return render_template("tasks/comments/_colleagues.html", colleagues=found)


def _text() -> str:
    return request.form.get("text", "")


def _ticked() -> list[int]:
    chosen = request.form.getlist("mention")[:MOST_MENTIONED]
    return [int(one) for one in chosen if one.isascii() and one.isdecimal() and len(one) < 19]


def _back(comment: Comment, *, to_task: bool = False) -> ResponseReturnValue:
    anchor = f"comment-{comment.id}"
    if comment.work_item_id is not None and (to_task or comment.case_id is None):
        listed = list_of(current_viewer())
        return redirect(url_for("tasks.task", item_id=comment.work_item_id, _anchor=anchor, **listed))
    case = case_by_id(comment.county_id, comment.case_id or 0)
    return redirect(url_for("comments.of_case", code=case.code, _anchor=anchor))


def _tab(viewer: Viewer, case: Case, refusal: Refusal | None = None) -> str:
    return show_tab("tasks/comments/case.html", viewer, case, "comments", **_shown(viewer, case, None, refusal))


def _shown(
    viewer: Viewer, case: Case | None, item: WorkItem | None, refusal: Refusal | None = None
) -> dict[str, object]:
    seen = queries.matter_seen(viewer, case, item)
    about = queries.people_about(case) if case is not None and seen else {}
    return {
        "comments": queries.comments_of(viewer, case=case, item=item, now=clock.now()),
        "may_comment": seen and acts_in(viewer, case) and queries.takes_comments(case),
        "callable": {one: name for one, name in about.items() if one != viewer.person_id},
        "commented_case": case,
        "commented_item": item,
        "listed": list_of(viewer) if item is not None else {},
        "problem": words_of(refusal) if refusal is not None else "",
        "typed": _text() if refusal is not None else "",
        "most": LONGEST,
    }

"""The pages and posts by which a task goes from one person to another; each state change is a noun."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app.cases.queries import case_by_id
from app.cases.rules import last_day_of, local_day
from app.cases.timeline import Wording, register
from app.core import clock
from app.core.days import day_words
from app.core.errors import Refusal
from app.core.translations import label, listed_names, words_of
from app.directory.rules import Viewer
from app.directory.sessions import current_viewer
from app.tasks.choices import list_of
from app.tasks.drafts.views import typed_fields
from app.tasks.moves import queries
from app.tasks.moves.errors import ChooseWhom, DayHasPassed
from app.tasks.moves.rules import REASON_LENGTH, ToPerson, ToPool, target
from app.tasks.moves.services import company, many, passing, reminding
from app.tasks.moves.standing import standing_of
from app.tasks.queries import matter_is_seen, task_for, visible_task
from app.workflow.models import Beside, WorkItem

blueprint = Blueprint("moves", __name__, url_prefix="/tasks", template_folder="../templates")

TITLES = {
    "handover": _l("Hand over"),
    "delegation": _l("Ask somebody to do it"),
    "co-workers": _l("Add a co-worker"),
    "copies": _l("Send a copy"),
}


def register_wordings() -> None:
    """How the timeline tells of tasks that change hands."""
    register("task.handed_over", Wording(_l('Handed the task "%(name)s" over to %(to)s'), "arrow-right", "info"))
    register("task.delegated", Wording(_l('Asked %(to)s to do the task "%(name)s"'), "user-share", "info"))
    register("task.handed_back", Wording(_l('Did the task "%(name)s" and handed it back to %(to)s'), "arrow-back-up"))
    register("task.returned", Wording(_l('Returned the task "%(name)s" to %(to)s'), "arrow-back-up", "warn"))
    register("task.returned_to_pool", Wording(_l('Returned the task "%(name)s" to its group'), "arrow-back-up", "warn"))
    register("task.recalled", Wording(_l('Took the task "%(name)s" back'), "arrow-back", "info"))
    register("task.urged", Wording(_l('Urged the task "%(name)s": %(names)s'), "bell-ringing", "warn"))
    register("co_worker.added", Wording(_l('%(to)s helps with the task "%(name)s"'), "user-plus", "info"))
    register("co_worker.ended", Wording(_l('%(to)s no longer helps with the task "%(name)s"'), "user-minus"))
    register("task.copied", Wording(_l('Sent %(to)s a copy of the task "%(name)s"'), "copy"))
    register("task.copy_ended", Wording(_l('%(to)s no longer has a copy of the task "%(name)s"'), "copy-off"))
    register("task.put_off", Wording(_l('Put off the task "%(name)s" until %(day)s'), "calendar-clock"))
    register("task.taken_up", Wording(_l('Took up the task "%(name)s" again'), "calendar-check"))


def moves_panel(viewer: Viewer, item: WorkItem, *, hidden: bool = False) -> Markup:
    """On the page of the task: how it came here, who is beside it, and what may be done with it between people.

    `hidden`: the matter is not the viewer's to see any more, so nobody is named.
    """
    now = clock.now()
    standing = standing_of(viewer, item, now)
    if hidden:
        standing = replace(standing, company=(), came=None, lent_by="")
    html = render_template(
        "tasks/moves/_panel.html",
        item=item,
        standing=standing,
        viewer=viewer,
        beside=Beside,
        earliest=local_day(now, viewer.zone) + timedelta(days=1),
        listed=list_of(viewer),
    )
    return Markup(html)  # noqa: S704 - made by an autoescaping template


@blueprint.route("/<int:item_id>/handover", methods=["GET", "POST"])
def handover(item_id: int) -> ResponseReturnValue:
    def give(viewer: Viewer, item: WorkItem) -> None:
        passing.hand_over(item, _target(), viewer=viewer, reason=_reason(), now=clock.now())

    return _with_whom(item_id, "handover", give, _("The task was handed over."))


@blueprint.route("/<int:item_id>/delegation", methods=["GET", "POST"])
def delegation(item_id: int) -> ResponseReturnValue:
    def give(viewer: Viewer, item: WorkItem) -> None:
        passing.delegate(item, _target(), viewer=viewer, reason=_reason(), now=clock.now())

    return _with_whom(item_id, "delegation", give, _("You will be told when it is done; then it is yours to complete."))


@blueprint.post("/<int:item_id>/handback")
def handback(item_id: int) -> ResponseReturnValue:
    viewer, item = _find(item_id)
    passing.hand_back(item, typed_fields(), viewer=viewer, reason=_reason(), now=clock.now())
    return _done(viewer, item, _("The task was handed back."))


@blueprint.post("/<int:item_id>/return")
def give_back(item_id: int) -> ResponseReturnValue:
    viewer, item = _find(item_id)
    passing.return_task(item, viewer=viewer, reason=_reason(), now=clock.now())
    return _done(viewer, item, _("The task was returned."))


@blueprint.post("/<int:item_id>/recall")
def recall(item_id: int) -> ResponseReturnValue:
    viewer, item = _find(item_id)
    passing.recall(item, viewer=viewer, reason=_reason(), now=clock.now())
    return _done(viewer, item, _("The task is back where it was."))


@blueprint.post("/<int:item_id>/reminder")
def reminder(item_id: int) -> ResponseReturnValue:
    viewer, item = _find(item_id)
    told = reminding.urge(item, viewer=viewer, reason=_reason(), now=clock.now())
    return _done(viewer, item, _("Reminded: %(names)s", names=listed_names(told) or "—"))


@blueprint.route("/<int:item_id>/co-workers", methods=["GET", "POST"])
def co_workers(item_id: int) -> ResponseReturnValue:
    def ask(viewer: Viewer, item: WorkItem) -> None:
        company.add_co_worker(item, _person(), viewer=viewer, reason=_reason(), now=clock.now())

    return _with_whom(item_id, "co-workers", ask, _("The co-worker was told."))


@blueprint.post("/<int:item_id>/co-workers/answers")
def answers(item_id: int) -> ResponseReturnValue:
    """What a co-worker has typed is laid before whoever completes the task."""
    viewer, item = _find(item_id)
    company.give_answers(item, typed_fields(), viewer=viewer, now=clock.now())
    return _done(viewer, item, _("What you typed is with whoever completes the task."))


@blueprint.post("/<int:item_id>/co-workers/<int:person_id>/end")
def end_co_work(item_id: int, person_id: int) -> ResponseReturnValue:
    viewer, item = _find(item_id)
    company.end_company(item, person_id, Beside.CO_WORKER, viewer=viewer, now=clock.now())
    return _done(viewer, item, _("The co-worker's access has ended."))


@blueprint.route("/<int:item_id>/copies", methods=["GET", "POST"])
def copies(item_id: int) -> ResponseReturnValue:
    def send(viewer: Viewer, item: WorkItem) -> None:
        company.copy_to(item, _person(), viewer=viewer, reason=_reason(), now=clock.now())

    return _with_whom(item_id, "copies", send, _("The copy was sent."))


@blueprint.post("/<int:item_id>/copies/<int:person_id>/end")
def end_copy(item_id: int, person_id: int) -> ResponseReturnValue:
    viewer, item = _find(item_id)
    company.end_company(item, person_id, Beside.COPIED, viewer=viewer, now=clock.now())
    return _done(viewer, item, _("The copy was taken back."))


@blueprint.post("/<int:item_id>/copies/reading")
def read_copy(item_id: int) -> ResponseReturnValue:
    viewer, item = _find(item_id)
    company.mark_copy_read(item, viewer=viewer, now=clock.now())
    return _done(viewer, item, _("Marked as read."))


@blueprint.post("/<int:item_id>/follow-up")
def follow_up(item_id: int) -> ResponseReturnValue:
    viewer, item = _find(item_id)
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError as error:
        raise DayHasPassed from error
    now = clock.now()
    reminding.put_off(item, day, viewer=viewer, reason=_reason(), now=now)
    if last_day_of(item.due_at, viewer.zone) <= local_day(now, viewer.zone):
        return _done(viewer, item, _("The day is noted. The task is due, so it stays in your list."))
    return _done(viewer, item, _("It comes back into your list on %(day)s.", day=day_words(day)))


@blueprint.post("/<int:item_id>/follow-up/end")
def end_follow_up(item_id: int) -> ResponseReturnValue:
    viewer, item = _find(item_id)
    reminding.take_up_again(item, viewer=viewer, now=clock.now())
    return _done(viewer, item, _("The task is back in your list."))


@blueprint.post("/bulk/claims")
def bulk_claims() -> ResponseReturnValue:
    viewer = current_viewer()
    return _results(_("Claim"), _("Claimed"), many.claim_many(_chosen(), viewer=viewer, now=clock.now()))


@blueprint.post("/bulk/reminders")
def bulk_reminders() -> ResponseReturnValue:
    viewer = current_viewer()
    results = many.urge_many(_chosen(), viewer=viewer, reason=_reason(), now=clock.now())
    return _results(_("Urge"), _("Urged"), results)


@blueprint.post("/bulk/handovers")
def bulk_handovers() -> ResponseReturnValue:
    """Without a receiver: the picker for the chosen tasks; with one: the results."""
    viewer, now, chosen = current_viewer(), clock.now(), _chosen()
    if "to" not in request.form and "send" not in request.form:
        return _bulk_picker(viewer, chosen)
    try:
        results = many.hand_over_many(chosen, _target(), viewer=viewer, reason=_reason(), now=now)
    except Refusal as refusal:
        return _bulk_picker(viewer, chosen, refusal)
    return _results(_("Hand over"), _("Handed over"), results)


@blueprint.get("/passed-on")
def passed_on() -> ResponseReturnValue:
    """What the viewer gave to others and is not done yet."""
    viewer = current_viewer()
    return render_template("tasks/moves/passed_on.html", rows=queries.passed_on(viewer))


def _find(item_id: int) -> tuple[Viewer, WorkItem]:
    viewer = current_viewer()
    return viewer, task_for(viewer, item_id)


def _reason() -> str:
    return request.form.get("reason", "").strip()[:REASON_LENGTH]


def _with_whom(item_id: int, kind: str, move: Callable[[Viewer, WorkItem], None], done: str) -> ResponseReturnValue:
    """Ask to whom; with an answer make the move, or ask again beside what stands against it."""
    viewer, item = _find(item_id)
    if request.method != "POST":
        return _picker(viewer, item, kind)
    try:
        move(viewer, item)
    except Refusal as refusal:
        return _picker(viewer, item, kind, refusal)
    return _done(viewer, item, done)


def _target() -> ToPerson | ToPool:
    chosen = target(request.form.get("to", ""), anyway="anyway" in request.form)
    if chosen is None:
        raise ChooseWhom
    return chosen


def _person() -> int:
    chosen = _target()
    if not isinstance(chosen, ToPerson):
        raise ChooseWhom
    return chosen.person_id


def _chosen() -> list[int]:
    """The ids of the chosen tasks; what is no id is left out."""
    return [int(one) for one in request.form.getlist("item") if one.isascii() and one.isdecimal() and len(one) < 19]


def _done(viewer: Viewer, item: WorkItem, words: str) -> ResponseReturnValue:
    """Back to the task, where it may still be seen; else to the list from which it was opened."""
    flash(words, "success")
    listed = list_of(viewer)
    if queries.still_reachable(viewer, item):
        return redirect(url_for("tasks.task", item_id=item.id, **listed))
    return redirect(url_for("tasks.inbox", **listed))


def _picker(viewer: Viewer, item: WorkItem, kind: str, refusal: Refusal | None = None) -> ResponseReturnValue:
    now, text, listed = clock.now(), _searched(), list_of(viewer)
    given = kind in ("handover", "delegation")
    posts = queries.may_be_given(viewer, item, now) if given else queries.may_help()
    without = queries.no_choice(viewer, item)
    return _choice(
        kind,
        refusal,
        about=label(item, "name"),
        item=item,
        action=url_for(f"moves.{kind.replace('-', '_')}", item_id=item.id, **listed),
        back_url=url_for("tasks.task", item_id=item.id, **listed),
        people=queries.candidates(item.county_id, posts, without=without, text=text, near=item.org_path, now=now),
        pools=queries.pools_for(viewer, item, now, text=text) if kind == "handover" else [],
    )


def _bulk_picker(viewer: Viewer, chosen: list[int], refusal: Refusal | None = None) -> ResponseReturnValue:
    now, listed = clock.now(), list_of(viewer)
    found = (visible_task(viewer, one) for one in dict.fromkeys(chosen))
    items = [item for item in found if item and matter_is_seen(viewer, item)]
    posts = queries.may_be_given_any(viewer, items, now)
    people = (
        []
        if posts is None
        else queries.candidates(viewer.county_id, posts, without={viewer.person_id}, text=_searched(), now=now)
    )
    return _choice(
        "handover",
        refusal,
        items=items,
        action=url_for("moves.bulk_handovers", **listed),
        back_url=url_for("tasks.inbox", **listed),
        people=people,
    )


def _searched() -> str:
    """The name or office that is looked for in a picker."""
    return request.values.get("who", "").strip()[:60]


def _choice(kind: str, refusal: Refusal | None, **facts: Any) -> ResponseReturnValue:
    """The page on which it is chosen to whom, with what was chosen and typed there already."""
    html = render_template(
        "tasks/moves/picker.html",
        **{"about": "", "item": None, "items": (), "pools": ()} | facts,
        title=TITLES[kind],
        kind=kind,
        listed=list_of(current_viewer()),
        text=_searched(),
        refusal=refusal,
        words_of=words_of,
        chosen=request.form.get("to", ""),
        reason=_reason(),
    )
    return html, refusal.status if refusal else 200


def _results(title: str, moved_words: str, results: list[many.RowResult]) -> ResponseReturnValue:
    return render_template(
        "tasks/moves/results.html",
        title=title,
        moved_words=moved_words,
        results=results,
        words_of=words_of,
        code_of=lambda item: case_by_id(item.county_id, item.subject_id).code if item.subject_id is not None else "",
        back_url=url_for("tasks.inbox", **list_of(current_viewer())),
    )

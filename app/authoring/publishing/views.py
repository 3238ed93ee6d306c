"""Changes, requests to publish, releases, ZIP files. Completes the blueprint."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.audit.queries import entries
from app.audit.services import Stream
from app.authoring import blanks, checking, editors, library, panels, queries
from app.authoring import services as drafts
from app.authoring.differences import FileDifference, compare_files
from app.authoring.draft_views import find_draft
from app.authoring.models import Publication, PublicationState
from app.authoring.publishing import archives, services
from app.authoring.publishing import queries as requests
from app.authoring.publishing.words import detail_word, element_word, event_word
from app.authoring.rules import plain_name
from app.authoring.views import blueprint, find_package, keeper, show_tab, told_on, worded
from app.core import clock
from app.core.errors import Invalid, NotFound, Refusal
from app.core.paging import record_id
from app.core.translations import language, words_of
from app.definitions import queries as definitions
from app.directory.queries import named_for_reader, names_of
from app.directory.rules import Viewer
from app.directory.sessions import actor_of, require_fresh_proof
from app.ui.htmx import wants_fragment

__all__ = ["blueprint"]

HISTORY_ROWS = 60


@blueprint.get("/")
def index() -> ResponseReturnValue:
    return show_library()


def show_library(refusal: Refusal | None = None) -> ResponseReturnValue:
    viewer = keeper()
    text = request.args.get("q", "").strip()[:60]
    approvals = [] if text else requests.requests_for_approval(viewer)
    page = render_template(
        "authoring/index.html",
        packages=library.packages(viewer.county_id, text),
        text=text,
        kinds=editors.ICONS,
        approvals=approvals,
        names=names_of(viewer.county_id, {one.requested_by for one in approvals}),
        copies=[(name, name) for name in queries.package_names(viewer.county_id)],
        refusal=words_of(refusal) if refusal else "",
    )
    return page, refusal.status if refusal else 200


@blueprint.post("/")
@told_on(show_library)
def add_package() -> ResponseReturnValue:
    """A new package: empty, or with the files of another one under its own name."""
    viewer = keeper()
    name = plain_name(request.form.get("name", ""))
    label = request.form.get("label", "").strip()[:80] or name
    source = request.form.get("copy", "")
    if source:
        queries.package_for(viewer, source)
        files = blanks.copied_package(queries.draft_contents(viewer.county_id, source).files, source, name, label)
    else:
        files = blanks.blank_package(name, label=label, english=request.form.get("label_en", "").strip()[:80])
    drafts.add_package(viewer.county_id, name, files, actor=actor_of(viewer), now=clock.now())
    flash(_("The package was made. It is a draft until its first release is published."))
    return redirect(url_for("authoring.package_page", package=name), code=303)


@blueprint.get("/<package>/changes")
def changes(package: str) -> ResponseReturnValue:
    """What the drafts change, and the request that waits with all that an approver needs."""
    return show_changes(package)


def show_changes(package: str, refusal: Refusal | None = None) -> ResponseReturnValue:
    viewer, active = find_package(package)
    waiting = requests.waiting_request(viewer.county_id, package)
    open_drafts = [one for one in queries.open_drafts(viewer.county_id, package) if one.changed]
    held = queries.draft_contents(viewer.county_id, package)
    plan = requests.plan_of(waiting) if waiting else None
    checked = plan.contents if plan else held
    asked = waiting.changes if waiting else {}
    since = [one for one in open_drafts if asked.get(one.path) != one.outcome]
    recent = requests.recent_requests(viewer.county_id, package)
    told = [*recent, waiting] if waiting else recent
    people = {one.updated_by for one in open_drafts}
    people |= {one for row in told for one in (row.requested_by, row.decided_by) if one}
    answer: ResponseReturnValue = show_tab(
        "authoring/changes.html",
        viewer,
        package,
        "changes",
        waiting=waiting,
        plan=plan,
        asked=requests.differences_to_active(viewer.county_id, plan.contents) if plan else [],
        drafted=_of_paths(requests.differences_to_active(viewer.county_id, held), {one.path for one in since}),
        drafts={one.path: one for one in open_drafts},
        outdated=queries.outdated(open_drafts, active),
        findings=[*checking.still_needed(viewer.county_id, checked), *checking.check(checked).findings],
        names=names_of(viewer.county_id, people),
        recent=recent,
        second_person=queries.needs_second_person(viewer.county_id, package),
        administrator=queries.is_administrator(viewer),
        withdrawable=waiting is not None and requests.may_withdraw(waiting, viewer),
        cards=panels.change_cards(viewer, package),
        refusal=refusal,
        **_shown(checked),
    )
    return answer


@blueprint.get("/<package>/tests")
def tests(package: str) -> ResponseReturnValue:
    """The path tests of the drafts or of a request, played a stretch at a time: each answer brings the next one."""
    viewer, _active = find_package(package)
    publication_id = request.args.get("publication", type=int)
    if publication_id is None:
        held = queries.draft_contents(viewer.county_id, package)
    else:
        held = requests.plan_of(requests.publication_for(viewer, package, publication_id)).contents
    begin = request.args.get("from", 0, type=int)
    if begin < 0:
        raise NotFound
    progress = checking.play(held, begin=begin)
    values: dict[str, Any] = {
        "progress": progress,
        "titles": library.titles(held),
        "worded": worded,
        "failed_before": max(request.args.get("failed", 0, type=int), 0),
        "brief": max(request.args.get("brief", 0, type=int), 0),
        "publication_id": publication_id,
    }
    if wants_fragment():
        return render_template("authoring/_played.html", package=package, **values)
    answer: ResponseReturnValue = show_tab("authoring/tests.html", viewer, package, "tests", **values)
    return answer


def _of_paths(differences: list[FileDifference], paths: set[str]) -> list[FileDifference]:
    return [one for one in differences if one.path in paths]


def _shown(held: queries.DraftContents) -> dict[str, Any]:
    """What the templates of differences need."""
    return {
        "titles": library.titles(held),
        "name_of": library.naming(held),
        "worded": worded,
        "path_of": checking.path_of,
        "detail_word": detail_word,
        "element_word": element_word,
        "comparison_of": editors.comparison_of,
        "hashes": held.hashes,
    }


@blueprint.post("/<package>/publications")
@require_fresh_proof
@told_on(show_changes)
def ask_to_publish(package: str) -> ResponseReturnValue:
    viewer, _active = find_package(package)
    made = services.ask_to_publish(
        viewer,
        package,
        dict(one.rpartition("@")[::2] for one in request.form.getlist("draft")),
        note=request.form.get("note", "").strip(),
        effective_at=_moment(request.form.get("effective_at", ""), viewer),
        actor=actor_of(viewer),
        now=clock.now(),
    )
    flash(_told(made))
    return _back(package)


def _told(publication: Publication) -> str:
    if publication.state == PublicationState.PUBLISHED:
        return str(_("Published: it acts on the next decision and the next case."))
    if publication.state == PublicationState.SCHEDULED:
        return str(_("Approved: it takes effect on its day."))
    return str(_("Asked for. Whoever may approve it has been told."))


@blueprint.post("/<package>/publications/<int:publication_id>/approval")
@require_fresh_proof
@told_on(show_changes)
def approve(package: str, publication_id: int) -> ResponseReturnValue:
    viewer, found = _find(package, publication_id)
    services.approve(found, viewer, plan=request.form.get("plan", ""), actor=actor_of(viewer), now=clock.now())
    flash(_told(found))
    return _back(package)


@blueprint.post("/<package>/publications/<int:publication_id>/refusal")
@told_on(show_changes)
def decline(package: str, publication_id: int) -> ResponseReturnValue:
    viewer, found = _find(package, publication_id)
    reason = request.form.get("reason", "").strip()
    if not reason:
        raise Invalid({"reason": [_("Please say why.")]})
    services.decline(found, viewer, reason=reason, actor=actor_of(viewer), now=clock.now())
    flash(_("Declined. The drafts are still there."))
    return _back(package)


@blueprint.post("/<package>/publications/<int:publication_id>/withdrawal")
@told_on(show_changes)
def withdraw(package: str, publication_id: int) -> ResponseReturnValue:
    viewer, found = _find(package, publication_id)
    services.withdraw(found, viewer, actor=actor_of(viewer), now=clock.now())
    flash(_("Withdrawn. The drafts are still there."))
    return _back(package)


def _find(package: str, publication_id: int) -> tuple[Viewer, Publication]:
    viewer = keeper()
    return viewer, requests.publication_for(viewer, package, publication_id)


def _back(package: str) -> ResponseReturnValue:
    return redirect(url_for("authoring.changes", package=package), code=303)


def _moment(text: str, viewer: Viewer) -> datetime | None:
    """A moment as the browser's own field gives it, in the county's zone."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(viewer.zone))
    except ValueError:
        raise Invalid({"effective_at": [_("Please give a date and a time.")]}) from None


@blueprint.post("/<package>/policy")
def set_policy(package: str) -> ResponseReturnValue:
    viewer, _active = find_package(package)
    needed = request.form.get("second_person") == "true"
    services.set_second_person(viewer, package, needed, actor=actor_of(viewer), now=clock.now())
    flash(_("A second person approves from now on.") if needed else _("No second person is asked from now on."))
    return redirect(url_for("authoring.releases", package=package), code=303)


@blueprint.get("/<package>/releases")
def releases(package: str) -> ResponseReturnValue:
    return show_releases(package)


def show_releases(package: str, refusal: Refusal | None = None) -> ResponseReturnValue:
    viewer, _active = find_package(package)
    stream = Stream.package(viewer.county_id, package)
    answer: ResponseReturnValue = show_tab(
        "authoring/releases.html",
        viewer,
        package,
        "releases",
        releases=requests.releases(viewer.county_id, package),
        history=named_for_reader(viewer.county_id, entries(stream, limit=HISTORY_ROWS)),
        event_word=event_word,
        second_person=queries.needs_second_person(viewer.county_id, package),
        administrator=queries.is_administrator(viewer),
        refusal=refusal,
    )
    return answer


@blueprint.get("/<package>/releases/<int:number>")
def release(package: str, number: int) -> ResponseReturnValue:
    """What a release changed against the one before, or against another that `to` names."""
    viewer, _active = find_package(package)
    shown = definitions.numbered_release(viewer.county_id, package, number)
    other = request.args.get("to", number - 1, type=int)
    before = definitions.numbered_release(viewer.county_id, package, other) if other > 0 else None
    held = queries.contents_of_manifest(package, shown.manifest)
    answer: ResponseReturnValue = show_tab(
        "authoring/release.html",
        viewer,
        package,
        "releases",
        number=number,
        other=other if before else 0,
        drafted=requests.differences(
            definitions.files_of(before) if before else {}, before.manifest_hash if before else "", held
        ),
        old_hashes=before.manifest if before else {},
        **_shown(held),
    )
    return answer


@blueprint.post("/<package>/releases/<int:number>/return")
@told_on(show_releases)
def roll_back(package: str, number: int) -> ResponseReturnValue:
    viewer, _active = find_package(package)
    made = services.roll_back(viewer, package, number, actor=actor_of(viewer), now=clock.now())
    flash(_("Release %(number)s is active: it holds what release %(old)s held.", number=made.number, old=number))
    return redirect(url_for("authoring.releases", package=package), code=303)


@blueprint.get("/<package>/archive")
def export_package(package: str) -> ResponseReturnValue:
    """The package as a ZIP: as drafted, or one release of it. The same content gives the same bytes."""
    viewer, _active = find_package(package)
    number = request.args.get("release", type=int)
    if number is None:
        files, name = queries.draft_contents(viewer.county_id, package).files, f"{package}-drafts.zip"
    else:
        files = definitions.files_of(definitions.numbered_release(viewer.county_id, package, number))
        name = f"{package}-{number}.zip"
    answer = Response(archives.pack(package, files), mimetype="application/zip")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


@blueprint.post("/archive")
@told_on(show_library)
def import_package() -> ResponseReturnValue:
    """A ZIP of a package: what differs becomes drafts."""
    viewer = keeper()
    upload = request.files.get("file")
    content = upload.stream.read(archives.LIMIT + 1) if upload else b""
    package, files = archives.unpack(content, language())
    made = archives.bring_in(viewer.county_id, package, files, actor=actor_of(viewer), now=clock.now())
    flash(
        _("%(count)s files differ and are drafts now; %(stay)s files of the package are not in the ZIP and stay.")
        % {"count": len(made.drafted), "stay": made.stay}
    )
    return redirect(url_for("authoring.changes", package=package), code=303)


@blueprint.get("/<package>/drafts/<int:draft_id>/comparison")
def comparison(package: str, draft_id: int) -> ResponseReturnValue:
    """A draft beside an earlier or put-aside line of its history, or beside what it began from."""
    viewer, draft = find_draft(package, draft_id)
    line = request.args.get("revision", "")
    try:
        old = (
            queries.revision_content(draft, record_id(line))
            if line
            else queries.content_of_version(viewer.county_id, package, draft.path, draft.base_hash)
        )
    except ValueError:
        raise NotFound from None
    held = queries.draft_contents(viewer.county_id, package)
    return render_template(
        "authoring/comparison.html",
        package=package,
        draft=draft,
        line=line,
        one=compare_files(draft.path, old, draft.content) if old != draft.content else None,
        kinds=editors.ICONS,
        **_shown(held),
    )

"""Drafts over HTTP: opened, saved, fetched back, put away; files added, renamed, taken out."""

from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf

from app.authoring import blanks, checking, editors, library, queries, services
from app.authoring.errors import ContentRefused, DraftClosed, DraftConflict
from app.authoring.models import Draft
from app.authoring.rules import place_of
from app.authoring.views import blueprint, editor_address, find_package, keeper, show_files, told_on, worded
from app.core import clock
from app.core.errors import NotFound
from app.core.paging import record_id
from app.core.translations import words_of
from app.core.unit_of_work import keep_changes
from app.definitions.models import FileKind
from app.directory.queries import names_of
from app.directory.rules import Viewer
from app.directory.sessions import actor_of

__all__ = ["blueprint"]


def find_draft(package: str, draft_id: int) -> tuple[Viewer, Draft]:
    viewer = keeper()
    return viewer, queries.draft_for(viewer, package, draft_id)


def show_editor(template: str, viewer: Viewer, draft: Draft, **more: Any) -> str:
    """The page of an editor: `template` extends authoring/editor.html. A closed draft raises DraftClosed."""
    if draft.closed_at is not None:
        raise DraftClosed
    held = queries.draft_contents(viewer.county_id, draft.package)
    active = queries.active_release(viewer.county_id, draft.package)
    return render_template(
        template,
        draft=draft,
        package=draft.package,
        viewer=viewer,
        label=library.label_of(held),
        title=library.titles(held).get(draft.path),
        kind=editors.ICONS[FileKind(draft.kind)],
        content=draft.content.decode(),
        findings=checking.check(held).of(draft.path),
        worded=worded,
        name_of=library.naming(held),
        outdated=active if queries.outdated([draft], active) else None,
        **more,
    )


@blueprint.post("/<package>/drafts")
def open_draft(package: str) -> ResponseReturnValue:
    """Edit a file: its draft is opened, and the page of its editor."""
    viewer, _active = find_package(package)
    draft = services.open_draft(viewer.county_id, package, request.form.get("path", ""), viewer, now=clock.now())
    if draft.removed:
        services.restore_file(draft, actor=actor_of(viewer), now=clock.now())
    element = request.form.get("element", "")[:120]
    return redirect(editor_address(draft) + (f"#{element}" if element else ""), code=303)


@blueprint.get("/<package>/drafts/<int:draft_id>")
def draft(package: str, draft_id: int) -> ResponseReturnValue:
    _viewer, found = find_draft(package, draft_id)
    return jsonify(
        path=found.path,
        kind=found.kind,
        content=found.content.decode(),
        revision=found.revision,
        hash=found.hash,
        base_hash=found.base_hash,
        closed=found.closed_at is not None,
        csrf=generate_csrf(),
    )


@blueprint.put("/<package>/drafts/<int:draft_id>")
def save(package: str, draft_id: int) -> ResponseReturnValue:
    """Keep what the editor holds; sent again it changes nothing."""
    viewer, found = find_draft(package, draft_id)
    posted = request.get_json(silent=True)
    posted = posted if isinstance(posted, dict) else {}
    content, revision = posted.get("content"), posted.get("revision")
    if not isinstance(content, str) or isinstance(revision, bool) or not isinstance(revision, int):
        raise ContentRefused(path=found.path, reason="{content: text, revision: number}")
    try:
        data = content.encode()
    except UnicodeEncodeError:
        raise ContentRefused(path=found.path, reason="UTF-8") from None
    try:
        revision = services.save_draft(
            found,
            data,
            expected_revision=revision,
            actor=actor_of(viewer),
            now=clock.now(),
            apart=posted.get("apart") is True,
        )
    except DraftConflict as conflict:
        keep_changes()
        return _conflict(conflict)
    return jsonify(revision=revision, hash=found.hash, saved_at=found.updated_at.isoformat(), changed=found.changed)


def _conflict(conflict: DraftConflict) -> Response:
    answer = jsonify(
        detail=words_of(conflict),
        revision=conflict.revision,
        content=conflict.content,
        by=conflict.params["name"],
        saved_at=conflict.saved_at.isoformat(),
        aside=str(conflict.aside),
    )
    answer.status_code = conflict.status
    return answer


@blueprint.get("/<package>/drafts/<int:draft_id>/findings")
def findings(package: str, draft_id: int) -> ResponseReturnValue:
    """What the checks say of this file, as it was saved last."""
    viewer, found = find_draft(package, draft_id)
    held = queries.draft_contents(viewer.county_id, package)
    remarks = checking.check(held).of(found.path)
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return jsonify(
            [
                {
                    "severity": one.severity,
                    "code": one.code,
                    "line": one.line,
                    "element": one.element_id,
                    "sentence": worded(one),
                }
                for one in remarks
            ]
        )
    return render_template(
        "authoring/_findings.html", findings=remarks, worded=worded, name_of=library.naming(held), draft=found
    )


@blueprint.get("/<package>/drafts/<int:draft_id>/text")
def text_editor(package: str, draft_id: int) -> ResponseReturnValue:
    """Any file as text; for kinds without an editor of their own."""
    viewer, found = find_draft(package, draft_id)
    return show_editor("authoring/text_editor.html", viewer, found)


@blueprint.get("/<package>/drafts/<int:draft_id>/history")
def history(package: str, draft_id: int) -> ResponseReturnValue:
    viewer, found = find_draft(package, draft_id)
    lines = queries.revisions_of(found)
    return render_template(
        "authoring/_history.html",
        draft=found,
        lines=lines,
        names=names_of(viewer.county_id, {line.author_id for line in lines}),
    )


@blueprint.get("/<package>/drafts/<int:draft_id>/revisions/<revision_id>")
def revision(package: str, draft_id: int, revision_id: str) -> ResponseReturnValue:
    _viewer, found = find_draft(package, draft_id)
    return jsonify(content=queries.revision_content(found, _number(revision_id)).decode())


@blueprint.post("/<package>/drafts/<int:draft_id>/revisions/<revision_id>/restoration")
def restore(package: str, draft_id: int, revision_id: str) -> ResponseReturnValue:
    viewer, found = find_draft(package, draft_id)
    services.restore_revision(found, _number(revision_id), actor=actor_of(viewer), now=clock.now())
    return redirect(editor_address(found), code=303)


@blueprint.post("/<package>/drafts/<int:draft_id>/discarding")
def discard(package: str, draft_id: int) -> ResponseReturnValue:
    viewer, found = find_draft(package, draft_id)
    services.discard_draft(found, actor=actor_of(viewer), now=clock.now())
    flash(_("The changes of %(path)s were put away. Below the files you can take them up again.", path=found.path))
    if queries.active_release(viewer.county_id, package) is None and not queries.open_drafts(viewer.county_id, package):
        return redirect(url_for("authoring.index"), code=303)
    return redirect(url_for("authoring.package_page", package=package), code=303)


@blueprint.post("/<package>/drafts/<int:draft_id>/taking-up")
def take_up(package: str, draft_id: int) -> ResponseReturnValue:
    viewer, found = find_draft(package, draft_id)
    again = services.take_up(found, actor=actor_of(viewer), now=clock.now())
    return redirect(editor_address(again), code=303)


@blueprint.post("/<package>/drafts/<int:draft_id>/keeping")
def keep(package: str, draft_id: int) -> ResponseReturnValue:
    """A newer release changed the file: this draft goes on as a change of that one."""
    viewer, found = find_draft(package, draft_id)
    services.keep_mine(found, actor=actor_of(viewer), now=clock.now())
    return redirect(editor_address(found), code=303)


@blueprint.post("/<package>/files")
@told_on(show_files)
def add_file(package: str) -> ResponseReturnValue:
    """A new file of a kind, or one from the person's own machine."""
    viewer, _active = find_package(package)
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        name = upload.filename.replace("\\", "/").rsplit("/", 1)[-1]
        path = _home_of(name)
        content = upload.stream.read(services.LIMIT + 1)
        replace = request.form.get("replace") == "true"
    else:
        kind = request.form.get("kind", "")
        path = place_of(kind, request.form.get("name", ""))
        content = blanks.blank(
            kind,
            package=package,
            name=request.form.get("name", "").strip(),
            label=request.form.get("label", "").strip()[:80],
            english=request.form.get("label_en", "").strip()[:80],
        )
        replace = False
    made = services.add_file(
        viewer.county_id, package, path, content, actor=actor_of(viewer), now=clock.now(), replace=replace
    )
    return redirect(editor_address(made), code=303)


def _home_of(name: str) -> str:
    if name.endswith(".form"):
        return f"forms/{name}"
    if name.endswith(".typ"):
        return f"documents/{name}"
    return f"processes/{name}"


@blueprint.post("/<package>/files/renaming")
@told_on(show_files)
def rename_file(package: str) -> ResponseReturnValue:
    viewer, _active = find_package(package)
    path = request.form.get("path", "")
    folder, _slash, old = path.rpartition("/")
    name = request.form.get("name", "").strip()
    suffix = old[old.rfind(".") :] if "." in old else ""
    made = services.rename_file(
        viewer.county_id, package, path, f"{folder}/{name}{suffix}", actor=actor_of(viewer), now=clock.now()
    )
    flash(_("The file is now called %(path)s.", path=made.path))
    return redirect(url_for("authoring.package_page", package=package), code=303)


@blueprint.post("/<package>/files/removal")
@told_on(show_files)
def remove_file(package: str) -> ResponseReturnValue:
    viewer, _active = find_package(package)
    path = request.form.get("path", "")
    services.remove_file(viewer.county_id, package, path, actor=actor_of(viewer), now=clock.now())
    flash(_("%(path)s goes with the next release. Until then it can be put back.", path=path))
    return redirect(url_for("authoring.package_page", package=package), code=303)


@blueprint.get("/<package>/files/<path:path>")
def download(package: str, path: str) -> ResponseReturnValue:
    """The file as drafted, or with `hash` as it was kept."""
    viewer, _active = find_package(package)
    digest = request.args.get("hash", "")
    if digest:
        content = queries.content_of_version(viewer.county_id, package, path, digest)
    else:
        found = queries.draft_contents(viewer.county_id, package).files.get(path)
        if found is None:
            raise NotFound
        content = found
    answer = Response(content, mimetype="application/octet-stream")
    answer.headers.set("Content-Disposition", "attachment", filename=path.rpartition("/")[2])
    return answer


def _number(text: str) -> int:
    try:
        return record_id(text)
    except ValueError:
        raise NotFound from None

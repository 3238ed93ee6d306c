"""What rehearsals say of the drafts that are to be published."""

from dataclasses import dataclass

from flask import render_template
from markupsafe import Markup

from app.authoring import library
from app.authoring import queries as packages
from app.authoring.rehearsal import queries
from app.authoring.rehearsal.models import Rehearsal
from app.authoring.rehearsal.rules import Tally
from app.core.translations import language
from app.definitions.models import FileKind
from app.directory.rules import Viewer


@dataclass(frozen=True, slots=True)
class Tried:
    """A changed table with its newest rehearsal; `stale` when the draft has changed since."""

    path: str
    title: str
    rehearsal: Rehearsal | None
    tally: Tally
    stale: bool


def changes_card(viewer: Viewer, package: str) -> Markup | None:
    """The rehearsals of the tables that the drafts change; nothing when no table of the active release changes."""
    drafts = [
        draft
        for draft in packages.open_drafts(viewer.county_id, package)
        if draft.kind == FileKind.DECISION and draft.changed and draft.base_hash and not draft.removed
    ]
    if not drafts:
        return None
    titles = library.titles(packages.draft_contents(viewer.county_id, package))
    tried = []
    for draft in drafts:
        newest = next(iter(queries.rehearsals_of(viewer.county_id, package, path=draft.path, limit=1)), None)
        tally = Tally.from_json(newest.found if newest else {})
        title = titles[draft.path].in_language(language()) if draft.path in titles else draft.path
        stale = newest is not None and newest.draft_hash != draft.hash
        tried.append(Tried(draft.path, title, newest, tally, stale))
    html = render_template("authoring/rehearsal/_card.html", package=package, tried=tried)
    return Markup(html)  # noqa: S704 - made by an autoescaping template

"""What the filters of the inbox have to choose from: the words of the active release, and the offices of one's area."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select

from app.cases.queries import active_contents
from app.core.database import db
from app.core.translations import label, language
from app.directory.access import below_any
from app.directory.models import Organisation
from app.directory.rules import CASE_ROLES, Viewer
from app.tasks import filters
from app.tasks.filters import Filter, Offer
from app.tasks.listing import tabs_of


@dataclass(frozen=True, slots=True)
class OfficeChoice:
    """An office, and how far below the top of the viewer's area it stands."""

    id: int
    name: str
    depth: int


def offer(viewer: Viewer) -> Offer:
    """The values that may stand in an address, with their words in the reader's language."""
    contents = active_contents(viewer.county_id)

    def values(name: str) -> dict[str, str]:
        entry = contents.dictionary.get(name) if contents.dictionary else None
        return {str(one.value): one.label.in_language(language()) for one in entry.values} if entry else {}

    steps = {one.id: one.label.in_language(language()) for one in contents.settings.stages}
    return Offer(values("dispute_type"), values("tier"), steps, values("channel"))


def filter_of(viewer: Viewer, said: Any) -> tuple[Filter, list[str]]:
    """The filter that an address means to this viewer, and the names of what in it is gone or not theirs."""
    return filters.read(said, offer(viewer), lambda number: _path(viewer, number), tabs_of(viewer))


def offices(viewer: Viewer, chosen: Filter) -> Sequence[OfficeChoice]:
    """The top of the viewer's area, the way down to the office that is chosen, and what stands right below each."""
    tops = viewer.paths(CASE_ROLES)
    shown = {*tops, *(path for path in _way(chosen.office_path) if tops and path.startswith(tops))}
    if not shown:
        return []
    above = select(Organisation.id).where(Organisation.county_id == viewer.county_id, Organisation.path.in_(shown))
    found = db.session.scalars(
        select(Organisation)
        .where(
            Organisation.county_id == viewer.county_id,
            Organisation.closed_at.is_(None),
            or_(Organisation.path.in_(shown), Organisation.parent_id.in_(above)),
        )
        .order_by(Organisation.path)
    )
    return [OfficeChoice(one.id, label(one), _depth(one.path) - min(map(_depth, tops))) for one in found]


def _path(viewer: Viewer, office_id: int) -> str | None:
    """Where an office of the viewer's own area stands."""
    return db.session.scalar(
        select(Organisation.path).where(
            Organisation.county_id == viewer.county_id,
            Organisation.id == office_id,
            below_any(Organisation.path, viewer.paths(CASE_ROLES)),
        )
    )


def _way(path: str) -> list[str]:
    """The path and those above it."""
    parts = path.rstrip("/").split("/") if path else []
    return ["/".join(parts[:number]) + "/" for number in range(1, len(parts) + 1)]


def _depth(path: str) -> int:
    return path.count("/")

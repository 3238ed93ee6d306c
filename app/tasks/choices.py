"""What the filters of the inbox have to choose from: the words of the active release, and the offices of one's area."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import request
from sqlalchemy import Select, bindparam, or_, select

from app.cases.queries import active_contents_if_any, filter_words
from app.core.database import db
from app.core.reads import answers
from app.core.translations import label, language
from app.directory.access import below_any
from app.directory.models import Organisation
from app.directory.rules import CASE_ROLES, Viewer
from app.tasks import filters
from app.tasks.filters import Filter
from app.tasks.listing import tabs_of


@dataclass(frozen=True, slots=True)
class Offer:
    """The values that may stand in an address today, each with its words."""

    types: Mapping[str, str]
    tiers: Mapping[str, str]
    steps: Mapping[str, str]
    channels: Mapping[str, str]
    colours: Sequence[str]


@dataclass(frozen=True, slots=True)
class OfficeChoice:
    """An office, and how far below the top of the viewer's area it stands."""

    id: int
    name: str
    depth: int


@dataclass(frozen=True, slots=True)
class Choices:
    """Everything that the filters of a list offer to this viewer."""

    offer: Offer
    offices: Sequence[OfficeChoice]


def choices(viewer: Viewer, chosen: Filter) -> Choices:
    return Choices(offer(viewer), offices(viewer, chosen))


def offer(viewer: Viewer) -> Offer:
    """The values in the reader's language; none in a county without a package for cases."""
    type_, tier, step, channel, colour = (
        _values(viewer, name) for name in ("type", "tier", "step", "channel", "colour")
    )
    return Offer(type_, tier, step, channel, [one for one in filters.COLOURS if one in colour])


_DECLARED = {"type": "dispute_type", "tier": "tier", "channel": "channel", "colour": "risk_colour"}


def _values(viewer: Viewer, name: str) -> dict[str, str]:
    if name == "step":
        contents = active_contents_if_any(viewer.county_id)
        return {one.id: one.label.in_language(language()) for one in contents.settings.stages} if contents else {}
    return dict(filter_words(viewer, _DECLARED[name]))


def filter_of(viewer: Viewer, said: Any) -> tuple[Filter, list[str]]:
    """The filter that an address means to this viewer, and the names of what in it is gone or not theirs."""
    return filters.read(said, lambda name: _values(viewer, name), lambda number: _path(viewer, number), tabs_of(viewer))


def list_of(viewer: Viewer) -> dict[str, Any]:
    """The list from which this request's task was opened, as it stands in the address."""
    return filter_of(viewer, request.args)[0].arguments


def offices(viewer: Viewer, chosen: Filter) -> Sequence[OfficeChoice]:
    """The top of the viewer's area, the way down to the office that is chosen, and what stands right below each."""
    tops = viewer.paths(CASE_ROLES)
    shown = {*tops, *(path for path in _way(chosen.office_path) if tops and path.startswith(tops))}
    if not shown:
        return []
    asked = {"county": viewer.county_id} | {f"path_{number}": path for number, path in enumerate(shown)}
    top, lang = min(map(_depth, tops)), language()
    return [
        OfficeChoice(one.id, label(one, lang=lang), _depth(one.path) - top)
        for one in answers(_offices(len(shown)), asked)
    ]


@cache
def _offices(paths: int) -> Select[*tuple[Any, ...]]:
    """The offices at so many paths, and those right below them."""
    at_path = Organisation.path.in_([bindparam(f"path_{number}") for number in range(paths)])
    above = select(Organisation.id).where(Organisation.county_id == bindparam("county"), at_path)
    return (
        select(Organisation.id, Organisation.path, Organisation.name_zh, Organisation.name_en)
        .where(
            Organisation.county_id == bindparam("county"),
            Organisation.closed_at.is_(None),
            or_(at_path, Organisation.parent_id.in_(above)),
        )
        .order_by(Organisation.path)
    )


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

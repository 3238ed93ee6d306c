"""Cases that have to do with each other: linked ones, and those of the same people or the same place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, literal, or_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from app.cases.models import Case, Party, Relation
from app.cases.queries import visible_cases
from app.core.database import db
from app.core.errors import NotFound
from app.directory.rules import Viewer

WAYS = ("same_identity", "same_phone", "same_name", "same_place")
MOST = 50
"""So many are shown; beyond them it is said that there are more."""
LOOKED_AT = 200
"""Of each way of being alike the newest so many are looked at: a common name is no reason to read a thousand cases."""


@dataclass(frozen=True, slots=True)
class RelatedCase:
    """Another case that the viewer may see, why it is named here, and the link when somebody made one."""

    case: Case
    reasons: tuple[str, ...]
    relation: Relation | None


@dataclass(frozen=True, slots=True)
class Related:
    cases: Sequence[RelatedCase]
    more: bool

    @property
    def alike(self) -> Sequence[RelatedCase]:
        """Those of the same people or place, linked or not."""
        return [one for one in self.cases if one.reasons]

    def earlier_than(self, case: Case) -> int:
        """How many of those were opened before this case."""
        return sum(one.case.opened_at < case.opened_at for one in self.alike)


def related_to(viewer: Viewer, case: Case, parties: Sequence[Party]) -> Related:
    """What is linked with the case, and other cases of the same people (by identity, telephone or name) or place.

    Every row, and so every number, is of cases that this viewer may see.
    """
    alike = _alike(viewer, case, parties)
    linked = _linked(viewer, case)
    reasons = {one.case.id: one.reasons for one in alike}
    known = {one.case.id for one in linked}
    found = [RelatedCase(one.case, reasons.get(one.case.id, ()), one.relation) for one in linked]
    found += [one for one in alike if one.case.id not in known]
    return Related(found[:MOST], len(alike) > MOST)


def _alike(viewer: Viewer, case: Case, parties: Sequence[Party]) -> list[RelatedCase]:
    """The newest cases of the same people or place; each way of being alike is looked up in an index of its own."""
    arms = [
        _of_people(case, "same_identity", Party.identity_index, {one.identity_index for one in parties}),
        _of_people(case, "same_phone", Party.phone, {one.phone for one in parties}),
        _of_people(case, "same_name", Party.name, {one.name for one in parties}),
        _newest(
            select(Case.id.label("case_id"), literal("same_place").label("way")).where(
                Case.county_id == case.county_id, Case.place == case.place, Case.place != ""
            )
        ),
    ]
    alike = union_all(*arms).subquery()
    rows = db.session.execute(
        select(Case, alike.c.way)
        .join(alike, alike.c.case_id == Case.id)
        .where(Case.county_id == case.county_id, Case.id != case.id, Case.status != "merged", visible_cases(viewer))
        .order_by(Case.id.desc())
    )
    found: dict[int, tuple[Case, set[str]]] = {}
    for row in rows:
        found.setdefault(row[0].id, (row[0], set()))[1].add(row[1])
    return [RelatedCase(other, tuple(way for way in WAYS if way in ways), None) for other, ways in found.values()]


def _of_people(
    case: Case, way: str, column: InstrumentedAttribute[Any], values: Iterable[str | None]
) -> Select[int, str]:
    same = select(Party.case_id.label("case_id"), literal(way).label("way")).where(
        Party.county_id == case.county_id,
        Party.case_id != case.id,
        Party.left_at.is_(None),
        column.in_([value for value in values if value]),
    )
    return _newest(same)


def _newest(arm: Select[int, str]) -> Select[int, str]:
    newest = arm.order_by(arm.selected_columns[0].desc()).limit(LOOKED_AT).subquery()
    return select(newest.c.case_id, newest.c.way)


def _linked(viewer: Viewer, case: Case) -> list[RelatedCase]:
    rows = db.session.execute(
        select(Relation, Case)
        .join(
            Case,
            (Case.county_id == Relation.county_id)
            & or_(
                and_(Relation.case_id == case.id, Case.id == Relation.other_id),
                and_(Relation.other_id == case.id, Case.id == Relation.case_id),
            ),
        )
        .where(
            Relation.county_id == case.county_id,
            or_(Relation.case_id == case.id, Relation.other_id == case.id),
            Relation.ended_at.is_(None),
            visible_cases(viewer),
        )
        .order_by(Relation.id)
    )
    return [RelatedCase(row[1], (), row[0]) for row in rows]


def relation_of(viewer: Viewer, case: Case, relation_id: int) -> tuple[Relation, Case]:
    """A link of this case that still holds, to a case that the viewer may see too; NotFound otherwise."""
    for one in _linked(viewer, case):
        if one.relation is not None and one.relation.id == relation_id:
            return one.relation, one.case
    raise NotFound

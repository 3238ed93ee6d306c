"""Find cases, always through what the reader may see."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import BindParameter, ColumnElement, CompoundSelect, Select, and_, exists, func, or_, select, union
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.cases.models import Case, CaseAccess, Clock, Party, Report, Reveal, RiskRow
from app.core import clock
from app.core.database import db
from app.core.errors import NotFound
from app.core.remembered import remembered
from app.core.translations import language
from app.definitions import queries as definitions
from app.definitions.compiled import Contents
from app.definitions.errors import PackageNotActive
from app.definitions.registered import arranged, registered_label
from app.definitions.rules import Entry
from app.directory.access import NORMAL, answers_for, in_jurisdiction
from app.directory.rules import CASE_ROLES, PERSON, Viewer
from app.workflow.models import Beside, ItemStatus, WorkItem, WorkItemCandidate, WorkItemPerson

PACKAGE = "dispute"
RECUSED = "recused"
RECUSED_STILL = and_(CaseAccess.kind == RECUSED, CaseAccess.until_at.is_(None))
"""A conflict of interest that stands."""
ADMITTED = "admitted"
ADMITTED_STILL = and_(CaseAccess.kind == ADMITTED, CaseAccess.until_at.is_(None))
"""A part that somebody was given in a matter by name."""


@lru_cache(maxsize=256)
def visible_cases(viewer: Viewer) -> ColumnElement[bool]:
    """Cases of this viewer's offices, and those with a task for them; never one they are recused from."""
    ways = ways_to_see(viewer).values()
    return and_(Case.county_id == viewer.county_id, or_(*ways), ~recused_from(viewer, Case.county_id, Case.id))


def seen_cases(viewer: Viewer, *demands: ColumnElement[bool], newest: int = 0, any_of: int = 0) -> Select[int]:
    """The ids of cases that this viewer may see and that meet the demands: the `newest`, or so many in no order.

    It says what `visible_cases` says, as a union: each way is looked up by itself, by its own index. In one condition
    they would be answered by reading all cases through until enough of them are seen.
    """
    everywhere = viewer.has_county_role(*CASE_ROLES)
    kept_out = select(CaseAccess.case_id).where(
        CaseAccess.county_id == viewer.county_id, CaseAccess.person_id == viewer.person_id, RECUSED_STILL
    )
    parts = []
    for name, way in _ways(viewer, ordinary_seen=everywhere, elsewhere=True).items():
        if viewer.sees_the_county and name != "office":
            continue
        part = select(Case.id.label("id")).where(
            Case.county_id == viewer.county_id, way, Case.id.not_in(kept_out), *demands
        )
        if newest:
            # A sum has no index: only who sees nearly all cases finds theirs soon by walking from the newest on.
            walked = Case.id if everywhere and name == "office" else Case.id + 0
            part = part.order_by(walked.desc())
        parts.append(select(part.limit(newest or any_of).subquery()))
    found = union(*parts).subquery()
    return (select(found.c.id).order_by(found.c.id.desc()) if newest else select(found.c.id)).limit(newest or any_of)


def seen_elsewhere(viewer: Viewer, most: BindParameter[int]) -> Select[int]:
    """The ids of so many cases that the viewer may see though they are not of their offices, in no order."""
    ways = _ways(viewer, ordinary_seen=False, elsewhere=True)
    parts = [
        select(Case.id.label("id")).where(
            Case.county_id == viewer.county_id, way, ~in_jurisdiction(viewer, Case.org_path, Case.sensitivity)
        )
        for name, way in ways.items()
        if name != "office"
    ]
    return select(union(*(select(part.limit(most).subquery()) for part in parts)).subquery().c.id).limit(most)


def restricted_parts(viewer: Viewer) -> Select[int]:
    """The ids of restricted cases in which the viewer has a part: what they hold, lent or help with, what is offered to
    their roles, what they mediate, what they were admitted to. Be they recused from it or not.
    """
    item, one = aliased(WorkItem), WorkItemCandidate
    restricted = and_(item.county_id == viewer.county_id, item.status == ItemStatus.OPEN, item.sensitivity != NORMAL)
    offered = [
        select(one.subject_id).where(
            one.county_id == viewer.county_id, one.restricted, one.role == role, one.organisation_id == place
        )
        for role, place in viewer.pools
    ]
    helped = and_(
        WorkItemPerson.county_id == viewer.county_id,
        WorkItemPerson.person_id == viewer.person_id,
        WorkItemPerson.kind == Beside.CO_WORKER,
        WorkItemPerson.ended_at.is_(None),
    )
    of_helper = and_(WorkItemPerson.county_id == item.county_id, WorkItemPerson.work_item_id == item.id)
    cases = select(Case.id).where(Case.county_id == viewer.county_id, Case.sensitivity != NORMAL)
    found: CompoundSelect[Any] = union(
        select(item.subject_id.label("id")).where(restricted, item.assignee_id == viewer.person_id),
        select(item.subject_id).where(restricted, item.owner_id == viewer.person_id),
        *offered,
        select(item.subject_id).join(WorkItemPerson, of_helper).where(restricted, helped),
        cases.where(Case.mediator_id == viewer.person_id),
        cases.where(Case.id.in_(admitted_to(viewer))),
    )
    return select(found.subquery().c.id)


def ways_to_see(viewer: Viewer, *, ordinary_seen: bool = False) -> Mapping[str, ColumnElement[bool]]:
    """Each way by which a case may be this viewer's to see; one of them is enough.

    Where all ordinary cases are seen by role (`ordinary_seen`), the others tell of restricted ones alone.
    """
    return _ways(viewer, ordinary_seen=ordinary_seen, elsewhere=False)


@lru_cache(maxsize=512)
def _ways(viewer: Viewer, *, ordinary_seen: bool, elsewhere: bool) -> Mapping[str, ColumnElement[bool]]:
    """`elsewhere`: a task tells only of what is not seen by office; nearly all of somebody's tasks are of their own."""
    mine = (WorkItem.county_id == Case.county_id) & (WorkItem.subject_id == Case.id)
    if elsewhere:
        mine &= ~in_jurisdiction(viewer, WorkItem.org_path, WorkItem.sensitivity)
    offered = exists().where(
        mine,
        WorkItem.status == ItemStatus.OPEN,
        WorkItemCandidate.county_id == WorkItem.county_id,
        WorkItemCandidate.work_item_id == WorkItem.id,
        *([WorkItemCandidate.restricted] if ordinary_seen else ()),
        or_(
            *(
                and_(WorkItemCandidate.role == role, WorkItemCandidate.organisation_id == place)
                for role, place in viewer.pools
            )
        ),
    )
    open_item = and_(mine, WorkItem.status == ItemStatus.OPEN)
    helps = exists().where(
        open_item,
        WorkItemPerson.county_id == WorkItem.county_id,
        WorkItemPerson.work_item_id == WorkItem.id,
        WorkItemPerson.person_id == viewer.person_id,
        WorkItemPerson.kind == Beside.CO_WORKER,
        WorkItemPerson.ended_at.is_(None),
    )
    ways: dict[str, ColumnElement[bool]] = {
        "office": in_jurisdiction(viewer, Case.org_path, Case.sensitivity),
        "assigned": exists().where(open_item, WorkItem.assignee_id == viewer.person_id),
        "lent": exists().where(open_item, WorkItem.owner_id == viewer.person_id),
        "co_worker": helps,
        "offered": offered,
        "mediator": Case.mediator_id == viewer.person_id,
        "admitted": Case.id.in_(admitted_to(viewer)),
    }
    return ways | {"stands_in": _in_place_of_absent(viewer, open_item)} if viewer.stands_in_for else ways


@dataclass(frozen=True, slots=True)
class Sight:
    """Whether somebody may see a case, by which ways, and whether a conflict of interest keeps them out.

    `inside`: it is led at or below an office of theirs, whatever its sensitivity.
    """

    case: Case
    visible: bool
    ways: tuple[str, ...]
    recused: bool
    inside: bool


def sight_of(viewer: Viewer, code: str) -> Sight | None:
    """How the very conditions of `visible_cases` come out for one case; None when there is no such case."""
    ways = ways_to_see(viewer)
    row = db.session.execute(
        select(
            Case,
            answers_for(viewer, Case.org_path).label("inside"),
            visible_cases(viewer).label("visible"),
            recused_from(viewer, Case.county_id, Case.id).label("recused"),
            *(condition.label(f"way_{way}") for way, condition in ways.items()),
        ).where(Case.county_id == viewer.county_id, Case.code == code.strip().upper())
    ).one_or_none()
    if row is None:
        return None
    open_ways = tuple(way for way in ways if getattr(row, f"way_{way}"))
    return Sight(row[0], bool(row.visible), open_ways, bool(row.recused), bool(row.inside))


def admitted_to(viewer: Viewer) -> Select[int]:
    """The cases in which the viewer was given a part by name, whichever office they are of."""
    return select(CaseAccess.case_id).where(
        CaseAccess.county_id == viewer.county_id, CaseAccess.person_id == viewer.person_id, ADMITTED_STILL
    )


def _in_place_of_absent(viewer: Viewer, open_item: ColumnElement[bool]) -> ColumnElement[bool]:
    """Ordinary cases with a task of somebody for whom the viewer stands in, and who has no conflict of interest.

    A deputy has one role of the absent person, perhaps not all of them: what is for another does not come to them.
    """
    recused = exists().where(
        CaseAccess.county_id == Case.county_id,
        CaseAccess.case_id == Case.id,
        CaseAccess.person_id == WorkItem.assignee_id,
        RECUSED_STILL,
    )
    absent = exists().where(
        open_item,
        WorkItem.assignee_id.in_(viewer.stands_in_for),
        for_own_roles(viewer),
        ~recused.correlate(Case, WorkItem),
    )
    return and_(Case.sensitivity == NORMAL, absent)


def for_own_roles(viewer: Viewer) -> ColumnElement[bool]:
    """Tasks that the diagram gives to a role which the viewer holds somewhere, or to nobody but by name."""
    roles = and_(
        WorkItemCandidate.county_id == WorkItem.county_id,
        WorkItemCandidate.work_item_id == WorkItem.id,
        WorkItemCandidate.role != PERSON,
    )
    own = exists().where(roles, WorkItemCandidate.role.in_(sorted(viewer.role_names())))
    return or_(~exists().where(roles).correlate(WorkItem), own.correlate(WorkItem))


def recused_from(
    viewer: Viewer, county_id: InstrumentedAttribute[int], case_id: InstrumentedAttribute[Any]
) -> ColumnElement[bool]:
    """Whether the viewer has a conflict of interest in the case: then nothing of it is theirs to see."""
    return exists().where(
        CaseAccess.county_id == county_id,
        CaseAccess.case_id == case_id,
        CaseAccess.person_id == viewer.person_id,
        RECUSED_STILL,
    )


def recused_people(county_id: int, case_id: int) -> set[int]:
    """Who has a conflict of interest in the case."""
    return set(
        db.session.scalars(
            select(CaseAccess.person_id).where(
                CaseAccess.county_id == county_id,
                CaseAccess.case_id == case_id,
                RECUSED_STILL,
            )
        )
    )


def kept_out_of(county_id: int, person_id: int) -> frozenset[int]:
    """The cases in which the person has a conflict of interest."""
    return frozenset(
        db.session.scalars(
            select(CaseAccess.case_id).where(
                CaseAccess.county_id == county_id,
                CaseAccess.person_id == person_id,
                RECUSED_STILL,
            )
        )
    )


def may_see(viewer: Viewer, case: Case) -> bool:
    return bool(
        db.session.scalar(
            select(Case.id).where(Case.county_id == case.county_id, Case.id == case.id, visible_cases(viewer))
        )
    )


def codes_seen(viewer: Viewer, codes: Collection[str]) -> Collection[str]:
    """Which of the cases with these codes the viewer may see."""
    return db.session.scalars(select(Case.code).where(Case.code.in_(codes), visible_cases(viewer))).all()


def case_for(viewer: Viewer, code: str) -> Case:
    """The case with this code if the viewer may see it; NotFound otherwise."""
    found = db.session.scalars(
        select(Case).where(Case.code == code.strip().upper(), visible_cases(viewer))
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def case_by_id(county_id: int, case_id: int) -> Case:
    """For work that has already found its way to the case."""
    found = db.session.get(Case, (county_id, case_id))
    if found is None:
        raise NotFound
    return found


def case_by_code(county_id: int, code: str) -> Case:
    """For diagrams, which work for the county as a whole."""
    found = db.session.scalars(
        select(Case).where(Case.county_id == county_id, Case.code == code.strip().upper())
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def parties_of(case: Case) -> Sequence[Party]:
    return db.session.scalars(
        select(Party)
        .where(Party.county_id == case.county_id, Party.case_id == case.id, Party.left_at.is_(None))
        .order_by(Party.side, Party.id)
    ).all()


def party_of(case: Case, party_id: int) -> Party:
    """A party through its case: another case's party is not found."""
    found = db.session.scalars(
        select(Party).where(Party.county_id == case.county_id, Party.case_id == case.id, Party.id == party_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    return found


def revealed_to(viewer: Viewer, case: Case, *, now: datetime) -> Mapping[int, datetime]:
    """Parties of the case whose numbers this very person may see in clear now, and until when."""
    rows = db.session.execute(
        select(Reveal.party_id, func.max(Reveal.until_at).label("until"))
        .where(
            Reveal.county_id == case.county_id,
            Reveal.person_id == viewer.person_id,
            Reveal.case_id == case.id,
            Reveal.until_at > now,
        )
        .group_by(Reveal.party_id)
    )
    return {row.party_id: row.until for row in rows}


def reports_of(case: Case) -> Sequence[Report]:
    return db.session.scalars(
        select(Report).where(Report.county_id == case.county_id, Report.case_id == case.id).order_by(Report.id)
    ).all()


def clocks_of(case: Case) -> Sequence[Clock]:
    return db.session.scalars(
        select(Clock).where(Clock.county_id == case.county_id, Clock.case_id == case.id).order_by(Clock.id)
    ).all()


def risk_rows_of(case: Case) -> Sequence[RiskRow]:
    return db.session.scalars(
        select(RiskRow)
        .where(RiskRow.county_id == case.county_id, RiskRow.case_id == case.id)
        .order_by(RiskRow.id.desc())
    ).all()


def codes_of(county_id: int, case_ids: Iterable[int]) -> dict[int, str]:
    """The codes of cases, by id; a code alone tells nothing of the matter."""
    found = db.session.execute(select(Case.id, Case.code).where(Case.county_id == county_id, Case.id.in_(case_ids)))
    return {row.id: row.code for row in found}


def case_ids(county_id: int) -> Sequence[int]:
    return db.session.scalars(select(Case.id).where(Case.county_id == county_id)).all()


def active_contents(county_id: int) -> Contents:
    """The active release, whose words pages use."""
    return remembered(
        ("active contents", county_id),
        lambda: definitions.contents(definitions.active_release(county_id, PACKAGE)),
    )


def active_contents_if_any(county_id: int) -> Contents | None:
    """The active release, or None in a county that has no package for cases yet."""
    try:
        return active_contents(county_id)
    except PackageNotActive:
        return None


def type_label(county_id: int, dispute_type: str | None) -> tuple[str, str]:
    """(zh, en) of a dispute type in the active release; empty when it is not yet known."""
    return value_label(county_id, "dispute_type", dispute_type)


LIMIT_SOURCE = "limit_source"
"""The name under which a package declares, in both languages, from where its time limits come."""


def value_label(county_id: int, name: str, value: object) -> tuple[str, str]:
    """(zh, en) of an allowed value of a declared name in the active release."""
    if value in (None, ""):
        return "", ""
    contents = active_contents_if_any(county_id)
    entry = contents.dictionary.get(name) if contents and contents.dictionary else None
    registered = registered_label(county_id, (entry.values_of if entry else "") or name, value)
    if registered is not None:
        return registered
    label = entry.label_of(value) if entry else None
    return (label.zh, label.en) if label else (str(value), str(value))


def filter_words(viewer: Viewer, name: str) -> list[tuple[str, str]]:
    """(value, word) of everything a case may have had there, in the order of the register; what ended stays, marked."""
    entry = _arranged_today(viewer, name)
    ended = [
        (str(one.value), _("%(word)s (not in use)", word=one.label.in_language(language())))
        for one in (entry.ended if entry else ())
    ]
    return [*words_of_today(viewer, name), *ended]


def words_of_today(viewer: Viewer, name: str) -> list[tuple[str, str]]:
    """(value, word) of what may be chosen there today, in the order of the register."""
    entry = _arranged_today(viewer, name)
    return [(str(one.value), one.label.in_language(language())) for one in (entry.values if entry else ())]


def _arranged_today(viewer: Viewer, name: str) -> Entry | None:
    contents = active_contents_if_any(viewer.county_id)
    today = clock.now().astimezone(ZoneInfo(viewer.zone)).date()
    dictionary = arranged(viewer.county_id, contents.dictionary, today) if contents else None
    return dictionary.get(name) if dictionary else None


def stage_label(county_id: int, _name: str, stage: object) -> tuple[str, str]:
    """(zh, en) of a stage in the active release."""
    contents = active_contents_if_any(county_id)
    found = next((one for one in contents.settings.stages if one.id == stage), None) if contents else None
    return (found.label.zh, found.label.en) if found else (str(stage), str(stage))


def action_label(county_id: int, _name: str, message: object) -> tuple[str, str]:
    """(zh, en) of what may be set off from the case page in the active release."""
    contents = active_contents_if_any(county_id)
    found = next((one for one in contents.settings.actions if one.message == message), None) if contents else None
    return (found.label.zh, found.label.en) if found else (str(message), str(message))

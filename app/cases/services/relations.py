"""Cases that belong together: find them, link, merge, and take a link back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from app.audit.services import Actor, Stream, record
from app.cases.errors import CannotMergeIntoItself
from app.cases.models import Case, Party, Relation, Report
from app.cases.search.services import index_again
from app.cases.services.cases import refuse_if_closed_to_changes
from app.core.database import db
from app.directory.access import NORMAL

WINDOW_DAYS = 90
MOST = 8


@dataclass(frozen=True, slots=True)
class Likeness:
    """Another case that may be about the same matter, and why it looks so."""

    case: Case
    reasons: tuple[str, ...]


def find_duplicates(case: Case, *, now: datetime) -> Sequence[Likeness]:
    """Other cases of the last 90 days with the same people, phone or identity, or the same place and type.

    Whoever registers a case reads these: a restricted one is named to those of a restricted case only.
    """
    mine = db.session.scalars(
        select(Party).where(Party.county_id == case.county_id, Party.case_id == case.id, Party.left_at.is_(None))
    ).all()
    reasons: dict[int, set[str]] = {}
    names = {party.name for party in mine if party.name}
    phones = {party.phone for party in mine if party.phone}
    identities = {party.identity_index for party in mine if party.identity_index}
    if names or phones or identities:
        others = db.session.execute(
            select(Party.case_id, Party.name, Party.phone, Party.identity_index).where(
                Party.county_id == case.county_id,
                Party.case_id != case.id,
                or_(Party.name.in_(names), Party.phone.in_(phones), Party.identity_index.in_(identities)),
            )
        )
        for row in others:
            found = reasons.setdefault(row.case_id, set())
            if row.identity_index in identities:
                found.add("same_identity")
            if row.phone in phones:
                found.add("same_phone")
            if row.name in names:
                found.add("same_name")
    if case.place and case.dispute_type:
        same_place = db.session.scalars(
            select(Case.id).where(
                Case.county_id == case.county_id,
                Case.id != case.id,
                Case.place == case.place,
                Case.dispute_type == case.dispute_type,
            )
        )
        for case_id in same_place:
            reasons.setdefault(case_id, set()).add("same_place_and_type")
    same_text = db.session.scalars(
        select(Case.id).where(Case.county_id == case.county_id, Case.id != case.id, Case.summary == case.summary)
    )
    if case.summary:
        for case_id in same_text:
            reasons.setdefault(case_id, set()).add("same_text")
    if not reasons:
        return []
    found_cases = db.session.scalars(
        select(Case)
        .where(
            Case.county_id == case.county_id,
            Case.id.in_(reasons),
            Case.status != "merged",
            Case.sensitivity.in_({NORMAL, case.sensitivity}),
            Case.opened_at > now - timedelta(days=WINDOW_DAYS),
        )
        .order_by(Case.opened_at.desc())
        .limit(MOST)
    )
    return [Likeness(other, tuple(sorted(reasons[other.id]))) for other in found_cases]


def relate_cases(
    case: Case, other: Case, kind: str, *, reasons: Sequence[str] = (), actor: Actor, now: datetime
) -> Relation:
    """Link two cases; an ended link of the same kind is taken up again."""
    relation = _linked(case, other, kind, reasons=reasons, actor=actor, now=now)
    for one, counterpart in ((case, other), (other, case)):
        record(
            Stream.case(one.county_id, one.id),
            "case.related",
            actor=actor,
            now=now,
            payload={"kind": kind, "code": counterpart.code},
            about={"case": counterpart.id},
        )
    return relation


def _linked(
    case: Case, other: Case, kind: str, *, reasons: Sequence[str] = (), actor: Actor, now: datetime
) -> Relation:
    relation = db.session.scalars(
        select(Relation).where(
            Relation.county_id == case.county_id,
            Relation.case_id == case.id,
            Relation.other_id == other.id,
            Relation.kind == kind,
        )
    ).one_or_none()
    if relation is None:
        relation = Relation(county_id=case.county_id, case_id=case.id, other_id=other.id, kind=kind)
        db.session.add(relation)
    relation.reasons = list(reasons)
    relation.made_at = now
    relation.made_by_id = actor.id
    relation.ended_at = None
    db.session.flush()
    return relation


def merge_case(case: Case, into: Case, *, actor: Actor, now: datetime) -> None:
    """Put the reports of `case` to `into`; both histories stay and point to each other, the code leads on."""
    refuse_if_closed_to_changes(case)
    refuse_if_closed_to_changes(into)
    if case.id == into.id or into.status != "open":
        raise CannotMergeIntoItself
    db.session.execute(
        update(Report).where(Report.county_id == case.county_id, Report.case_id == case.id).values(case_id=into.id)
    )
    index_again(case.county_id, (case.id, into.id))
    relation = _linked(case, into, "merged", actor=actor, now=now)
    case.status = "merged"
    case.successor_id = into.id
    case.outcome = "merged"
    case.closed_at = now
    db.session.flush()
    for one, event, counterpart in ((case, "case.merged", into), (into, "case.took_in", case)):
        record(
            Stream.case(one.county_id, one.id),
            event,
            actor=actor,
            now=now,
            payload={"code": counterpart.code},
            about={"case": counterpart.id, "relation": relation.id},
        )


def unrelate_cases(relation: Relation, *, actor: Actor, now: datetime) -> None:
    """Take a link back; both histories say so."""
    relation.ended_at = now
    db.session.flush()
    for case_id, other_id in ((relation.case_id, relation.other_id), (relation.other_id, relation.case_id)):
        record(
            Stream.case(relation.county_id, case_id),
            "case.unrelated",
            actor=actor,
            now=now,
            payload={"kind": relation.kind},
            about={"case": other_id},
        )

"""Cases that belong together: find them, link, merge, and take a link back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, or_, select, update

from app.audit.queries import entries
from app.audit.services import Actor, Stream, record
from app.cases.errors import CannotMergeIntoItself, CannotRelateToItself, RelatedAlready
from app.cases.models import Case, Party, Relation, Report
from app.cases.queries import PACKAGE, case_by_id
from app.cases.search.services import index_again
from app.cases.services.cases import refuse_if_closed_to_changes
from app.core.database import db
from app.directory.access import NORMAL
from app.workflow import queries as workflow
from app.workflow.services import start_instance

WINDOW_DAYS = 90
MOST = 8
MERGED = "merged"
OWN_HISTORY = 2000
JUDGED = frozenset(
    {"duplicates", "duplicate_count", "duplicate_decision", "merge_into", "merged", "intake_result", "outcome"}
)
"""What the process found out about duplicates and decided: asked again when a merged case is parted."""


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
                Case.opened_at > now - timedelta(days=WINDOW_DAYS),
            )
        )
        for case_id in same_place:
            reasons.setdefault(case_id, set()).add("same_place_and_type")
    if case.summary:
        same_text = db.session.scalars(
            select(Case.id).where(
                Case.county_id == case.county_id,
                Case.id != case.id,
                Case.summary == case.summary,
                Case.opened_at > now - timedelta(days=WINDOW_DAYS),
            )
        )
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
    case: Case,
    other: Case,
    kind: str,
    *,
    reasons: Sequence[str] = (),
    reason: str = "",
    actor: Actor,
    now: datetime,
) -> Relation:
    """Link two cases; an ended link of the same kind is taken up again. `reason` is what the person says."""
    if case.id == other.id:
        raise CannotRelateToItself
    for one in (case, other):
        refuse_if_closed_to_changes(one)
    if _are_linked(case, other, kind):
        raise RelatedAlready
    relation = _linked(case, other, kind, reasons=reasons, actor=actor, now=now)
    for one, counterpart in ((case, other), (other, case)):
        record(
            Stream.case(one.county_id, one.id),
            "case.related",
            actor=actor,
            now=now,
            payload={"kind": kind, "code": counterpart.code, "reason": reason},
            about={"case": counterpart.id},
        )
    return relation


def _are_linked(case: Case, other: Case, kind: str) -> bool:
    """Whether a link of this kind holds between the two, whichever way it was made."""
    found = select(Relation.id).where(
        Relation.county_id == case.county_id,
        Relation.kind == kind,
        Relation.ended_at.is_(None),
        or_(
            and_(Relation.case_id == case.id, Relation.other_id == other.id),
            and_(Relation.case_id == other.id, Relation.other_id == case.id),
        ),
    )
    return db.session.scalar(found.limit(1)) is not None


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
    relation = _linked(case, into, MERGED, actor=actor, now=now)
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


def unrelate_cases(relation: Relation, *, reason: str, actor: Actor, now: datetime) -> None:
    """Take a link back; both histories say so and why. A merged case becomes one of its own again."""
    case, other = (case_by_id(relation.county_id, one) for one in (relation.case_id, relation.other_id))
    for one in (case, other) if relation.kind != MERGED else (other,):
        refuse_if_closed_to_changes(one)
    relation.ended_at = now
    if relation.kind == MERGED:
        _take_apart(case, other, now=now)
    db.session.flush()
    event = "case.parted" if relation.kind == MERGED else "case.unrelated"
    for one, counterpart in ((case, other), (other, case)):
        record(
            Stream.case(one.county_id, one.id),
            event,
            actor=actor,
            now=now,
            payload={"kind": relation.kind, "code": counterpart.code, "reason": reason},
            about={"case": counterpart.id},
        )
    if relation.kind == MERGED:
        _begin_again(case, actor=actor, now=now)


def _take_apart(case: Case, into: Case, *, now: datetime) -> None:
    """The reports that the case received itself, by its own history, come back to it."""
    own = entries(Stream.case(case.county_id, case.id), limit=OWN_HISTORY)
    received = {entry.about["report"] for entry in own if entry.event == "report.received"}
    db.session.execute(
        update(Report)
        .where(Report.county_id == case.county_id, Report.case_id == into.id, Report.id.in_(received))
        .values(case_id=case.id)
    )
    index_again(case.county_id, (case.id, into.id))
    case.status, case.successor_id, case.outcome, case.closed_at = "open", None, None, None


def _begin_again(case: Case, *, actor: Actor, now: datetime) -> None:
    """Its process ended with the merging; a new one takes it up with what the old one knew of the matter."""
    before = workflow.instances_of(case.county_id, case.id)
    scopes = workflow.variables_by_scope(case.county_id, before[-1].id) if before else {}
    known: Mapping[str, object] = scopes.get("", {})
    values = {name: value for name, value in known.items() if name not in JUDGED}
    start_instance(case.county_id, PACKAGE, subject_id=case.id, variables=values, actor=actor, now=now)

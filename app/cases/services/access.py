"""Who may see one case beyond, or short of, their office: restricted by its facts, recused, admitted by name."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update

from app.audit.services import SYSTEM, Actor, Stream, record
from app.cases.events import CaseMoved
from app.cases.models import Case, CaseAccess
from app.cases.queries import ADMITTED, ADMITTED_STILL, RECUSED, RECUSED_STILL, case_by_id, parties_of
from app.cases.rules import sensitivity_of
from app.core import events
from app.core.database import db
from app.directory import queries as directory
from app.directory.access import RESTRICTED
from app.workflow.events import VariablesChanged

FACTS = ("danger_signs", "guarded")
"""Names of the process that restrict a case."""


def judge_sensitivity(
    case: Case, *, danger_signs: object = None, guarded: object = None, actor: Actor, now: datetime
) -> None:
    """Restrict a case of domestic violence, of a minor or on the guarded track.

    Nothing opens it again by itself: what was once said about violence or a child is not unsaid by a correction.
    """
    if case.sensitivity == RESTRICTED:
        return
    ages = [party.age for party in parties_of(case)]
    wanted = sensitivity_of(danger_signs=danger_signs, guarded=guarded, ages=ages)
    if wanted != RESTRICTED:
        return
    case.sensitivity = wanted
    db.session.flush()
    record(Stream.case(case.county_id, case.id), "case.restricted", actor=actor, now=now)
    events.publish(CaseMoved(case.county_id, case.id, actor, now))


def follow_facts(event: VariablesChanged) -> None:
    """What the process learns may restrict its case."""
    if event.subject_id is None or not event.values.keys() & set(FACTS):
        return
    told: Mapping[str, object] = event.values
    judge_sensitivity(
        case_by_id(event.county_id, event.subject_id),
        danger_signs=told.get("danger_signs"),
        guarded=told.get("guarded"),
        actor=SYSTEM,
        now=event.now,
    )


def recuse_person(case: Case, person_id: int, *, reason: str, actor: Actor, now: datetime) -> None:
    """Keep a person with a conflict of interest out of the case."""
    kept_out = db.session.scalar(
        select(CaseAccess.id).where(
            CaseAccess.county_id == case.county_id,
            CaseAccess.case_id == case.id,
            CaseAccess.person_id == person_id,
            RECUSED_STILL,
        )
    )
    if kept_out is not None:
        return
    db.session.add(
        CaseAccess(
            county_id=case.county_id,
            case_id=case.id,
            person_id=person_id,
            kind=RECUSED,
            reason=reason[:200],
            from_at=now,
        )
    )
    db.session.flush()
    _note(case, person_id, "person.recused", actor, now, reason)


def end_recusal(case: Case, person_id: int, *, reason: str, actor: Actor, now: datetime) -> None:
    """The parties know of the conflict and accept the person all the same."""
    ended = db.session.execute(
        update(CaseAccess)
        .where(
            CaseAccess.county_id == case.county_id,
            CaseAccess.case_id == case.id,
            CaseAccess.person_id == person_id,
            RECUSED_STILL,
        )
        .values(until_at=now)
    )
    if ended.rowcount:  # type: ignore[attr-defined]
        _note(case, person_id, "person.recusal_ended", actor, now, reason)


def admit_person(case: Case, person_id: int, *, actor: Actor, now: datetime) -> None:
    """Let somebody see the case whom it gives a part by name, until the part is over."""
    admitted = select(CaseAccess.id).where(
        CaseAccess.county_id == case.county_id,
        CaseAccess.case_id == case.id,
        CaseAccess.person_id == person_id,
        ADMITTED_STILL,
    )
    if db.session.scalar(admitted) is not None:
        return
    db.session.add(
        CaseAccess(county_id=case.county_id, case_id=case.id, person_id=person_id, kind=ADMITTED, from_at=now)
    )
    db.session.flush()
    _note(case, person_id, "person.admitted", actor, now)


def end_admission(case: Case, *, actor: Actor, now: datetime) -> None:
    """The parts that people were given by name are over."""
    admitted = select(CaseAccess).where(
        CaseAccess.county_id == case.county_id, CaseAccess.case_id == case.id, ADMITTED_STILL
    )
    for access in db.session.scalars(admitted.order_by(CaseAccess.id)).all():
        access.until_at = now
        _note(case, access.person_id, "person.admission_ended", actor, now)
    db.session.flush()


def _note(case: Case, person_id: int, event: str, actor: Actor, now: datetime, reason: str | None = None) -> None:
    record(
        Stream.case(case.county_id, case.id),
        event,
        actor=actor,
        now=now,
        payload={"name": directory.person(case.county_id, person_id).name}
        | ({} if reason is None else {"reason": reason}),
        about={"person": person_id},
    )

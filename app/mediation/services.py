"""Follow the tasks of a mediation: what they say about parties and sessions is kept on the case."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.audit.services import Stream, record
from app.cases.models import Party
from app.cases.services.parties import mark_signed, set_consent
from app.core.database import db
from app.directory import queries as directory
from app.engine.feel import DateTime
from app.mediation.models import MediationSession
from app.workflow.environment import as_feel
from app.workflow.events import ItemClosed
from app.workflow.queries import item as item_by_id

REFUSED = ("refused", "refuses")


def follow_closed_item(event: ItemClosed) -> None:
    """Keep consent, signature and session when the task that tells of them is completed."""
    if event.how != "completed" or event.subject_id is None:
        return
    values = event.values
    if "consent_answer" in values or "signature_way" in values:
        _keep_party_answer(event)
    if event.element_id == "plan_session":
        _plan_session(event)
    elif event.element_id == "hold_session":
        _hold_session(event)


def _keep_party_answer(event: ItemClosed) -> None:
    party_id = item_by_id(event.county_id, event.item_id).party_id
    party = None if party_id is None else db.session.get(Party, (event.county_id, party_id))
    if party is None or party.case_id != event.subject_id:
        return
    consent = event.values.get("consent_answer")
    if consent:
        set_consent(party, str(consent))
        _note(event, "party.consented", {"name": party.name, "answer": str(consent)})
    way = event.values.get("signature_way")
    if way and str(way) not in REFUSED:
        mark_signed(party, now=event.now)
        _note(event, "party.signed", {"name": party.name, "way": str(way)})


def _plan_session(event: ItemClosed) -> None:
    values = event.values
    db.session.add(
        MediationSession(
            county_id=event.county_id,
            case_id=event.subject_id,
            planned_at=_moment(event, values.get("session_at")),
            place=str(values.get("session_place") or ""),
            mode=str(values.get("session_mode") or ""),
        )
    )
    db.session.flush()


def _hold_session(event: ItemClosed) -> None:
    values = event.values
    session = db.session.scalars(
        select(MediationSession)
        .where(
            MediationSession.county_id == event.county_id,
            MediationSession.case_id == event.subject_id,
            MediationSession.held_at.is_(None),
        )
        .order_by(MediationSession.id.desc())
        .limit(1)
    ).first()
    if session is None:
        session = MediationSession(county_id=event.county_id, case_id=event.subject_id)
        db.session.add(session)
    session.held_at = _moment(event, values.get("session_held_at")) or event.now
    session.result = str(values.get("session_result") or "")
    session.absent = str(values.get("absent_side") or "")
    session.notes = str(values.get("session_notes") or "")
    session.private_note = str(values.get("private_note") or "")
    db.session.flush()
    _note(event, "session.held", {"result": session.result})


def _moment(event: ItemClosed, value: object) -> datetime | None:
    zone = ZoneInfo(directory.county(event.county_id).zone)
    moment = as_feel({"at": value})["at"]
    return moment.to_python(zone) if isinstance(moment, DateTime) else None


def _note(event: ItemClosed, name: str, payload: dict[str, object]) -> None:
    assert event.subject_id is not None  # noqa: S101 - asked by the caller
    record(Stream.case(event.county_id, event.subject_id), name, actor=event.actor, now=event.now, payload=payload)

"""Who is in the matter: add, correct, ask for consent, let sign; identity numbers are kept encrypted."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from app.audit.services import SYSTEM, Actor, Stream, record
from app.cases.identities import sealed_identity
from app.cases.models import Case, Party, Reveal
from app.cases.services.access import judge_sensitivity
from app.cases.services.cases import refuse_if_closed_to_changes, rename_case
from app.core.database import db
from app.core.sealing import unseal

REVEALED_MINUTES = 10

CHANGEABLE = (
    "side",
    "kind",
    "name",
    "phone",
    "address",
    "age",
    "agent_name",
    "agent_phone",
    "guardian_name",
    "guardian_phone",
)


def add_party(
    case: Case, *, side: str, name: str, values: Mapping[str, Any] | None = None, actor: Actor, now: datetime
) -> Party:
    """Add somebody to one side of the matter; `values` may hold the other columns and `identity_number`."""
    refuse_if_closed_to_changes(case)
    party = Party(county_id=case.county_id, case_id=case.id, side=side, name=name.strip(), kind="person")
    _fill(party, values or {})
    db.session.add(party)
    db.session.flush()
    rename_case(case)
    record(
        Stream.case(case.county_id, case.id),
        "party.added",
        actor=actor,
        now=now,
        payload={"name": party.name, "side": side},
        about={"party": party.id},
    )
    judge_sensitivity(case, actor=SYSTEM, now=now)
    return party


def change_party(case: Case, party: Party, values: Mapping[str, Any], *, actor: Actor, now: datetime) -> None:
    """Correct what is known of a party."""
    refuse_if_closed_to_changes(case)
    before = {name: getattr(party, name) for name in CHANGEABLE}
    _fill(party, values)
    changed = sorted(name for name in CHANGEABLE if getattr(party, name) != before[name])
    if values.get("identity_number"):
        changed.append("identity_number")
    if not changed:
        return
    db.session.flush()
    rename_case(case)
    record(
        Stream.case(case.county_id, case.id),
        "party.changed",
        actor=actor,
        now=now,
        payload={"name": party.name, "fields": changed},
        about={"party": party.id},
    )
    judge_sensitivity(case, actor=SYSTEM, now=now)


def remove_party(case: Case, party: Party, *, actor: Actor, now: datetime) -> None:
    """A party leaves the matter; what they said and signed stays."""
    refuse_if_closed_to_changes(case)
    party.left_at = now
    db.session.flush()
    rename_case(case)
    record(
        Stream.case(case.county_id, case.id),
        "party.left",
        actor=actor,
        now=now,
        payload={"name": party.name},
        about={"party": party.id},
    )


def set_consent(party: Party, consent: str) -> None:
    party.consent = consent
    db.session.flush()


def mark_signed(party: Party, *, now: datetime) -> None:
    party.signed_at = now
    db.session.flush()


def make_link(case: Case, party: Party, *, actor: Actor, now: datetime) -> str:
    """A new personal link for a party; the one before it stops working. The secret is returned once."""
    refuse_if_closed_to_changes(case)
    secret = secrets.token_urlsafe(16)
    party.link_hash = link_hash(secret)
    db.session.flush()
    record(
        Stream.case(party.county_id, party.case_id),
        "party.link_made",
        actor=actor,
        now=now,
        payload={"name": party.name},
        about={"party": party.id},
    )
    return secret


def link_hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def reveal_identity(party: Party, person_id: int, *, reason: str, actor: Actor, now: datetime) -> Reveal:
    """Let one person see this party's numbers in clear for a while; who asked and why goes into the history."""
    reveal = Reveal(
        county_id=party.county_id,
        case_id=party.case_id,
        party_id=party.id,
        person_id=person_id,
        at=now,
        until_at=now + timedelta(minutes=REVEALED_MINUTES),
    )
    db.session.add(reveal)
    db.session.flush()
    record(
        Stream.case(party.county_id, party.case_id),
        "identity.revealed",
        actor=actor,
        now=now,
        payload={"name": party.name, "reason": reason, "minutes": REVEALED_MINUTES},
        about={"party": party.id},
    )
    return reveal


def identity_number(party: Party) -> str:
    """The number in clear, for whom it was revealed; "" where none was entered."""
    return "" if party.identity_cipher is None else unseal("identity", party.id, party.identity_cipher)


def _fill(party: Party, values: Mapping[str, Any]) -> None:
    for name in CHANGEABLE:
        if name in values:
            value = values[name]
            setattr(party, name, value.strip() if isinstance(value, str) else value)
    number = str(values.get("identity_number") or "").strip().upper()
    if number:
        if party.id is None:
            db.session.add(party)
            db.session.flush()
        for name, value in sealed_identity(party.id, number).items():
            setattr(party, name, value)
        party.identity_kind = str(values.get("identity_kind") or "identity_card")

"""Take evidence in, say what it shows, withdraw it."""

from datetime import datetime

from werkzeug.datastructures import FileStorage

from app.audit.services import Actor, Stream, record
from app.cases.attachments import keep_file
from app.cases.evidence.errors import AlreadyWithdrawn, NotYoursToHide, ReasonNeeded
from app.cases.evidence.models import Evidence
from app.cases.evidence.queries import Piece, confidants
from app.cases.models import Case
from app.cases.queries import party_of
from app.cases.services.cases import refuse_if_closed_to_changes
from app.core.database import db
from app.files.models import StoredFile

EVIDENCE = "evidence"


def bring_evidence(
    case: Case,
    upload: FileStorage,
    *,
    caption: str = "",
    party_id: int | None = None,
    private: bool = False,
    actor: Actor,
    now: datetime,
) -> StoredFile:
    """Keep a file as evidence of the case. Raises CaseSealed, CaseMerged and what the keeper of files refuses."""
    refuse_if_closed_to_changes(case)
    party = party_of(case, party_id) if party_id else None
    file = keep_file(case, upload, EVIDENCE, actor=actor, now=now)
    db.session.add(
        Evidence(
            county_id=case.county_id,
            file_id=file.id,
            case_id=case.id,
            caption=caption,
            party_id=party.id if party else None,
            private=private,
        )
    )
    db.session.flush()
    return file


def describe_evidence(
    case: Case, piece: Piece, *, caption: str, party_id: int | None, private: bool, actor: Actor, now: datetime
) -> None:
    """Say what a piece shows, whose it is and whether it is for the mediator alone. The same once more is no change.

    Raises NotYoursToHide where somebody else's piece would be hidden from everybody, the writer among them.
    """
    refuse_if_closed_to_changes(case)
    known = _kept(piece)
    if known.withdrawn_at is not None:
        raise AlreadyWithdrawn
    if private != known.private and not (actor.kind == "person" and actor.id in confidants(case, piece)):
        raise NotYoursToHide
    party = party_of(case, party_id) if party_id else None
    if (known.caption, known.party_id, known.private) == (caption, party.id if party else None, private):
        return
    known.caption, known.party_id, known.private = caption, party.id if party else None, private
    db.session.flush()
    record(
        Stream.case(case.county_id, case.id),
        "evidence.described",
        actor=actor,
        now=now,
        payload={"name": piece.file.name, "caption": caption, "private": private},
        about={"file": piece.file.id},
    )


def withdraw_evidence(case: Case, piece: Piece, *, reason: str, actor: Actor, now: datetime) -> None:
    """Take a piece out of the file of the case; its bytes stay, marked, with the reason."""
    refuse_if_closed_to_changes(case)
    if not reason:
        raise ReasonNeeded
    known = _kept(piece)
    if known.withdrawn_at is not None:
        raise AlreadyWithdrawn
    known.withdrawn_at, known.withdrawn_by, known.withdrawal_reason = now, actor.name, reason
    db.session.flush()
    record(
        Stream.case(case.county_id, case.id),
        "evidence.withdrawn",
        actor=actor,
        now=now,
        payload={"name": piece.file.name, "reason": reason},
        about={"file": piece.file.id},
    )


def _kept(piece: Piece) -> Evidence:
    if piece.known not in db.session:
        db.session.add(piece.known)
    return piece.known

"""The evidence of a case, as it came."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from app.cases.attachments import SUBJECT_KIND
from app.cases.evidence.models import Evidence
from app.cases.models import Case, Party
from app.core.database import db
from app.core.errors import NotFound
from app.directory.rules import Viewer
from app.files.models import StoredFile

KINDS = ("", "evidence")
"""What a file may be called that is evidence; one that came without a word is."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One file with what is known of it."""

    file: StoredFile
    known: Evidence
    party: Party | None


def pieces_of(case: Case) -> Sequence[Piece]:
    """Everything that was brought as evidence, withdrawn pieces too, oldest first; one statement."""
    rows = db.session.execute(
        select(StoredFile, Evidence, Party)
        .outerjoin(Evidence, (Evidence.county_id == StoredFile.county_id) & (Evidence.file_id == StoredFile.id))
        .outerjoin(Party, (Party.county_id == Evidence.county_id) & (Party.id == Evidence.party_id))
        .where(
            StoredFile.county_id == case.county_id,
            StoredFile.subject_kind == SUBJECT_KIND,
            StoredFile.subject_id == case.id,
            StoredFile.kind.in_(KINDS),
        )
        .order_by(StoredFile.id)
    )
    return [Piece(file, known or _unknown(file), party) for file, known, party in rows]


def may_read(viewer: Viewer, case: Case, piece: Piece) -> bool:
    """What one side gave in confidence is for the mediator of the case, and for whoever took it in."""
    return not piece.known.private or viewer.person_id in confidants(case, piece)


def confidants(case: Case, piece: Piece) -> tuple[int | None, int | None]:
    """Who reads a piece given in confidence, and says whether it is one."""
    return case.mediator_id, piece.file.uploaded_by_id


def piece_of(viewer: Viewer, case: Case, file_id: int) -> Piece:
    """A piece through its case: another case's, a file that is no evidence, and a hidden one are not found."""
    pieces = (one for one in pieces_of(case) if one.file.id == file_id and may_read(viewer, case, one))
    found = next(pieces, None)
    if found is None:
        raise NotFound
    return found


def known_of(case: Case) -> dict[int, Evidence]:
    """What is known of the case's evidence, by file."""
    rows = db.session.scalars(select(Evidence).where(Evidence.county_id == case.county_id, Evidence.case_id == case.id))
    return {one.file_id: one for one in rows}


def _unknown(file: StoredFile) -> Evidence:
    return Evidence(
        county_id=file.county_id,
        file_id=file.id,
        case_id=file.subject_id,
        caption="",
        private=False,
        withdrawn_by="",
        withdrawal_reason="",
    )

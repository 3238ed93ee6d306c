"""What a party may see of their case, and nothing else."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from app.cases.models import Case, Party
from app.cases.queries import case_by_id
from app.cases.services.parties import link_hash
from app.core import clock
from app.core.database import db
from app.portal.errors import AnswerNotAwaited, LinkUnknown
from app.workflow.models import ItemStatus, WorkItem

LINK_AFTER_END = timedelta(days=90)
"""How long a party's link still opens a case that has ended."""


def party_by_link(secret: str) -> tuple[Party, Case]:
    """The party who holds this link, with the case; LinkUnknown otherwise, also when the case ended long ago."""
    party = db.session.scalars(
        select(Party).where(Party.link_hash == link_hash(secret), Party.left_at.is_(None))
    ).one_or_none()
    if party is None:
        raise LinkUnknown
    case = case_by_id(party.county_id, party.case_id)
    if case.closed_at is not None and clock.now() - case.closed_at > LINK_AFTER_END:
        raise LinkUnknown
    return party, case


def questions_for(party: Party) -> Sequence[WorkItem]:
    """The open tasks that this party may answer."""
    return db.session.scalars(
        select(WorkItem)
        .where(
            WorkItem.county_id == party.county_id,
            WorkItem.subject_id == party.case_id,
            WorkItem.party_id == party.id,
            WorkItem.party_form != "",
            WorkItem.status == ItemStatus.OPEN,
        )
        .order_by(WorkItem.id)
    ).all()


def question_for(party: Party, item_id: int) -> WorkItem:
    for item in questions_for(party):
        if item.id == item_id:
            return item
    raise AnswerNotAwaited


def case_by_public_code(code: str) -> Case | None:
    return db.session.scalars(select(Case).where(Case.code == code.strip().upper())).one_or_none()

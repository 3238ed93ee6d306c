"""Tell people: a row on their page now, a message outside by a job after the commit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import current_app

from app.core.database import db
from app.notices.models import Notice, NoticeStatus
from app.scheduling.services import enqueue

JOB = "notice"


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person of the directory or a party of a case; `address` is a mail address, where one is known."""

    name: str
    person_id: int | None = None
    party_id: int | None = None
    address: str = ""


def mail_address(login: str) -> str:
    """The office mail of a person, where the operator has named the offices' domain; empty otherwise."""
    domain = str(current_app.config.get("SMTP_DOMAIN") or "")
    return f"{login}@{domain}" if domain else ""


def notify(
    county_id: int,
    recipients: Iterable[Recipient],
    template: str,
    params: Mapping[str, object],
    *,
    url: str = "",
    now: datetime,
) -> list[Notice]:
    """Tell everyone once; whoever has a mail address also gets mail, if a mail server is configured.

    `params` are plain texts for the words of `template`; they are kept with the notice.
    """
    mails = bool(current_app.config.get("SMTP_URL"))
    told: list[Notice] = []
    for recipient in dict.fromkeys(recipients):
        outside = mails and bool(recipient.address)
        notice = Notice(
            county_id=county_id,
            person_id=recipient.person_id,
            party_id=recipient.party_id,
            name=recipient.name,
            template=template,
            params={name: None if value is None else str(value) for name, value in params.items()},
            url=url,
            address=recipient.address if outside else "",
            status=NoticeStatus.WAITING if outside else NoticeStatus.SHOWN,
            created_at=now,
        )
        db.session.add(notice)
        told.append(notice)
    db.session.flush()
    for notice in told:
        if notice.status == NoticeStatus.WAITING:
            enqueue(county_id, JOB, {"notice": str(notice.id)}, now=now, reference=f"notice:{notice.id}")
    return told


def mark_read(notice: Notice, *, now: datetime) -> None:
    if notice.read_at is None:
        notice.read_at = now
        db.session.flush()

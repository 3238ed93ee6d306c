"""The job "notice": one message outside, at least once; the notice keeps what became of it."""

from flask import current_app
from sqlalchemy import update

from app.core import clock
from app.core.database import db
from app.core.unit_of_work import unit_of_work
from app.notices.models import Notice, NoticeStatus
from app.notices.services import JOB
from app.notices.transports import send_mail
from app.notices.words import worded
from app.scheduling import jobs
from app.scheduling.jobs import Settle
from app.scheduling.services import DueJob


def register() -> None:
    """Serve this room's kind of job; once, in the factory."""
    jobs.register(JOB, send, failed=give_up)


def send(job: DueJob) -> Settle:
    """Send the mail with no transaction open; what it returns notes that it left."""
    notice_id = int(job.payload["notice"])
    with unit_of_work(write=False):
        notice = db.session.get_one(Notice, (job.county_id, notice_id))
        parts = [worded(notice.template, notice.params, language) for language in ("zh", "en")]
        address = notice.address
    send_mail(
        str(current_app.config["SMTP_URL"]),
        sender=str(current_app.config.get("SMTP_SENDER") or "maplebridge@localhost"),
        recipient=address,
        subject=parts[0][0],
        text="\n\n".join(f"{title}\n{body}" for title, body in parts),
        key=job.key,
    )

    def settle() -> None:
        _change(job.county_id, notice_id, status=NoticeStatus.SENT, sent_at=clock.now(), attempts=job.attempt)

    return settle


def give_up(job: DueJob, reason: str) -> None:
    """After the last attempt: it stays on the person's page, and says that no mail went out."""
    _change(
        job.county_id,
        int(job.payload["notice"]),
        status=NoticeStatus.FAILED,
        last_error=reason[:500],
        attempts=job.attempt,
    )


def _change(county_id: int, notice_id: int, **values: object) -> None:
    db.session.execute(update(Notice).where(Notice.county_id == county_id, Notice.id == notice_id).values(**values))

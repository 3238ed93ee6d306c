"""Open, route, close and reopen a case."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, select, text, update

from app.audit.services import Actor, Stream, record
from app.cases.errors import CaseMerged, CaseSealed, UnknownOffice
from app.cases.events import CaseClosed, CaseMoved, CaseOpened
from app.cases.models import Case, Party, Report
from app.cases.rules import case_code, case_title, local_day
from app.core import events
from app.core.database import db, table_of
from app.core.locking import locked
from app.core.once import SentForm
from app.core.translations import both_names
from app.core.writes import execute_later
from app.directory import queries as directory
from app.directory.models import Organisation, Person
from app.directory.staff.errors import PersonGone
from app.directory.staff.services import keep_here
from app.workflow.events import StageEntered

_cases = table_of(Case)

TIERS = ("grid", "village", "town", "county")


def open_case(
    county_id: int,
    *,
    channel: str,
    kind: str,
    summary: str,
    received_by: Organisation,
    place: str = "",
    place_organisation: Organisation | None = None,
    dispute_type: str | None = None,
    danger: bool = False,
    actor: Actor,
    now: datetime,
) -> Case:
    """Open a case with its own code. It is led by the office that received it until a decision routes it."""
    county = directory.county(county_id)
    year = local_day(now, county.zone).year
    case = Case(
        county_id=county_id,
        code=case_code(county.prefix, year, _next_number(county_id, year)),
        report_kind=kind,
        channel=channel,
        summary=summary,
        place=place,
        dispute_type=dispute_type,
        danger=danger,
        sensitivity="normal",
        title=case_title([], [], summary),
        tier=received_by.tier,
        lead_organisation_id=received_by.id,
        org_path=received_by.path,
        received_by_id=received_by.id,
        place_organisation_id=(place_organisation or received_by).id,
        risk_reasons=[],
        assisting_ids=[],
        facts={},
        opened_at=now,
    )
    db.session.add(case)
    db.session.flush()
    record(
        Stream.case(county_id, case.id),
        "case.opened",
        actor=actor,
        now=now,
        payload={"code": case.code, "channel": channel, "kind": kind},
    )
    events.publish(CaseOpened(county_id, case.id, actor, now))
    return case


_NUMBER = text(
    "INSERT INTO code_sequences (county_id, year, last) VALUES (:county, :year, 1) "
    "ON CONFLICT (county_id, year) DO UPDATE SET last = code_sequences.last + 1 RETURNING last"
)
_NUMBER_AT_ONCE = text(f"{_NUMBER.text}, set_config('synchronous_commit', 'off', true)")
"""Nobody waits for the disk: the commit of the case that bears the number writes both."""


def _next_number(county_id: int, year: int) -> int:
    """The next of the year's numbers.

    It is taken for good in a transaction of its own, or every case of the county would wait for the one before it;
    a case that is not kept leaves its number unused. SQLite has one writer at a time and leaves none.
    """
    asked = {"county": county_id, "year": year}
    if db.engine.dialect.name == "sqlite":
        return int(db.session.execute(_NUMBER, asked).scalar_one())
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as apart:
        return int(apart.execute(_NUMBER_AT_ONCE, asked).scalar_one())


def add_report(
    case: Case,
    *,
    channel: str,
    kind: str,
    text: str,
    source_number: str | None = None,
    place: str = "",
    reporter_name: str = "",
    reporter_phone: str = "",
    happened_at: datetime | None = None,
    received_by_id: int | None = None,
    extra: Mapping[str, Any] | None = None,
    form: SentForm | None = None,
    actor: Actor,
    now: datetime,
) -> Report:
    """Put a report to a case; the clerk who typed it never stands in the reporter's place."""
    report = Report(
        county_id=case.county_id,
        id=form.number if form else None,
        case_id=case.id,
        channel=channel,
        source_number=source_number,
        kind=kind,
        text=text,
        place=place,
        reporter_name=reporter_name,
        reporter_phone=reporter_phone,
        happened_at=happened_at,
        received_at=now,
        received_by_id=received_by_id,
        form_mark=form.mark if form else None,
        extra=dict(extra or {}),
    )
    db.session.add(report)
    db.session.flush()
    record(
        Stream.case(case.county_id, case.id),
        "report.received",
        actor=actor,
        now=now,
        payload={"channel": channel, "source_number": source_number, "kind": kind},
        about={"report": report.id},
    )
    return report


def refuse_if_closed_to_changes(case: Case) -> None:
    """A sealed case takes no change, a merged one points to its successor."""
    if case.status == "archived":
        raise CaseSealed
    if case.status == "merged":
        successor = db.session.get(Case, (case.county_id, case.successor_id)) if case.successor_id else None
        raise CaseMerged(code=successor.code if successor else "")


def route_case(
    case: Case,
    *,
    office: str,
    tier: str | None,
    assisting: list[str],
    actor: Actor,
    now: datetime,
) -> Organisation:
    """Make one office the lead: a tier's own government, or a department or committee by its code or kind."""
    refuse_if_closed_to_changes(case)
    lead = _office(case, office, tier)
    case.lead_organisation_id = lead.id
    case.org_path = lead.path
    case.tier = tier if tier in TIERS else lead.tier
    case.assisting_ids = list(assisting)
    db.session.flush()
    record(
        Stream.case(case.county_id, case.id),
        "case.routed",
        actor=actor,
        now=now,
        payload={"office_zh": lead.name_zh, "office_en": lead.name_en, "tier": case.tier},
        about={"organisation": lead.id},
    )
    events.publish(CaseMoved(case.county_id, case.id, actor, now))
    return lead


def _office(case: Case, office: str, tier: str | None) -> Organisation:
    if office in TIERS or not office:
        return _government(case, office or tier or "county")
    listed = [one for one in directory.organisations(case.county_id) if office in (one.code, one.kind, str(one.id))]
    if not listed:
        heir = directory.organisation_by_code(case.county_id, office)
        if heir is None or heir.closed_at is not None:
            raise UnknownOffice(office=office)
        listed = [heir]
    home = directory.organisation(case.county_id, case.place_organisation_id)
    near = [one for one in listed if home.path.startswith(one.path.rsplit("/", 2)[0] + "/")]
    return max(near or listed, key=lambda one: len(one.path))


def _government(case: Case, tier: str) -> Organisation:
    home = directory.organisation(case.county_id, case.place_organisation_id)
    chain = [home, *directory.ancestors(home)]
    fitting = [one for one in chain if one.tier == tier and one.kind in ("government", "grid")]
    if fitting:
        return fitting[0]
    order = TIERS.index(tier) if tier in TIERS else len(TIERS)
    above = [one for one in chain if one.kind == "government" and TIERS.index(one.tier) >= order]
    return above[0] if above else chain[-1]


def close_case(case: Case, *, outcome: str, actor: Actor, now: datetime) -> None:
    """End the work on a case with its outcome; the file may still be completed and sealed."""
    refuse_if_closed_to_changes(case)
    case.outcome = outcome
    case.status = "closed"
    case.closed_at = now
    db.session.flush()
    record(Stream.case(case.county_id, case.id), "case.closed", actor=actor, now=now, payload={"outcome": outcome})
    events.publish(CaseClosed(case.county_id, case.id, actor, now, outcome))


def reopen_case(case: Case, *, reason: str, actor: Actor, now: datetime) -> None:
    """Take a closed case up again."""
    refuse_if_closed_to_changes(case)
    case.status = "open"
    case.outcome = None
    case.closed_at = None
    db.session.flush()
    record(Stream.case(case.county_id, case.id), "case.reopened", actor=actor, now=now, payload={"reason": reason})
    events.publish(CaseMoved(case.county_id, case.id, actor, now))


def seal_case(case: Case, *, actor: Actor, now: datetime) -> None:
    """After this the case refuses every change, save a supplement."""
    refuse_if_closed_to_changes(case)
    case.status = "archived"
    case.archived_at = now
    db.session.flush()
    record(Stream.case(case.county_id, case.id), "case.sealed", actor=actor, now=now)


def set_mediator(case: Case, person_id: int, *, actor: Actor, now: datetime) -> None:
    """Make somebody who works here the mediator of the case. Raises PersonGone.

    They are kept here until the transaction ends: a case that they mediate is handed over when they leave, and one
    that is given to them in that very moment would be nobody's.
    """
    refuse_if_closed_to_changes(case)
    mediator = directory.person(case.county_id, person_id)
    keep_here(mediator)
    if mediator.left_at is not None:
        raise PersonGone(name=both_names(mediator))
    case.mediator_id = person_id
    db.session.flush()
    note_mediator(case, mediator, actor=actor, now=now)


def note_mediator(case: Case, mediator: Person, *, actor: Actor, now: datetime) -> None:
    record(
        Stream.case(case.county_id, case.id),
        "mediator.assigned",
        actor=actor,
        now=now,
        payload={"name": mediator.name},
        about={"person": mediator.id},
    )


def rename_case(case: Case) -> None:
    """Word the title from the parties as they are now."""
    rows = db.session.execute(
        select(Party.side, Party.name)
        .where(Party.county_id == case.county_id, Party.case_id == case.id, Party.left_at.is_(None))
        .order_by(Party.id)
    ).all()
    applicants = [row.name for row in rows if row.side == "applicant"]
    respondents = [row.name for row in rows if row.side == "respondent"]
    title = case_title(applicants, respondents, case.summary)
    if title != case.title:
        case.title = title
        db.session.flush()


def lock_case(county_id: int, case_id: int) -> None:
    """Hold the case until the transaction ends, in a statement of its own, ahead of whatever is asked next."""
    dialect = db.session.get_bind().dialect.name
    if dialect != "sqlite":
        execute_later(_lock_statement(dialect), {"county": county_id, "case": case_id})


@cache
def _lock_statement(dialect: str) -> Select[int]:
    return locked(
        select(_cases.c.id).where(_cases.c.county_id == bindparam("county"), _cases.c.id == bindparam("case")), dialect
    )


def lock_free_cases(county_id: int, case_ids: Collection[int]) -> list[int]:
    """Hold those of the cases that nobody else holds, without waiting; which they are."""
    dialect = db.session.get_bind().dialect.name
    query = select(_cases.c.id).where(_cases.c.county_id == county_id, _cases.c.id.in_(sorted(case_ids)))
    return list(db.session.scalars(locked(query.order_by(_cases.c.id), dialect, skip_locked=True)))


_OF_CASE = (_cases.c.county_id == bindparam("key_county")) & (_cases.c.id == bindparam("key_case"))
_STAGE = update(_cases).where(_OF_CASE).values(stage=bindparam("new_stage"))


def set_stage(county_id: int, case_id: int, stage: str, *, now: datetime) -> None:
    if stage == "acceptance":
        first = update(Case).where(Case.county_id == county_id, Case.id == case_id, Case.accepted_at.is_(None))
        db.session.execute(first.values(accepted_at=now))
    execute_later(_STAGE, {"key_county": county_id, "key_case": case_id, "new_stage": stage})


def follow_stage(event: StageEntered) -> None:
    """The diagram entered a stage: the stepper moves, the history says so."""
    if event.subject_id is None:
        return
    set_stage(event.county_id, event.subject_id, event.stage, now=event.now)
    record(
        Stream.case(event.county_id, event.subject_id),
        "stage.entered",
        actor=event.actor,
        now=event.now,
        payload={"stage": event.stage},
    )


def note_printed(case: Case, *, actor: Actor, now: datetime) -> None:
    """Somebody took the case out on paper."""
    record(Stream.case(case.county_id, case.id), "case.printed", actor=actor, now=now)

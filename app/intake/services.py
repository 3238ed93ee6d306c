"""Take a report in: once per channel and source number, with its case and its running process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import LazyString
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.audit.services import Actor
from app.cases.models import Case, Report
from app.cases.queries import PACKAGE, case_by_id
from app.cases.services.cases import add_report, open_case
from app.cases.services.parties import add_party
from app.core.database import db
from app.core.once import SentForm
from app.core.translations import language
from app.definitions import queries as definitions
from app.definitions.rules import Entry
from app.directory import queries as directory
from app.directory.models import Organisation
from app.directory.registers.queries import register_of
from app.directory.registers.rules import CHANNELS, Word
from app.intake.errors import ChannelClosed, FormAltered, NumberMissing, ReportTooLong, UnknownChannel
from app.intake.rules import place_in
from app.workflow import services as workflow
from app.workflow.services import Outcome

LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class NewReport:
    """What a channel, a file or a clerk brings. `parties` hold side, name and whatever else is known.

    `form` is the form that it was typed into, so that it is one report however often that form is sent.
    """

    channel: str
    text: str
    kind: str = "dispute"
    source_number: str | None = None
    place: str = ""
    reporter_name: str = ""
    reporter_phone: str = ""
    happened_at: datetime | None = None
    dispute_type: str | None = None
    danger: bool = False
    parties: Sequence[Mapping[str, Any]] = ()
    place_organisation_id: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, object] = field(default_factory=dict)
    form: SentForm | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a report; `created` is false when it had come before."""

    case: Case
    report: Report
    created: bool
    outcome: Outcome | None


def receive_report(
    county_id: int,
    new: NewReport,
    *,
    received_by: Organisation,
    received_by_id: int | None = None,
    actor: Actor,
    now: datetime,
) -> Receipt:
    """Open a case for a report and start its process; the same channel and number gives the first receipt again.

    So does the same form sent twice. One that was changed after it was sent is refused: whether that is a correction
    or another report, only who typed it knows.
    """
    if len(new.text) > LONGEST:
        raise ReportTooLong(limit=LONGEST)
    known = [str(one.value) for one in declared(county_id, "channel").values]
    if new.channel not in known:
        raise UnknownChannel(channel=new.channel[:40], known=", ".join(known))
    _refuse_by_register(county_id, new, now)
    earlier = _earlier(county_id, new)
    if earlier is not None:
        return earlier
    try:
        with db.session.begin_nested():
            return _take_in(county_id, new, received_by, received_by_id, actor, now)
    except IntegrityError:
        earlier = _earlier(county_id, new)
        if earlier is None:
            raise
        return earlier


def _refuse_by_register(county_id: int, new: NewReport, now: datetime) -> None:
    """A channel may be closed on this day, or its reports may need the number that they have there."""
    channel = register_of(county_id, CHANNELS).get(new.channel)
    if channel is None:
        return
    if not channel.holds_on(now.astimezone(directory.zone_of(county_id)).date()):
        raise ChannelClosed(channel=name_of(channel))
    if channel.needs_number and not new.source_number:
        raise NumberMissing(channel=name_of(channel))


def name_of(channel: Word) -> LazyString:
    """The channel's name in the language of whoever reads it."""
    return LazyString(lambda: channel.en if language() == "en" else channel.zh)


def _earlier(county_id: int, new: NewReport) -> Receipt | None:
    of_county, report = select(Report).where(Report.county_id == county_id), None
    if new.form is not None:
        report = db.session.scalar(of_county.where(Report.id == new.form.number))
        if report is not None and report.form_mark != new.form.mark:
            raise FormAltered(code=case_by_id(county_id, report.case_id).code)
    if report is None and new.source_number:
        report = db.session.scalar(
            of_county.where(Report.channel == new.channel, Report.source_number == new.source_number)
        )
    return None if report is None else Receipt(case_by_id(county_id, report.case_id), report, False, None)


def _take_in(
    county_id: int, new: NewReport, received_by: Organisation, received_by_id: int | None, actor: Actor, now: datetime
) -> Receipt:
    home = _home(county_id, new, received_by)
    case = open_case(
        county_id,
        channel=new.channel,
        kind=new.kind,
        summary=new.text,
        received_by=received_by,
        place=new.place,
        place_organisation=home,
        dispute_type=new.dispute_type,
        danger=new.danger,
        actor=actor,
        now=now,
    )
    report = add_report(
        case,
        channel=new.channel,
        kind=new.kind,
        text=new.text,
        source_number=new.source_number or None,
        place=new.place,
        reporter_name=new.reporter_name,
        reporter_phone=new.reporter_phone,
        happened_at=new.happened_at,
        received_by_id=received_by_id,
        extra=new.extra,
        form=new.form,
        actor=actor,
        now=now,
    )
    for party in new.parties:
        add_party(case, side=party["side"], name=party["name"], values=party, actor=actor, now=now)
    outcome = workflow.start_instance(
        county_id, PACKAGE, subject_id=case.id, variables=dict(new.variables), actor=actor, now=now
    )
    return Receipt(case, report, True, outcome)


def _home(county_id: int, new: NewReport, received_by: Organisation) -> Organisation:
    """The village, town or grid that the matter belongs to: as chosen, as named in the place, else where it came in."""
    if new.place_organisation_id is not None:
        return directory.organisation(county_id, new.place_organisation_id)
    places = [one for one in directory.organisations(county_id) if one.kind in ("government", "grid")]
    found = place_in(f"{new.place} {new.text}", ((one.id, one.name_zh) for one in places if one.tier != "county"))
    return next((one for one in places if one.id == found), received_by)


def declared(county_id: int, name: str) -> Entry:
    """A name of the dispute package's dictionary in the active release."""
    dictionary = definitions.contents(definitions.active_release(county_id, PACKAGE)).dictionary
    assert dictionary is not None  # noqa: S101 - the dispute package always has one
    return dictionary[name]

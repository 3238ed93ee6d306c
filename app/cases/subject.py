"""The case as a running process sees it: names it may read and write (`app.workflow.ports.Subject`)."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row, Select, String, and_, bindparam, cast, literal, select

from app.audit.models import StreamHead
from app.audit.services import Actor, Stream, expect_head
from app.cases.events import CaseMoved
from app.cases.models import Case, Party
from app.cases.queries import case_by_id, type_label, visible_cases
from app.cases.rights import where_they_act
from app.cases.services.cases import lock_case, lock_free_cases, refuse_if_closed_to_changes
from app.core import events
from app.core.database import db, table_of
from app.core.errors import Invalid, Refusal
from app.directory import queries as directory
from app.directory.models import Organisation
from app.directory.rules import READING_ROLES
from app.engine.feel import dump, load, native
from app.workflow.models import RISK_RANKS
from app.workflow.ports import SubjectFacts

TEXT_COLUMNS = (
    "report_kind",
    "channel",
    "summary",
    "place",
    "dispute_type",
    "suggested_type",
    "procedure",
    "tier",
    "outcome",
)
FLAG_COLUMNS = ("danger",)
COLUMNS = table_of(Case).columns
MOST_PEOPLE = 1_000_000
MOST_MONEY = 10**15
READ_ONLY = frozenset({"stage", "risk_colour", "mediator", "lead_office", "lead_organisation", "code"})

_STREAM = literal("case:") + cast(Case.id, String)
_PARTY = (
    Party.id.label("party_id"),
    Party.side,
    Party.name,
    Party.kind,
    Party.age,
    Party.phone,
    Party.agent_name,
    Party.guardian_name,
    Party.consent,
    Party.signed_at,
)
_FACTS = (
    select(Case, Organisation.name_zh.label("lead_office"), *_PARTY, StreamHead.sequence, StreamHead.hash)
    .join(Organisation, (Organisation.county_id == Case.county_id) & (Organisation.id == Case.lead_organisation_id))
    .outerjoin(Party, and_(Party.county_id == Case.county_id, Party.case_id == Case.id, Party.left_at.is_(None)))
    .outerjoin(StreamHead, and_(StreamHead.county_id == Case.county_id, StreamHead.stream == _STREAM))
    .where(Case.county_id == bindparam("county"))
    .order_by(Case.id, Party.side, Party.id)
)
_ONE = _FACTS.where(Case.id == bindparam("case"))
_SEVERAL = _FACTS.where(Case.id.in_(bindparam("cases", expanding=True)))
_FRESH = {"populate_existing": True}


class CaseSubject:
    """Keeps cases for the workflow. A name without a column of its own is kept in `facts`."""

    def lock(self, county_id: int, subject_id: int) -> None:
        lock_case(county_id, subject_id)

    def load(self, county_id: int, subject_id: int) -> SubjectFacts:
        """The case with its lead office, its parties and where its history stands, in one statement."""
        facts = self._read(_ONE, {"county": county_id, "case": subject_id})
        return facts[subject_id]

    def hold_free(self, county_id: int, subject_ids: Collection[int]) -> Mapping[int, SubjectFacts]:
        free = lock_free_cases(county_id, subject_ids)
        return self._read(_SEVERAL, {"county": county_id, "cases": free}) if free else {}

    def _read(self, statement: Select[*tuple[Any, ...]], parameters: Mapping[str, Any]) -> dict[int, SubjectFacts]:
        rows: dict[int, list[Row[*tuple[Any, ...]]]] = {}
        for row in db.session.execute(statement, parameters, execution_options=_FRESH):
            rows.setdefault(row[0].id, []).append(row)
        return {case_id: _facts(of_case) for case_id, of_case in rows.items()}

    def open_to(self, county_id: int, person_id: int, subject_ids: Collection[int], *, now: datetime) -> frozenset[int]:
        viewer = directory.viewer_of_person(county_id, person_id, now=now)
        if viewer is None:
            return frozenset()
        found: set[int] = set()
        wanted = sorted(subject_ids)
        for at in range(0, len(wanted), 5_000):
            some = wanted[at : at + 5_000]
            found.update(
                db.session.scalars(
                    select(Case.id).where(
                        Case.id.in_(some),
                        visible_cases(viewer),
                        where_they_act(viewer, viewer.role_names() - READING_ROLES),
                    )
                )
            )
        return frozenset(found)

    def write(
        self, county_id: int, subject_id: int, changes: Mapping[str, object], *, actor: Actor, now: datetime
    ) -> None:
        case = case_by_id(county_id, subject_id)
        refuse_if_closed_to_changes(case)
        moved = False
        facts = dict(case.facts)
        for name, value in changes.items():
            if name in READ_ONLY:
                continue
            if name in TEXT_COLUMNS:
                moved = moved or (name == "dispute_type" and value != case.dispute_type)
                setattr(case, name, _text(name, value))
            elif name == "amount":
                case.amount = _number(name, value, MOST_MONEY)
            elif name == "people_count":
                count = _number(name, value, MOST_PEOPLE)
                case.people_count = None if count is None else int(count)
            elif name in FLAG_COLUMNS:
                setattr(case, name, value is True)
            else:
                facts[name] = dump(value)
        case.facts = facts
        db.session.flush()
        if moved:
            events.publish(CaseMoved(county_id, subject_id, actor, now))


def _facts(rows: Sequence[Row[*tuple[Any, ...]]]) -> SubjectFacts:
    """The facts of one case, of which there is a row for each party."""
    first = rows[0]
    case = first[0]
    stands = None if first.sequence is None else (first.sequence, first.hash)
    expect_head(Stream.case(case.county_id, case.id), stands)
    zh, en = type_label(case.county_id, case.dispute_type)
    return SubjectFacts(
        variables=case_variables(
            case, first.lead_office, [(row.party_id, row) for row in rows if row.party_id is not None]
        ),
        organisation_id=case.lead_organisation_id,
        org_path=case.org_path,
        sensitivity=case.sensitivity,
        risk=RISK_RANKS.get(case.risk_colour, 0),
        title=f"{case.title} · {zh}" if zh else case.title,
        title_en=f"{case.title} · {en}" if en else case.title,
        type=case.dispute_type or "",
        channel=case.channel,
        tier=case.tier,
        amount=case.amount,
        code=case.code,
        closed=_why_closed(case),
        people=frozenset() if case.mediator_id is None else frozenset((case.mediator_id,)),
    )


def _text(name: str, value: object) -> str | None:
    """The value as the column keeps it; Invalid for what is longer than its column."""
    if value is None:
        return None if COLUMNS[name].nullable else ""
    text = str(value)
    length = getattr(COLUMNS[name].type, "length", None)
    if length is not None and len(text) > length:
        raise Invalid({name: [_("Please write less: at most %(most)s characters.", most=length)]})
    return text


def _number(name: str, value: object, most: int) -> Decimal | None:
    number = native(value)
    if not isinstance(number, Decimal):
        return None
    if not 0 <= number <= most:
        raise Invalid({name: [_("Please write a number from 0 to %(most)s.", most=most)]})
    return number


def _why_closed(case: Case) -> Refusal | None:
    try:
        refuse_if_closed_to_changes(case)
    except Refusal as refusal:
        return refusal
    return None


def case_variables(case: Case, lead_office: str, parties: Iterable[tuple[int, Any]]) -> dict[str, object]:
    """The names that the case itself keeps, as FEEL values; `parties` are (id, what is known of the party)."""
    values: dict[str, object] = {name: load(value) for name, value in case.facts.items()}
    values.update({name: getattr(case, name) for name in TEXT_COLUMNS})
    values["summary"] = case.summary
    values["amount"] = case.amount
    values["people_count"] = None if case.people_count is None else Decimal(case.people_count)
    values["danger"] = case.danger
    values["risk_colour"] = case.risk_colour
    values["stage"] = case.stage
    values["code"] = case.code
    values["mediator"] = None if case.mediator_id is None else str(case.mediator_id)
    values["lead_office"] = lead_office
    values["lead_organisation"] = str(case.lead_organisation_id)
    values["parties"] = [_party(party_id, party) for party_id, party in parties]
    return values


def _party(party_id: int, party: Any) -> dict[str, Any]:
    """What a diagram may know about a party."""
    return {
        "id": str(party_id),
        "side": party.side,
        "name": party.name,
        "kind": party.kind,
        "age": None if party.age is None else Decimal(party.age),
        "phone_known": bool(party.phone),
        "agent": party.agent_name or None,
        "guardian": party.guardian_name or None,
        "consent": party.consent,
        "signed": party.signed_at is not None,
    }

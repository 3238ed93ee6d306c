"""What the pages of a case read: each thing once, in as few statements as it takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, select

from app.audit.queries import Entry, entries
from app.audit.services import Stream
from app.cases import panels
from app.cases.models import Case, Clock, Party
from app.cases.queries import PACKAGE, active_contents, visible_cases
from app.cases.queries import parties_of as all_parties_of
from app.cases.subject import case_variables
from app.core.database import db
from app.core.errors import NotFound
from app.core.remembered import remembered
from app.core.translations import person_name
from app.definitions import queries as definitions
from app.definitions.compiled import Contents
from app.definitions.models import ActiveRelease
from app.directory.models import Organisation, Person
from app.directory.rules import Viewer
from app.workflow import queries as workflow
from app.workflow import scopes
from app.workflow.models import Instance, InstanceStatus
from app.workflow.queries import Work

HISTORY_ROWS = 2000
"""Of a longer history the stepper measures the newest rows."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A case with what stands on top of each of its pages; `present` names the cards that have something to say."""

    case: Case
    lead: Organisation
    mediator: str
    clocks: Sequence[Clock]
    present: frozenset[str]


def open_case(viewer: Viewer, code: str) -> Case:
    """The case with this code if the viewer may see it; NotFound otherwise. One statement for all of `Opened`."""
    found = _read(visible_cases(viewer), {"code": code.strip().upper()})
    remembered(("opened", found.case.id), lambda: found)
    return found.case


def opened(case: Case) -> Opened:
    """What was read with the case."""
    return remembered(("opened", case.id), lambda: _read(Case.county_id == case.county_id, {"code": case.code}))


def _read(condition: ColumnElement[bool], parameters: Mapping[str, Any]) -> Opened:
    conditions = panels.conditions()
    found = db.session.execute(_statement(condition, conditions), parameters)
    rows: list[tuple[Any, ...]] = [tuple(row) for row in found]
    if not rows:
        raise NotFound
    case, lead, name, name_en, release_id, _clock, *holds = rows[0]
    if release_id is not None:
        release = definitions.release(case.county_id, release_id)
        remembered(("active contents", case.county_id), lambda: definitions.contents(release))
    present = frozenset(name for name, held in zip(conditions, holds, strict=True) if held)
    clocks = [row[5] for row in rows if row[5] is not None]
    return Opened(case, lead, person_name(name or "", name_en or ""), clocks, present)


def _statement(
    condition: ColumnElement[bool], conditions: Mapping[str, ColumnElement[bool]]
) -> Select[*tuple[Any, ...]]:
    return (
        select(Case, Organisation, Person.name, Person.name_en, ActiveRelease.release_id, Clock, *conditions.values())
        .join(Organisation, (Organisation.county_id == Case.county_id) & (Organisation.id == Case.lead_organisation_id))
        .outerjoin(Person, (Person.county_id == Case.county_id) & (Person.id == Case.mediator_id))
        .outerjoin(ActiveRelease, (ActiveRelease.county_id == Case.county_id) & (ActiveRelease.package == PACKAGE))
        .outerjoin(Clock, (Clock.county_id == Case.county_id) & (Clock.case_id == Case.id))
        .where(Case.code == bindparam("code"), condition)
        .order_by(Clock.id)
    )


def work_of(case: Case) -> Work:
    """The processes about the case and everything that is open in them."""
    return remembered(("work", case.id), lambda: workflow.work_of(case.county_id, case.id))


def version_of(case: Case) -> int:
    """How far the history goes that the page tells: whatever happens later is news."""
    told = history_of(case)
    return told[0].sequence if told else 0


def running(case: Case) -> Sequence[Instance]:
    return [one for one in work_of(case).instances if one.status == InstanceStatus.RUNNING]


def contents_of(case: Case) -> Contents:
    """The release that the case runs on; the active one for a case without a process."""
    instances = work_of(case).instances
    if not instances:
        return active_contents(case.county_id)
    return definitions.contents(definitions.release(case.county_id, instances[-1].release_id))


def history_of(case: Case) -> Sequence[Entry]:
    """The newest entries of the case's history, the newest first."""
    stream = Stream.case(case.county_id, case.id)
    return remembered(("history", case.id), lambda: entries(stream, limit=HISTORY_ROWS))


def parties_of(case: Case) -> Sequence[Party]:
    return remembered(("parties", case.id), lambda: all_parties_of(case))


def contents_of_instance(case: Case, instance_id: int) -> Contents:
    """The release that this process about the case runs on."""
    return definitions.contents(definitions.release(case.county_id, _instance(case, instance_id).release_id))


def scopes_of(case: Case, instance_id: int) -> scopes.Scopes:
    """What this process about the case keeps, by scope."""
    return scopes.read(_instance(case, instance_id).variables)


def state_of(case: Case, instance_id: int) -> bytes:
    """Where a process about the case stands."""
    return _instance(case, instance_id).state


def _instance(case: Case, instance_id: int) -> Instance:
    return next(one for one in work_of(case).instances if one.id == instance_id)


def case_values(case: Case) -> Mapping[str, object]:
    """The names that the case itself keeps."""
    return case_variables(case, opened(case).lead.name_zh, [(one.id, one) for one in parties_of(case)])


def values_of(case: Case) -> Mapping[str, object]:
    """Every name that a condition on the page may read: what the process keeps, and the case itself."""

    def read() -> Mapping[str, object]:
        going = running(case) or work_of(case).instances
        kept: Mapping[str, object] = scopes_of(case, going[-1].id).get("", {}) if going else {}
        return {**kept, **case_values(case)}

    return remembered(("values", case.id), read)

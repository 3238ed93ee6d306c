"""Who has started something of a case, from the newest case on: kept by the database itself, whoever writes.

Somebody who took in a report of it, began a process about it, or set something off in one by hand. A person may have
started very many cases: one row for each, so that a list is read from its index, and only as far as it is shown. How
many they are is in the counters (`workflow.counting`), by the organisation that leads the case and its sensitivity.
"""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, PrimaryKeyConstraint, String, Table, text

from app.cases.models import Case, Report
from app.core.database import Base, table_of
from app.workflow.counting import DERIVED, counted
from app.workflow.models import Instance
from app.workflow.start_models import Initiator
from app.workflow.triggers import INTO_DELTAS, changed, created_with, trigger

STARTED: Final = "started"

starters = Table(
    "starters",
    Base.metadata,
    Column("county_id", BigInteger, nullable=False),
    Column("person_id", BigInteger, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("organisation_id", BigInteger, nullable=False),
    Column("sensitivity", String(20), nullable=False),
    PrimaryKeyConstraint("county_id", "person_id", "case_id"),
    Index("ix_starters_case", "county_id", "case_id"),
    Index("ix_starters_place", "county_id", "person_id", "sensitivity", "organisation_id", "case_id"),
    info=DERIVED,
)
"""`organisation_id`, which leads the case, and `sensitivity` are copies."""

_SOURCES: Final = (
    (Report, "received_by_id", "case_id"),
    (Instance, "started_by", "subject_id"),
    (Initiator, "person_id", "subject_id"),
)
"""Where it stands who started what: the columns of the person and of the case."""

_INTO = "INSERT INTO starters (county_id, person_id, case_id, organisation_id, sensitivity)"
_ONCE = "ON CONFLICT (county_id, person_id, case_id) DO NOTHING"


def _add(person: str, case: str) -> str:
    """A row; whoever restores a database may bring the case later, which then tells its office itself."""
    copies = ", ".join(
        f"coalesce((SELECT {column} FROM cases c WHERE c.county_id = NEW.county_id "  # noqa: S608 - our own names only
        f"AND c.id = NEW.{case}), {nothing})"
        for column, nothing in (("lead_organisation_id", "0"), ("sensitivity", "''"))
    )
    return f"{_INTO} SELECT NEW.county_id, NEW.{person}, NEW.{case}, {copies} WHERE true {_ONCE};"


def _take_away(person: str, case: str) -> str:
    """What no other row says besides."""
    others = " ".join(
        f"AND NOT EXISTS (SELECT 1 FROM {model.__tablename__} o WHERE o.county_id = OLD.county_id "  # noqa: S608
        f"AND o.{its_case} = OLD.{case} AND o.{its_person} = OLD.{person})"
        for model, its_person, its_case in _SOURCES
    )
    return (
        "DELETE FROM starters WHERE county_id = OLD.county_id "  # noqa: S608 - our own names only
        f"AND person_id = OLD.{person} AND case_id = OLD.{case} {others};"
    )


def _delta(side: str, sign: int) -> str:
    return (
        f"{INTO_DELTAS} SELECT {side}.county_id, 'started', {side}.person_id, {side}.organisation_id, '', "
        f"{side}.sensitivity, {sign};"
    )


_COPY_FROM_CASE = (
    "UPDATE starters SET organisation_id = NEW.lead_organisation_id, sensitivity = NEW.sensitivity "
    "WHERE county_id = NEW.county_id AND case_id = NEW.id;"
)

counted(
    STARTED,
    """
    SELECT county_id, 'started', person_id, organisation_id, '', sensitivity, count(*)
    FROM starters GROUP BY county_id, person_id, organisation_id, sensitivity""",
)


def statements(dialect: str, table: str) -> list[str]:
    """What makes the triggers that watch `table`, in the words of a database."""
    if table == "starters":
        moved = f"{_delta('OLD', -1)} {_delta('NEW', 1)}"
        return [
            *trigger(dialect, table, "came", "INSERT", "", _delta("NEW", 1)),
            *trigger(dialect, table, "moved", "UPDATE", changed("organisation_id", "sensitivity"), moved),
            *trigger(dialect, table, "went", "DELETE", "", _delta("OLD", -1)),
        ]
    if table == "cases":
        place = changed("lead_organisation_id", "sensitivity")
        return [
            *trigger(dialect, table, "told_starters", "INSERT", "", _COPY_FROM_CASE),
            *trigger(dialect, table, "moved_starters", "UPDATE", place, _COPY_FROM_CASE),
        ]
    person, case = next((person, case) for model, person, case in _SOURCES if model.__tablename__ == table)
    begun = f"NEW.{person} IS NOT NULL AND NEW.{case} IS NOT NULL"
    made = trigger(dialect, table, "started", "INSERT", begun, _add(person, case))
    if table == "reports":  # which go with their case when it is merged with another, and come back
        body = f"{_take_away(person, case)} {_add(person, case)}"
        made += trigger(dialect, table, "came_over", "UPDATE", f"{begun} AND OLD.{case} <> NEW.{case}", body)
    return made


_ALL = " UNION ".join(
    f"SELECT county_id, {person} AS person_id, {case} AS case_id FROM {model.__tablename__} "  # noqa: S608
    f"WHERE {person} IS NOT NULL AND {case} IS NOT NULL"
    for model, person, case in _SOURCES
)
GATHER = text(
    f"{_INTO} SELECT f.county_id, f.person_id, f.case_id, c.lead_organisation_id, c.sensitivity "  # noqa: S608
    f"FROM ({_ALL}) AS f JOIN cases c ON c.county_id = f.county_id AND c.id = f.case_id WHERE true {_ONCE}"
)
"""Adds the rows that are missing because somebody wrote with the triggers off."""


for _table in (*(table_of(_model) for _model, _, _ in _SOURCES), starters, table_of(Case)):
    created_with(_table, statements)

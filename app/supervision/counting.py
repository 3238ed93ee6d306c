"""How many cases wait for the answer to an order, by the organisation that leads them: counters kept by triggers."""

from typing import Final

from app.cases.models import Case
from app.core.database import table_of
from app.supervision.models import SupervisionOrder
from app.workflow.counting import counted
from app.workflow.triggers import INTO_DELTAS, changed, created_with, trigger

ORDERED: Final = "ordered"

OVER: Final = ("archived", "merged")
"""Cases that take no answer any more."""

_OVER = ", ".join(f"'{status}'" for status in OVER)
_WAITING = "{side}.closed_at IS NULL"


def _of_case(side: str, sign: int) -> str:
    """A delta for a case about which an order waits."""
    return (
        f"{INTO_DELTAS} SELECT {side}.county_id, 'ordered', 0, {side}.lead_organisation_id, '', "  # noqa: S608
        f"{side}.sensitivity, {sign} WHERE {side}.status NOT IN ({_OVER}) AND EXISTS (SELECT 1 "
        f"FROM supervision_orders o WHERE o.county_id = {side}.county_id AND o.case_id = {side}.id "
        f"AND {_WAITING.format(side='o')});"
    )


def _of_order(side: str, sign: int) -> str:
    """A delta for an order that is the only one of its case to wait."""
    return (
        f"{INTO_DELTAS} SELECT c.county_id, 'ordered', 0, c.lead_organisation_id, '', "  # noqa: S608
        f"c.sensitivity, {sign} FROM cases c WHERE c.county_id = {side}.county_id AND c.id = {side}.case_id "
        f"AND c.status NOT IN ({_OVER}) AND {_WAITING.format(side=side)} AND NOT EXISTS (SELECT 1 "
        f"FROM supervision_orders o WHERE o.county_id = {side}.county_id AND o.case_id = {side}.case_id "
        f"AND o.id <> {side}.id AND {_WAITING.format(side='o')});"
    )


counted(
    ORDERED,
    f"""
    SELECT county_id, 'ordered', 0, lead_organisation_id, '', sensitivity, count(*) FROM cases c
    WHERE status NOT IN ({_OVER}) AND EXISTS (
        SELECT 1 FROM supervision_orders o
        WHERE o.county_id = c.county_id AND o.case_id = c.id AND {_WAITING.format(side="o")})
    GROUP BY county_id, lead_organisation_id, sensitivity""",  # noqa: S608 - our own names only
)


def statements(dialect: str, table: str) -> list[str]:
    """What makes the triggers that watch `table`, in the words of a database."""
    if table == "cases":
        moved = f"{_of_case('OLD', -1)} {_of_case('NEW', 1)}"
        return trigger(
            dialect, table, "ordered", "UPDATE", changed("lead_organisation_id", "sensitivity", "status"), moved
        )
    return [
        *trigger(dialect, table, "came", "INSERT", "", _of_order("NEW", 1)),
        *trigger(
            dialect,
            table,
            "changed",
            "UPDATE",
            changed("closed_at"),
            f"{_of_order('OLD', -1)} {_of_order('NEW', 1)}",
        ),
        *trigger(dialect, table, "went", "DELETE", "", _of_order("OLD", -1)),
    ]


for _model in (Case, SupervisionOrder):
    created_with(table_of(_model), statements)

"""How many tasks and cases stand in a list, without counting them: append-only deltas, folded into a base.

A row that changes leaves its deltas behind (see `triggers`), in the transaction that changes it. Nobody waits for a
counter's row: deltas are only inserted, `fold` sums them up, readers add base and deltas in one snapshot.

The kinds of this room: `open`, a task of the organisation that leads its matter; `pool`, an unassigned one that holders
of a role at an organisation may claim (a task offered to two roles stands in two pools); `mine` and `done`, what a
person holds and has done; `copied`, a copy that somebody was sent, by the organisation of the task. Other rooms name
theirs by `counted`. What is nobody's in particular has person 0.
"""

from functools import cache
from typing import Any, Final

import structlog
from sqlalchemy import BigInteger, Column, PrimaryKeyConstraint, String, Table, TextClause, text

from app.core.database import Base, db, table_of
from app.core.unit_of_work import run_unit
from app.scheduling import timetable
from app.scheduling.worker import register_beat
from app.workflow.models import WorkItem, WorkItemCandidate, WorkItemPerson
from app.workflow.triggers import COUNTED, created_with, statements

log = structlog.get_logger()

FOLD_SECONDS: Final = 5

OPEN: Final = "open"
POOL: Final = "pool"
MINE: Final = "mine"
DONE: Final = "done"
COPIED: Final = "copied"


def _columns() -> list[Column[Any]]:
    return [
        Column("county_id", BigInteger, nullable=False),
        Column("kind", String(8), nullable=False),
        Column("person_id", BigInteger, nullable=False),
        Column("organisation_id", BigInteger, nullable=False),
        Column("role", String(30), nullable=False),
        Column("sensitivity", String(20), nullable=False),
        Column("n", BigInteger, nullable=False),
    ]


DERIVED: Final = {"derived": True}
"""Worked out from other tables: no backup keeps it."""

counts = Table("counts", Base.metadata, *_columns(), PrimaryKeyConstraint(*COUNTED), info=DERIVED)
count_deltas = Table("count_deltas", Base.metadata, *_columns(), info=DERIVED)

_NAMES = ", ".join(COUNTED)

_truths: dict[str, str] = {
    OPEN: """
    SELECT county_id, 'open' AS kind, 0 AS person_id, org_id AS organisation_id, '' AS role, sensitivity, count(*) AS n
    FROM work_items WHERE status = 'open' AND org_id IS NOT NULL GROUP BY county_id, org_id, sensitivity""",
    POOL: """
    SELECT i.county_id, 'pool', 0, c.organisation_id, c.role, i.sensitivity, count(*)
    FROM work_items i JOIN work_item_candidates c ON c.county_id = i.county_id AND c.work_item_id = i.id
    WHERE i.status = 'open' AND i.assignee_id IS NULL
    GROUP BY i.county_id, c.organisation_id, c.role, i.sensitivity""",
    MINE: """
    SELECT county_id, 'mine', assignee_id, 0, '', '', count(*) FROM work_items
    WHERE status = 'open' AND assignee_id IS NOT NULL GROUP BY county_id, assignee_id""",
    DONE: """
    SELECT county_id, 'done', closed_by, 0, '', '', count(*) FROM work_items
    WHERE status = 'done' AND closed_by IS NOT NULL GROUP BY county_id, closed_by""",
    COPIED: """
    SELECT p.county_id, 'copied', p.person_id, coalesce(i.org_id, 0), '', i.sensitivity, count(*)
    FROM work_item_people p JOIN work_items i ON i.county_id = p.county_id AND i.id = p.work_item_id
    WHERE p.kind = 'copied' AND p.ended_at IS NULL
    GROUP BY p.county_id, p.person_id, coalesce(i.org_id, 0), i.sensitivity""",
}


def counted(kind: str, truth: str) -> None:
    """Name a kind of counter that another room keeps by triggers of its own, when that room is loaded.

    `truth` is a SELECT of what its counters must say: the columns of `triggers.COUNTED` and the number.
    """
    _truths[kind] = truth
    _recount.cache_clear()


@cache
def _recount() -> TextClause:
    return text(
        f"""INSERT INTO count_deltas ({_NAMES}, n)
    SELECT {_NAMES}, sum(n) FROM (
        {" UNION ALL ".join(_truths.values())}
        UNION ALL SELECT {_NAMES}, -n FROM counts
        UNION ALL SELECT {_NAMES}, -n FROM count_deltas
    ) AS found
    GROUP BY {_NAMES} HAVING sum(n) <> 0"""  # noqa: S608 - our own names only
    )


def register() -> None:
    """Name the beat that folds and the nightly recount; once, in the factory."""
    register_beat("counters", _fold_due, seconds=FOLD_SECONDS)
    timetable.register("count what is open", "37 2 * * *", _recount_nightly)


def _fold_due() -> int:
    """Always 0: the deltas that came meanwhile wait for the next beat."""
    run_unit(fold)
    return 0


def _recount_nightly() -> None:
    wrong = recount()
    if wrong:
        log.warning("counters.were_wrong", counters=wrong)


def fold() -> int:
    """Sum the deltas up into the base; returns how many there were."""
    if db.engine.dialect.name == "sqlite":
        db.session.execute(_FOLD)
        gone = db.session.execute(text("DELETE FROM count_deltas"))
        return int(gone.rowcount)  # type: ignore[attr-defined]
    return int(db.session.scalar(_FOLD_IN_ONE) or 0)


def _folded(source: str) -> str:
    return (
        f"INSERT INTO counts ({_NAMES}, n) SELECT {_NAMES}, sum(n) FROM ({source}) AS gone WHERE true "  # noqa: S608
        f"GROUP BY {_NAMES} ORDER BY {_NAMES} ON CONFLICT ({_NAMES}) DO UPDATE SET n = counts.n + excluded.n"
    )


_FOLD = text(_folded(f"SELECT {_NAMES}, n FROM count_deltas"))  # noqa: S608 - our own names only
_FOLD_IN_ONE = text(
    f"""WITH gone AS (DELETE FROM count_deltas RETURNING {_NAMES}, n),
    folded AS ({_folded(f"SELECT {_NAMES}, n FROM gone")})
    SELECT count(*) FROM gone"""  # noqa: S608 - our own names only
)


def recount() -> int:
    """Count everything and add what the counters miss, as deltas, in one statement and so one snapshot.

    Returns how many counters were wrong: none, unless somebody wrote with the triggers off.
    """
    return int(db.session.execute(_recount()).rowcount)  # type: ignore[attr-defined]


for _model in (WorkItem, WorkItemCandidate, WorkItemPerson):
    created_with(table_of(_model), statements)

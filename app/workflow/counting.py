"""How many tasks are open, without counting them: append-only deltas, folded into a base.

A row of `work_items` or `work_item_candidates` that changes leaves its deltas behind (see `triggers`), in the
transaction that changes it. Nobody waits for a counter's row: deltas are only inserted, `fold` sums them up, readers
add base and deltas in one snapshot.

Two kinds: `open`, a task of the organisation that leads its matter; `pool`, an unassigned one that holders of a role
at an organisation may claim (a task offered to two roles stands in two pools).
"""

from typing import Any, Final

import structlog
from sqlalchemy import DDL, BigInteger, Column, PrimaryKeyConstraint, SmallInteger, String, Table, event, text

from app.core.database import Base, db, table_of
from app.core.unit_of_work import run_unit
from app.scheduling import timetable
from app.scheduling.worker import register_beat
from app.workflow.models import WorkItem, WorkItemCandidate
from app.workflow.triggers import statements

log = structlog.get_logger()

FOLD_SECONDS: Final = 5

OPEN: Final = "open"
POOL: Final = "pool"

_KEY = ("county_id", "organisation_id", "kind", "role", "sensitivity", "risk")


def _columns() -> list[Column[Any]]:
    return [
        Column("county_id", BigInteger, nullable=False),
        Column("organisation_id", BigInteger, nullable=False),
        Column("kind", String(4), nullable=False),
        Column("role", String(30), nullable=False),
        Column("sensitivity", String(20), nullable=False),
        Column("risk", SmallInteger, nullable=False),
        Column("n", BigInteger, nullable=False),
    ]


DERIVED: Final = {"derived": True}
"""Worked out from other tables: no backup keeps it."""

counts = Table("counts", Base.metadata, *_columns(), PrimaryKeyConstraint(*_KEY), info=DERIVED)
count_deltas = Table("count_deltas", Base.metadata, *_columns(), info=DERIVED)

_NAMES = ", ".join(_KEY)

_TRUE = """
    SELECT county_id, org_id AS organisation_id, 'open' AS kind, '' AS role, sensitivity, risk, count(*) AS n
    FROM work_items
    WHERE status = 'open' AND org_id IS NOT NULL GROUP BY county_id, org_id, sensitivity, risk
    UNION ALL
    SELECT i.county_id, c.organisation_id, 'pool', c.role, i.sensitivity, i.risk, count(*)
    FROM work_items i JOIN work_item_candidates c ON c.county_id = i.county_id AND c.work_item_id = i.id
    WHERE i.status = 'open' AND i.assignee_id IS NULL
    GROUP BY i.county_id, c.organisation_id, c.role, i.sensitivity, i.risk
"""

_RECOUNT = text(
    f"""INSERT INTO count_deltas ({_NAMES}, n)
    SELECT {_NAMES}, sum(n) FROM (
        {_TRUE}
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
    return int(db.session.execute(_RECOUNT).rowcount)  # type: ignore[attr-defined]


for _model in (WorkItem, WorkItemCandidate):
    for _dialect in ("sqlite", "postgresql"):
        for _statement in statements(_dialect, _model.__tablename__):
            _made = DDL(_statement).execute_if(dialect=_dialect)  # type: ignore[no-untyped-call]
            event.listen(table_of(_model), "after_create", _made)

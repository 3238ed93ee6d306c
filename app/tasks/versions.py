"""Has anything come, gone or changed in somebody's lists? By keys, indexes and counters, asked every few seconds."""

import hashlib
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, select

from app.core.database import db
from app.core.paging import COUNT_LIMIT
from app.core.reads import answers
from app.directory.rules import Viewer
from app.tasks.conditions import in_tab
from app.tasks.counters import Told, told
from app.tasks.numbers import tab_numbers
from app.workflow.models import WorkItem


def version_of(viewer: Viewer, counted: Told | None = None) -> str:
    """Another word as soon as a task came to the viewer or their pools, or left them.

    `counted` is what the counters tell of the tabs in COUNTED at least, by whoever has asked them already.
    """
    counted = counted or told(viewer, COUNTED)
    known = [f"{tab} {counted.inside.get(tab, 0)}" for tab in COUNTED]
    known += [f"{pool} {number}" for pool, number in counted.pools.items()]
    known += [f"newest of {pool} {task}" for pool, task in counted.newest.items()]
    if viewer.stands_in_for:
        known += [f"others {int(one.number)} {int(one.newest)}" for one in answers(_of_others(viewer))]
    return _word(sorted([*known, str(counted.put_off)]))


COUNTED = ("mine", "available", "done")
"""Tabs whose counters move when something comes or goes."""

_SHOWN = (
    WorkItem.id,
    WorkItem.status,
    WorkItem.assignee_id,
    WorkItem.name_zh,
    WorkItem.title_zh,
    WorkItem.risk,
    WorkItem.due_at,
    WorkItem.follow_up_at,
)
"""What a row of a list tells of its task."""


def state_of(tab: str, rows: Iterable[Any], number: int) -> str:
    """Another word as soon as one of these rows tells something else; of the team's list also when its number moves.

    What comes to a pool is known by the pool (`version_of`); what comes to an office whose pools are others', by the
    number of its tasks alone.
    """
    told = sorted("\t".join(str(getattr(row, column.key)) for column in _SHOWN) for row in rows)
    return _word([*told, str(number)] if tab == "team" else told)


def present_state(viewer: Viewer, tab: str, item_ids: Sequence[int], *, later: bool = False) -> str:
    """The state of the rows that a page shows, as they are now; those that left the tab are not among them."""
    rows = db.session.execute(_rows_statement(viewer, tab, later), {"items": item_ids}).all() if item_ids else ()
    return state_of(tab, rows, tab_numbers(viewer, (tab,))[tab] if tab == "team" else 0)


@lru_cache(maxsize=1024)
def _rows_statement(viewer: Viewer, tab: str, later: bool) -> Select[*tuple[Any, ...]]:
    return select(*_SHOWN).where(
        WorkItem.county_id == viewer.county_id,
        WorkItem.id.in_(bindparam("items", expanding=True)),
        in_tab(viewer, tab, later=later),
    )


def _word(told: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


@lru_cache(maxsize=1024)
def _of_others(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    """Of what those hold for whom the viewer stands in: how many and the newest."""
    others = and_(in_tab(viewer, "mine"), WorkItem.assignee_id != viewer.person_id)
    some = select(WorkItem.id).where(others).order_by(WorkItem.id.desc()).limit(COUNT_LIMIT).subquery()
    return select(func.count().label("number"), func.coalesce(func.max(some.c.id), 0).label("newest")).select_from(some)

"""Has anything come or gone in somebody's lists? One statement, by indexes and counters, asked every few seconds."""

import hashlib
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, func, literal, or_, select, union_all

from app.core.database import db
from app.core.paging import COUNT_LIMIT
from app.directory.rules import Viewer
from app.tasks.conditions import in_tab
from app.tasks.numbers import counters
from app.workflow.counting import POOL
from app.workflow.models import WorkItem, WorkItemCandidate


def version_of(viewer: Viewer) -> str:
    """Another word as soon as a task came to the viewer or their pools, or left them."""
    found = db.session.execute(_statement(viewer))
    told = sorted(f"{of} {int(number)} {int(newest)}" for of, number, newest in found)
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


@lru_cache(maxsize=1024)
def _statement(viewer: Viewer) -> Select[*tuple[Any, ...]]:
    """Of one's own: how many and the newest; of each pool what it holds and its newest task."""
    mine = select(WorkItem.id).where(in_tab(viewer, "mine")).order_by(WorkItem.id.desc()).limit(COUNT_LIMIT).subquery()
    parts = [select(literal("mine"), func.count(), func.coalesce(func.max(mine.c.id), 0)).select_from(mine)]
    found = counters(viewer)
    held = or_(*(and_(found.c.organisation_id == place, found.c.role == role) for role, place in viewer.pools))
    parts.append(
        select(literal("pools"), func.coalesce(func.sum(found.c.n), 0), literal(0)).where(found.c.kind == POOL, held)
    )
    for role, place in viewer.pools:
        newest = (
            select(WorkItemCandidate.work_item_id)
            .where(
                WorkItemCandidate.county_id == viewer.county_id,
                WorkItemCandidate.organisation_id == place,
                WorkItemCandidate.role == role,
                WorkItemCandidate.waiting,
            )
            .order_by(WorkItemCandidate.work_item_id.desc())
            .limit(1)
            .scalar_subquery()
        )
        parts.append(select(literal(f"{role} {place}"), func.coalesce(newest, 0), literal(0)))
    return select(union_all(*parts).subquery())

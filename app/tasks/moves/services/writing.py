"""What was done with a task between people is written down."""

from datetime import datetime

from app.core.database import db
from app.directory.rules import Viewer
from app.tasks.moves.models import TaskMove
from app.tasks.moves.rules import PASSED_ON, Move, ToPool
from app.workflow.models import WorkItem


def write_down(
    item: WorkItem,
    kind: Move,
    *,
    from_id: int | None = None,
    to: int | ToPool | None,
    viewer: Viewer,
    reason: str,
    now: datetime,
) -> None:
    """A move that sends the task somewhere stands until it comes back by it."""
    db.session.add(
        TaskMove(
            county_id=item.county_id,
            work_item_id=item.id,
            kind=kind,
            by_id=viewer.person_id,
            from_id=from_id,
            to_id=to if isinstance(to, int) else None,
            to_role=to.role if isinstance(to, ToPool) else "",
            to_organisation_id=to.organisation_id if isinstance(to, ToPool) else None,
            reason=reason,
            at=now,
            ended_at=None if kind in PASSED_ON else now,
        )
    )
    db.session.flush()

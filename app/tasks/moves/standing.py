"""How somebody stands to a task: what they may do with it between people, and what was done with it last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.directory import queries as directory
from app.directory.rules import Viewer
from app.tasks.moves import queries
from app.tasks.moves.models import TaskMove
from app.tasks.moves.rules import Move, oversees
from app.tasks.queries import has_candidates, is_in_hands_of, is_offered
from app.workflow.models import Beside, ItemStatus, WorkItem, WorkItemPerson


@dataclass(frozen=True, slots=True)
class Company:
    """Somebody beside the task, in words."""

    person_id: int
    name: str
    kind: str
    reason: str
    read: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """What this viewer may do with the task between people, and what was done with it last.

    `from_pool`: it came to them out of a group's pool, into which they may give it back.
    """

    mine: bool = False
    from_pool: bool = False
    lent_by: str = ""
    stands_in_for: str = ""
    hand_over: bool = False
    delegate: bool = False
    recall: bool = False
    urge: bool = False
    copy: bool = False
    helps: bool = False
    came: TaskMove | None = None
    came_by: str = ""
    company: tuple[Company, ...] = ()
    put_off_until: date | None = None

    @property
    def any(self) -> bool:
        return self.mine or self.hand_over or self.recall or self.urge or self.copy


def standing_of(viewer: Viewer, item: WorkItem, now: datetime) -> Standing:
    """Worked out for the page of the task; the services ask again, with the task locked."""
    beside = queries.people_beside(item)
    if item.status != ItemStatus.OPEN:
        return Standing(company=_in_words(item, beside))
    moves = queries.moves_of(item)
    mine = is_in_hands_of(viewer, item)
    offered = item.assignee_id is None and is_offered(viewer, item)
    head = oversees(viewer, item.org_path)
    way = queries.way_here(item, moves) if moves else None
    sent = way is not None and not mine and viewer.acts_for(way.by_id, way.from_id)
    last = next((one for one in moves if one.kind != Move.URGE), None)
    returned = last is not None and last.kind == Move.RETURN
    shown = last if mine or sent or (offered and returned) else None
    names = directory.names_of(
        item.county_id,
        {one for one in (item.owner_id, item.assignee_id, shown.by_id if shown else None) if one is not None},
    )
    return Standing(
        mine=mine,
        from_pool=mine and item.owner_id is None and way is None and has_candidates(item),
        lent_by=names.get(item.owner_id or 0, ""),
        stands_in_for=names.get(item.assignee_id or 0, "") if mine and item.assignee_id != viewer.person_id else "",
        hand_over=(mine and item.owner_id is None) or (head and not mine and _may_be_taken(item, now)),
        delegate=mine and item.owner_id is None,
        recall=way is not None and sent and not queries.keeps_it(item, way, now),
        urge=not mine and not offered and queries.may_urge(viewer, item),
        copy=mine or head,
        helps=any(one.person_id == viewer.person_id and one.kind == Beside.CO_WORKER for one in beside),
        came=shown,
        came_by=names.get(shown.by_id, "") if shown else "",
        company=_in_words(item, beside),
        put_off_until=_day(viewer, item.follow_up_at, now) if mine else None,
    )


def _day(viewer: Viewer, at: datetime | None, now: datetime) -> date | None:
    """The day of a moment that lies ahead."""
    return at.astimezone(ZoneInfo(viewer.zone)).date() if at is not None and at > now else None


def _may_be_taken(item: WorkItem, now: datetime) -> bool:
    """Whether the head of the team may give the task to somebody: it is nobody's, or its holder is not at work."""
    if item.assignee_id is None:
        return True
    return item.assignee_id in queries.away(item.county_id, now) or bool(
        directory.person(item.county_id, item.assignee_id).left_at
    )


def _in_words(item: WorkItem, beside: Sequence[WorkItemPerson]) -> tuple[Company, ...]:
    names = directory.names_of(item.county_id, {one.person_id for one in beside})
    return tuple(
        Company(one.person_id, names.get(one.person_id, ""), one.kind, one.reason, one.read_at is not None)
        for one in beside
    )

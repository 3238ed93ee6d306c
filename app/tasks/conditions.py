"""Which tasks stand in which tab of whose inbox: the one set of conditions behind list, number and permission."""

from datetime import timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select

from app.cases.models import Case, CaseAccess
from app.cases.queries import RECUSED_STILL, for_own_roles, recused_from, visible_cases
from app.cases.starters import starters
from app.core import clock
from app.directory.access import NORMAL, RESTRICTED, below_any, in_jurisdiction, of_offices
from app.directory.rules import CASE_ROLES, SENSITIVE_ROLES, TEAM_ROLES, Viewer
from app.tasks.filters import OPEN_TABS, day_starts, when_asked
from app.tasks.moves.models import TaskMove
from app.workflow.models import Beside, ItemStatus, WorkItem, WorkItemCandidate, WorkItemPerson

TABS = (*OPEN_TABS, "done", "copied")
"""Tabs of tasks; those of cases are registered with `app.tasks.panels`."""


def in_tab(viewer: Viewer, tab: str, *, later: bool = False) -> ColumnElement[bool]:
    """The tasks of one tab of this viewer's inbox; of one's own, those put off stand apart, asked for by `later`."""
    found = _by_themselves(viewer, tab)
    if tab == "mine":
        found = and_(found, put_off(viewer.zone) if later else ~put_off(viewer.zone))
    if tab == "team" and oversees_by_person(viewer):
        found = or_(found, and_(of_team(viewer), WorkItem.sensitivity != NORMAL, case_visible(viewer)))
    return and_(_own(viewer), found)


def reachable(viewer: Viewer) -> ColumnElement[bool]:
    """The tasks of any tab, and those of the cases that this viewer may see."""
    found = or_(*(_by_themselves(viewer, tab) for tab in TABS), passed_on_by(viewer), helped_by(viewer))
    return or_(and_(_own(viewer), found), case_visible(viewer))


def to_do(viewer: Viewer) -> ColumnElement[bool]:
    """The open tasks that this viewer may do: their own, and those that they may take from a pool."""
    return and_(_own(viewer), or_(_by_themselves(viewer, "mine"), _by_themselves(viewer, "available")))


def put_off(zone: str) -> ColumnElement[bool]:
    """Tasks that their holder wants to see again on a later day, and that are not due before the next one begins."""
    now = when_asked(clock.now)
    tomorrow = when_asked(lambda: day_starts(clock.now(), zone) + timedelta(days=1))
    return and_(WorkItem.follow_up_at.is_not(None), WorkItem.follow_up_at > now, WorkItem.due_at > tomorrow)


def _own(viewer: Viewer) -> ColumnElement[bool]:
    return and_(WorkItem.county_id == viewer.county_id, not_recused(viewer))


def _by_themselves(viewer: Viewer, tab: str) -> ColumnElement[bool]:
    """The tasks of a tab that stand in it whatever their case is."""
    if tab == "mine":
        return in_hands_of(viewer)
    return copied_to(viewer) if tab == "copied" else counted_in(viewer, tab)


def copied_to(viewer: Viewer) -> ColumnElement[bool]:
    """Tasks, open or not, of which somebody sent the viewer a copy, as long as the viewer may see their matter."""
    return and_(sent_to(viewer), matter_seen(viewer))


def sent_to(viewer: Viewer) -> ColumnElement[bool]:
    """Tasks of which somebody sent the viewer a copy, be their matter the viewer's to see or not."""
    return WorkItem.id.in_(select(WorkItemPerson.work_item_id).where(is_copy_for(viewer)))


def is_copy_for(viewer: Viewer) -> ColumnElement[bool]:
    """The rows of these copies."""
    return and_(
        WorkItemPerson.county_id == viewer.county_id,
        WorkItemPerson.person_id == viewer.person_id,
        WorkItemPerson.kind == Beside.COPIED,
        WorkItemPerson.ended_at.is_(None),
    )


def started_by(viewer: Viewer) -> ColumnElement[bool]:
    """Cases of which the viewer took in a report, began a process, or set something off in one."""
    return Case.id.in_(_started(viewer))


def started_restricted(viewer: Viewer) -> Select[int]:
    """The restricted ones of them."""
    return _started(viewer).where(starters.c.sensitivity == RESTRICTED)


def started_elsewhere(viewer: Viewer) -> Select[int]:
    """The ordinary ones of them that other offices lead by now."""
    others = ~of_offices(viewer, CASE_ROLES, starters.c.organisation_id)
    return _started(viewer).where(starters.c.sensitivity == NORMAL, others)


def _started(viewer: Viewer) -> Select[int]:
    mine = and_(starters.c.county_id == viewer.county_id, starters.c.person_id == viewer.person_id)
    return select(starters.c.case_id).where(mine)


def in_hands_of(viewer: Viewer) -> ColumnElement[bool]:
    """Open tasks that are the viewer's to do: their own, and those of people for whom they stand in today.

    To a deputy comes what is for a role of their own, a restricted matter only where it sees such; and what somebody
    with a conflict of interest may not see, nobody sees in their place.
    """
    theirs = WorkItem.assignee_id == viewer.person_id
    if viewer.stands_in_for:
        absent = WorkItem.assignee_id.in_(viewer.stands_in_for)
        theirs = or_(theirs, and_(absent, for_own_roles(viewer), by_role(viewer), ~_holder_recused()))
    return and_(WorkItem.status == ItemStatus.OPEN, theirs)


def _holder_recused() -> ColumnElement[bool]:
    return exists().where(
        CaseAccess.county_id == WorkItem.county_id,
        CaseAccess.case_id == WorkItem.subject_id,
        CaseAccess.person_id == WorkItem.assignee_id,
        RECUSED_STILL,
    )


def passed_on_by(viewer: Viewer) -> ColumnElement[bool]:
    """Open tasks that the viewer gave to others and may want to recall or urge."""
    passed_on = select(TaskMove.work_item_id).where(
        TaskMove.county_id == viewer.county_id, TaskMove.by_id == viewer.person_id, TaskMove.ended_at.is_(None)
    )
    return and_(WorkItem.status == ItemStatus.OPEN, WorkItem.id.in_(passed_on))


def helped_by(viewer: Viewer) -> ColumnElement[bool]:
    """Open tasks with which the viewer helps."""
    helped = select(WorkItemPerson.work_item_id).where(
        WorkItemPerson.county_id == viewer.county_id,
        WorkItemPerson.person_id == viewer.person_id,
        WorkItemPerson.kind == Beside.CO_WORKER,
        WorkItemPerson.ended_at.is_(None),
    )
    return and_(WorkItem.status == ItemStatus.OPEN, WorkItem.id.in_(helped))


def not_recused(viewer: Viewer) -> ColumnElement[bool]:
    """Tasks of no matter in which the viewer has a conflict of interest."""
    return ~recused_from(viewer, WorkItem.county_id, WorkItem.subject_id)


def counted_in(viewer: Viewer, tab: str) -> ColumnElement[bool]:
    """What the counters of a tab know: one's own, pools, offices, and restricted matters where a role sees them."""
    if tab == "mine":
        own = and_(WorkItem.status == ItemStatus.OPEN, WorkItem.assignee_id == viewer.person_id)
        return and_(own, ~put_off(viewer.zone))
    if tab == "available":
        return and_(WorkItem.status == ItemStatus.OPEN, WorkItem.assignee_id.is_(None), offered_to(viewer))
    if tab == "team":
        return and_(of_team(viewer), by_role(viewer))
    if tab == "copied":
        return and_(sent_to(viewer), in_jurisdiction(viewer, WorkItem.org_path, WorkItem.sensitivity))
    return done_by(viewer)


def done_by(viewer: Viewer) -> ColumnElement[bool]:
    return and_(WorkItem.status == ItemStatus.DONE, WorkItem.closed_by == viewer.person_id)


def by_role(viewer: Viewer) -> ColumnElement[bool]:
    """Ordinary matters, and restricted ones where a role of the viewer sees all of them."""
    sensitive = below_any(WorkItem.org_path, viewer.paths(SENSITIVE_ROLES))
    return or_(WorkItem.sensitivity == NORMAL, and_(WorkItem.sensitivity == RESTRICTED, sensitive))


def of_team(viewer: Viewer) -> ColumnElement[bool]:
    """Open tasks of the offices whose work the viewer oversees."""
    return and_(WorkItem.status == ItemStatus.OPEN, below_any(WorkItem.org_path, viewer.paths(TEAM_ROLES)))


def oversees_by_person(viewer: Viewer) -> bool:
    """Whether some restricted matter of the viewer's team is seen only by who has a part in it."""
    sensitive = viewer.paths(SENSITIVE_ROLES)
    return any(not path.startswith(sensitive) for path in viewer.paths(TEAM_ROLES))


def offered_to(viewer: Viewer) -> ColumnElement[bool]:
    """Open tasks that are offered to a group of the viewer's, or to the viewer by name."""
    return exists().where(
        WorkItemCandidate.county_id == WorkItem.county_id,
        WorkItemCandidate.work_item_id == WorkItem.id,
        held_by(viewer),
    )


def held_by(viewer: Viewer) -> ColumnElement[bool]:
    """Candidate rows that name a role which the viewer holds, or the viewer."""
    return or_(
        *(
            and_(WorkItemCandidate.role == role, WorkItemCandidate.organisation_id == place)
            for role, place in viewer.pools
        )
    )


def matter_seen(viewer: Viewer) -> ColumnElement[bool]:
    """Tasks of no matter, or of one that the viewer may see; who did a task or passed it on may see it no more."""
    return or_(WorkItem.subject_id.is_(None), case_visible(viewer))


def case_visible(viewer: Viewer) -> ColumnElement[bool]:
    """Tasks of matters that the viewer may see."""
    same = and_(Case.county_id == WorkItem.county_id, Case.id == WorkItem.subject_id)
    return exists().where(same, visible_cases(viewer)).correlate(WorkItem)

"""For whom tasks are, and who is kept from them: asked of many tasks at once, or of one."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select

from app.core.database import db
from app.definitions import queries as definitions
from app.directory import queries as directory
from app.directory.models import Assignment
from app.directory.rules import PERSON
from app.tasks.moves.rules import WORKING_ROLES, roles_of
from app.tasks.queries import doers_by_element
from app.workflow.models import WorkItem, WorkItemCandidate
from app.workflow.queries import element_properties

Post = tuple[str, int]
"""A role at an organisation; with the role `person`, the person with that id."""


@dataclass(slots=True)
class ForWhom:
    """The roles for which a task is, the pools in which it stands, and all to whom it is offered, by name too."""

    roles: frozenset[str]
    pools: frozenset[Post]
    offered: set[Post] = field(default_factory=set)


def for_whom(items: Sequence[WorkItem], now: datetime) -> Mapping[int, ForWhom]:
    """Of tasks of one county. A task by name is for people who hold its holder's roles where they hold them."""
    offered = _offered(items)
    pools = {item.id: frozenset(one for one in offered[item.id] if one[0] != PERSON) for item in items}
    holders = {item.id: item.owner_id or item.assignee_id for item in items if not pools[item.id]}
    posts = _posts_of(items[0].county_id, {one for one in holders.values() if one is not None}, now) if holders else {}
    found = {}
    for item in items:
        peers = posts.get(holders.get(item.id) or 0, [])
        roles = roles_of(item.groups, (role for role, _ in pools[item.id]), (role for role, _ in peers))
        found[item.id] = ForWhom(roles, pools[item.id] or frozenset(peers), offered[item.id])
    return found


def task_roles(item: WorkItem, now: datetime) -> tuple[frozenset[str], frozenset[Post]]:
    """The roles for which the task is, and the pools in which it stands: (role, organisation)."""
    found = for_whom([item], now)[item.id]
    return found.roles, found.pools


def doers_of_what_they_approve(items: Sequence[WorkItem]) -> Mapping[int, set[int]]:
    """Whom the diagram keeps from each of these tasks, because they did the step that it looks at."""
    releases = {one: definitions.numbered_release(*one) for one in {_release_of(item) for item in items}}
    named = {
        item.id: element_properties(item, releases[_release_of(item)]).get("other_person_than", "").split()
        for item in items
    }
    looking = [item for item in items if named[item.id]]
    if not looking:
        return {item.id: set() for item in items}
    elements = {element for item in looking for element in named[item.id]}
    doers = doers_by_element(looking[0].county_id, {item.instance_id for item in looking}, elements)
    keys = {item.id: [(item.instance_id, one) for one in named[item.id]] for item in items}
    return {item_id: {doers[key] for key in several if key in doers} for item_id, several in keys.items()}


def doers_of_what_it_approves(item: WorkItem) -> set[int]:
    """Whom the diagram keeps from this task because they did the step that it looks at."""
    return doers_of_what_they_approve([item])[item.id]


def held(today: date) -> tuple[ColumnElement[bool], ...]:
    """Roles that are held on a day."""
    return Assignment.from_date <= today, or_(Assignment.to_date.is_(None), Assignment.to_date >= today)


def _release_of(item: WorkItem) -> tuple[int, str, int]:
    return item.county_id, item.package, item.release


def _offered(items: Sequence[WorkItem]) -> dict[int, set[Post]]:
    offered: dict[int, set[Post]] = {item.id: set() for item in items}
    rows = db.session.execute(
        select(WorkItemCandidate.work_item_id, WorkItemCandidate.role, WorkItemCandidate.organisation_id).where(
            WorkItemCandidate.county_id == items[0].county_id, WorkItemCandidate.work_item_id.in_(list(offered))
        )
    )
    for row in rows:
        offered[row.work_item_id].add((row.role, row.organisation_id))
    return offered


def _posts_of(county_id: int, people: Collection[int], now: datetime) -> Mapping[int, list[Post]]:
    posts: dict[int, list[Post]] = defaultdict(list)
    if not people:
        return posts
    today = now.astimezone(directory.zone_of(county_id)).date()
    rows = db.session.execute(
        select(Assignment.person_id, Assignment.role, Assignment.organisation_id).where(
            Assignment.county_id == county_id,
            Assignment.person_id.in_(people),
            Assignment.role.in_(WORKING_ROLES),
            *held(today),
        )
    )
    for row in rows:
        posts[row.person_id].append((row.role, row.organisation_id))
    return posts

"""The row of a work item that opens, and to whom its diagram offers it."""

from collections.abc import Collection
from typing import Any

from app.core.database import FOREVER
from app.directory import queries as directory
from app.directory.rules import TASK_ROLES, split_group
from app.engine import feel
from app.engine.bpmn.step import WorkItem
from app.workflow import storage
from app.workflow.candidates import offered_by_name
from app.workflow.environment import World
from app.workflow.models import ItemStatus


def groups_of(world: World, item: WorkItem) -> tuple[str, ...]:
    """The item's groups that the package may use, a computed one is no way round the list; and whom it names."""
    groups = tuple(group for group in item.candidate_groups if _allowed(world, group))
    if len(item.candidate_users) < 2:
        return groups
    people = _people(world, item.candidate_users)
    return groups + offered_by_name(people[name] for name in item.candidate_users if name in people)


def _person(world: World, item: WorkItem) -> int | None:
    """The one person whom the diagram names, by id or login."""
    named = item.assignee or (item.candidate_users[0] if len(item.candidate_users) == 1 else "")
    return _people(world, (named,)).get(named) if named else None


def _allowed(world: World, group: str) -> bool:
    """On the package's list; and about a case only to roles that have to do with cases."""
    about_case = world.subject_id is not None
    return world.settings.allows_group(group) and (not about_case or split_group(group)[0] in TASK_ROLES)


def _people(world: World, names: Collection[str]) -> dict[str, int]:
    """The people whom a diagram names. A task opens its case, so about a case they hold a role that works on cases.

    Whom the case itself names, its mediator above all, is not asked again.
    """
    people = directory.people_named(world.county_id, names)
    if world.facts is None or not people:
        return people
    asked = set(people.values()) - world.facts.people
    if not asked:
        return people
    holding = directory.holding_any(world.county_id, asked, TASK_ROLES, now=world.now)
    return {name: person for name, person in people.items() if person not in asked or person in holding}


def changing_columns(item: WorkItem) -> dict[str, Any]:
    """What may change on an item while it is open; who holds it is for people to change.

    When its holder wants to see it again is theirs too, unless the diagram names a day.
    """
    changing = {
        "name_zh": (item.title or item.name)[:120],
        "name_en": (item.title_en or item.name_en)[:120],
        "due_at": item.due_date or FOREVER,
        "form_key": item.form_key[:120],
    }
    return changing | {"follow_up_at": item.follow_up_date} if item.follow_up_date else changing


def item_row(world: World, item_id: int, item: WorkItem, org_id: int | None, org_path: str) -> dict[str, Any]:
    """The columns of an item that opens at this organisation."""
    party = _party(item)
    own = {
        "county_id": world.county_id,
        "id": item_id,
        "instance_id": world.instance_id,
        "subject_id": world.subject_id,
        "token": item.id,
        "package": world.release.package,
        "process_id": item.process_id,
        "element_id": item.element_id,
        "release": world.release.number,
        "stage": item.stage,
        "scope": item.scope,
        "inputs": feel.dump(dict(item.inputs)),
        "status": ItemStatus.OPEN,
        "assignee_id": _person(world, item),
        "party_id": party,
        "party_form": item.properties.get("party.form", "")[:120] if party else "",
        "groups": list(groups_of(world, item)),
        "opened_at": world.now,
        "closed_by_name": "",
        "follow_up_at": None,
        "title_zh": "",
        "title_en": "",
        "org_id": org_id,
        "org_path": org_path,
        "sensitivity": "normal",
        "risk": 0,
        "dispute_type": "",
        "channel": "",
        "tier": "",
        "amount": None,
    }
    return own | changing_columns(item) | (storage.copied(world.facts) if world.facts is not None else {})


def _party(item: WorkItem) -> int | None:
    """The party who may answer by their own link: the property `party`."""
    named = item.properties.get("party", "")
    return int(named) if named.isdecimal() else None

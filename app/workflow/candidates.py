"""Who may take a task: the groups of the diagram as roles at organisations, or people by name."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.directory import queries as directory
from app.directory.rules import PERSON, split_group

BY_NAME = "person:"
"""Before a person's id among the groups of a task: it is offered to them by name."""
MAX_ROLE = 30
"""Characters of a role's name; a longer one is of another system, and nobody holds it."""


def offered_by_name(people: Iterable[int]) -> tuple[str, ...]:
    """The groups that stand for these people."""
    return tuple(f"{BY_NAME}{person_id}" for person_id in people)


def candidate_rows(county_id: int, path: str, groups: Mapping[int, tuple[str, ...]]) -> list[dict[str, Any]]:
    """Rows of `work_item_candidates` for work items (id to groups) of a case led by the organisation at `path`."""
    wanted = {group for each in groups.values() for group in each}
    named = {group: group.removeprefix(BY_NAME) for group in wanted if group.startswith(BY_NAME)}
    resolved = {group: (PERSON, int(person)) for group, person in named.items() if person.isdecimal()}
    roles = {group for group in wanted - named.keys() if len(split_group(group)[0]) <= MAX_ROLE}
    if roles and path:
        resolved |= directory.resolve_groups(county_id, path, roles)
    pairs = {(item_id, *resolved[group]) for item_id, each in groups.items() for group in each if group in resolved}
    return [
        {"county_id": county_id, "work_item_id": item_id, "role": role, "organisation_id": organisation_id}
        for item_id, role, organisation_id in sorted(pairs)
    ]

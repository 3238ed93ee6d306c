"""Who may take a task: the groups of the diagram as roles at organisations."""

from collections.abc import Mapping
from typing import Any

from app.directory import queries as directory


def candidate_rows(county_id: int, path: str, groups: Mapping[int, tuple[str, ...]]) -> list[dict[str, Any]]:
    """Rows of `work_item_candidates` for work items (id to groups) of a case led by the organisation at `path`."""
    wanted = {group for each in groups.values() for group in each}
    if not wanted or not path:
        return []
    resolved = directory.resolve_groups(county_id, path, wanted)
    pairs = {(item_id, *resolved[group]) for item_id, each in groups.items() for group in each}
    return [
        {"county_id": county_id, "work_item_id": item_id, "role": role, "organisation_id": organisation_id}
        for item_id, role, organisation_id in sorted(pairs)
    ]

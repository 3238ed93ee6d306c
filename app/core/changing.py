"""Rows changed so that a history can tell what they were."""

from collections.abc import Mapping
from typing import Any


def changed(row: object, wanted: Mapping[str, Any]) -> dict[str, dict[str, Any]] | None:
    """Give `row` the values of `wanted`: what `was` and what is `now`, of what differs; None when nothing does."""
    now = {key: value for key, value in wanted.items() if getattr(row, key) != value}
    if not now:
        return None
    was = {key: getattr(row, key) for key in now}
    for key, value in now.items():
        setattr(row, key, value)
    return {"was": was, "now": now}

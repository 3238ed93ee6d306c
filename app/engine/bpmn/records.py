"""Records of completed activities that may be compensated: plain lists, as they stand in the state.

A record is [element id, how often in a row] or, with more to keep, [element id, 1, snapshot, records inside, partial].
The snapshot is what its local variables were when it completed, as `feel.dump` writes them. Only activities that have
a handler, or something inside that has one, are recorded; equal records in a row are one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.engine import feel
from app.engine.findings import EngineError

Record = list[Any]
ELEMENT, COUNT, SNAPSHOT, INSIDE = 0, 1, 2, 3
MAX_RECORDS = 10_000
"""Different records of one scope, beyond which a loop is taken to be endless."""


def add(
    target: list[Record],
    element_id: str,
    snapshot_: Mapping[str, object] | None = None,
    inside_: list[Record] | None = None,
    *,
    partial: bool = False,
) -> None:
    """Record a completion. Raises EngineError `too_much_to_compensate`."""
    if not snapshot_ and not inside_ and not partial:
        last = target[-1] if target else None
        if last is not None and len(last) == 2 and last[ELEMENT] == element_id:
            last[COUNT] += 1
            return
        record: Record = [element_id, 1]
    else:
        record = [
            element_id,
            1,
            feel.dump(dict(snapshot_)) if snapshot_ else None,
            inside_ or [],
            *([1] if partial else ()),
        ]
    if len(target) >= MAX_RECORDS:
        raise EngineError("too_much_to_compensate", limit=MAX_RECORDS)
    target.append(record)


def take(target: list[Record], element_id: str = "") -> list[Record]:
    """Take out what is to be compensated, those of one element if it is named: nothing is compensated twice."""
    taken = [record for record in target if not element_id or record[ELEMENT] == element_id]
    target[:] = [record for record in target if element_id and record[ELEMENT] != element_id]
    return taken


def take_last(target: list[Record]) -> Record | None:
    """Take out one completion, the last."""
    if not target:
        return None
    last = target[-1]
    if last[COUNT] > 1:
        last[COUNT] -= 1
        return last
    return target.pop()


def snapshot(record: Record) -> dict[str, object]:
    """The values of its own scope when it completed."""
    stored = record[SNAPSHOT] if len(record) > SNAPSHOT else None
    loaded = feel.load(stored) if stored else None
    return loaded if isinstance(loaded, dict) else {}


def inside(record: Record) -> list[Record]:
    """The records of what completed inside it, oldest first."""
    found: list[Record] = record[INSIDE] if len(record) > INSIDE else []
    return found


def is_partial(record: Record) -> bool:
    """Whether it had not completed: only what was completed in it is compensated."""
    return len(record) > INSIDE + 1

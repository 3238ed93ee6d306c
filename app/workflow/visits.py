"""The stays of an instance at its elements, as they are kept: a line of JSON for each step, several steps in a row.

A line is [moment of the step, stays…], a stay [element, how long, how, process]: times in microseconds, `how` left out
when the stay was completed, the process when it is the instance's own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson

from app.engine.bpmn.step import Visit

STEPS_OF_A_ROW = 16
COMPLETED = "completed"

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Stay:
    """One stay at an element that has ended; `how` is completed or cancelled."""

    element_id: str
    process_id: str
    entered: datetime
    left: datetime
    how: str


def line(visits: Sequence[Visit], process_id: str) -> str:
    """What a step writes down of its visits: all end at the moment of the step."""
    left = visits[0].left
    stays = [_stay(one, process_id) for one in visits]
    return orjson.dumps([(left - _EPOCH) // _MICROSECOND, *stays]).decode() + "\n"


def _stay(one: Visit, process_id: str) -> list[str | int]:
    stay: list[str | int] = [one.element_id, (one.left - one.entered) // _MICROSECOND]
    if one.how != COMPLETED or one.process_id != process_id:
        stay.append(one.how)
    if one.process_id != process_id:
        stay.append(one.process_id)
    return stay


def read(log: str, process_id: str) -> Iterator[Stay]:
    """The stays of one row, in the order in which they ended."""
    for text in log.splitlines():
        moment, *stays = orjson.loads(text)
        left = _EPOCH + timedelta(microseconds=moment)
        for element, took, *rest in stays:
            yield Stay(
                element,
                rest[1] if len(rest) > 1 else process_id,
                left - timedelta(microseconds=took),
                left,
                rest[0] if rest else COMPLETED,
            )

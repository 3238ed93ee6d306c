"""What the moves of a task mean: plain values in, plain values out."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.directory.rules import CASE_ROLES, PERSON, READING_ROLES, TASK_ROLES, TEAM_ROLES, Viewer, split_group

REASON_LENGTH = 500
URGE_EVERY = timedelta(hours=4)
"""A task is urged once in this time, whoever does it."""
MOST_AT_ONCE = 100
"""Tasks that one request moves."""

WORKING_ROLES = TASK_ROLES - READING_ROLES
"""Roles whose holders may help with a task."""
GIVEN_BY_HEADS = CASE_ROLES - READING_ROLES
"""Roles whose holders the head of a team may give any task of the team."""


class Move(StrEnum):
    """What is done with a task between people."""

    HANDOVER = "handover"
    DELEGATION = "delegation"
    RETURN = "return"
    RECALL = "recall"
    URGE = "urge"


PASSED_ON = (Move.HANDOVER, Move.DELEGATION)


@dataclass(frozen=True, slots=True)
class ToPerson:
    """To somebody by name; `anyway` although they are away."""

    person_id: int
    anyway: bool = False


@dataclass(frozen=True, slots=True)
class ToPool:
    """To whoever holds the role at the organisation."""

    role: str
    organisation_id: int


Target = ToPerson | ToPool


def target(said: str, *, anyway: bool = False) -> Target | None:
    """`person:17` or `pool:mediator:4`; None for anything else."""
    kind, _, rest = said.partition(":")
    if kind == "person" and _is_number(rest):
        return ToPerson(int(rest), anyway)
    role, _, place = rest.rpartition(":")
    if kind == "pool" and role in WORKING_ROLES and _is_number(place):
        return ToPool(role, int(place))
    return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19


def roles_of(groups: Iterable[str], offered: Iterable[str], peers: Iterable[str]) -> frozenset[str]:
    """The roles for which a task is: its groups', else those to which it is offered, else its holder's own."""
    for several in ({split_group(one)[0] for one in groups}, set(offered), set(peers)):
        found = (several - {PERSON}) & WORKING_ROLES
        if found:
            return frozenset(found)
    return frozenset()


def oversees(viewer: Viewer, org_path: str) -> bool:
    """Whether the viewer heads the team of the office at this path."""
    return bool(org_path) and any(org_path.startswith(path) for path in viewer.paths(TEAM_ROLES))


def next_urge(urged: Collection[datetime], now: datetime) -> datetime | None:
    """When the task may be urged again; None: now."""
    free = max(urged, default=now - URGE_EVERY) + URGE_EVERY
    return free if free > now else None

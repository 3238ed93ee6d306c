"""What one step of an instance did: plain frozen data, which the caller stores. Nothing here knows a database.

A Step describes differences (opened, closed, written) and, for what is cheap to replace as a whole, the new full
picture (`waiting_for`, `active`, `optional`, `due_at`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

ROOT = ""
"""The id of the root scope. Every other scope is named by the token that owns it."""

How = Literal["completed", "cancelled"]


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A user or manual task that waits for a person. Expressions of its attributes are already evaluated."""

    id: str
    element_id: str
    process_id: str
    type: str
    name: str
    name_en: str
    title: str
    title_en: str
    form_key: str
    candidate_groups: tuple[str, ...]
    candidate_users: tuple[str, ...]
    assignee: str | None
    due_date: datetime | None
    follow_up_date: datetime | None
    priority: int | None
    stage: str
    scope: str
    path: tuple[str, ...]
    """Element ids of the sub-processes and call activities around it, outermost first."""
    properties: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, object] = field(default_factory=dict)
    """Values of `camunda:inputParameter`, local to this item."""


@dataclass(frozen=True, slots=True)
class Closed:
    """A work item that is no longer open."""

    id: str
    reason: How


@dataclass(frozen=True, slots=True)
class Job:
    """A service task that waits for `Instance.finish_job`; `id` is a good idempotency key."""

    id: str
    element_id: str
    process_id: str
    element_name: str
    topic: str
    inputs: Mapping[str, object]
    scope: str
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Incident:
    """An element that could not run. `code` and `params` are worded by `app.engine.words.sentence`."""

    id: str
    element_id: str
    process_id: str
    element_name: str
    code: str
    params: Mapping[str, object]
    cause: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class DecisionMade:
    """A decision that a business rule task asked for."""

    element_id: str
    process_id: str
    decision_ref: str
    result: object
    trace: object


@dataclass(frozen=True, slots=True)
class Subscription:
    """Something outside that may wake the instance. A `key` of None takes every message of that name."""

    kind: Literal["message", "signal"]
    name: str
    key: str | None
    element_id: str
    process_id: str
    token: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message thrown to somebody outside. One that a catcher of the same instance took is not listed."""

    name: str
    key: str | None
    payload: Mapping[str, object]
    element_id: str


@dataclass(frozen=True, slots=True)
class Signal:
    """A signal thrown. The catchers of its own instance have had it already."""

    name: str
    payload: Mapping[str, object]
    element_id: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A stay at an element that has ended."""

    token: str
    element_id: str
    process_id: str
    entered: datetime
    left: datetime
    how: How


@dataclass(frozen=True, slots=True)
class Active:
    """An element where a token stands now. `incident` says that it stands there because of a failure."""

    token: str
    element_id: str
    process_id: str
    since: datetime
    stage: str
    path: tuple[str, ...]
    incident: bool = False


@dataclass(frozen=True, slots=True)
class OptionalAction:
    """An element of an open ad-hoc sub-process, which `Instance.start_optional` can start."""

    element_id: str
    process_id: str
    type: str
    name: str
    name_en: str
    candidate_groups: tuple[str, ...]
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """All that one call changed.

    `variables` maps a scope id ("" is the root) to the names written there; the values are plain Python
    (None, bool, int, Decimal, str, date, time, datetime, timedelta, list, dict), which `feel.dump` stores exactly.
    `closed_scopes` can be forgotten. `stage` is the last stage property entered.
    `overtaken` says that a due timer closed the item before the completion: its values were not taken.
    """

    opened: tuple[WorkItem, ...] = ()
    closed: tuple[Closed, ...] = ()
    updated: tuple[WorkItem, ...] = ()
    variables: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    closed_scopes: tuple[str, ...] = ()
    signals: tuple[Signal, ...] = ()
    messages: tuple[Message, ...] = ()
    jobs: tuple[Job, ...] = ()
    cancelled_jobs: tuple[str, ...] = ()
    incidents: tuple[Incident, ...] = ()
    closed_incidents: tuple[str, ...] = ()
    decisions: tuple[DecisionMade, ...] = ()
    visits: tuple[Visit, ...] = ()
    due_at: datetime | None = None
    waiting_for: tuple[Subscription, ...] = ()
    active: tuple[Active, ...] = ()
    optional: tuple[OptionalAction, ...] = ()
    finished: bool = False
    ended_by: str | None = None
    """Element id of the end event of the main process that was reached last; None when cancelled."""
    ended_by_name: str | None = None
    overtaken: bool = False
    stage: str = ""
    entered: tuple[tuple[str, str], ...] = ()
    """(element id, process id) in the order in which the tokens came there."""

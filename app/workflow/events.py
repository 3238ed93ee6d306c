"""What happened in a running process, told inside its transaction. `subject_id` is None for one without a subject."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.audit.services import Actor


@dataclass(frozen=True, slots=True)
class ProcessEvent:
    county_id: int
    instance_id: int
    subject_id: int | None
    package: str
    actor: Actor
    now: datetime


@dataclass(frozen=True, slots=True)
class InstanceStarted(ProcessEvent):
    process_id: str


@dataclass(frozen=True, slots=True)
class InstanceFinished(ProcessEvent):
    """`ended_by` is the end event that was reached last; None when the process was cancelled."""

    process_id: str
    ended_by: str | None
    ended_by_name: str | None


@dataclass(frozen=True, slots=True)
class ItemOpened(ProcessEvent):
    item_id: int
    element_id: str
    process_id: str
    stage: str
    name_zh: str
    name_en: str
    form_key: str
    assignee_id: int | None
    candidates: tuple[tuple[str, int], ...]
    """(role, organisation) pairs."""
    due_at: datetime | None
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ItemClosed(ProcessEvent):
    """`how` is completed or cancelled; `values` are those of the completion."""

    item_id: int
    element_id: str
    process_id: str
    how: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class StageEntered(ProcessEvent):
    stage: str


@dataclass(frozen=True, slots=True)
class DecisionMade(ProcessEvent):
    decision_id: int
    reference: str
    element_id: str
    result: object


@dataclass(frozen=True, slots=True)
class IncidentOpened(ProcessEvent):
    incident_id: int
    element_id: str
    element_name: str
    code: str
    params: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class IncidentClosed(ProcessEvent):
    incident_id: int
    element_id: str
    element_name: str


@dataclass(frozen=True, slots=True)
class VariablesChanged(ProcessEvent):
    """Names that were written in the root scope."""

    values: Mapping[str, object]

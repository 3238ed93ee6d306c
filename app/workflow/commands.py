"""What may be asked of a running process; `services.advance` is the only door."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.engine.findings import EngineError


@dataclass(frozen=True, slots=True)
class Complete:
    """A person has done a work item; the `taker` one that nobody had taken yet."""

    item_id: int
    values: Mapping[str, object] = field(default_factory=dict)
    taker: int | None = None


@dataclass(frozen=True, slots=True)
class Wake:
    """A timer is due."""


@dataclass(frozen=True, slots=True)
class Deliver:
    """A message has come."""

    message: str
    key: str | None = None
    payload: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A signal was given."""

    signal: str
    payload: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FinishJob:
    """A job beside the step has its result, or has failed for good. `token` is the engine's id of the job."""

    token: str
    result: Mapping[str, object] | EngineError


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again what failed; `reason` stands in the history."""

    incident_id: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StartOptional:
    """Start an optional action that is open now."""

    element_id: str


@dataclass(frozen=True, slots=True)
class VariablesChanged:
    """Facts were changed outside: conditional events look again."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangeVariables:
    """A person sets names, by scope, to repair what stands still."""

    values: Mapping[str, Mapping[str, object]]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Skip:
    """Leave an element undone and go on behind it; `token` is that of an active element or of an incident."""

    token: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RestartBefore:
    """Put a token before an element, in place of another one if `instead_of` names it."""

    element_id: str
    instead_of: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Cancel:
    """End the process; what is open is taken back."""

    reason: str = ""


Command = (
    Complete
    | Wake
    | Deliver
    | Broadcast
    | FinishJob
    | Retry
    | StartOptional
    | VariablesChanged
    | ChangeVariables
    | Skip
    | RestartBefore
    | Cancel
)

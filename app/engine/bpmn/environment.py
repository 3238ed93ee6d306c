"""What the engine may not fetch itself, as protocols which the caller fulfils."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol
from zoneinfo import ZoneInfo

from app.engine.findings import EngineError


class Dictionary(Protocol):
    """The declared names of a package. A declared name without a value is null, an undeclared one is an error."""

    def __contains__(self, name: object, /) -> bool: ...


class Calendar(Protocol):
    """Working days, make-up workdays included."""

    def is_working_day(self, day: date, /) -> bool: ...


class DecisionOutcome(Protocol):
    """The outcome of a decision: a DMN value (context, list, number, text …) and its trace as JSON-able data."""

    @property
    def result(self) -> object: ...

    @property
    def trace(self) -> object: ...


@dataclass(frozen=True, slots=True)
class ElementInfo:
    """The element on whose behalf the environment is asked."""

    id: str
    process_id: str
    type: str
    name: str
    token: str
    scope: str
    properties: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, object] = field(default_factory=dict)
    """What the element sees, this step's own writes included (for `perform`)."""


class BpmnError(EngineError):
    """A business error that a handler raises on purpose: boundary error events with its code catch it."""

    def __init__(self, error_code: str, message: str = "") -> None:
        self.error_code = error_code
        self.message = message
        super().__init__("bpmn_error", error_code=error_code, message=message)


class Environment(Protocol):
    """Everything the engine asks of the world while it runs a step."""

    @property
    def dictionary(self) -> Dictionary | None:
        """The declared names; None for a foreign package: nothing is checked against it."""

    @property
    def zone(self) -> ZoneInfo:
        """The county's zone: unzoned dates, `now()` and `today()`."""

    @property
    def calendar(self) -> Calendar | None:
        """The working days for FEEL's `add working days`."""

    def variables(self, scope: str, /) -> Mapping[str, object]:
        """What is stored in `scope` ("" is the root, where `case` and `parties` are provided too).

        The engine reads through this mapping and never writes to it: writes are in `Step.variables`, and the engine
        sees its own writes at once. An unknown scope is an empty mapping.
        """

    def is_shared(self, name: str, /) -> bool:
        """Does the name belong to the case itself? Such names live in the root scope, wherever they are written."""

    def decide(
        self, reference: str, *, binding: str, version: str | None, variables: Mapping[str, object]
    ) -> DecisionOutcome:
        """Evaluate a decision. `binding` is latest, deployment or version. Raises EngineError."""

    def serves(self, topic: str, /) -> bool:
        """Is a handler registered for the topic?"""

    def perform(self, topic: str, inputs: Mapping[str, object], element: ElementInfo) -> Mapping[str, object]:
        """Run the topic's handler now. Returns outputs; raises EngineError (an incident) or BpmnError."""

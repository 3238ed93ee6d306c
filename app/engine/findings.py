"""What a check found in a definition, and the errors that carry it. Wording lives in `words`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark about one place of a definition.

    `code` names the sentence in `app.engine.words`; `params` fill it. `line` counts from 1, 0 is unknown.
    """

    severity: Severity
    code: str
    file: str = ""
    line: int = 0
    element_id: str = ""
    element_name: str = ""
    params: Mapping[str, object] = field(default_factory=dict)


class EngineError(Exception):
    """An error that a person can act on: a code with parameters, worded by `app.engine.words`."""

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.params = params
        super().__init__(f"{code} {params}" if params else code)


class DefinitionError(EngineError):
    """A definition that cannot run; `findings` say where and why."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("definition_refused", count=len(self.findings))

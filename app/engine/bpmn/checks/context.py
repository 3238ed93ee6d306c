"""What the checks know, and where they put what they find."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field

from app.engine.bpmn.diagram import Body, Node, Process
from app.engine.bpmn.environment import Dictionary
from app.engine.findings import Finding, Severity


@dataclass(frozen=True, slots=True)
class Known:
    """Names outside the diagrams; None: not known, so not checked."""

    dictionary: Dictionary | None = None
    forms: Container[str] | None = None
    decisions: Container[str] | None = None
    topics: Container[str] | None = None
    roles: Container[str] | None = None


@dataclass(frozen=True, slots=True)
class NameUse:
    """A name that an element reads or writes. `place` says where it stands: condition, script, input, timer, title …"""

    name: str
    written: bool
    place: str
    process_id: str
    element_id: str
    element_name: str = ""
    line: int = 0


@dataclass(slots=True)
class Context:
    """The check of one process. `processes` are all of the same files."""

    process: Process
    processes: Mapping[str, Process]
    known: Known
    findings: list[Finding] = field(default_factory=list)
    uses: list[NameUse] = field(default_factory=list)

    def add(self, severity: Severity, code: str, node: Node | None = None, line: int = 0, /, **params: object) -> None:
        if node is None:
            place = (self.process.id, self.process.name, line or self.process.line)
        else:
            place = (node.id, node.name, line or node.line)
        self.findings.append(Finding(severity, code, self.process.file, place[2], place[0], place[1], params))

    def error(self, code: str, node: Node | None = None, line: int = 0, /, **params: object) -> None:
        self.add(Severity.ERROR, code, node, line, **params)

    def warn(self, code: str, node: Node | None = None, line: int = 0, /, **params: object) -> None:
        self.add(Severity.WARNING, code, node, line, **params)

    def nodes(self) -> Iterator[tuple[Body, Node]]:
        yield from self.process.body.walk()

    def bodies(self) -> Iterator[tuple[Body, Node | None]]:
        """Each body with the node that it belongs to, None for the process."""
        yield self.process.body, None
        for _, node in self.nodes():
            if node.body is not None:
                yield node.body, node

"""A process ready to run: compiled once per version, immutable, shared by instances and threads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.engine import feel
from app.engine.bpmn import building
from app.engine.bpmn.diagram import Body, FormField, Node, Process
from app.engine.bpmn.lint import check_for_run
from app.engine.bpmn.reader import is_diagram
from app.engine.bpmn.starts import Start, Turn, first_turn, starts_of
from app.engine.bpmn.tokens import BodySpec


@dataclass(frozen=True, slots=True)
class Element:
    """An element as lists and pages show it. `path` are the ids of the sub-processes around it."""

    id: str
    process_id: str
    type: str
    name: str
    name_en: str
    stage: str
    title: str
    title_en: str
    form_key: str
    candidate_groups: str
    documentation: str
    event: str
    topic: str
    decision_ref: str
    called: str
    file: str
    line: int
    path: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    form_ref: str = ""
    form_fields: tuple[FormField, ...] = ()
    """The fields that the diagram itself names for the task."""


@dataclass(frozen=True)
class Package:
    """All processes that one definition may call, with their specs."""

    processes: Mapping[str, Process]
    bodies: Mapping[str, BodySpec]

    def body(self, key: str) -> BodySpec:
        return self.bodies[key]

    def has_process(self, process_id: str) -> bool:
        return process_id in self.processes


@dataclass(frozen=True)
class ProcessDefinition:
    """A process that can run, with the processes it calls."""

    process_id: str
    name: str
    file: str
    package: Package
    elements: Mapping[tuple[str, str], Element]
    """By (process id, element id), of this process and of those it calls."""

    @classmethod
    def compile(cls, files: Mapping[str, bytes], process_id: str) -> ProcessDefinition:
        """Compile a process and the processes of the same files.

        `files` maps paths to contents; other than `*.bpmn` are ignored. Raises DefinitionError with the findings when
        the process, or one that it calls, cannot run. The same contents give the same definition.
        """
        diagrams = {path: data for path, data in files.items() if is_diagram(path)}
        return _compiled(tuple(sorted(diagrams.items())), process_id)

    @property
    def process_ids(self) -> tuple[str, ...]:
        """This process and those that it may call."""
        return tuple(self.package.processes)

    def element(self, element_id: str, process_id: str = "") -> Element | None:
        return self.elements.get((process_id or self.process_id, element_id))

    @property
    def starts(self) -> tuple[Start, ...]:
        """How it may begin: plainly, by a message, by a signal, by a timer; several of them side by side."""
        return starts_of(self.package.processes[self.process_id])

    def initiator(self, start_event: str | None = None) -> str:
        """The variable that shall hold who starts the process (`camunda:initiator`); "" for none."""
        return next(
            (
                node.attributes.get("initiator", "")
                for node in self.package.processes[self.process_id].body.nodes.values()
                if node.type == "startEvent" and (node.id == start_event if start_event else not node.events)
            ),
            "",
        )

    def first_turn(
        self, start: Start, now: datetime, zone: ZoneInfo, calendar: feel.WorkingCalendar | None = None
    ) -> Turn | None:
        """When a timer start begins the process first; None when never, or not by time. Raises EngineError."""
        spec = self.package.body(self.process_id).task_specs[start.element_id]
        return None if spec.timer is None else first_turn(start, spec.timer, now, zone, calendar)

    @property
    def called(self) -> tuple[str, ...]:
        """Ids of the processes that it calls by name, directly or through others."""
        return tuple(one for one in self.package.processes if one != self.process_id)


@lru_cache(maxsize=128)
def _compiled(files: tuple[tuple[str, bytes], ...], process_id: str) -> ProcessDefinition:
    processes = check_for_run(dict(files), process_id)
    bodies: dict[str, BodySpec] = {}
    for process in processes.values():
        bodies.update(building.build(process))
    elements = {(process.id, element.id): element for process in processes.values() for element in _elements(process)}
    main = processes[process_id]
    return ProcessDefinition(process_id, main.name or main.id, main.file, Package(processes, bodies), elements)


def _elements(process: Process) -> list[Element]:
    return [_element(process, node, path) for node, path in _walk(process.body, ())]


def _walk(body: Body, path: tuple[str, ...]) -> list[tuple[Node, tuple[str, ...]]]:
    found: list[tuple[Node, tuple[str, ...]]] = []
    for node in body.nodes.values():
        found.append((node, path))
        if node.body is not None:
            found += _walk(node.body, (*path, node.id))
    return found


def _element(process: Process, node: Node, path: tuple[str, ...]) -> Element:
    return Element(
        id=node.id,
        process_id=process.id,
        type=node.type,
        name=node.name,
        name_en=node.name_en,
        stage=node.properties.get("stage", ""),
        title=node.properties.get("title", ""),
        title_en=node.properties.get("title.en", ""),
        form_key=node.attributes.get("formKey", ""),
        candidate_groups=node.attributes.get("candidateGroups", ""),
        documentation=node.documentation,
        event=node.event.kind if node.events else "",
        topic=node.attributes.get("topic", node.event.topic),
        decision_ref=node.attributes.get("decisionRef", ""),
        called=node.called.text if node.called is not None else "",
        file=process.file,
        line=node.line,
        path=path,
        properties=node.properties,
        form_ref=node.attributes.get("formRef", ""),
        form_fields=node.form_fields,
    )

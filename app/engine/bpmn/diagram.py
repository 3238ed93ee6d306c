"""A BPMN file as plain frozen data, with lines: what the check reads and the specs are built from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Code:
    """A piece of text that may be an expression. `language` is what the diagram says, "" when it says nothing."""

    text: str
    language: str = ""
    line: int = 0


Parameter = Code | tuple["Parameter", ...] | Mapping[str, "Parameter"]
"""The value of a `camunda:inputParameter`: text, script, list or map."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow as it is drawn."""

    id: str
    source: str
    target: str
    name: str = ""
    condition: Code | None = None
    line: int = 0
    name_en: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """An event definition. `kind` is the tag without `EventDefinition`; `name` is a message's or signal's name or an
    error's or escalation's code, None when the reference is missing, "" when it is there without a name; the variables
    take an error's or escalation's code and message where it is caught. `activity` is what a compensation is about
    ("" the whole scope), `waits` whether it is waited for. `topic` and `behaviour` are those of a throwing message."""

    kind: str
    name: str | None = None
    timer: str = ""
    code: Code | None = None
    topic: str = ""
    behaviour: str = ""
    line: int = 0
    code_variable: str = ""
    message_variable: str = ""
    activity: str = ""
    waits: bool = True


@dataclass(frozen=True, slots=True)
class Loop:
    """`kind` is parallel, sequential or standard (BPMN 2.0.2, 13.3.6 and 13.3.7)."""

    kind: str
    collection: Code | None = None
    element_variable: str = ""
    cardinality: Code | None = None
    completion: Code | None = None
    output_collection: str = ""
    output_element: Code | None = None
    test_before: bool = False
    maximum: int | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Transfer:
    """`camunda:in` or `camunda:out` of a call activity."""

    target: str = ""
    source: str = ""
    expression: Code | None = None
    everything: bool = False
    line: int = 0


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of `camunda:formData`; `choices` are (value, words), `constraints` name to configuration."""

    id: str
    type: str
    label: str = ""
    default: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    constraints: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    date_pattern: str = ""


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node. `type` is its tag; `attributes` are those of the Camunda namespace, without it; `handler` is the
    activity that an association ties to a compensation boundary event."""

    id: str
    type: str
    name: str = ""
    line: int = 0
    attributes: Mapping[str, str] = field(default_factory=dict)
    properties: Mapping[str, str] = field(default_factory=dict)
    documentation: str = ""
    lane: str = ""
    lane_groups: str = ""
    inputs: tuple[tuple[str, Parameter], ...] = ()
    outputs: tuple[tuple[str, Parameter], ...] = ()
    ins: tuple[Transfer, ...] = ()
    outs: tuple[Transfer, ...] = ()
    events: tuple[Event, ...] = ()
    loop: Loop | None = None
    attached_to: str = ""
    interrupting: bool = True
    handler: str = ""
    default_flow: str = ""
    body: "Body | None" = None
    script: Code | None = None
    called: Code | None = None
    completion: Code | None = None
    cancel_remaining: bool = True
    listeners: int = 0
    form_fields: tuple[FormField, ...] = ()
    ignored: tuple[str, ...] = ()
    """Extension elements of Camunda that have no effect here."""
    unsupported: tuple[str, ...] = ()

    @property
    def event(self) -> Event:
        return self.events[0] if self.events else NONE_EVENT

    @property
    def behaviour(self) -> str:
        """The topic that stands for what only Camunda 7 can do: a Java class, a delegate, a connector, a mail task."""
        return behaviour_of(self.attributes) or self.event.behaviour

    @property
    def is_event_subprocess(self) -> bool:
        return self.type == "subProcess" and self.attributes.get("@triggeredByEvent") == "true"

    @property
    def is_handler(self) -> bool:
        """A compensation handler; a compensation event sub-process may have the mark too, and is none."""
        return self.attributes.get("@isForCompensation") == "true" and not self.is_event_subprocess

    @property
    def name_en(self) -> str:
        return self.properties.get("name.en", "")


def called(as_what: str, part: Flow | Node) -> dict[str, str]:
    """What a part is called, as parameters of a finding: in its own language and in English."""
    return {as_what: part.name or part.id, f"{as_what}_en": part.name_en}


BEHAVIOURS = ("class", "delegateExpression", "expression", "connector", "type")


def behaviour_of(attributes: Mapping[str, str]) -> str:
    """`<attribute>:<its value>` of the first attribute that says what to run."""
    for name in BEHAVIOURS:
        given = attributes.get(name, "")
        if given and (name, given) != ("type", "external"):
            return f"{name}:{given}"
    return ""


NONE_EVENT = Event("none")


@dataclass(frozen=True, slots=True)
class Body:
    """What lies inside a process or a sub-process."""

    id: str
    nodes: Mapping[str, Node]
    flows: tuple[Flow, ...]

    def incoming(self, node_id: str) -> list[Flow]:
        return [flow for flow in self.flows if flow.target == node_id]

    def outgoing(self, node_id: str) -> list[Flow]:
        return [flow for flow in self.flows if flow.source == node_id]

    def walk(self) -> Iterator[tuple["Body", Node]]:
        """Every node of this body and of the bodies inside it."""
        for node in self.nodes.values():
            yield self, node
            if node.body is not None:
                yield from node.body.walk()


@dataclass(frozen=True, slots=True)
class Process:
    """A process as it is drawn, with its place in the file."""

    id: str
    name: str
    file: str
    line: int
    executable: bool
    body: Body
    properties: Mapping[str, str] = field(default_factory=dict)
    documentation: str = ""
    history_ttl: str = ""


@dataclass(frozen=True, slots=True)
class Diagram:
    """A file: its processes, and what in it is not read."""

    file: str
    processes: tuple[Process, ...]
    expression_language: str = ""
    unsupported: tuple[tuple[str, str, str, int], ...] = ()
    """(tag, id, name, line) of flow elements that are not BPMN flow nodes this engine knows."""
    pools: tuple[str, ...] = ()
    camunda_8: bool = False
    unread: tuple[str, ...] = ()
    """Namespaces of settings that another vendor's system would read."""

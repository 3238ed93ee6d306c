"""Service tasks by topic: features register what a diagram may call."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.audit.services import Actor
from app.engine.bpmn.environment import BpmnError
from app.engine.findings import EngineError

TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "number": (int, float),
    "boolean": (bool,),
    "list": (list,),
    "context": (dict,),
    "any": (object,),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One typed input or output. A date travels as FEEL's own value and is declared `any`."""

    type: str = "any"
    required: bool = False


Schema = Mapping[str, Parameter]


@dataclass(frozen=True, slots=True)
class TopicCall:
    """One call of a service task, with FEEL values.

    `variables` is all that the element sees, what this very step has written included; `key` stays the same when a job
    is tried again.
    """

    county_id: int
    subject_id: int | None
    instance_id: int
    package: str
    element_id: str
    process_id: str
    inputs: Mapping[str, object]
    actor: Actor
    now: datetime
    key: str = ""
    variables: Mapping[str, object] = field(default_factory=dict)


Handler = Callable[[TopicCall], Mapping[str, object] | None]


@dataclass(frozen=True, slots=True)
class Topic:
    """`outside` is for effects beyond the database: such a handler runs with no transaction open, only as a job."""

    name: str
    handler: Handler
    inputs: Schema = field(default_factory=dict)
    outputs: Schema = field(default_factory=dict)
    outside: bool = False


_topics: dict[str, Topic] = {}


def register(
    name: str, handler: Handler, inputs: Schema | None = None, outputs: Schema | None = None, *, outside: bool = False
) -> None:
    """Serve `name`. A later registration of the same name takes its place."""
    _topics[name] = Topic(name, handler, inputs or {}, outputs or {}, outside)


def registered(name: str) -> Topic | None:
    return _topics.get(name)


def names() -> frozenset[str]:
    return frozenset(_topics)


def call(topic: Topic, call_: TopicCall) -> dict[str, object]:
    """Check the inputs, run the handler, check the outputs. Raises EngineError (an incident) or BpmnError."""
    _check(topic, topic.inputs, call_.inputs, "topic_input_wrong")
    outputs = dict(topic.handler(call_) or {})
    _check(topic, topic.outputs, outputs, "topic_output_wrong")
    return outputs


def _check(topic: Topic, schema: Schema, values: Mapping[str, object], code: str) -> None:
    for name, parameter in schema.items():
        value = values.get(name)
        if value is None:
            if parameter.required:
                raise EngineError(code, topic=topic.name, name=name, type=parameter.type)
            continue
        fits = isinstance(value, TYPES[parameter.type])
        if parameter.type == "number":
            fits = _is_number(value)
        if not fits:
            raise EngineError(code, topic=topic.name, name=name, type=parameter.type)


def _is_number(value: object) -> bool:
    return not isinstance(value, bool) and (isinstance(value, int | float) or hasattr(value, "as_tuple"))


__all__ = ["BpmnError", "EngineError", "Parameter", "Schema", "Topic", "TopicCall", "call", "names", "register"]

"""Topics that work on a case: a diagram that runs without one cannot call them."""

from collections.abc import Callable, Mapping

from app.cases.models import Case
from app.cases.queries import case_by_id
from app.engine.findings import EngineError
from app.workflow import topics
from app.workflow.topics import Schema, TopicCall

Outputs = Mapping[str, object]
Handler = Callable[[Case, TopicCall], Outputs]


def serve(name: str, handler: Handler, inputs: Schema, outputs: Schema) -> None:
    """Serve `name` by a handler that is given the case of the process, beside the call."""

    def answer(call: TopicCall) -> Outputs:
        if call.subject_id is None:
            raise EngineError("topic_needs_case", topic=name)
        return handler(case_by_id(call.county_id, call.subject_id), call)

    topics.register(name, answer, inputs, outputs)

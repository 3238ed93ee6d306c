"""The topics `supervision.*`."""

from collections.abc import Mapping

from app.audit.services import Stream, record
from app.core.database import db
from app.engine.feel import Date
from app.engine.findings import EngineError
from app.supervision.models import SupervisionOrder
from app.workflow import topics
from app.workflow.topics import Parameter, TopicCall

CARDS = ("notice", "yellow", "red")


def register_topics() -> None:
    topics.register(
        "supervision.open", open_order, {"order": Parameter("context", required=True)}, {"order": Parameter("text")}
    )
    topics.register("supervision.close", close_order, {"order": Parameter("text", required=True)})


def open_order(call: TopicCall) -> Mapping[str, object]:
    """Keep an order {card, demand, due}; gives its id."""
    if call.subject_id is None:
        raise EngineError("topic_needs_case", topic="supervision.open")
    asked = call.inputs["order"]
    assert isinstance(asked, dict)  # noqa: S101 - the topic's schema says so
    due = asked.get("due")
    order = SupervisionOrder(
        county_id=call.county_id,
        case_id=call.subject_id,
        card=str(asked.get("card") or CARDS[0])[:10],
        demand=str(asked.get("demand") or ""),
        due_on=due.to_python() if isinstance(due, Date) else None,
        ordered_by_id=call.actor.id,
        ordered_by=call.actor.name,
        ordered_at=call.now,
    )
    db.session.add(order)
    db.session.flush()
    record(
        Stream.case(call.county_id, call.subject_id),
        "supervision.ordered",
        actor=call.actor,
        now=call.now,
        payload={"card": order.card, "demand": order.demand},
        about={"order": order.id},
    )
    return {"order": str(order.id)}


def close_order(call: TopicCall) -> Mapping[str, object]:
    """The answer was accepted."""
    order = db.session.get(SupervisionOrder, (call.county_id, int(str(call.inputs["order"]))))
    if order is None or call.subject_id is None or order.case_id != call.subject_id:
        raise EngineError("topic_input_wrong", topic="supervision.close", name="order", type="text")
    order.closed_at = call.now
    db.session.flush()
    record(
        Stream.case(call.county_id, call.subject_id),
        "supervision.closed",
        actor=call.actor,
        now=call.now,
        payload={"card": order.card},
        about={"order": order.id},
    )
    return {}

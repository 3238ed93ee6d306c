"""The topics `supervision.*`."""

from app.audit.services import Stream, record
from app.cases.models import Case
from app.cases.topics import Outputs, serve
from app.core.database import db
from app.engine.feel import Date
from app.engine.findings import EngineError
from app.supervision.models import SupervisionOrder
from app.workflow.topics import Parameter, TopicCall

CARDS = ("notice", "yellow", "red")


def register_topics() -> None:
    serve("supervision.open", open_order, {"order": Parameter("context", required=True)}, {"order": Parameter("text")})
    serve("supervision.close", close_order, {"order": Parameter("text", required=True)}, {})


def open_order(case: Case, call: TopicCall) -> Outputs:
    """Keep an order {card, demand, due}; gives its id."""
    asked = call.inputs["order"]
    assert isinstance(asked, dict)  # noqa: S101 - the topic's schema says so
    due = asked.get("due")
    order = SupervisionOrder(
        county_id=case.county_id,
        case_id=case.id,
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
        Stream.case(case.county_id, case.id),
        "supervision.ordered",
        actor=call.actor,
        now=call.now,
        payload={"card": order.card, "demand": order.demand},
        about={"order": order.id},
    )
    return {"order": str(order.id)}


def close_order(case: Case, call: TopicCall) -> Outputs:
    """The answer was accepted."""
    order = db.session.get(SupervisionOrder, (case.county_id, int(str(call.inputs["order"]))))
    if order is None or order.case_id != case.id:
        raise EngineError("topic_input_wrong", topic="supervision.close", name="order", type="text")
    order.closed_at = call.now
    db.session.flush()
    record(
        Stream.case(case.county_id, case.id),
        "supervision.closed",
        actor=call.actor,
        now=call.now,
        payload={"card": order.card},
        about={"order": order.id},
    )
    return {}

"""The topics `matching.*`."""

from decimal import Decimal

from app.audit.services import Stream, record
from app.cases.jobs import person_asked_for
from app.cases.models import Case
from app.cases.rules import local_day
from app.cases.services.cases import set_mediator
from app.cases.topics import Outputs, serve
from app.directory import queries as directory
from app.directory.staff.errors import PersonGone
from app.engine.findings import EngineError
from app.matching.queries import mediators_for
from app.matching.rules import rank
from app.workflow.topics import Parameter, TopicCall

PARTS = {
    "field": ("专长", "field"),
    "nearness": ("就近", "nearness"),
    "history": ("调解成效", "record"),
    "load": ("在办量", "load"),
}


def register_topics() -> None:
    serve("matching.rank", rank_mediators, {"tags": Parameter("list")}, {"candidates": Parameter("list")})
    serve("matching.assign", assign_mediator, {"person": Parameter("text")}, {"mediator": Parameter("text")})
    serve("matching.post", post_bulletin, {}, {})


def rank_mediators(case: Case, call: TopicCall) -> Outputs:
    zone = directory.county(call.county_id).zone
    tags = call.inputs.get("tags")
    wanted = [str(tag) for tag in tags if tag] if isinstance(tags, list) else []
    ranked = rank(mediators_for(case, on=local_day(call.now, zone)), tags=wanted, home=case.org_path)
    candidates = [
        {
            "person": str(one.applicant.person),
            "name": one.applicant.name,
            "name_en": one.applicant.name_en or one.applicant.name,
            "score": Decimal(one.score),
            "parts": "，".join(f"{PARTS[what][0]} {points:+d}" for what, points in one.parts),
            "parts_en": ", ".join(f"{PARTS[what][1]} {points:+d}" for what, points in one.parts),
        }
        for one in ranked
    ]
    record(
        Stream.case(case.county_id, case.id),
        "mediators.ranked",
        actor=call.actor,
        now=call.now,
        payload={
            "names_zh": [f"{one.applicant.name} {one.score}" for one in ranked],
            "names_en": [f"{one.applicant.name_en or one.applicant.name} {one.score}" for one in ranked],
        },
    )
    return {"candidates": candidates}


def assign_mediator(case: Case, call: TopicCall) -> Outputs:
    """Make `person` the mediator; without one, whoever claimed the posted case."""
    person_id = _person(call)
    try:
        set_mediator(case, person_id, actor=call.actor, now=call.now)
    except PersonGone as gone:
        raise EngineError("person_unknown", person=str(person_id)) from gone
    return {"mediator": str(person_id)}


def _person(call: TopicCall) -> int:
    """The number of who is asked for, or of who acts. Raises EngineError when nobody who works here has it."""
    asked = str(call.inputs.get("person") or "").strip() or str(call.actor.id or "")
    if not asked:
        raise EngineError("topic_input_wrong", topic="matching.assign", name="person", type="text")
    return person_asked_for(call.county_id, asked, now=call.now).id


def post_bulletin(case: Case, call: TopicCall) -> Outputs:
    """Note that the case is posted; the process offers the task to every mediator of the area."""
    record(Stream.case(case.county_id, case.id), "case.posted", actor=call.actor, now=call.now)
    return {}

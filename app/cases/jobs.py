"""What a diagram may ask of the case: the topics `cases.*` and `clocks.*`."""

from datetime import datetime
from decimal import Decimal

from app.audit.services import Stream, record
from app.cases.models import Case
from app.cases.queries import case_by_code
from app.cases.rules import NATURAL, WORKING, Limit, last_day_of, worse
from app.cases.services import access, cases, clocks, relations, risk
from app.cases.topics import Outputs, serve
from app.core.errors import NotFound
from app.core.ids import new_id
from app.core.paging import record_id
from app.directory import queries as directory
from app.directory.models import Person
from app.directory.rules import TASK_ROLES
from app.engine.feel import Date
from app.engine.findings import EngineError
from app.workflow.topics import Parameter, TopicCall

TEXT, NUMBER, LIST, BOOLEAN = Parameter("text"), Parameter("number"), Parameter("list"), Parameter("boolean")
REQUIRED_TEXT = Parameter("text", required=True)

LIKENESS = {
    "same_identity": ("证件号码相同", "same identity number"),
    "same_phone": ("电话相同", "same telephone"),
    "same_name": ("姓名相同", "same name"),
    "same_place_and_type": ("地点和类型相同", "same place and type"),
    "same_text": ("内容相同", "same words"),
}


def register_topics() -> None:
    """Serve every topic of this room."""
    serve("cases.find_duplicates", find_duplicates, {}, {"duplicate_count": NUMBER, "duplicates": LIST})
    serve("cases.merge", merge, {"merge_into": REQUIRED_TEXT}, {"merged": BOOLEAN})
    serve(
        "cases.set_risk",
        set_risk,
        {"colour": REQUIRED_TEXT, "score": NUMBER, "reasons": LIST, "reasons_en": LIST},
        {},
    )
    serve(
        "cases.route",
        route,
        {"office": TEXT, "tier": TEXT, "assisting": LIST},
        {"lead_office": TEXT, "lead_organisation": TEXT},
    )
    serve("cases.admit", admit, {"person": TEXT}, {})
    serve("cases.end_admission", end_admission, {}, {})
    serve("cases.close", close, {"outcome": REQUIRED_TEXT}, {})
    serve("cases.reopen", reopen, {"colour": TEXT, "reason": TEXT}, {})
    serve(
        "clocks.start",
        start_clock,
        {
            "clock": REQUIRED_TEXT,
            "days": Parameter("number", required=True),
            "day_kind": TEXT,
            "source": TEXT,
            "promise_days": NUMBER,
        },
        {"deadline": Parameter()},
    )
    serve("clocks.stop", stop_clock, {"clock": TEXT}, {})
    serve("clocks.pause", pause_clocks, {"clock": TEXT, "reason": TEXT}, {})
    serve("clocks.resume", resume_clocks, {"clock": TEXT}, {})
    serve(
        "clocks.extend",
        extend_clock,
        {"clock": REQUIRED_TEXT, "days": Parameter("number", required=True), "consent": Parameter()},
        {"deadline": Parameter()},
    )
    serve(
        "handover.send",
        send_handover,
        {"receiver": REQUIRED_TEXT, "reason": TEXT},
        {"handover": TEXT},
    )


def find_duplicates(case: Case, call: TopicCall) -> Outputs:
    found = relations.find_duplicates(case, now=call.now)
    return {
        "duplicate_count": Decimal(len(found)),
        "duplicates": [
            {
                "code": like.case.code,
                "title": like.case.title,
                "reasons": "、".join(LIKENESS[reason][0] for reason in like.reasons),
                "reasons_en": ", ".join(LIKENESS[reason][1] for reason in like.reasons),
            }
            for like in found
        ],
    }


def merge(case: Case, call: TopicCall) -> Outputs:
    into = case_by_code(case.county_id, str(call.inputs["merge_into"]))
    relations.merge_case(case, into, actor=call.actor, now=call.now)
    clocks.stop_clocks(case, None, actor=call.actor, now=call.now)
    return {"merged": True}


def set_risk(case: Case, call: TopicCall) -> Outputs:
    score = call.inputs.get("score")
    chinese, english = (_texts(call.inputs.get(name)) for name in ("reasons", "reasons_en"))
    english = english if len(english) == len(chinese) else chinese
    risk.set_risk(
        case,
        colour=str(call.inputs["colour"]),
        score=score if isinstance(score, Decimal) else None,
        reasons=[{"zh": zh, "en": en} for zh, en in zip(chinese, english, strict=True)],
        actor=call.actor,
        now=call.now,
    )
    return {}


def route(case: Case, call: TopicCall) -> Outputs:
    assisting = call.inputs.get("assisting")
    tier = call.inputs.get("tier")
    lead = cases.route_case(
        case,
        office=str(call.inputs.get("office") or ""),
        tier=str(tier) if tier else None,
        assisting=[str(one) for one in assisting] if isinstance(assisting, list) else [],
        actor=call.actor,
        now=call.now,
    )
    return {"lead_office": lead.name_zh, "lead_organisation": str(lead.id)}


def admit(case: Case, call: TopicCall) -> Outputs:
    """Let the person see the case to whom the diagram gives a part; nobody where it names nobody."""
    asked = str(call.inputs.get("person") or "")
    if asked:
        person = person_asked_for(case.county_id, asked, now=call.now)
        access.admit_person(case, person.id, actor=call.actor, now=call.now)
    return {}


def person_asked_for(county_id: int, number: str, *, now: datetime) -> Person:
    """The person whom a diagram names by number, and to whom it opens the case.

    Raises EngineError when nobody who works here has it, or somebody without a role that works on cases.
    """
    try:
        found = directory.person(county_id, record_id(number))
    except (ValueError, NotFound):
        found = None
    if found is None or found.left_at is not None:
        raise EngineError("person_unknown", person=number[:60])
    if not directory.holding_any(county_id, [found.id], TASK_ROLES, now=now):
        raise EngineError("person_without_case_role", name=found.name, name_en=found.name_en or found.name)
    return found


def end_admission(case: Case, call: TopicCall) -> Outputs:
    access.end_admission(case, actor=call.actor, now=call.now)
    return {}


def close(case: Case, call: TopicCall) -> Outputs:
    cases.close_case(case, outcome=str(call.inputs["outcome"]), actor=call.actor, now=call.now)
    clocks.stop_clocks(case, None, actor=call.actor, now=call.now)
    return {}


def reopen(case: Case, call: TopicCall) -> Outputs:
    reason = str(call.inputs.get("reason") or "")
    cases.reopen_case(case, reason=reason, actor=call.actor, now=call.now)
    colour = call.inputs.get("colour")
    if colour:
        higher = worse(case.risk_colour, str(colour))
        reasons = [{"zh": reason, "en": reason}]
        risk.set_risk(case, colour=higher, score=None, reasons=reasons, actor=call.actor, now=call.now)
    return {}


def start_clock(case: Case, call: TopicCall) -> Outputs:
    promise = call.inputs.get("promise_days")
    clock = clocks.start_clock(
        case,
        str(call.inputs["clock"]),
        limit=Limit(_whole(call.inputs["days"]), WORKING if call.inputs.get("day_kind") == WORKING else NATURAL),
        promise_days=None if promise is None else _whole(promise),
        source=str(call.inputs.get("source") or ""),
        actor=call.actor,
        now=call.now,
    )
    return {"deadline": _deadline(case, clock.due_at)}


def stop_clock(case: Case, call: TopicCall) -> Outputs:
    clocks.stop_clocks(case, _kind(call), actor=call.actor, now=call.now)
    return {}


def _kind(call: TopicCall) -> str | None:
    """The kind of limit that is meant; None: all of them."""
    kind = call.inputs.get("clock")
    return str(kind) if kind else None


def pause_clocks(case: Case, call: TopicCall) -> Outputs:
    reason = str(call.inputs.get("reason") or "")
    clocks.pause_clocks(case, _kind(call), reason=reason, actor=call.actor, now=call.now)
    return {}


def resume_clocks(case: Case, call: TopicCall) -> Outputs:
    """Let one limit run again, or all; the mediation's new last day goes back to the diagram, for its timer."""
    clocks.resume_clocks(case, _kind(call), actor=call.actor, now=call.now)
    running = next((clock for clock in clocks.running_clocks(case) if clock.kind == "mediation"), None)
    return {} if running is None else {"mediation_deadline": _deadline(case, running.due_at)}


def extend_clock(case: Case, call: TopicCall) -> Outputs:
    clock = clocks.extend_clock(
        case,
        str(call.inputs["clock"]),
        days=_whole(call.inputs["days"]),
        consent=str(call.inputs.get("consent") or ""),
        actor=call.actor,
        now=call.now,
    )
    return {} if clock is None else {"deadline": _deadline(case, clock.due_at)}


def send_handover(case: Case, call: TopicCall) -> Outputs:
    """Pass the case to another procedure; the receipt is awaited by the process. Gives the handover a number."""
    number = new_id()
    record(
        Stream.case(case.county_id, case.id),
        "case.handed_over",
        actor=call.actor,
        now=call.now,
        payload={"receiver": str(call.inputs["receiver"]), "reason": str(call.inputs.get("reason") or "")},
        about={"handover": number},
    )
    return {"handover": str(number)}


def _texts(value: object) -> list[str]:
    """The texts of a list; a word that is not known in a language is left out there."""
    return [str(one or "") for one in value] if isinstance(value, list) else []


def _whole(value: object) -> int:
    return int(Decimal(str(value)))


def _deadline(case: Case, due_at: datetime) -> Date:
    return Date.from_python(last_day_of(due_at, directory.county(case.county_id).zone))

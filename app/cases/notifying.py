"""The topic `notices.send`: tell the parties of a case, its mediator, or whoever holds a role."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from app.audit.services import Stream, record
from app.cases.models import Case
from app.cases.queries import parties_of, value_label
from app.cases.topics import Outputs, serve
from app.directory import queries as directory
from app.directory.models import Person
from app.engine.feel import Date, DateTime
from app.notices.queries import holders
from app.notices.services import Recipient, mail_address, notify
from app.notices.words import worded
from app.workflow.environment import as_feel
from app.workflow.topics import Parameter, TopicCall

PARTIES, MEDIATOR = "parties", "mediator"

_TOLD = (
    "session_at",
    "session_place",
    "perform_by",
    "deadline",
    "mediation_deadline",
    "material_missing",
    "other_remedies",
    "answer_text",
)
"""Names of the process that stand in notices."""


def register_topics() -> None:
    serve(
        "notices.send",
        send,
        {
            "audience": Parameter("text", required=True),
            "template": Parameter("text", required=True),
            "channel": Parameter("text"),
        },
        {},
    )


def send(case: Case, call: TopicCall) -> Outputs:
    """Write the notices in this transaction; what leaves the house leaves after the commit."""
    audience, template = str(call.inputs["audience"]), str(call.inputs["template"])
    params = _params(case, call.variables)
    told = notify(
        case.county_id,
        _recipients(case, audience, call),
        template,
        params,
        url="" if audience == PARTIES else f"/cases/{case.code}",
        now=call.now,
    )
    title_zh, title_en = (worded(template, params, language)[0] for language in ("zh", "en"))
    record(
        Stream.case(case.county_id, case.id),
        "notice.issued",
        actor=call.actor,
        now=call.now,
        payload={"title_zh": title_zh, "title_en": title_en, "names": [notice.name for notice in told]},
    )
    return {}


def _recipients(case: Case, audience: str, call: TopicCall) -> list[Recipient]:
    if audience == PARTIES:
        return [Recipient(party.name, party_id=party.id) for party in parties_of(case)]
    if audience == MEDIATOR and case.mediator_id is not None:
        return [_person(directory.person(case.county_id, case.mediator_id))]
    if audience.isdigit():
        return [_person(directory.person(case.county_id, int(audience)))]
    lead = directory.organisation(case.county_id, case.lead_organisation_id)
    role, organisation_id = directory.resolve_group(audience, lead)
    today = call.now.astimezone(directory.zone_of(case.county_id)).date()
    return [_person(person) for person in holders(case.county_id, role, organisation_id, on=today)]


def _person(person: Person) -> Recipient:
    return Recipient(person.name, person_id=person.id, address=mail_address(person.login))


def _params(case: Case, variables: Mapping[str, object]) -> dict[str, object]:
    zone = directory.zone_of(case.county_id)
    told = as_feel({name: variables.get(name) for name in _TOLD})
    params: dict[str, object] = {name: _plain(value, zone) for name, value in told.items()}
    instalment = variables.get("instalment")
    if isinstance(instalment, Mapping):
        params["perform_by"] = _plain(instalment.get("due"), zone)
    lead = directory.organisation(case.county_id, case.lead_organisation_id)
    remedies, remedies_en = value_label(case.county_id, "other_remedies", params.get("other_remedies"))
    receiver, receiver_en = value_label(case.county_id, "handover_receiver", variables.get("handover_receiver"))
    mediator = directory.person(case.county_id, case.mediator_id) if case.mediator_id is not None else None
    return params | {
        "code": case.code,
        "title": case.title,
        "office": lead.name_zh,
        "office_en": lead.name_en,
        "other_remedies": remedies,
        "other_remedies_en": remedies_en,
        "receiver": receiver,
        "receiver_en": receiver_en,
        "mediator_name": mediator.name if mediator else "",
        "mediator_name_en": mediator.name_en if mediator else "",
    }


def _plain(value: object, zone: ZoneInfo) -> object:
    """A value as a notice keeps it; days and moments, of the county, are told when it is read."""
    if isinstance(value, Date):
        return value.to_python().isoformat()
    if isinstance(value, DateTime):
        return f"{value.to_python(zone).astimezone(zone):%Y-%m-%d %H:%M}"
    if isinstance(value, list):
        return "、".join(str(one) for one in value)
    return value

"""Messages and signals from other systems; incidents and their repair, by API."""

from typing import Any

import orjson
from flask.views import MethodView
from flask_smorest import Blueprint

from app.cases.queries import case_for
from app.cases.rights import acts_in
from app.core import clock
from app.core.errors import Forbidden
from app.core.paging import Page
from app.core.translations import language, words_of
from app.core.unit_of_work import keep_changes
from app.directory.rules import Viewer
from app.directory.sessions import actor_of, current_viewer, needs
from app.engine.words import sentence
from app.operations import queries, services
from app.operations.errors import NotBeyondMeasure, NotTooMuch, PayloadTooLarge, PayloadUnkeepable
from app.operations.masking import shown_inputs, shown_values
from app.operations.queries import Filter, Row
from app.operations.schemas import (
    ChangeSchema,
    IncidentFilterSchema,
    IncidentListSchema,
    MessageReceiptSchema,
    MessageSchema,
    OpenedIncidentSchema,
    Posted,
    ReasonSchema,
    RepairedSchema,
    RestartSchema,
    SignalSchema,
)
from app.workflow import messaging
from app.workflow.errors import NothingWaits
from app.workflow.inspection import stopped_at
from app.workflow.messaging import Incoming, Receipt
from app.workflow.models import MessageStatus
from app.workflow.services import Outcome

messages = Blueprint("messages_api", __name__, url_prefix="/api/v1/messages", description="Messages, once each.")
signals = Blueprint("signals_api", __name__, url_prefix="/api/v1/signals", description="Signals, once each.")
incidents = Blueprint("incidents_api", __name__, url_prefix="/api/v1/incidents", description="What stands still.")

SEND, READ, WRITE = "messages:write", "incidents:read", "incidents:write"
LARGEST_PAYLOAD = 64 * 1024
CONFLICT = "Nobody waits, several wait, or another message came under this number."


@messages.route("")
class Messages(MethodView):
    @needs(SEND)
    @messages.arguments(MessageSchema)
    @messages.response(200, MessageReceiptSchema)
    @messages.alt_response(404, description="There is no such case, or none that you may see.")
    @messages.alt_response(409, description=CONFLICT)
    def post(self, data: Posted) -> Any:
        """Send a message to the one process that waits for it, or to the process that it starts.

        The same `id` again does nothing and tells what became of it. If nobody waits it is kept as long as the diagram
        says, or refused (409) when it says nothing; a refused one is remembered too: send it under another `id` later.
        An `id` is remembered for 90 days.
        """
        viewer = _sender()
        case = case_for(viewer, data["case"]) if data["case"] else None
        if not acts_in(viewer, case):
            raise Forbidden
        message = Incoming(
            id=data["id"],
            name=data["name"],
            key=data["key"],
            payload=_payload(data),
            subject_id=case.id if case else None,
            organisation_id=viewer.roles[0].organisation_id if viewer.roles else None,
            to_all=data["all"],
        )
        receipt = messaging.receive_message(viewer.county_id, message, actor=actor_of(viewer), now=clock.now())
        if receipt.status == MessageStatus.NOBODY:
            keep_changes()
            raise NothingWaits(name=message.name)
        return _receipt(message.id, receipt)


@signals.route("")
class Signals(MethodView):
    @needs(SEND)
    @signals.arguments(SignalSchema)
    @signals.response(200, MessageReceiptSchema)
    @signals.alt_response(409, description=CONFLICT)
    def post(self, data: Posted) -> Any:
        """Give a signal to every process that waits for it, and begin those that begin on it; nobody is no error."""
        viewer = _sender()
        signal = Incoming(id=data["id"], name=data["name"], payload=_payload(data))
        receipt = messaging.receive_signal(viewer.county_id, signal, actor=actor_of(viewer), now=clock.now())
        return _receipt(signal.id, receipt)


@incidents.route("")
class Incidents(MethodView):
    @needs(READ)
    @incidents.arguments(IncidentFilterSchema, location="query")
    @incidents.response(200, IncidentListSchema)
    def get(self, chosen: Posted) -> Any:
        """What stands still where you are responsible, the newest first."""
        viewer = _responsible()
        filter_ = Filter(
            package=chosen["package"],
            element=chosen["element"],
            code=chosen["code"],
            age=chosen["age"],
            text=chosen["q"],
            cursor=chosen["cursor"],
        )
        page: Page[Row] = queries.incident_list(viewer, filter_, now=clock.now(), size=chosen["size"])
        return {"items": [_incident(row) for row in page.rows], "next": page.next_cursor}


@incidents.route("/<int:incident_id>")
class OneIncident(MethodView):
    @needs(READ)
    @incidents.response(200, OpenedIncidentSchema)
    def get(self, incident_id: int) -> Any:
        """An incident with what the element reads, the values it sees, and where the process may go on."""
        row = queries.incident_for(_responsible(), incident_id)
        stopped = stopped_at(row.incident, now=clock.now())
        sees = row.case_code is not None
        look = stopped.inspection
        names = look.names if look else ()
        return {
            **_incident(row),
            "reads": [{"place": one.place, "text": one.text, "names": list(one.names)} for one in look.reads]
            if look
            else [],
            "values": [
                {"name": one.seen.name, "scope": one.seen.scope, "value": one.plain, "masked": one.masked}
                for one in shown_values(stopped, names, sees_case=sees)
            ],
            "inputs": shown_inputs(look.inputs, stopped, sees_case=sees) if look else {},
            "restarts": [one.id for one in look.restarts] if look else [],
            "may_skip": bool(look and look.may_skip),
        }


@incidents.route("/<int:incident_id>/retry")
class Retrying(MethodView):
    @needs(WRITE)
    @incidents.arguments(ReasonSchema)
    @incidents.response(200, RepairedSchema)
    def post(self, data: Posted, incident_id: int) -> Any:
        """Try again where it failed; what was done is not done twice."""
        viewer, row = _find(incident_id)
        return _repaired(services.retry(row, viewer=viewer, reason=data["reason"], now=clock.now()))


@incidents.route("/<int:incident_id>/variables")
class Changing(MethodView):
    @needs(WRITE)
    @incidents.arguments(ChangeSchema)
    @incidents.response(200, RepairedSchema)
    @incidents.alt_response(422, description="A value does not fit the data dictionary.")
    def post(self, data: Posted, incident_id: int) -> Any:
        """Set values where the element sees them, and with `retry` try again; both or neither."""
        viewer, row = _find(incident_id)
        outcome = services.change_values(
            row, data["values"], retry_after=data["retry"], viewer=viewer, reason=data["reason"], now=clock.now()
        )
        return _repaired(outcome)


@incidents.route("/<int:incident_id>/restart")
class Restarting(MethodView):
    @needs(WRITE)
    @incidents.arguments(RestartSchema)
    @incidents.response(200, RepairedSchema)
    def post(self, data: Posted, incident_id: int) -> Any:
        """Begin again before another element of the same part of the process, in place of what failed."""
        viewer, row = _find(incident_id)
        outcome = services.restart(row, data["element"], viewer=viewer, reason=data["reason"], now=clock.now())
        return _repaired(outcome)


@incidents.route("/<int:incident_id>/skip")
class Skipping(MethodView):
    @needs(WRITE)
    @incidents.arguments(ReasonSchema)
    @incidents.response(200, RepairedSchema)
    def post(self, data: Posted, incident_id: int) -> Any:
        """Go on behind the element without its work: its outputs are not written."""
        viewer, row = _find(incident_id)
        return _repaired(services.skip(row, viewer=viewer, reason=data["reason"], now=clock.now()))


def _sender() -> Viewer:
    viewer = current_viewer()
    if viewer.only_reads():
        raise Forbidden
    return viewer


def _responsible() -> Viewer:
    viewer = current_viewer()
    if not queries.is_responsible(viewer):
        raise Forbidden
    return viewer


def _find(incident_id: int) -> tuple[Viewer, Row]:
    viewer = _responsible()
    return viewer, queries.incident_for(viewer, incident_id)


def _payload(data: Posted) -> dict[str, Any]:
    payload: dict[str, Any] = data["payload"]
    try:
        size = len(orjson.dumps(payload))
    except TypeError as error:
        raise PayloadUnkeepable({"payload": [words_of(NotBeyondMeasure())]}) from error
    if size > LARGEST_PAYLOAD:
        raise PayloadTooLarge({"payload": [words_of(NotTooMuch(limit=LARGEST_PAYLOAD))]})
    return payload


def _receipt(message_id: str, receipt: Receipt) -> dict[str, Any]:
    return {
        "id": message_id,
        "outcome": receipt.status,
        "processes": [str(one) for one in receipt.reached],
        "keep_until": receipt.keep_until,
        "repeated": receipt.again,
    }


def _incident(row: Row) -> dict[str, Any]:
    one = row.incident
    return {
        "id": str(one.id),
        "package": row.package,
        "process": one.process_id,
        "element": one.element_id,
        "element_name": one.element_name,
        "code": one.code,
        "reason": sentence(one.code, one.params, language()),
        "case": row.case_code,
        "instance": str(one.instance_id),
        "opened_at": one.opened_at,
        "file": one.file,
        "line": one.line,
    }


def _repaired(outcome: Outcome) -> dict[str, Any]:
    return {
        "opened": [str(one) for one in outcome.opened],
        "incidents": [str(one) for one in outcome.incidents],
        "finished": outcome.finished,
    }

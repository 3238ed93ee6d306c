"""Reports by API: what a channel pushes."""

from typing import Any

from flask import g
from flask.views import MethodView
from flask_smorest import Blueprint

from app.audit.services import Actor
from app.core import clock
from app.directory import queries as directory
from app.directory.sessions import current_viewer, needs
from app.intake.errors import ChannelNotYours
from app.intake.schemas import ReceiptSchema, ReportSchema, new_report
from app.intake.services import receive_report

blueprint = Blueprint(
    "reports_api", __name__, url_prefix="/api/v1/reports", description="Reports from other systems, once each."
)


@blueprint.route("")
class Reports(MethodView):
    @needs("reports:write")
    @blueprint.arguments(ReportSchema)
    @blueprint.response(201, ReceiptSchema, description="Received; the case code is the one to keep.")
    @blueprint.alt_response(200, schema=ReceiptSchema, description="This number had come before; nothing was changed.")
    def post(self, data: dict[str, Any]) -> Any:
        """File a report. The same channel and number twice is one report."""
        viewer = current_viewer()
        own = g.get("token_channel")
        if own and own != data["channel"]:
            raise ChannelNotYours(channel=own)
        office = directory.organisations(viewer.county_id, tier="county", kind="government")[0]
        receipt = receive_report(
            viewer.county_id,
            new_report(data),
            received_by=office,
            actor=Actor("channel", viewer.person_id, data["channel"]),
            now=clock.now(),
        )
        answer = {
            "code": receipt.case.code,
            "report": str(receipt.report.id),
            "created": receipt.created,
            "status": receipt.case.status,
        }
        return answer if receipt.created else (answer, 200)

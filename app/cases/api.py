"""Cases by API: list and open."""

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import EXCLUDE, Schema, fields, validate

from app.cases import queries
from app.cases.listing.queries import STATUSES, CaseFilter, listed
from app.cases.models import Case
from app.directory import queries as directory
from app.directory.registers.rules import PALETTE
from app.directory.sessions import current_viewer, needs
from app.workflow.queries import open_items

blueprint = Blueprint("cases_api", __name__, url_prefix="/api/v1/cases", description="Cases within one's own reach.")

READ = "cases:read"


class CaseSchema(Schema):
    """A case; people are named by masked names only."""

    code = fields.String()
    title = fields.String()
    status = fields.String()
    stage = fields.String()
    kind = fields.String()
    channel = fields.String()
    type = fields.String(allow_none=True)
    suggested_type = fields.String(allow_none=True)
    risk = fields.String()
    tier = fields.String()
    lead = fields.String()
    lead_en = fields.String()
    place = fields.String()
    outcome = fields.String(allow_none=True)
    opened_at = fields.AwareDateTime()
    closed_at = fields.AwareDateTime(allow_none=True)


class OpenedCaseSchema(CaseSchema):
    summary = fields.String()
    tasks = fields.List(fields.String())


class CaseListSchema(Schema):
    items = fields.List(fields.Nested(CaseSchema))
    next = fields.String(allow_none=True)


class CaseFilterSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    q = fields.String(load_default="", validate=validate.Length(max=60))
    status = fields.String(load_default="", validate=validate.OneOf(["", *STATUSES]))
    stage = fields.String(load_default="", validate=validate.Length(max=30))
    type = fields.String(load_default="", validate=validate.Length(max=40))
    colour = fields.String(load_default="", validate=validate.OneOf(["", *PALETTE]))
    channel = fields.String(load_default="", validate=validate.Length(max=30))
    cursor = fields.String(load_default=None)
    size = fields.Integer(load_default=50, validate=validate.Range(1, 100))


@blueprint.route("")
class Cases(MethodView):
    @needs(READ)
    @blueprint.arguments(CaseFilterSchema, location="query")
    @blueprint.response(200, CaseListSchema)
    def get(self, chosen: dict[str, Any]) -> Any:
        """Cases that this reader may see, newest first."""
        viewer = current_viewer()
        page = listed(viewer, CaseFilter.of(chosen), cursor=chosen["cursor"], size=chosen["size"])
        items = [_case(one.case, one.office_zh, one.office_en) for one in page.rows]
        return {"items": items, "next": page.next_cursor}


@blueprint.route("/<string:code>")
class OneCase(MethodView):
    @needs(READ)
    @blueprint.response(200, OpenedCaseSchema)
    def get(self, code: str) -> Any:
        """One case by its code, with the ids of its open tasks."""
        case = queries.case_for(current_viewer(), code)
        tasks = [str(item.id) for item in open_items(case.county_id, subject_id=case.id)]
        lead = directory.organisation(case.county_id, case.lead_organisation_id)
        return {**_case(case, lead.name_zh, lead.name_en), "summary": case.summary, "tasks": tasks}


def _case(case: Case, lead_zh: str, lead_en: str) -> dict[str, Any]:
    return {
        "code": case.code,
        "title": case.title,
        "status": case.status,
        "stage": case.stage,
        "kind": case.report_kind,
        "channel": case.channel,
        "type": case.dispute_type,
        "suggested_type": case.suggested_type,
        "risk": case.risk_colour,
        "tier": case.tier,
        "lead": lead_zh,
        "lead_en": lead_en,
        "place": case.place,
        "outcome": case.outcome,
        "opened_at": case.opened_at,
        "closed_at": case.closed_at,
    }

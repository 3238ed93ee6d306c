"""Reports as channels and files bring them."""

from datetime import UTC, datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from marshmallow import EXCLUDE, Schema, fields, validate

from app.cases.schemas import Line, PartySchema
from app.intake.services import LONGEST, NewReport

EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
KINDS = ("dispute", "question", "request", "suggestion", "complaint", "help")


class ReportSchema(Schema):
    """One report; `number` is the channel's own and makes a repeated push harmless."""

    class Meta:
        unknown = EXCLUDE

    channel = fields.String(required=True, validate=validate.Length(1, 30))
    number = Line(load_default=None, allow_none=True, validate=validate.Length(1, 80))
    kind = fields.String(load_default="dispute", validate=validate.OneOf(KINDS))
    text = fields.String(
        required=True,
        validate=[
            validate.Length(min=1, error=_l("A report needs a text.")),
            validate.Length(max=LONGEST, error=_l("This is too long.")),
        ],
    )
    place = Line(load_default="", validate=validate.Length(max=200))
    reporter_name = Line(load_default="", validate=validate.Length(max=60))
    reporter_phone = Line(load_default="", validate=validate.Length(max=30))
    happened_at = fields.AwareDateTime(
        load_default=None,
        allow_none=True,
        validate=validate.Range(EARLIEST, LATEST, error=_l("This moment cannot be.")),
    )
    danger = fields.Boolean(load_default=False)
    parties = fields.List(fields.Nested(PartySchema), load_default=list, validate=validate.Length(max=50))


class ReceiptSchema(Schema):
    """The answer to a push: our own code, and whether the report was new."""

    code = fields.String()
    report = fields.String()
    created = fields.Boolean()
    status = fields.String()


def new_report(data: dict[str, Any]) -> NewReport:
    """The report from validated data."""
    values = dict(data)
    values["source_number"] = values.pop("number", None)
    return NewReport(**values)

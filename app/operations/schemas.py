"""Messages, signals and incidents as the API takes and shows them."""

from typing import Any

from marshmallow import EXCLUDE, Schema, fields, validate

from app.operations.queries import AGES

_NAME = validate.Length(1, 120)
_REASON = validate.And(validate.Length(1, 500), validate.Regexp(r"(?s).*\S", error="A reason is needed."))


class SignalSchema(Schema):
    """A signal. `id` is the sender's own number for it: the same one again is not given twice."""

    id = fields.String(required=True, validate=_NAME)
    name = fields.String(required=True, validate=_NAME)
    payload = fields.Dict(keys=fields.String(), load_default=dict)


class MessageSchema(SignalSchema):
    """A message. `case` is a case code, `key` the correlation key; `all` gives it to everyone who waits."""

    key = fields.String(load_default=None, allow_none=True, validate=_NAME)
    case = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 40))
    all = fields.Boolean(load_default=False)


class MessageReceiptSchema(Schema):
    """What became of it: delivered, started (a process), kept (until `keep_until`), expired. `repeated`: it had come
    before, and nothing was done now."""

    id = fields.String()
    outcome = fields.String()
    processes = fields.List(fields.String(), metadata={"description": "Ids of the processes that it reached."})
    keep_until = fields.AwareDateTime(allow_none=True)
    repeated = fields.Boolean()


class IncidentSchema(Schema):
    """An element that could not run; `reason` is the sentence for people."""

    id = fields.String()
    package = fields.String()
    process = fields.String()
    element = fields.String()
    element_name = fields.String()
    code = fields.String()
    reason = fields.String()
    case = fields.String(allow_none=True, metadata={"description": "Only if the case is yours to see."})
    instance = fields.String()
    opened_at = fields.AwareDateTime()
    file = fields.String()
    line = fields.Integer()


class IncidentListSchema(Schema):
    items = fields.List(fields.Nested(IncidentSchema))
    next = fields.String(allow_none=True)


class IncidentFilterSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    package = fields.String(load_default="", validate=validate.Length(max=60))
    element = fields.String(load_default="", validate=validate.Length(max=120))
    code = fields.String(load_default="", validate=validate.Length(max=60))
    age = fields.String(load_default="", validate=validate.OneOf(["", *AGES]))
    q = fields.String(load_default="", validate=validate.Length(max=60))
    cursor = fields.String(load_default=None)
    size = fields.Integer(load_default=50, validate=validate.Range(1, 100))


class ReadSchema(Schema):
    place = fields.String()
    text = fields.String()
    names = fields.List(fields.String())


class ValueSchema(Schema):
    """A name that the element sees. A value that is not yours to see is left out, and `masked` says so."""

    name = fields.String()
    scope = fields.String()
    value = fields.Raw(allow_none=True)
    masked = fields.Boolean()


class OpenedIncidentSchema(IncidentSchema):
    reads = fields.List(fields.Nested(ReadSchema))
    values = fields.List(fields.Nested(ValueSchema))
    inputs = fields.Dict(keys=fields.String())
    restarts = fields.List(fields.String(), metadata={"description": "Elements before which it may begin again."})
    may_skip = fields.Boolean()


class ReasonSchema(Schema):
    reason = fields.String(required=True, validate=_REASON)


class RestartSchema(ReasonSchema):
    element = fields.String(required=True, validate=_NAME)


class ChangeSchema(ReasonSchema):
    """Values by name; each is set where the element sees it. `retry` tries again afterwards, in the same breath."""

    values = fields.Dict(keys=fields.String(validate=_NAME), required=True, validate=validate.Length(1, 100))
    retry = fields.Boolean(load_default=False)


class RepairedSchema(Schema):
    """What the repair did: tasks that it opened, incidents that stand open now, whether the process has ended."""

    opened = fields.List(fields.String())
    incidents = fields.List(fields.String())
    finished = fields.Boolean()


Posted = dict[str, Any]

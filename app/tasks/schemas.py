"""Tasks as the API shows them."""

from marshmallow import EXCLUDE, Schema, fields, validate

from app.core.paging import LARGEST_ID
from app.tasks.conditions import TABS
from app.tasks.filters import COLOURS, DUE, LARGEST_AMOUNT, LONGEST_TEXT, SORTS


class TaskSchema(Schema):
    """A task. Ids are decimal strings; a task without a limit has no `due_at`.

    Of a matter that is not the reader's to see any more there is neither title nor case, risk, date or holder.
    """

    id = fields.String()
    title = fields.String()
    title_en = fields.String()
    name = fields.String()
    name_en = fields.String()
    status = fields.String()
    stage = fields.String()
    form = fields.String()
    element = fields.String()
    risk = fields.Integer(allow_none=True)
    due_at = fields.AwareDateTime(allow_none=True)
    assignee = fields.String(allow_none=True)
    case = fields.String(allow_none=True)
    opened_at = fields.AwareDateTime()


class OpenedTaskSchema(TaskSchema):
    """A task with the form it asks for and the values known so far."""

    fields_ = fields.List(fields.Dict(), data_key="fields")
    values = fields.Dict(keys=fields.String())


class TaskListSchema(Schema):
    items = fields.List(fields.Nested(TaskSchema))
    count = fields.Integer()
    next = fields.String(allow_none=True)


_AMOUNT = validate.Range(0, LARGEST_AMOUNT, max_inclusive=False)
_TOLD = {"minimum": 0, "maximum": int(LARGEST_AMOUNT)}
"""The same for the description of the API, where a decimal would be written as a text."""


class TaskFilterSchema(Schema):
    """The same filters and orders as the page; `office` counts with everything below it."""

    class Meta:
        unknown = EXCLUDE

    tab = fields.String(load_default="mine", validate=validate.OneOf(TABS))
    q = fields.String(load_default="", validate=validate.Length(max=LONGEST_TEXT))
    type = fields.String(load_default="", validate=validate.Length(max=60))
    colour = fields.List(fields.String(validate=validate.OneOf(COLOURS)), load_default=list)
    office = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, LARGEST_ID))
    tier = fields.String(load_default="", validate=validate.Length(max=60))
    step = fields.String(load_default="", validate=validate.Length(max=60))
    channel = fields.String(load_default="", validate=validate.Length(max=60))
    due = fields.String(load_default="", validate=validate.OneOf(("", *DUE)))
    least = fields.Decimal(load_default=None, allow_none=True, data_key="from", validate=_AMOUNT, metadata=_TOLD)
    most = fields.Decimal(load_default=None, allow_none=True, data_key="to", validate=_AMOUNT, metadata=_TOLD)
    later = fields.Boolean(load_default=False)
    sort = fields.String(load_default=SORTS[0], validate=validate.OneOf(SORTS))
    cursor = fields.String(load_default=None)
    size = fields.Integer(load_default=50, validate=validate.Range(1, 100))


class CompletionSchema(Schema):
    """Values by the names that the form writes."""

    values = fields.Dict(keys=fields.String(), load_default=dict)


class CompletedSchema(Schema):
    """What the completion opened."""

    opened = fields.List(fields.String())
    finished = fields.Boolean()

"""Tasks as the API shows them."""

from marshmallow import EXCLUDE, Schema, fields, validate

from app.tasks.conditions import TABS


class TaskSchema(Schema):
    """A task. Ids are decimal strings; a task without a limit has no `due_at`."""

    id = fields.String()
    title = fields.String()
    title_en = fields.String()
    name = fields.String()
    name_en = fields.String()
    status = fields.String()
    stage = fields.String()
    form = fields.String()
    element = fields.String()
    risk = fields.Integer()
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


class TaskFilterSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    tab = fields.String(load_default="mine", validate=validate.OneOf(TABS))
    q = fields.String(load_default="", validate=validate.Length(max=60))
    cursor = fields.String(load_default=None)
    size = fields.Integer(load_default=50, validate=validate.Range(1, 100))


class CompletionSchema(Schema):
    """Values by the names that the form writes."""

    values = fields.Dict(keys=fields.String(), load_default=dict)


class CompletedSchema(Schema):
    """What the completion opened."""

    opened = fields.List(fields.String())
    finished = fields.Boolean()

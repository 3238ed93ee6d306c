"""What the API takes and gives when tasks change hands. Ids are decimal strings."""

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from app.core.paging import record_id
from app.tasks.moves.rules import MOST_AT_ONCE, REASON_LENGTH, WORKING_ROLES


def _is_id(text: str) -> None:
    try:
        record_id(text)
    except (ValueError, OverflowError) as error:
        raise ValidationError("Not an id.") from error


class Id(fields.String):
    """A decimal string that is an id."""

    def __init__(self, **more: object) -> None:
        pattern = validate.Regexp(r"^[0-9]{1,19}\Z")
        super().__init__(validate=[pattern, _is_id], **more)  # type: ignore[arg-type]


class WhySchema(Schema):
    reason = fields.String(required=True, validate=validate.Length(1, REASON_LENGTH))


class NoteSchema(Schema):
    reason = fields.String(load_default="", validate=validate.Length(max=REASON_LENGTH))


class ToPersonSchema(WhySchema):
    """To somebody by name."""

    person = Id(required=True)
    anyway = fields.Boolean(load_default=False, metadata={"description": "Although they are on leave."})


class BesideSchema(WhySchema):
    person = Id(required=True)


class ToSomebodySchema(WhySchema):
    """To a person, or to a role at an organisation."""

    person = Id()
    role = fields.String(validate=validate.OneOf(sorted(WORKING_ROLES)))
    organisation = Id()
    anyway = fields.Boolean(load_default=False, metadata={"description": "Although the person is on leave."})

    @validates_schema
    def one_receiver(self, data: dict[str, object], **_more: object) -> None:
        pool = {"role", "organisation"} & data.keys()
        if ("person" in data) == bool(pool) or len(pool) == 1:
            raise ValidationError("Either a person, or a role and an organisation.", "person")


class DaySchema(NoteSchema):
    day = fields.Date(required=True)


class ManySchema(Schema):
    tasks = fields.List(Id(), required=True, validate=validate.Length(1, MOST_AT_ONCE))


class ManyWithReasonSchema(ManySchema):
    reason = fields.String(required=True, validate=validate.Length(1, REASON_LENGTH))


class ManyToSomebodySchema(ToSomebodySchema):
    tasks = fields.List(Id(), required=True, validate=validate.Length(1, MOST_AT_ONCE))


class ResultSchema(Schema):
    """What became of one task; `refusal` says why it was not moved."""

    task = fields.String()
    moved = fields.Boolean()
    refusal = fields.String(allow_none=True)


class ResultsSchema(Schema):
    results = fields.List(fields.Nested(ResultSchema))


class CandidateSchema(Schema):
    """Somebody who may be given the task, with how many tasks they have open."""

    person = fields.String()
    name = fields.String()
    posts = fields.List(fields.String())
    open = fields.Integer()
    away = fields.Boolean()
    deputy = fields.String(allow_none=True)


class PoolSchema(Schema):
    role = fields.String()
    organisation = fields.String()
    name = fields.String()
    people = fields.Integer()


class ReceiversSchema(Schema):
    people = fields.List(fields.Nested(CandidateSchema))
    pools = fields.List(fields.Nested(PoolSchema))


class SearchSchema(Schema):
    q = fields.String(load_default="", validate=validate.Length(max=60))

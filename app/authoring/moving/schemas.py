"""Moves as the API takes and shows them."""

from marshmallow import Schema, fields, validate

_ID = validate.Length(1, 250)


class MoveRequestSchema(Schema):
    """`from` leaves only the processes of that release; `mapping` gives old ids of elements or processes new ones."""

    package = fields.String(required=True, validate=validate.Length(1, 60))
    to = fields.Integer(required=True, validate=validate.Range(1, 1_000_000_000))
    from_ = fields.Integer(
        load_default=None, allow_none=True, data_key="from", validate=validate.Range(1, 1_000_000_000)
    )
    mapping = fields.Dict(
        keys=fields.String(validate=_ID),
        values=fields.String(validate=_ID),
        load_default=dict,
        validate=validate.Length(max=500),
    )
    dry_run = fields.Boolean(load_default=False)


class MoveReasonSchema(Schema):
    """Why a process cannot be moved, in the language that was asked for."""

    code = fields.String()
    element = fields.String()
    name = fields.String()
    process = fields.String()
    sentence = fields.String()


class MovedProcessSchema(Schema):
    """One process. `outcome` of a try: as_is, mapped, blocked; of a move: waiting, moved, blocked, failed, gone,
    cancelled, undoing, undone. `case` is there for those who may see the case."""

    id = fields.String()
    case = fields.String(allow_none=True)
    from_ = fields.Integer(data_key="from")
    outcome = fields.String()
    reasons = fields.List(fields.Nested(MoveReasonSchema))


class MoveSchema(Schema):
    """A try (without `id`) or a move. `counts` by outcome; `processes` are at most `size`, from `next` on."""

    id = fields.String(allow_none=True)
    package = fields.String()
    to = fields.Integer()
    status = fields.String()
    total = fields.Integer()
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    processes = fields.List(fields.Nested(MovedProcessSchema))
    next = fields.String(allow_none=True)


class MovePageSchema(Schema):
    outcome = fields.String(load_default="", validate=validate.Length(max=20))
    after = fields.Integer(load_default=0, validate=validate.Range(0, (1 << 63) - 1))
    size = fields.Integer(load_default=100, validate=validate.Range(1, 1000))

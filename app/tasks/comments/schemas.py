"""What the API takes and gives of comments. Ids are decimal strings."""

from marshmallow import Schema, fields, validate

from app.tasks.comments.rules import LONGEST, MOST_MENTIONED
from app.tasks.moves.schemas import Id


class CommentSchema(Schema):
    """Something said about a case or a task; one that was withdrawn keeps its place and has no text."""

    id = fields.String()
    author = fields.String()
    text = fields.String()
    mentioned = fields.List(fields.String(), metadata={"description": "The people who were told."})
    task = fields.String(allow_none=True)
    at = fields.AwareDateTime()
    edited_at = fields.AwareDateTime(allow_none=True)
    withdrawn = fields.Boolean()


class CommentListSchema(Schema):
    """The newest two hundred, the oldest first."""

    items = fields.List(fields.Nested(CommentSchema))


class WordsSchema(Schema):
    text = fields.String(required=True, validate=validate.Length(1, LONGEST))


class SaidSchema(WordsSchema):
    mentioned = fields.List(
        Id(),
        load_default=list,
        validate=validate.Length(max=MOST_MENTIONED),
        metadata={"description": "People to tell, besides those whom the text calls by @."},
    )

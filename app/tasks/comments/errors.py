from app.core.errors import Forbidden, NotFound, Refusal


class NothingSaid(Refusal):
    """Please write something first."""

    status = 422


class TooLong(Refusal):
    """A comment has at most %(most)s characters; this one has %(number)s. Attach longer texts as a file."""

    status = 422


class ReadersDoNotComment(Forbidden):
    """Your role looks at matters and does not take part in them."""


class MayNotBeCalled(Refusal):
    """%(name)s may not see this matter and cannot be mentioned. Nothing was said yet."""

    status = 422


class ChosenMayNotBeCalled(Refusal):
    """Somebody whom you chose may not see this matter and cannot be mentioned. Nothing was said yet."""

    status = 422


class SeveralAreCalled(Refusal):
    """Several people are called %(name)s. Write @ and the account of the one you mean."""

    status = 422


class CommentNotFound(NotFound):
    """This comment is not here."""


class NotYourComment(Forbidden):
    """Only its author can change a comment."""


class SaidTooLongAgo(Refusal):
    """A comment can be changed or withdrawn for fifteen minutes. Add another one instead."""


class WithdrawnAlready(Refusal):
    """This comment was withdrawn."""

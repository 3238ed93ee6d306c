from app.core.errors import NotFound, Refusal


class LinkUnknown(NotFound):
    """This link is not valid any more. Please ask the office for a new one."""


class AnswerNotAwaited(Refusal):
    """This was answered already, or is no longer asked."""

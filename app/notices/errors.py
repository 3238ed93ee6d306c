"""What the keeper of notices refuses."""

from app.core.errors import NotFound, Refusal


class TransportFailed(Refusal):
    """The message could not be sent: %(reason)s"""

    status = 503


class NoticeNotFound(NotFound):
    """This notice is not here, or is not yours."""

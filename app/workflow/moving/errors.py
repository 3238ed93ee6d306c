"""What is refused about moves."""

from app.core.errors import NotFound, Refusal


class MoveNotFound(NotFound):
    """There is no such move."""


class NothingToMove(Refusal):
    """No running process of the package %(package)s is on another release than %(number)s."""

    status = 422


class MoveOver(Refusal):
    """This move has already ended."""


class UndoTooLate(Refusal):
    """This process has gone on since it was moved, so that the move cannot be taken back. It can be moved again."""

"""What a running process refuses."""

from app.core.errors import NotFound, Refusal


class InstanceNotFound(NotFound):
    """There is no such process."""


class TaskNotFound(NotFound):
    """There is no such task."""


class TaskAlreadyCompleted(Refusal):
    """This task was already completed by %(name)s at %(time)s."""


class TaskWithdrawn(Refusal):
    """This task is no longer needed: the process went on without it at %(time)s."""


class TaskOvertaken(Refusal):
    """The time limit of this task has passed, and the process goes on without it."""


class ProcessEnded(Refusal):
    """This process has ended; nothing can be changed in it."""


class NothingWaits(Refusal):
    """Nothing in this process waits for %(name)s now."""


class NotPossibleNow(Refusal):
    """This is not possible at the present step: %(reason)s"""


class IncidentGone(Refusal):
    """This incident is settled already."""

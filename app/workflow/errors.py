"""What a running process refuses."""

from app.core.errors import Invalid, NotFound, Refusal


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


class SeveralWait(Refusal):
    """%(count)s processes wait for %(name)s. Name the case or a correlation key, or send it to all of them."""


class CaseNeeded(Refusal):
    """Processes of cases wait for %(name)s. Name the case, or give a correlation key."""


class SeveralStart(Refusal):
    """Several processes begin with %(name)s: %(processes)s. Only one may."""


class MessageIdTaken(Refusal):
    """Another message came under the number %(id)s before. Give this one a number of its own."""


class UnknownName(Refusal):
    """This name is not in the data dictionary."""


class NotWritable(Refusal):
    """This is kept with the parties and changed on their own page."""


class NoText(Refusal):
    """A text is expected here, not too long."""


class NoNumber(Refusal):
    """A number is expected here."""


class NoBoolean(Refusal):
    """Yes or no is expected here: true or false."""


class NoDate(Refusal):
    """A date is expected here, such as 2026-03-01."""


class NoDateTime(Refusal):
    """A date and time is expected here, such as 2026-03-01T09:00."""


class NoList(Refusal):
    """A list is expected here."""


class NoContext(Refusal):
    """A context is expected here: names with values."""


class NotAmongValues(Refusal):
    """This value is not among those that are allowed: %(values)s."""


class ValuesWrong(Invalid):
    """Some values do not fit the data dictionary; nothing was changed."""

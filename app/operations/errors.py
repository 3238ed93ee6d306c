"""What the engine room refuses."""

from app.core.errors import Invalid, Refusal


class PayloadTooLarge(Invalid):
    """The payload is too large; nothing was changed."""


class PayloadUnkeepable(Invalid):
    """The payload cannot be kept; nothing was changed."""


class NotBeyondMeasure(Refusal):
    """Whole numbers of at most 64 bits are taken, nested in at most 250 levels."""


class NotTooMuch(Refusal):
    """At most %(limit)s bytes are taken."""


class NotSkippable(Refusal):
    """This element chooses the way and cannot be skipped. Begin again before the step that is to come next."""


class NotRestartable(Refusal):
    """The process cannot begin again before this element."""


class IncidentSettled(Refusal):
    """This incident is settled already; somebody was faster, or the process went on."""


class NothingToRetry(Refusal):
    """Nothing that you may repair stands still here any more."""


class JobNotFailed(Refusal):
    """This job has not failed, or is being tried again already."""

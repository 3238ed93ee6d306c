from app.core.errors import Refusal


class NothingToRehearse(Refusal):
    """ "%(path)s" holds nothing that could be rehearsed. Please save a decision table or a process first."""

    status = 422


class SpanWrong(Refusal):
    """Please choose 1 to %(days)s days, or 1 to %(cases)s cases."""

    status = 422


class RehearsalOver(Refusal):
    """This rehearsal has already ended."""

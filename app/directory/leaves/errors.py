from app.core.errors import Refusal


class LeaveEndsBeforeItBegins(Refusal):
    """The last day of the leave lies before its first day."""

    status = 422


class LeaveIsOver(Refusal):
    """The last day of the leave lies in the past."""

    status = 422


class LeaveTooLong(Refusal):
    """A leave lasts at most two years. Please look at the last day again."""

    status = 422


class LeaveOverlaps(Refusal):
    """There is a leave from %(first)s to %(last)s already. End it first, or choose other days."""

    status = 409


class OwnDeputy(Refusal):
    """Nobody stands in for themselves. Please choose somebody else."""

    status = 422


class DeputyCannotDoTheWork(Refusal):
    """%(name)s holds none of the roles of %(person)s during these days, so could not do the work."""

    status = 422


class DeputiesInACircle(Refusal):
    """During these days %(name)s is away too, and the work would come back to %(person)s. Choose somebody else."""

    status = 409


class LeaveEndedAlready(Refusal):
    """This leave has ended already."""

    status = 409

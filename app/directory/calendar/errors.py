from app.core.errors import Refusal


class ReasonMissing(Refusal):
    """A reason is needed; it stands beside the day and in the history."""

    status = 422


class CountsAsMissing(Refusal):
    """Please choose whether the day is free or worked."""

    status = 422


class DayIsSo(Refusal):
    """The day counts like this already."""

    status = 409


class NoOverride(Refusal):
    """The county has not set this day, so there is nothing to take back."""

    status = 409


class DayTooFar(Refusal):
    """Only days from 2004 on and at most five years ahead can be set."""

    status = 422

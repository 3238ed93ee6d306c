from app.core.errors import Forbidden, Refusal


class NothingChosen(Refusal):
    """Please choose a photo or a file first."""

    status = 422


class NotYoursToHide(Forbidden):
    """Only the mediator of the case and whoever brought a piece say whether it is for the mediator alone."""


class ReasonNeeded(Refusal):
    """Please say why it is withdrawn."""

    status = 422


class AlreadyWithdrawn(Refusal):
    """This piece of evidence was withdrawn already. Reload the page to see it."""

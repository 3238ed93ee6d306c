from app.core.errors import Forbidden, Refusal


class NotYourOffice(Forbidden):
    """You can share a view only with an office where you work."""


class TooManyViews(Refusal):
    """You have %(most)s saved views already. Remove one that you no longer use."""


class ViewNeedsName(Refusal):
    """Give the view a name of at most %(most)s characters."""

    status = 422

from app.core.errors import Refusal


class OwnAccess(Refusal):
    """Your own access is changed on the page of your account, not here."""


class IdentityTaken(Refusal):
    """That account opens somebody's account here already. It must be taken away there first."""


class TokenDayWrong(Refusal):
    """The last day of a token lies between today and %(last)s."""

    status = 422


class ChannelUnknown(Refusal):
    """There is no such channel. Please choose one from the list."""

    status = 422


class NoScope(Refusal):
    """Choose at least one thing that the token may do."""

    status = 422

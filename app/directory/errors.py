from app.core.errors import Refusal


class WrongSignIn(Refusal):
    """The account or the password is not right. Nothing else was changed."""

    status = 422


class TooManyTries(Refusal):
    """Too many wrong tries from this network. Please wait 10 minutes and try again."""

    status = 429


class DemoNotAllowed(RuntimeError):
    """Demo accounts have public passwords: demo mode runs only on this machine with SQLite."""

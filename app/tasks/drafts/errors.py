from app.core.errors import Refusal


class DraftTooLarge(Refusal):
    """This is more text than a draft keeps. It stays in this window; nothing kept before was changed."""

    status = 413


class DraftChangedElsewhere(Refusal):
    """You typed into this form in another window too, at %(time)s. Which of the two shall be kept?"""


class NoSuchField(Refusal):
    """This form takes no file there."""

    status = 422


class TooManyFiles(Refusal):
    """A form keeps at most %(most)s files until it is sent. Remove one, or send the form first."""

    status = 422

"""Refusals: what the product says when it does not do what was asked."""

import inspect
from collections.abc import Mapping, Sequence


class Refusal(Exception):
    """The request was refused."""

    status = 409

    def __init__(self, **params: object) -> None:
        self.params = params
        super().__init__(self.message_id % params if params else self.message_id)

    @property
    def message_id(self) -> str:
        """The English sentence that the reader sees (translated by the page): the class's own docstring."""
        return inspect.getdoc(type(self)) or type(self).__name__


class NotFound(Refusal):
    """There is nothing here, or nothing that you may see."""

    status = 404


class Forbidden(Refusal):
    """Your role does not allow this."""

    status = 403


class SignInNeeded(Refusal):
    """Please sign in first."""

    status = 401


class Invalid(Refusal):
    """Please correct the marked fields."""

    status = 422

    def __init__(self, fields: Mapping[str, Sequence[str]], **params: object) -> None:
        self.fields = {name: list(messages) for name, messages in fields.items()}
        super().__init__(**params)


class Busy(Refusal):
    """Several people are working on this at the same moment. Nothing was changed; please try again."""

    status = 503


class Unavailable(Refusal):
    """The system cannot do this at the moment. Nothing was changed; please try again in a minute."""

    status = 503


class DatabaseAway(Unavailable):
    """The database does not answer at the moment. Nothing was changed; please try again in a minute."""


class NotWritable(Unavailable):
    """The database takes no changes at the moment. Nothing was changed; please tell the operator. Reading goes on."""


class Overcrowded(Unavailable):
    """Too many people are at work at this very moment. Nothing was changed; please try again in a few seconds."""


class Unsure(Refusal):
    """The database was lost in the very moment of saving. Look whether this was saved before you do it again."""

    status = 504

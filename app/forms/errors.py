"""What a form refuses."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.core.errors import Invalid, Refusal


class FormInvalid(Invalid):
    """The form was not accepted yet. What you typed is kept; please look at the marked fields."""

    def __init__(self, fields: Mapping[str, Sequence[str]], typed: Mapping[str, Any]) -> None:
        """`fields`: messages by field name; `typed`: what was typed, to render the form again."""
        self.typed = typed
        super().__init__(fields)


class TooManyAtOnce(Refusal):
    """At most %(most)s files at once; these are %(number)s. Nothing was kept: please choose fewer."""

    status = 422


class FormUnfinished(FormInvalid):
    """Your answers opened further questions. Please answer them and send the form again."""

"""A number that a form carries from its first page to its posting, by which the second posting of it is known."""

import hashlib
from dataclasses import dataclass
from typing import Any

import orjson
from flask import current_app
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.datastructures import FileStorage, MultiDict

from app.core.ids import new_id

FIELD = "_once"
BESIDE = (FIELD, "csrf_token")


@dataclass(frozen=True, slots=True)
class SentForm:
    """One form as it was sent: its number, and a mark of all that stood in it."""

    number: int
    mark: str


def sent_form(form: MultiDict[str, str], files: MultiDict[str, FileStorage]) -> SentForm | None:
    """The form that was posted; None when it carries no number from here."""
    number = number_of_form(form.get(FIELD, ""))
    if number is None:
        return None
    answers: list[Any] = sorted([name, value] for name, value in form.items(multi=True) if name not in BESIDE)
    answers += sorted([name, file.filename or ""] for name, file in files.items(multi=True))
    return SentForm(number, hashlib.sha256(orjson.dumps(answers)).hexdigest())


def number_for_form() -> str:
    """For a new form: an id that nothing has yet, signed, so that nobody names one that is something already."""
    return _signer().dumps(new_id())


def number_of_form(carried: str) -> int | None:
    """The id that a form carries; None when it carries none, or one that is not from here."""
    try:
        number = _signer().loads(carried)
    except BadData:
        return None
    return number if isinstance(number, int) else None


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt="form sent once")

"""What no request may hold: numbers that are no ids, and characters that no text has."""

import json
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from flask import Flask, abort, current_app, request
from werkzeug.datastructures import MultiDict
from werkzeug.routing import IntegerConverter, Map

from app.core.paging import LARGEST_ID

PROGRAMS = "/api/v1/"
"""Where programs call, with a token."""


class IdConverter(IntegerConverter):
    """`<int:…>` in an address: a number beyond 64 bits is no row, and so no page."""

    def __init__(self, map: Map, **settings: Any) -> None:
        super().__init__(map, **{"max": LARGEST_ID, **settings})


def init_app(app: Flask) -> None:
    """Before blueprints are registered, for routes are compiled with the converters of that moment."""
    app.url_map.converters["int"] = IdConverter

    @app.before_request
    def refuse_what_no_text_has() -> None:
        """A call of a program is read by whoever admits it; everything else is read here."""
        if any(is_strange(text) for text in (request.path, *_texts_of(request.args))):
            abort(400)
        if not request.path.startswith(PROGRAMS):
            refuse_strange_body()

    @app.teardown_request
    def close_uploads(_error: BaseException | None) -> None:
        """What was spooled to the disk goes at once, not when somebody collects it."""
        if "files" in request.__dict__:
            for _, files in request.files.lists():
                for file in files:
                    file.close()


def refuse_strange_body() -> None:
    """A form without files is text alone, and is limited as text is: the parser limits the parts of the other kind.

    PostgreSQL keeps no NUL, no encoding has half a surrogate pair, and nobody types either or nests a report.
    """
    if request.mimetype == "application/x-www-form-urlencoded":
        request.max_content_length = current_app.config["MAX_FORM_MEMORY_SIZE"]
    try:
        strange = any(is_strange(text) for text in _texts_of_body())
    except (RecursionError, ValueError):
        strange = True
    if strange:
        abort(400)


def is_strange(text: str) -> bool:
    """Whether `text` holds a NUL or half of a surrogate pair: then no database takes it."""
    return "\0" in text or (not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text))


def _texts_of(values: MultiDict[str, str]) -> Iterable[str]:
    for name, value in values.items(multi=True):
        yield name
        yield value


def _texts_of_body() -> Iterable[str]:
    yield from _texts_of(request.form)
    if request.is_json:
        yield from strings_in(_json_of_body())


def _json_of_body() -> Any:
    """None where the body is no JSON: who asks for it says so. ValueError where a number has thousands of digits."""
    found = request.get_json(silent=True)
    if found is None:
        with suppress(json.JSONDecodeError, UnicodeDecodeError):
            json.loads(request.get_data())
    return found


def strings_in(value: Any) -> Iterable[str]:
    """Every text in JSON data, names included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from strings_in(one)
    elif isinstance(value, dict):
        for name, one in value.items():
            yield str(name)
            yield from strings_in(one)

"""What no request may hold: numbers that are no ids, and characters that no text has."""

from collections.abc import Iterable
from typing import Any

from flask import Flask, abort, request
from werkzeug.routing import IntegerConverter, Map

from app.core.paging import LARGEST_ID


class IdConverter(IntegerConverter):
    """`<int:…>` in an address: a number beyond 64 bits is no row, and so no page."""

    def __init__(self, map: Map, **settings: Any) -> None:
        super().__init__(map, **{"max": LARGEST_ID, **settings})


def init_app(app: Flask) -> None:
    """Before blueprints are registered, for routes are compiled with the converters of that moment."""
    app.url_map.converters["int"] = IdConverter

    @app.before_request
    def refuse_what_no_text_has() -> None:
        """A form without files is text alone, and is limited as text is: the parser limits the parts of the other kind.

        PostgreSQL keeps no NUL, no encoding has half a surrogate pair, and nobody types either or nests a report.
        """
        if request.mimetype == "application/x-www-form-urlencoded":
            request.max_content_length = app.config["MAX_FORM_MEMORY_SIZE"]
        try:
            strange = is_strange(request.path) or any(is_strange(text) for text in _texts())
        except RecursionError:
            strange = True
        if strange:
            abort(400)

    @app.teardown_request
    def close_uploads(_error: BaseException | None) -> None:
        """What was spooled to the disk goes at once, not when somebody collects it."""
        if "files" in request.__dict__:
            for _, files in request.files.lists():
                for file in files:
                    file.close()


def is_strange(text: str) -> bool:
    """Whether `text` holds a NUL or half of a surrogate pair: then no database takes it."""
    return "\0" in text or (not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text))


def _texts() -> Iterable[str]:
    for values in (request.args, request.form):
        for name, value in values.items(multi=True):
            yield name
            yield value
    if request.is_json:
        yield from strings_in(request.get_json(silent=True))


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

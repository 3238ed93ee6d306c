"""The history of a person, an office or a register, in words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext

from app.administration.words import EVENTS, REGISTER_NAMES, detail_of
from app.audit.queries import Entry, entries
from app.audit.services import Stream
from app.core.days import kept_told
from app.core.translations import language
from app.directory.queries import named_for_reader
from app.directory.rules import ROLES

READ, LISTED = 500, 100


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    text: str
    detail: str
    actor: str


class _Shown(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "—"


def lines_of(stream: Stream, wanted: Callable[[Entry], bool] = lambda _entry: True) -> Sequence[Line]:
    """What is wanted, the newest first; what has no words here is left out (signing in, for one)."""
    found = []
    read = [entry for entry in entries(stream, limit=READ) if entry.event in EVENTS and wanted(entry)][:LISTED]
    for entry in named_for_reader(stream.county_id, read):
        params = _params(entry.payload)
        if entry.event == "role.given":
            params.setdefault("to", gettext("until further notice"))
        text = str(EVENTS[entry.event]) % _Shown(params)
        found.append(Line(entry.at, text, detail_of(entry.event, entry.payload), entry.actor_name))
    return found


def _params(payload: dict[str, Any]) -> dict[str, Any]:
    lang = language()
    params: dict[str, Any] = {name: kept_told(value) for name, value in payload.items() if value not in (None, "")}
    for name in [name.removesuffix("_zh") for name in payload if name.endswith("_zh")]:
        params[name] = payload.get(f"{name}_{lang}") or payload.get(f"{name}_zh")
    if params.get("register") in REGISTER_NAMES:
        params["register"] = REGISTER_NAMES[params["register"]]
    if params.get("role") in ROLES:
        params["role"] = ROLES[params["role"]][lang == "en"]
    return params

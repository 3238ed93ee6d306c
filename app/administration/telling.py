"""The history of a person, an office or a register, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.administration.words import EVENTS, detail_of
from app.audit.queries import entries
from app.audit.services import Stream
from app.core.translations import language
from app.directory.rules import ROLES

LISTED = 100


@dataclass(frozen=True, slots=True)
class Line:
    at: datetime
    event: str
    text: str
    detail: str
    actor: str


class _Shown(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "—"


def lines_of(stream: Stream) -> Sequence[Line]:
    """The newest first; what has no words here is left out (signing in, for one)."""
    found = []
    for entry in entries(stream, limit=LISTED):
        if entry.event in EVENTS:
            text = str(EVENTS[entry.event]) % _Shown(_params(entry.payload))
            found.append(Line(entry.at, entry.event, text, detail_of(entry.event, entry.payload), entry.actor_name))
    return found


def _params(payload: dict[str, Any]) -> dict[str, Any]:
    lang = language()
    params = {name: value for name, value in payload.items() if value not in (None, "")}
    for name in [name.removesuffix("_zh") for name in payload if name.endswith("_zh")]:
        params[name] = payload.get(f"{name}_{lang}") or payload.get(f"{name}_zh")
    if params.get("role") in ROLES:
        params["role"] = ROLES[params["role"]][lang == "en"]
    return params

"""What happened with an account, in words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.audit.queries import Entry, entries
from app.audit.services import Stream
from app.directory.queries import names_of

EVENTS: dict[str, tuple[Any, str, str]] = {
    "person.signed_in": (_l("Signed in"), "login-2", "calm"),
    "person.password_changed": (_l("Password changed"), "key", "calm"),
    "person.password_changed_by_link": (_l("New password set by link"), "key", "info"),
    "person.password_given": (_l("A first password was given"), "key", "warn"),
    "person.password_link_made": (_l("A link for a new password was made"), "link", "warn"),
    "person.profile_changed": (_l("Telephone or language changed"), "user", "calm"),
    "person.signed_out_elsewhere": (_l("Signed out elsewhere"), "logout", "calm"),
    "sign_in.blocked": (_l("Too many wrong tries: this network waits 10 minutes"), "shield-x", "bad"),
    "second_factor.set_up": (_l("Second factor set up"), "shield-check", "good"),
    "second_factor.replaced": (_l("Second factor moved to another phone"), "shield-check", "good"),
    "second_factor.removed": (_l("Second factor taken away"), "shield-x", "warn"),
    "second_factor.recovery_used": (_l("A recovery code was used"), "shield", "warn"),
    "second_factor.codes_renewed": (_l("New recovery codes made"), "shield", "calm"),
    "identity.linked": (_l("An account of another provider was linked"), "link", "info"),
    "identity.unlinked": (_l("An account of another provider was taken away"), "unlink", "info"),
    "token.created": (_l("API token made"), "key", "calm"),
    "token.revoked": (_l("API token ended"), "key-off", "calm"),
}
"""What is told on the pages of an account; other events of a person belong to other rooms."""


@dataclass(frozen=True, slots=True)
class Told:
    at: datetime
    words: str
    icon: str
    tone: str
    by: str
    detail: str


def told(county_id: int, person_id: int, *, limit: int = 30) -> list[Told]:
    """The latest events of an account, newest first."""
    found = [one for one in entries(Stream.person(county_id, person_id), limit=200) if one.event in EVENTS][:limit]
    names = names_of(county_id, {one.actor_id for one in found if one.actor_id})
    return [_told(one, person_id, names) for one in found]


def _told(entry: Entry, person_id: int, names: Mapping[int, str]) -> Told:
    words, icon, tone = EVENTS[entry.event]
    by = names.get(entry.actor_id or 0, "") if entry.actor_id != person_id else ""
    return Told(entry.at, str(words), icon, tone, by, _detail(entry.payload))


_DETAILS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("network", lambda value: str(_("network %(address)s", address=value))),
    ("name", str),
    ("subject", str),
)


def _detail(payload: Mapping[str, Any]) -> str:
    return " · ".join(words(str(payload[name])) for name, words in _DETAILS if payload.get(name))

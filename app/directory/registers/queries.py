"""Read the registers: a few hundred words that change seldom, kept in the process for half a minute."""

import time
from collections.abc import Mapping

from sqlalchemy import select

from app.core.database import db
from app.directory.registers.models import RegisterEntry
from app.directory.registers.rules import Word

SECONDS = 30.0

Register = Mapping[str, Word]

_kept: dict[int, tuple[float, Mapping[str, Register]]] = {}


def register_of(county_id: int, register: str) -> Register:
    """The words of a register by code, in their order; empty while nobody keeps it."""
    kept = _kept.get(county_id)
    if kept is None or time.monotonic() - kept[0] > SECONDS:
        kept = _kept[county_id] = (time.monotonic(), _read(county_id))
    return kept[1].get(register, {})


def forget() -> None:
    """What is kept in this process is read again at the next question."""
    _kept.clear()


def _read(county_id: int) -> Mapping[str, Register]:
    found: dict[str, dict[str, Word]] = {}
    for one in entries(county_id):
        found.setdefault(one.register, {})[one.code] = word_of(one)
    return found


def entries(county_id: int, register: str = "") -> list[RegisterEntry]:
    query = select(RegisterEntry).where(RegisterEntry.county_id == county_id)
    if register:
        query = query.where(RegisterEntry.register == register)
    return list(db.session.scalars(query.order_by(RegisterEntry.register, RegisterEntry.position, RegisterEntry.id)))


def word_of(one: RegisterEntry) -> Word:
    return Word(
        one.code,
        one.parent_code,
        one.name_zh,
        one.name_en,
        one.icon,
        one.tone,
        one.needs_number,
        one.from_date,
        one.to_date,
    )

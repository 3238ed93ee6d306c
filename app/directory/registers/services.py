"""Write a word of a register down: new, or other than before."""

from collections.abc import Iterator
from datetime import date, datetime

from app.audit.services import Actor, record
from app.core.database import db
from app.core.errors import Refusal
from app.core.texts import one_line
from app.core.translations import both_names
from app.directory.calendar.services import calendar_stream
from app.directory.registers import queries
from app.directory.registers.errors import (
    ColourUnknown,
    EntryCodeTaken,
    EntryCodeWrong,
    EntryEndsBeforeItBegins,
    EntryNameMissing,
    IconWrong,
    ParentInACircle,
    ParentUnknown,
    RegisterUnknown,
    ToneUnknown,
)
from app.directory.registers.models import RegisterEntry
from app.directory.registers.rules import CODE, COLOURS, ICONS, PALETTE, REGISTERS, TONES, stands_below


def write_entry(
    county_id: int,
    register: str,
    *,
    code: str,
    parent: str = "",
    name_zh: str,
    name_en: str,
    icon: str = "",
    tone: str = "",
    needs_number: bool = False,
    from_date: date | None = None,
    to_date: date | None = None,
    actor: Actor,
    now: datetime,
) -> bool:
    """The entry with this code is so from now on; returns whether anything is different. A new one stands last."""
    for _part, refusal in wrong_parts(
        register,
        code=code,
        name_zh=name_zh,
        name_en=name_en,
        icon=icon,
        tone=tone,
        from_date=from_date,
        to_date=to_date,
    ):
        raise refusal
    there = {one.code: one for one in queries.entries(county_id, register)}
    if parent and parent not in there:
        raise ParentUnknown(code=parent)
    if stands_below(code, parent, {one.code: one.parent_code for one in there.values()}):
        raise ParentInACircle
    wanted = {
        "parent_code": parent,
        "name_zh": one_line(name_zh)[:80],
        "name_en": one_line(name_en)[:80],
        "icon": icon,
        "tone": tone,
        "needs_number": needs_number,
        "from_date": from_date,
        "to_date": to_date,
    }
    entry = there.get(code)
    changed = {name: value for name, value in wanted.items() if entry is None or getattr(entry, name) != value}
    if not changed:
        return False
    if entry is None:
        position = max((one.position for one in there.values()), default=0) + 10
        db.session.add(RegisterEntry(county_id=county_id, register=register, code=code, position=position, **wanted))
    else:
        for name, value in changed.items():
            setattr(entry, name, value)
    db.session.flush()
    queries.forget()
    told = {name: value.isoformat() if isinstance(value, date) else value for name, value in changed.items()}
    payload = {"register": register, "code": code, "name_zh": name_zh, "name_en": name_en, "now": told}
    event = "register.added" if entry is None else "register.changed"
    record(calendar_stream(county_id), event, actor=actor, now=now, payload=payload)
    return True


def refuse_second(county_id: int, register: str, code: str) -> None:
    """Raises EntryCodeTaken for the code of a new entry that another one has."""
    there = next((one for one in queries.entries(county_id, register) if one.code == code), None)
    if there is not None:
        raise EntryCodeTaken(code=code, name=both_names(there))


def move_entry(county_id: int, register: str, code: str, *, up: bool, actor: Actor, now: datetime) -> None:
    """One place up or down among those that stand below the same entry."""
    listed = queries.entries(county_id, register)
    own = next((one for one in listed if one.code == code), None)
    if own is None:
        raise RegisterUnknown
    level = [one for one in listed if one.parent_code == own.parent_code]
    at = level.index(own)
    other = at - 1 if up else at + 1
    if not 0 <= other < len(level):
        return
    own.position, level[other].position = level[other].position, own.position
    db.session.flush()
    queries.forget()
    payload = {"register": register, "name_zh": own.name_zh, "name_en": own.name_en}
    record(calendar_stream(county_id), "register.ordered", actor=actor, now=now, payload=payload)


def wrong_parts(
    register: str,
    *,
    code: str,
    name_zh: str,
    name_en: str,
    icon: str,
    tone: str,
    from_date: date | None,
    to_date: date | None,
) -> Iterator[tuple[str, Refusal]]:
    """(part, what is wrong with it) of an entry as it would be written."""
    if register not in REGISTERS:
        yield "register", RegisterUnknown()
    if not CODE.fullmatch(code):
        yield "code", EntryCodeWrong()
    elif register == COLOURS and code not in PALETTE:
        yield "code", ColourUnknown(colours=", ".join(PALETTE))
    for part, name in (("name_zh", name_zh), ("name_en", name_en)):
        if not name.strip():
            yield part, EntryNameMissing()
    if icon and icon not in ICONS:
        yield "icon", IconWrong(icons=", ".join(ICONS))
    if tone and (register != COLOURS or tone not in TONES):
        yield "tone", ToneUnknown(tones=", ".join(TONES))
    if from_date is not None and to_date is not None and to_date < from_date:
        yield "to", EntryEndsBeforeItBegins()

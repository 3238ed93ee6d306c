"""What happened to an office, a person or a register, in one sentence for each event of their histories."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.core.days import kept_told
from app.core.translations import language
from app.directory.registers.rules import ICONS, TONES

EVENTS: dict[str, Any] = {
    "leave.taken": _l("On leave from %(from)s to %(to)s, deputy: %(deputy)s"),
    "leave.ended": _l("The leave from %(from)s to %(to)s ended"),
    "leave.deputy_changed": _l("Another deputy during the leave: %(deputy)s"),
    "person.added": _l("%(name)s was taken on"),
    "person.changed": _l("What is known of %(name)s was changed"),
    "person.left": _l("%(name)s left; everything went to: %(successor)s"),
    "person.handed_over": _l(
        "Handed over: %(given)s tasks to the successor, %(in_pools)s to their groups; %(without)s cases without a "
        "mediator, %(kept)s tasks with nobody"
    ),
    "role.given": _l("Became %(role)s at %(office)s: %(from)s – %(to)s"),
    "role.ended": _l("Is %(role)s at %(office)s no longer after %(to)s"),
    "role.moved": _l("The role %(role)s went over from %(office)s to %(target)s"),
    "office.founded": _l("%(name)s was founded, code %(code)s"),
    "office.renamed": _l("The names or the phone changed"),
    "office.closed": _l("%(name)s was closed"),
    "office.move_asked": _l("A move below %(target)s was asked for"),
    "office.merge_asked": _l("A merger into %(target)s was asked for"),
    "office.close_asked": _l("Closing it and leaving everything to %(target)s was asked for"),
    "office.handed_over": _l("Closed; %(cases)s cases, %(tasks)s tasks and %(people)s roles went to %(target)s"),
    "office.moved": _l("Went below %(target)s with %(cases)s cases and %(tasks)s tasks"),
    "office.merged": _l("Went into %(target)s with %(cases)s cases, %(tasks)s tasks and %(people)s roles"),
    "office.took_in": _l("Took in %(name)s with %(cases)s cases and %(tasks)s tasks"),
    "list.exported": _l("Took a list of cases out as %(format)s, rows: %(rows)s"),
    "calendar.day_worked": _l("%(day)s is worked"),
    "calendar.day_free": _l("%(day)s is free"),
    "calendar.day_national": _l("%(day)s counts as the national calendar says"),
    "people.imported": _l("Taken in from a spreadsheet: people, rows: %(count)s"),
    "people.exported": _l("Exported to a spreadsheet: people, %(count)s"),
    "offices.imported": _l("Taken in from a spreadsheet: offices, rows: %(count)s"),
    "offices.exported": _l("Exported to a spreadsheet: offices, %(count)s"),
    "calendar.imported": _l("Taken in from a spreadsheet: days, rows: %(count)s"),
    "calendar.exported": _l("Exported to a spreadsheet: days, %(count)s"),
    "register.added": _l("%(register)s: %(name)s was added"),
    "register.changed": _l("%(register)s: %(name)s was changed"),
    "register.ordered": _l("%(register)s: %(name)s stands elsewhere now"),
    "registers.imported": _l("Taken in from a spreadsheet: registers, rows: %(count)s"),
    "registers.exported": _l("Exported to a spreadsheet: entries of registers, %(count)s"),
    "access.asked": _l("It was asked whether they may see case %(code)s"),
    "token.created": _l('A key for a program was made: "%(name)s"'),
    "token.revoked": _l('The key "%(name)s" was ended'),
}


REGISTER_NAMES: dict[str, Any] = {
    "dispute_type": _l("Dispute types"),
    "channel": _l("Channels"),
    "tag": _l("Tags of people"),
    "risk_colour": _l("Risk colours"),
}

_ENTRY_PARTS: dict[str, Any] = {
    "name_zh": _l("Chinese name"),
    "name_en": _l("Name in English"),
    "parent_code": _l("Stands below"),
    "icon": _l("Icon"),
    "tone": _l("Tone"),
    "needs_number": _l("Needs a source number"),
    "from_date": _l("First day"),
    "to_date": _l("Last day"),
}


def detail_of(event: str, payload: Mapping[str, Any]) -> str:
    """What stands below the sentence: reasons and the values that changed."""
    if event in ("person.changed", "office.renamed"):
        was, now = payload.get("was", {}), payload.get("now", {})
        return str(_("; ")).join(f"{_shown(was.get(name))} → {_shown(value)}" for name, value in now.items())
    if event == "register.changed":
        now = payload.get("now", {})
        return str(_("; ")).join(
            f"{words}: {_part_shown(part, now[part])}" for part, words in _ENTRY_PARTS.items() if part in now
        )
    return str(payload.get("reason") or "")


def _part_shown(part: str, value: Any) -> str:
    words = {"icon": ICONS, "tone": TONES}.get(part, {}).get(value)
    return words[language() == "en"] if words else _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return str(_(", ")).join(map(str, value)) or "—"
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return str(kept_told(value)) if value not in (None, "") else "—"

"""The history of a case in words: one sentence for each event, registered by whoever records it."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext, lazy_gettext
from sqlalchemy import select

from app.audit.queries import Entry, entries
from app.audit.services import Stream
from app.cases.evidence.models import Evidence
from app.cases.models import Case
from app.cases.queries import LIMIT_SOURCE, action_label, stage_label, value_label
from app.core.database import db
from app.core.days import kept_told
from app.core.translations import language
from app.directory.queries import named_for_reader
from app.workflow.queries import decisions_of


@dataclass(frozen=True, slots=True)
class Details:
    """Words that stand elsewhere and may change there: `of` gives those of a county's rows by id.

    `about` is the name under which the event keeps the row's id.
    """

    about: str
    of: Callable[[int, Collection[int]], Mapping[int, str]]


@dataclass(frozen=True, slots=True)
class Wording:
    """How an event is told; `values` names the parameters that are values of the data dictionary."""

    sentence: Any
    icon: str = "point"
    tone: str = "calm"
    group: str = "people"
    values: Mapping[str, str] | None = None
    details: Details | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline."""

    sequence: int
    at: datetime
    text: str
    detail: str
    actor: str
    icon: str
    tone: str
    group: str


_wordings: dict[str, Wording] = {}

GROUPS = ("people", "engine", "outside")
OUTSIDE = ("party", "channel")
"""Kinds of actors who are not of the house."""
ROWS_READ = 2000
PAGE_SIZE = 60
NEWS_ROWS = 30


def register(event: str, wording: Wording) -> None:
    _wordings[event] = wording


@dataclass(frozen=True, slots=True)
class Shown:
    """What of the history is asked for: a group, one actor (`kind:id`), a part of the words, rows before a sequence."""

    group: str = ""
    actor: str = ""
    text: str = ""
    before: int | None = None


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """The newest lines first; `before` is where the next page begins, None at the end. `actors` are all who did
    something in the rows that were read: (kind:id, name)."""

    lines: Sequence[Line]
    before: int | None
    actors: Sequence[tuple[str, str]]


def timeline(case: Case, *, limit: int = ROWS_READ) -> Sequence[Line]:
    """The newest lines first, strictly by the sequence of the chain."""
    return list(_lines(case, entries(Stream.case(case.county_id, case.id), limit=limit)))


def news_of(case: Case, *, since: int, reader: int) -> str:
    """What happened last after that sequence, in a sentence: what people did rather than what followed from it.

    Of what the reader did it tells only how tasks went: the rest they see where they did it.
    """
    told = entries(Stream.case(case.county_id, case.id), limit=NEWS_ROWS)
    fresh = [
        one
        for one in told
        if one.sequence > since and not (one.actor_id == reader and not one.event.startswith("task."))
    ]
    lines = list(_lines(case, fresh))
    line = next((one for one in lines if one.group != "engine"), lines[0] if lines else None)
    if line is None:
        return ""
    return gettext("%(person)s: %(words)s", person=line.actor, words=line.text) if line.actor else line.text


def page_of(case: Case, read: Sequence[Entry], chosen: Shown, *, size: int = PAGE_SIZE) -> TimelinePage:
    """A page of what is asked for. `read` are the newest rows, of which older pages need no reading again.

    The events of a row stand on one page, in the order in which they happened; rows are never sorted by their time.
    """
    oldest = read[-1].sequence if read else 1
    if chosen.before is None or chosen.before > oldest:
        found = [entry for entry in read if chosen.before is None or entry.sequence < chosen.before]
    else:
        found = list(entries(Stream.case(case.county_id, case.id), limit=ROWS_READ, before=chosen.before))
    read = named_for_reader(case.county_id, read)
    actors = {_actor_key(entry): entry.actor_name for entry in read if entry.actor_name}
    wanted = [entry for entry in found if not chosen.actor or _actor_key(entry) == chosen.actor]
    lines: list[Line] = []
    for line in _lines(case, wanted):
        if len(lines) >= size and line.sequence != lines[-1].sequence:
            return TimelinePage(lines, lines[-1].sequence, sorted(actors.items(), key=lambda one: one[1]))
        if (not chosen.group or line.group == chosen.group) and _says(line, chosen.text):
            lines.append(line)
    last = found[-1].sequence if found else 1
    return TimelinePage(lines, last if last > 1 else None, sorted(actors.items(), key=lambda one: one[1]))


def _lines(case: Case, found: Sequence[Entry]) -> Iterator[Line]:
    tables = _table_names(case) if any(entry.event == "decision.made" for entry in found) else {}
    told = _details(case, found)
    hidden = _given_in_confidence(case, found)
    return (_line(case, entry, tables, told, hidden) for entry in named_for_reader(case.county_id, found))


def _actor_key(entry: Entry) -> str:
    return f"{entry.actor_kind}:{entry.actor_id or entry.actor_name}"


def _says(line: Line, text: str) -> bool:
    return not text or text.casefold() in f"{line.text} {line.detail} {line.actor}".casefold()


def _table_names(case: Case) -> dict[int, str]:
    """What the tables that decided are called, by decision."""
    english = language() == "en"
    names = {}
    for made in decisions_of(case.county_id, case.id):
        called = made.trace.get("decision", {}) if isinstance(made.trace, dict) else {}
        names[made.id] = str((english and called.get("name_en")) or called.get("name") or made.reference)
    return names


def _details(case: Case, found: Sequence[Entry]) -> dict[int, str]:
    """The words that stand elsewhere, by the id of their row; asked for once for each kind."""
    wanted: dict[str, set[int]] = {}
    for entry in found:
        wording = _wordings.get(entry.event)
        if wording is not None and wording.details is not None:
            wanted.setdefault(entry.event, set()).add(int(entry.about.get(wording.details.about, 0)))
    told: dict[int, str] = {}
    for event, ids in wanted.items():
        details = _wordings[event].details
        if details is not None:
            told |= details.of(case.county_id, ids)
    return told


def _given_in_confidence(case: Case, found: Sequence[Entry]) -> set[int]:
    """Files whose name, caption and reason stand on no page for everybody."""
    files = {int(entry.about["file"]) for entry in found if entry.about.get("file")}
    if not files:
        return set()
    private = select(Evidence.file_id).where(
        Evidence.county_id == case.county_id, Evidence.case_id == case.id, Evidence.private
    )
    return files & set(db.session.scalars(private))


def _line(
    case: Case, entry: Entry, tables: Mapping[int, str], told: Mapping[int, str], hidden: Collection[int]
) -> Line:
    wording = _wordings.get(entry.event)
    params = _params(case, entry.payload, wording)
    confidential = int(entry.about.get("file") or 0) in hidden
    if confidential:
        params |= {"name": gettext("Evidence given in confidence"), "caption": "…"}
    decided = tables.get(entry.about.get("decision", 0))
    if decided:
        params["decision"] = decided
    text = str(wording.sentence) % _Shown(params) if wording else entry.event
    group = wording.group if wording else "engine"
    if group == "people":
        group = {"system": "engine", **dict.fromkeys(OUTSIDE, "outside")}.get(entry.actor_kind, group)
    actor = "" if group == "engine" else entry.actor_name
    if actor and entry.payload.get("on_behalf_of"):
        actor = gettext("%(name)s for %(person)s", name=actor, person=entry.payload["on_behalf_of"])
    detail = "" if confidential else str(entry.payload.get("reason") or _listed(entry.payload, "reasons"))
    if wording is not None and wording.details is not None:
        detail = told.get(int(entry.about.get(wording.details.about, 0)), "")
    return Line(
        entry.sequence,
        entry.at,
        text,
        detail,
        actor,
        wording.icon if wording else "point",
        wording.tone if wording else "calm",
        group,
    )


def _listed(payload: Mapping[str, Any], name: str) -> str:
    """Several sentences of an event, in the reader's language; none where it has none."""
    said = payload.get(f"{name}_{language()}") or payload.get(f"{name}_zh") or ()
    between: str = gettext("; ")
    return between.join(map(str, said))


def _params(case: Case, payload: Mapping[str, Any], wording: Wording | None) -> dict[str, Any]:
    lang = language()
    params: dict[str, Any] = {}
    for name, value in payload.items():
        base, _mark, suffix = name.rpartition("_")
        if base and suffix in ("zh", "en"):
            if suffix == lang or base not in params:
                params[base] = value or params.get(base, "")
        else:
            params[name] = value
    for name, entry in ((wording.values or {}) if wording else {}).items():
        zh, en = _LABELS.get(entry, value_label)(case.county_id, entry, params.get(name))
        params[name] = en if lang == "en" else zh
    comma = ", " if lang == "en" else "、"
    return {
        name: comma.join(map(str, value)) if isinstance(value, list) else kept_told(value)
        for name, value in params.items()
    }


_LABELS = {"stage": stage_label, "message": action_label}
"""Values that are named elsewhere than in the data dictionary."""


class _Shown(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "?"


def register_own() -> None:
    """The wording of this room's own events."""
    words = {
        "case.opened": Wording(lazy_gettext("Case %(code)s opened"), "folder-plus"),
        "report.received": Wording(
            lazy_gettext("Report received by way of %(channel)s"),
            "mail",
            group="outside",
            values={"channel": "channel"},
        ),
        "case.routed": Wording(lazy_gettext("Sent to %(office)s"), "arrow-fork", "info"),
        "case.closed": Wording(lazy_gettext("Closed: %(outcome)s"), "flag", "good", values={"outcome": "outcome"}),
        "case.reopened": Wording(lazy_gettext("Taken up again"), "refresh", "warn"),
        "case.sealed": Wording(lazy_gettext("The file was sealed"), "lock", "good"),
        "case.merged": Wording(lazy_gettext("Merged into %(code)s"), "arrows-join", "info"),
        "case.took_in": Wording(lazy_gettext("Took in %(code)s"), "arrows-join", "info"),
        "case.posted": Wording(lazy_gettext("Posted for volunteers"), "speakerphone", group="engine"),
        "history.erased": Wording(lazy_gettext("The words of an entry were erased"), "eraser", "warn"),
        "case.restricted": Wording(lazy_gettext("From now on only few may see this case"), "eye-off", "warn", "engine"),
        "person.recused": Wording(
            lazy_gettext("%(name)s has a conflict of interest and is kept out"), "user-off", "warn"
        ),
        "person.recusal_ended": Wording(
            lazy_gettext("The parties accept %(name)s in spite of the conflict of interest"), "user-check"
        ),
        "person.admitted": Wording(lazy_gettext("%(name)s has a part in it and sees the case"), "user-plus"),
        "person.admission_ended": Wording(lazy_gettext("The part of %(name)s is over"), "user-minus"),
        "case.related": Wording(lazy_gettext("Linked with %(code)s"), "link"),
        "case.unrelated": Wording(lazy_gettext("The link with %(code)s was taken back"), "unlink"),
        "case.parted": Wording(
            lazy_gettext("Parted from %(code)s again; each goes on by itself"), "arrows-split", "warn"
        ),
        "mediator.assigned": Wording(lazy_gettext("%(name)s is the mediator"), "user-check", "info"),
        "party.added": Wording(lazy_gettext("%(name)s was entered as a party"), "user-plus"),
        "party.changed": Wording(lazy_gettext("What is known of %(name)s was corrected"), "user-edit"),
        "party.left": Wording(lazy_gettext("%(name)s is no party any more"), "user-minus"),
        "party.link_made": Wording(lazy_gettext("A personal link was made for %(name)s"), "qrcode"),
        "case.printed": Wording(lazy_gettext("Printed the case"), "printer", "warn"),
        "records.read": Wording(
            lazy_gettext("Took the records of the sealed file out, with every number in clear: %(name)s"), "eye", "warn"
        ),
        "identity.revealed": Wording(lazy_gettext("The identity number of %(name)s was looked at"), "eye", "warn"),
        "risk.judged": Wording(
            lazy_gettext("Risk judged: %(colour)s"),
            "alert-triangle",
            "warn",
            "engine",
            {"colour": "risk_colour"},
        ),
        "clock.started": Wording(
            lazy_gettext("A time limit of %(days)s days began: %(source)s"),
            "clock-play",
            group="engine",
            values={"source": LIMIT_SOURCE},
        ),
        "clock.paused": Wording(lazy_gettext("The time limit is paused"), "clock-pause", "warn", "engine"),
        "clock.resumed": Wording(lazy_gettext("The time limit runs again"), "clock-play", group="engine"),
        "clock.extended": Wording(lazy_gettext("The time limit was extended by %(days)s days"), "clock-plus", "warn"),
        "clock.recalculated": Wording(
            lazy_gettext("The calendar changed: the limit ends on %(after)s instead of %(before)s"),
            "calendar-time",
            "info",
            "engine",
        ),
        "clock.stopped": Wording(lazy_gettext("The time limit ended"), "clock-stop", group="engine"),
        "stage.entered": Wording(lazy_gettext("Stage: %(stage)s"), "progress", "info", "engine", {"stage": "stage"}),
        "task.due_moved": Wording(
            lazy_gettext('"%(name)s" is due on %(after)s now, with the time limit'), "calendar-time", "info", "engine"
        ),
        "task.claimed": Wording(lazy_gettext('Claimed the task "%(name)s"'), "hand-grab"),
        "task.released": Wording(lazy_gettext('Gave back the task "%(name)s"'), "arrow-back-up"),
        "task.inherited": Wording(lazy_gettext('%(person)s left: %(heir)s has "%(name)s" now'), "arrow-right", "info"),
        "task.left_behind": Wording(lazy_gettext('%(person)s left: "%(name)s" waits again'), "arrow-back-up", "info"),
        "mediator.left": Wording(lazy_gettext("%(name)s left and is no longer the mediator"), "user-minus", "warn"),
        "task.completed": Wording(lazy_gettext('Completed "%(name)s"'), "check", "good"),
        "case.handed_over": Wording(
            lazy_gettext("Handed over: %(receiver)s"), "arrow-right", "info", values={"receiver": "handover_receiver"}
        ),
        "process.started": Wording(
            lazy_gettext("The process began (release %(release)s)"), "player-play", group="engine"
        ),
        "process.ended": Wording(lazy_gettext("The process ended"), "player-stop", "good", "engine"),
        "decision.made": Wording(lazy_gettext("Decided by the table %(decision)s"), "table", group="engine"),
        "incident.opened": Wording(lazy_gettext('Stands still at "%(name)s"'), "alert-triangle", "bad", "engine"),
        "incident.closed": Wording(lazy_gettext('Goes on at "%(name)s"'), "check", "good", "engine"),
        "message.received": Wording(lazy_gettext("Set off: %(message)s"), "bolt", values={"message": "message"}),
        "timer.fired": Wording(lazy_gettext("A time limit set the process going"), "clock-bolt", group="engine"),
        "action.started": Wording(lazy_gettext('Began "%(name)s"'), "player-play"),
        "incident.retried": Wording(lazy_gettext("Tried again"), "refresh"),
        "variables.changed": Wording(lazy_gettext("Values set to repair a step: %(names)s"), "adjustments", "warn"),
        "element.skipped": Wording(lazy_gettext("A step was skipped"), "player-skip-forward", "warn"),
        "process.restarted_before": Wording(lazy_gettext("Begun again before a step"), "player-track-prev", "warn"),
        "process.cancel_asked": Wording(lazy_gettext("Asked to end the process"), "player-stop", "warn"),
        "process.cancelled": Wording(lazy_gettext("The process was ended early"), "player-stop", "warn", "engine"),
        "mediators.ranked": Wording(lazy_gettext("Mediators proposed: %(names)s"), "list-numbers", group="engine"),
    }
    for event, wording in words.items():
        register(event, wording)

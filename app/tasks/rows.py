"""What a list of the inbox shows: its lines, the numbers on every tab, and what the filters offer."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, partial
from typing import Any
from urllib.parse import urlencode

from flask import current_app, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from app.cases.queries import type_label, value_label
from app.cases.rules import Due, due_of, local_day
from app.core import clock
from app.core.paging import COUNT_LIMIT
from app.core.translations import label, language
from app.directory import queries as directory
from app.directory.calendars import CountyCalendar
from app.directory.rules import TEAM_ROLES, Viewer
from app.tasks import panels
from app.tasks.badges import note_counted
from app.tasks.choices import Choices, choices, offer
from app.tasks.conditions import TABS
from app.tasks.counters import Told, told
from app.tasks.filters import OPEN_TABS, Filter
from app.tasks.listing import Row, case_page, count, counts, inbox_page, tabs_of
from app.tasks.numbers import tab_numbers
from app.tasks.versions import state_of, version_of
from app.ui.formats import colour_words
from app.workflow.models import RISK_RANKS

OF_EVERYBODY = ("mine", "done", "started")
_COLOURS = {rank: colour for colour, rank in RISK_RANKS.items()}


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a list."""

    id: int
    url: str
    title: str
    colour: str
    step: str
    place: str
    code: str
    source: tuple[str, str]
    owner: str
    due: Due | None
    at: datetime | None
    notes: Sequence[Markup]
    selectable: bool
    put_off: date | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """One list of the rail, with its number."""

    name: str
    label: Any
    icon: str
    url: str
    number: str
    current: bool
    group: str


@dataclass(frozen=True, slots=True)
class Pill:
    """One condition of the filter in words, and the address of the list without it."""

    words: str
    url: str


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of a list with all that stands around it.

    `version` is the word for what came and went (`version_of`), `state` for what its rows tell (`state_of`); `put_off`
    how many more their holder wants to see later.
    """

    filter: Filter
    gone: Sequence[str]
    places: Sequence[Place]
    lines: Sequence[Line]
    number: str
    next_url: str
    choices: Choices
    empty: tuple[Any, Any] | None
    version: str
    state: str = ""
    put_off: str = ""
    works_here: bool = True

    @property
    def query(self) -> str:
        """The filter as it stands in the address."""
        return urlencode(self.filter.arguments, doseq=True)

    @property
    def live_url(self) -> str:
        """Where the list is asked for again; a later page stays as it is."""
        return "" if self.filter.cursor else url_for("tasks.inbox", **self.filter.arguments)

    @property
    def later_url(self) -> str:
        return url_for("tasks.inbox", **self.filter.but(later=True).arguments)

    @property
    def elsewhere(self) -> Place | None:
        """Another list of what is to be done that has something in it."""
        others = (one for one in self.places if one.group == "todo" and not one.current)
        return next((one for one in others if one.number != "0"), None)

    @property
    def bulk(self) -> bool:
        """Whether something can be done with several rows at once."""
        return bool(self.lines) and self.filter.tab in OPEN_TABS and "moves.bulk_claims" in current_app.view_functions

    @property
    def pills(self) -> list[Pill]:
        return [
            Pill(words, url_for("tasks.inbox", **self.filter.but(**without).arguments))
            for words, without in _conditions(self.filter, self.choices)
        ]

    @property
    def gone_words(self) -> list[str]:
        names = _names()
        return [names.get(name, name) for name in dict.fromkeys(self.gone)]


def _names() -> dict[str, str]:
    return {
        "tab": _("List"),
        "type": _("Type"),
        "colour": _("Colour"),
        "office": _("Office"),
        "tier": _("Leading tier"),
        "step": _("Step"),
        "channel": _("Channel"),
        "due": _("Due"),
        "from": _("Amount from"),
        "to": _("Amount to"),
        "sort": _("Order"),
    }


def _conditions(chosen: Filter, offered: Choices) -> list[tuple[str, dict[str, Any]]]:
    """What the list is narrowed to, one by one, and what takes each away."""
    named = offered.offer
    due = {"overdue": _("Overdue"), "today": _("Due today"), "week": _("Due this week"), "none": _("No date")}
    offices = {one.id: one.name for one in offered.offices}
    said: list[tuple[str, dict[str, Any]]] = [
        (_('"%(text)s"', text=chosen.text) if chosen.text else "", {"text": ""}),
        *((colour_words(one), {"colours": tuple(c for c in chosen.colours if c != one)}) for one in chosen.colours),
        (named.types.get(chosen.type, ""), {"type": ""}),
        (named.steps.get(chosen.step, ""), {"step": ""}),
        (due.get(chosen.due, ""), {"due": ""}),
        (offices.get(chosen.office or 0, ""), {"office": None, "office_path": ""}),
        (named.tiers.get(chosen.tier, ""), {"tier": ""}),
        (named.channels.get(chosen.channel, ""), {"channel": ""}),
        (_("From %(amount)s yuan", amount=f"{chosen.least:f}") if chosen.least is not None else "", {"least": None}),
        (_("Up to %(amount)s yuan", amount=f"{chosen.most:f}") if chosen.most is not None else "", {"most": None}),
        (_("Put off until later") if chosen.later else "", {"later": False}),
    ]
    return [(words, without) for words, without in said if words]


def shown_numbers(viewer: Viewer) -> dict[str, str]:
    """The number on each tab as the page words it."""
    return _worded(viewer, counts(viewer))


def _worded(viewer: Viewer, counted: Mapping[str, int]) -> dict[str, str]:
    note_counted(viewer, counted["mine"])
    return {name: str(number) for name, number in counted.items()}


def list_page(viewer: Viewer, chosen: Filter, gone: Sequence[str] = ()) -> ListPage:
    tabs = tabs_of(viewer)
    known = told(viewer, tabs)
    counted = tab_numbers(viewer, tabs, known)
    numbers = _worded(viewer, counted)
    if chosen.narrowed:
        numbers[chosen.tab] = _up_to_limit(count(viewer, chosen))
    empty, state = None, ""
    if chosen.tab in TABS:
        tasks = inbox_page(viewer, chosen)
        state = state_of(chosen.tab, (row.item for row in tasks.rows), counted[chosen.tab])
        lines, cursor = _task_lines(viewer, chosen, tasks.rows), tasks.next_cursor
    else:
        tab = panels.case_tab(chosen.tab)
        matters = case_page(viewer, chosen)
        lines, cursor, empty = _case_lines(viewer, matters.rows), matters.next_cursor, tab.empty
    return ListPage(
        chosen,
        gone,
        _places(viewer, chosen, numbers),
        lines,
        numbers[chosen.tab],
        url_for("tasks.inbox", **chosen.arguments, cursor=cursor) if cursor else "",
        choices(viewer, chosen),
        empty,
        version_of(viewer, known),
        state,
        _put_off_besides(viewer, chosen, known),
        viewer.works_here,
    )


def _put_off_besides(viewer: Viewer, chosen: Filter, known: Told) -> str:
    """How many tasks the list would hold besides if nothing were put off; empty for none."""
    if chosen.tab != "mine" or chosen.later:
        return ""
    all_known = not (chosen.narrowed or known.recusals or viewer.stands_in_for)
    number = known.put_off if all_known else count(viewer, chosen.but(later=True))
    return _up_to_limit(number) if number else ""


def _up_to_limit(number: int) -> str:
    """The number of a narrowed list as the page words it."""
    return str(number) if number <= COUNT_LIMIT else f"{COUNT_LIMIT}+"


def _places(viewer: Viewer, chosen: Filter, numbers: Mapping[str, str]) -> list[Place]:
    """The lists that are the viewer's; who works for no office has those of colleagues only with something in them."""
    own = [
        ("mine", _("Mine"), "user", "todo"),
        ("available", _("Available"), "hand-grab", "todo"),
        *([("team", _("Team"), "users", "todo")] if viewer.has_role(*TEAM_ROLES) else []),
        ("done", _("Done"), "checks", "more"),
        ("copied", _("Copied to me"), "copy", "more"),
    ]
    cases = [(tab.name, tab.label, tab.icon, "more") for tab in panels.case_tabs(viewer)]
    return [
        Place(name, words, icon, url_for("tasks.inbox", tab=name), numbers[name], name == chosen.tab, group)
        for name, words, icon, group in [*own, *cases]
        if viewer.works_here or name in OF_EVERYBODY or numbers[name] != "0"
    ]


def _task_lines(viewer: Viewer, chosen: Filter, rows: Sequence[Row]) -> list[Line]:
    now = clock.now()
    told = {row.item.assignee_id for row in rows if _tells_owner(viewer, row.item, chosen.tab)}
    owners = directory.names_of(viewer.county_id, told)
    notes = panels.row_notes(viewer, {row.case.id for row in rows if row.case})
    calendar, words = CountyCalendar(viewer.county_id), _Words(viewer.county_id)
    due = cache(partial(due_of, now=now, zone=viewer.zone, calendar=calendar))
    address = _address_of_tasks(chosen)
    lines = []
    for row in rows:
        item, case = row.item, row.case
        done = item.closed_at is not None
        lines.append(
            Line(
                id=item.id,
                url=address(item.id),
                title=_("A matter that you no longer see")
                if row.hidden
                else words.title(case) or words.label(item, "title") or words.label(item, "name"),
                colour=case.risk_colour if case else "" if row.hidden else _COLOURS.get(item.risk, ""),
                step=words.label(item, "name"),
                place=case.place if case else "",
                code=case.code if case else "",
                source=words.source(case),
                owner=_owner(viewer, item, chosen.tab, owners),
                due=None if done else due(item.due_at),
                at=item.closed_at if done else (item.opened_at if chosen.sort == "age" else None),
                notes=notes.get(case.id, []) if case else [],
                selectable=not done,
                put_off=_put_off(item, chosen, viewer.zone),
            )
        )
    return lines


def _address_of_tasks(chosen: Filter) -> Callable[[int], str]:
    """The address of a task beside this list, by its id; what they have in common is made once."""
    path, _mark, query = url_for("tasks.task", item_id=0, **chosen.arguments).partition("?")
    before = path.removesuffix("0")
    return lambda item_id: f"{before}{item_id}?{query}"


def _owner(viewer: Viewer, item: Any, tab: str, names: Mapping[int, str]) -> str:
    """Who has the task, where it is not the viewer's own."""
    if not _tells_owner(viewer, item, tab):
        return ""
    name = names.get(item.assignee_id, "")
    return _("for %(name)s", name=name) if tab == "mine" else name


def _tells_owner(viewer: Viewer, item: Any, tab: str) -> bool:
    if tab == "mine":
        return item.assignee_id in viewer.stands_in_for
    return item.assignee_id is not None and tab in ("team", "copied")


def _put_off(item: Any, chosen: Filter, zone: str) -> date | None:
    """The day from which the task is to be in the list again."""
    return local_day(item.follow_up_at, zone) if chosen.later and item.follow_up_at is not None else None


def _case_lines(viewer: Viewer, cases: Sequence[Any]) -> list[Line]:
    owners = directory.names_of(viewer.county_id, {case.mediator_id for case in cases if case.mediator_id})
    notes = panels.row_notes(viewer, {case.id for case in cases})
    steps, words = offer(viewer).steps, _Words(viewer.county_id)
    return [
        Line(
            id=case.id,
            url=url_for("cases.overview", code=case.code),
            title=words.title(case) or case.code,
            colour=case.risk_colour,
            step=steps.get(case.stage, case.stage) if case.status == "open" else _status(case.status),
            place=case.place,
            code=case.code,
            source=words.source(case),
            owner=owners.get(case.mediator_id, "") if case.mediator_id else "",
            due=None,
            at=case.opened_at,
            notes=notes.get(case.id, []),
            selectable=False,
        )
        for case in cases
    ]


def _status(status: str) -> str:
    return str({"closed": _("Closed"), "archived": _("Sealed"), "merged": _("Merged")}.get(status, status))


_SOURCES = {
    "window": "building-community",
    "110": "shield",
    "12345": "headset",
    "petition": "mail",
    "odr": "world",
    "labour": "briefcase",
    "people_mediation": "friends",
    "grid": "map-pin",
    "court": "gavel",
    "portal": "device-mobile",
    "alarm": "alert-triangle",
}


class _Words:
    """What a list calls types and channels, each looked up once for all its lines."""

    def __init__(self, county_id: int) -> None:
        self._language = language()
        place = 1 if self._language == "en" else 0
        self._type = cache(lambda value: type_label(county_id, value)[place])
        self._channel = cache(lambda value: value_label(county_id, "channel", value)[place])

    def label(self, item: Any, name: str) -> str:
        return label(item, name, self._language)

    def title(self, case: Any) -> str:
        """ "张×与李× · 邻里": masked names and what it is about, in plain words; nothing without a case."""
        return " · ".join(words for words in (case.title, self._type(case.dispute_type)) if words) if case else ""

    def source(self, case: Any) -> tuple[str, str]:
        """The icon of the channel by which a matter came, and its word."""
        return (_SOURCES.get(case.channel, "inbox"), self._channel(case.channel)) if case else ("", "")

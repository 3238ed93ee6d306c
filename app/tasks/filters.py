"""What the address of an inbox page says: which tab, narrowed how, in which order.

The address is the filter: `Filter.arguments` is what stands in it, `read` takes it back, `on_tasks` and `on_cases` are
the conditions that list, number and API apply alike.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    SmallInteger,
    and_,
    bindparam,
    exists,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.cases.models import Case
from app.cases.search.queries import found_by
from app.core import clock
from app.core.database import FOREVER, UtcDateTime
from app.core.paging import record_id
from app.directory.access import below
from app.directory.registers.rules import PALETTE
from app.directory.rules import TEAM_ROLES, Viewer
from app.workflow.models import RISK_RANKS, WorkItem, WorkItemCandidate

SORTS = ("risk", "due", "age")
DUE = ("overdue", "today", "week", "none")
COLOURS = tuple(reversed(PALETTE))
LONGEST_TEXT = 60
LARGEST_AMOUNT = Decimal(10) ** 15

OPEN_TABS = ("mine", "available", "team")
"""Tabs of open tasks: they have due dates, and an order of one's own choosing."""

_Task = type[WorkItem] | type[WorkItemCandidate]
_Matter = type[Case] | _Task


@dataclass(frozen=True, slots=True)
class Filter:
    """A tab of the inbox, what it is narrowed to, its order, and where the page begins.

    `office` is an organisation with everything below it, `office_path` its place in the tree. `step` is a stage of the
    package, `due` one of DUE, `later` asks for what its holder has put off.
    """

    tab: str = "mine"
    text: str = ""
    cursor: str | None = None
    type: str = ""
    colours: tuple[str, ...] = ()
    office: int | None = None
    office_path: str = ""
    tier: str = ""
    step: str = ""
    channel: str = ""
    due: str = ""
    least: Decimal | None = None
    most: Decimal | None = None
    later: bool = False
    sort: str = SORTS[0]

    @property
    def narrowed(self) -> bool:
        """Whether the list is a part of its tab."""
        return self != Filter(self.tab, cursor=self.cursor, sort=self.sort)

    @property
    def arguments(self) -> dict[str, Any]:
        """What stands in the address; the place in the list is no part of it."""
        said = {
            "q": self.text,
            "type": self.type,
            "colour": list(self.colours),
            "office": self.office,
            "tier": self.tier,
            "step": self.step,
            "channel": self.channel,
            "due": self.due,
            "from": _plain(self.least),
            "to": _plain(self.most),
            "later": "1" if self.later else "",
            "sort": self.sort if self.sort != SORTS[0] else "",
        }
        return {"tab": self.tab} | {name: value for name, value in said.items() if value}

    def but(self, **changes: Any) -> "Filter":
        """The same filter with something changed, from its first page."""
        return replace(self, **({"cursor": None} | changes))

    @property
    def ranks(self) -> tuple[int, ...]:
        """The risk ranks that it lets through, the most urgent first."""
        wanted = [RISK_RANKS[colour] for colour in self.colours] or RISK_RANKS.values()
        return tuple(sorted(wanted, reverse=True))

    def of_ranks(self, risk: InstrumentedAttribute[int]) -> ColumnElement[bool]:
        """Whether a risk is one that it lets through; each stands by itself, so that the statement may be kept."""
        return risk.in_([literal(rank, SmallInteger()) for rank in self.ranks])

    def on_tasks(self, viewer: Viewer) -> list[ColumnElement[bool]]:
        """What it demands of a task, beside standing in the tab.

        Where the tab is a county's, what is seldom has its indexes on the cases; else the tasks tell by themselves.
        """
        demands = [*self._on_copies(viewer, WorkItem), *self.on_tasks_alone(viewer)]
        if not (self.tab == "team" and _oversees_county(viewer)):
            return [*demands, *self._on_case(WorkItem)]
        of_case = self._on_case(Case)
        if of_case:
            same = and_(Case.county_id == WorkItem.county_id, Case.id == WorkItem.subject_id)
            demands.append(exists().where(same, *of_case).correlate(WorkItem))
        return demands

    def on_pools(self, viewer: Viewer) -> list[ColumnElement[bool]]:
        """What of it the rows tell by which a task is offered, without the task or its case."""
        return [*self._on_copies(viewer, WorkItemCandidate), *self._on_case(WorkItemCandidate)]

    def on_tasks_alone(self, viewer: Viewer) -> list[ColumnElement[bool]]:
        """What only the task itself tells."""
        demands: list[ColumnElement[bool]] = []
        if self.office_path:
            demands.append(below(WorkItem.org_path, self.office_path))
        if self.text:
            demands.append(_task_says(viewer, self.text))
        return demands

    def _on_copies(self, viewer: Viewer, row: _Task) -> list[ColumnElement[bool]]:
        demands: list[ColumnElement[bool]] = []
        if self.colours:
            demands.append(self.of_ranks(row.risk))
        if self.type:
            demands.append(row.dispute_type == self.type)
        if self.step:
            demands.append(row.stage == self.step)
        if self.due:
            demands.append(due_on(self.due, viewer.zone, row.due_at))
        return demands

    def on_cases(self, viewer: Viewer) -> list[ColumnElement[bool]]:
        """What it demands of a case, in the tabs that list cases."""
        demands = self._on_case(Case)
        if self.colours:
            demands.append(Case.risk_colour.in_(self.colours))
        if self.type:
            demands.append(Case.dispute_type == self.type)
        if self.step:
            demands.append(Case.stage == self.step)
        if self.office_path:
            demands.append(below(Case.org_path, self.office_path))
        if self.text:
            demands.append(found_by(viewer, self.text))
        return demands

    def _on_case(self, row: _Matter) -> list[ColumnElement[bool]]:
        """What it demands of a case, asked of the case or of its copy."""
        demands: list[ColumnElement[bool]] = []
        if self.channel:
            demands.append(row.channel == self.channel)
        if self.tier:
            demands.append(row.tier == self.tier)
        if self.least is not None:
            demands.append(row.amount >= self.least)
        if self.most is not None:
            demands.append(row.amount <= self.most)
        return demands


def _oversees_county(viewer: Viewer) -> bool:
    return any(path.count("/") == 1 for path in viewer.paths(TEAM_ROLES))


Allowed = Callable[[str], Collection[str]]
"""The values that `type`, `tier`, `step` or `channel` may have today."""

Office = Callable[[int], str | None]
"""The path of an organisation that the viewer may ask for; None for one that is gone or not theirs to see."""


def read(said: Any, allowed: Allowed, office: Office, tabs: Collection[str]) -> tuple[Filter, list[str]]:
    """The filter that an address means, and the names of what it says that cannot be meant any more.

    `said` are the arguments of the address, with `get` and `getlist`.
    """
    gone: list[str] = []

    def one(name: str, values: Collection[str] | None = None) -> str:
        value = str(said.get(name, ""))
        if value and value not in (allowed(name) if values is None else values):
            gone.append(name)
            return ""
        return value

    def amount(name: str) -> Decimal | None:
        value = _amount(str(said.get(name, "")))
        if value is None and said.get(name):
            gone.append(name)
        return value

    tab = one("tab", tabs) or "mine"
    asked = [str(colour) for colour in said.getlist("colour") if colour]
    levels = allowed("colour")
    colours = tuple(colour for colour in COLOURS if colour in asked and colour in levels)
    if len(colours) < len(set(asked)):
        gone.append("colour")
    office_id, path = _office(str(said.get("office", "")), office)
    if said.get("office") and path is None:
        gone.append("office")
    return Filter(
        tab=tab,
        text=str(said.get("q", "")).strip()[:LONGEST_TEXT],
        cursor=said.get("cursor") or None,
        type=one("type"),
        colours=colours,
        office=office_id,
        office_path=path or "",
        tier=one("tier"),
        step=one("step"),
        channel=one("channel"),
        due=one("due", DUE) if tab in OPEN_TABS else "",
        least=amount("from"),
        most=amount("to"),
        later=said.get("later") in ("1", "true") and tab == "mine",
        sort=(one("sort", SORTS) or SORTS[0]) if tab in OPEN_TABS else SORTS[0],
    ), gone


def _office(said: str, office: Office) -> tuple[int | None, str | None]:
    try:
        number = record_id(said)
    except ValueError:
        return None, None
    path = office(number)
    return (None, None) if path is None else (number, path)


def _amount(said: str) -> Decimal | None:
    try:
        amount = Decimal(said.replace(",", "").strip())
    except InvalidOperation:
        return None
    return amount if amount.is_finite() and 0 <= amount < LARGEST_AMOUNT else None


def _plain(amount: Decimal | None) -> str:
    return "" if amount is None else f"{amount:f}"


def day_starts(now: datetime, zone: str) -> datetime:
    """The midnight with which the county's present day began."""
    return now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)


def due_on(wanted: str, zone: str, due_at: InstrumentedAttribute[datetime]) -> ColumnElement[bool]:
    """By days, as the chips say it: a date of 24:00 belongs to the day that it ends."""
    if wanted == "none":
        return and_(due_at >= FOREVER)
    today = when_asked(lambda: day_starts(clock.now(), zone))
    if wanted == "overdue":
        return and_(due_at <= today)
    week = wanted == "week"
    return and_(due_at > today, due_at <= when_asked(lambda: _day_ends(clock.now(), zone, week=week)))


def _day_ends(now: datetime, zone: str, *, week: bool) -> datetime:
    """The midnight with which the county's present day ends, or its week."""
    today = day_starts(now, zone)
    return today + timedelta(days=7 - today.weekday() if week else 1)


def when_asked(moment: Callable[[], datetime]) -> BindParameter[datetime]:
    """A moment that is found out whenever the statement is asked, so that the statement may be kept."""
    return bindparam(None, callable_=moment, type_=UtcDateTime())


def _task_says(viewer: Viewer, text: str) -> ColumnElement[bool]:
    """Tasks of the cases that the search finds, and those about no case whose title holds the text."""
    one = aliased(WorkItem)
    of_cases = select(one.id).where(
        one.county_id == viewer.county_id,
        one.subject_id.in_(select(Case.id).where(Case.county_id == viewer.county_id, found_by(viewer, text))),
    )
    of_none = select(one.id).where(
        one.county_id == viewer.county_id,
        one.subject_id.is_(None),
        or_(one.title_zh.contains(text, autoescape=True), one.name_zh.contains(text, autoescape=True)),
    )
    return WorkItem.id.in_(union_all(of_cases, of_none))

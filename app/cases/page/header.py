"""The sticky header: colour, step, both clocks, owner and next action; the stepper below it, the tabs."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import segno
from flask import url_for
from markupsafe import Markup

from app.cases import panels
from app.cases.models import Case, Clock
from app.cases.page.facts import fact_tabs
from app.cases.page.loaded import contents_of, history_of, opened
from app.cases.page.words import word
from app.cases.page.work import OpenTask, open_tasks
from app.cases.queries import LIMIT_SOURCE
from app.cases.rules import days_left, last_day_of, local_day
from app.core.addresses import public_url
from app.core.translations import language
from app.definitions.compiled import Contents
from app.directory.calendars import CountyCalendar
from app.directory.rules import Viewer


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the stepper."""

    label: str
    state: str
    spent: timedelta | None


@dataclass(frozen=True, slots=True)
class ShownClock:
    """A time limit with the days that are left of the law's and of the promised date."""

    clock: Clock
    source: str
    last: date
    promised: date | None
    left: int
    promise_left: int | None
    working: bool


@dataclass(frozen=True, slots=True)
class Head:
    """What stands on top of every tab."""

    title: str
    type: str
    channel: str
    tier: str
    stage: str
    lead: str
    mediator: str
    outcome: str
    steps: Sequence[Step]
    clocks: Sequence[ShownClock]
    next_task: OpenTask | None
    qr: Markup


def head_of(viewer: Viewer, case: Case, *, now: datetime) -> Head:
    known = opened(case)
    lead = known.lead.name_en if language() == "en" else known.lead.name_zh
    tier = word(case, "tier", case.tier)
    return Head(
        title=case.title,
        type=word(case, "dispute_type", case.dispute_type),
        channel=word(case, "channel", case.channel),
        tier="" if lead.endswith(tier) else tier,
        stage=_stage_label(contents_of(case), case.stage),
        lead=lead,
        mediator=known.mediator,
        outcome=word(case, "outcome", case.outcome),
        steps=stepper(case, now=now),
        clocks=[one for one in clocks_of(viewer, case, now=now) if one.clock.stopped_at is None],
        next_task=next(iter(open_tasks(viewer, case, now=now)), None),
        qr=qr_code(public_url("portal.scan", code=case.code)),
    )


def _stage_label(contents: Contents, stage: str) -> str:
    found = next((one for one in contents.settings.stages if one.id == stage), None)
    return found.label.in_language(language()) if found else stage


def stepper(case: Case, *, now: datetime) -> Sequence[Step]:
    """The stages of the package with the time spent in each, from the history."""
    spent: dict[str, timedelta] = {}
    current, since = "", case.opened_at
    told = [entry for entry in history_of(case) if entry.event == "stage.entered"]
    for entry in reversed(told):
        if current:
            spent[current] = spent.get(current, timedelta()) + (entry.at - since)
        current, since = str(entry.payload.get("stage", "")), entry.at
    ended = case.status in ("archived", "merged")
    if current:
        until = (case.archived_at or case.closed_at or now) if ended else now
        spent[current] = spent.get(current, timedelta()) + max(until - since, timedelta())
    steps = []
    stages = contents_of(case).settings.stages
    reached = max((n for n, stage in enumerate(stages) if stage.id in spent or stage.id == case.stage), default=0)
    for position, stage in enumerate(stages):
        label = stage.label.in_language(language())
        if stage.id == case.stage and not ended:
            state = "current"
        elif stage.id in spent or (position == 0 and reached > 0):
            state = "done"
        elif ended or case.status == "closed":
            state = "skipped"
        else:
            state = "upcoming"
        steps.append(Step(label, state, spent.get(stage.id)))
    return steps


def clocks_of(viewer: Viewer, case: Case, *, now: datetime) -> Sequence[ShownClock]:
    calendar = CountyCalendar(case.county_id)
    today = local_day(now, viewer.zone)
    shown = []
    for clock in opened(case).clocks:

        def left(kept: int | None, end: date | None, clock: Clock = clock) -> int | None:
            """Nothing is counted any more for a clock that was stopped."""
            if kept is not None or end is None or clock.stopped_at is not None:
                return kept
            return days_left(today, end, clock.day_kind, calendar)

        last = last_day_of(clock.due_at, viewer.zone)
        promised = last_day_of(clock.promise_at, viewer.zone) if clock.promise_at else None
        shown.append(
            ShownClock(
                clock,
                word(case, LIMIT_SOURCE, clock.source),
                last,
                promised,
                left(clock.days_left, last) or 0,
                left(clock.promise_days_left, promised),
                clock.day_kind == "working",
            )
        )
    return shown


BEFORE_PACKAGE_TABS = "evidence"
"""The tab after which the package's own ones stand."""


def tab_links(case: Case, current: str) -> list[dict[str, Any]]:
    links = []
    for tab in panels.tabs():
        links.append((tab.name, tab.label, url_for(tab.endpoint, code=case.code)))
        if tab.name == BEFORE_PACKAGE_TABS:
            for one in fact_tabs(case):
                address = url_for("cases.facts", code=case.code, tab=one.id)
                links.append((f"facts:{one.id}", one.label.in_language(language()), address))
    return [{"url": url, "label": label, "current": name == current, "count": None} for name, label, url in links]


def qr_code(address: str) -> Markup:
    """A QR code as inline SVG, in the colour of the text."""
    out = io.BytesIO()
    segno.make(address, error="m").save(
        out, kind="svg", xmldecl=False, svgns=True, border=2, dark="#1c2733", light=None, omitsize=True
    )
    return Markup(out.getvalue().decode())  # noqa: S704 - drawn by the library from the address, no text in it


@dataclass(frozen=True, slots=True)
class Link:
    address: str
    qr: Markup


def link_with_code(address: str) -> Link:
    return Link(address, qr_code(address))

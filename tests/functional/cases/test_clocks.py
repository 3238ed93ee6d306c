"""A case's time limits: law and promise, pause, resumption, extension, a year that is not announced."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.audit.queries import entries
from app.audit.services import SYSTEM, Stream
from app.cases.models import Case, Clock
from app.cases.queries import case_by_id
from app.cases.rules import Limit, last_day_of
from app.cases.services import clocks
from app.cases.services.cases import open_case
from app.cases.services.recalculation import count_again
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.cases import SETTLED, Story, play
from app.directory.models import CalendarDay
from app.directory.queries import organisation_by_code
from app.engine.feel import Date
from app.workflow.models import WorkItem, WorkItemCandidate
from app.workflow.queries import variables_by_scope
from tests.functional.conftest import BrowserAs

MONDAY = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SHANGHAI = "Asia/Shanghai"


@pytest.fixture
def case_id(county: int) -> int:
    def build() -> int:
        village = organisation_by_code(county, "330681101201")
        assert village is not None
        return open_case(
            county, channel="window", kind="dispute", summary="争水", received_by=village, actor=SYSTEM, now=MONDAY
        ).id

    return run_unit(build)


def act(case_id: int, change: Callable[..., Any], *values: object, now: datetime = MONDAY, **more: object) -> None:
    db.session.remove()
    run_unit(lambda: change(case_by_id(1, case_id), *values, actor=SYSTEM, now=now, **more))


def start(case_id: int, days: int, kind: str = "natural", promise: int | None = None, now: datetime = MONDAY) -> None:
    act(
        case_id,
        clocks.start_clock,
        "mediation",
        limit=Limit(days, kind),
        promise_days=promise,
        source="司法部令第75号第33条",
        now=now,
    )


def clock_now() -> Clock:
    db.session.remove()
    return db.session.scalars(select(Clock).where(Clock.stopped_at.is_(None))).one()


def last(clock: Clock) -> date:
    return last_day_of(clock.due_at, SHANGHAI)


def told(case_id: int) -> list[str]:
    db.session.remove()
    return [entry.event for entry in entries(Stream.case(1, case_id)) if entry.event.startswith("clock.")]


def test_the_promise_never_exceeds_the_law(app: Flask, case_id: int) -> None:
    start(case_id, 30, promise=45)
    clock = clock_now()
    assert clock.promise_at == clock.due_at
    assert clock.promise_days == 30


def test_a_second_limit_of_the_kind_ends_the_first_and_both_are_told(app: Flask, case_id: int) -> None:
    start(case_id, 30)
    start(case_id, 10, now=MONDAY + timedelta(days=1))
    assert clock_now().days == 10
    assert told(case_id) == ["clock.started", "clock.stopped", "clock.started"]


@pytest.mark.parametrize("kind", ["natural", "working"])
def test_a_pause_keeps_what_is_left(app: Flask, case_id: int, kind: str) -> None:
    start(case_id, 10, kind, promise=8)
    before = clock_now()
    act(case_id, clocks.pause_clocks, reason="appraisal", now=MONDAY + timedelta(days=3))
    paused = clock_now()
    assert paused.days_left is not None
    assert paused.promise_days_left is not None
    act(case_id, clocks.pause_clocks, reason="again", now=MONDAY + timedelta(days=5))
    assert clock_now().pause_reason == "appraisal"
    act(case_id, clocks.resume_clocks, now=MONDAY + timedelta(days=31))
    after = clock_now()
    assert after.paused_at is None
    assert after.promise_at is not None
    assert after.promise_at <= after.due_at
    assert last(after) - last(before) >= timedelta(days=26)
    if kind == "working":
        assert (paused.days_left, paused.promise_days_left) == (7, 5)
        assert last(after) == date(2026, 4, 14)
    assert told(case_id) == ["clock.resumed", "clock.paused", "clock.started"]


def test_a_limit_that_had_passed_stays_passed(app: Flask, case_id: int) -> None:
    start(case_id, 5)
    before = last(clock_now())
    act(case_id, clocks.pause_clocks, reason="appraisal", now=MONDAY + timedelta(days=20))
    act(case_id, clocks.resume_clocks, now=MONDAY + timedelta(days=30))
    assert last(clock_now()) == before


def test_an_extension_counts_from_the_last_day_and_drops_the_promise(app: Flask, case_id: int) -> None:
    start(case_id, 30, promise=20)
    act(case_id, clocks.extend_clock, "mediation", days=15, consent="双方同意")
    clock = clock_now()
    assert (last(clock), clock.promise_at, clock.days) == (date(2026, 4, 16), None, 45)
    act(case_id, clocks.extend_clock, "nothing", days=15, consent="")
    assert clock_now().days == 45


def test_an_extension_during_a_pause_is_not_lost(app: Flask, case_id: int) -> None:
    start(case_id, 10, "working")
    act(case_id, clocks.pause_clocks, reason="appraisal")
    act(case_id, clocks.extend_clock, "mediation", days=5, consent="双方同意")
    act(case_id, clocks.resume_clocks)
    assert last(clock_now()) == date(2026, 3, 23)


def test_a_year_without_calendar_is_said_to_be_provisional(app: Flask, case_id: int) -> None:
    start(case_id, 10)
    assert clock_now().provisional is False
    start(case_id, 300, "working")
    assert clock_now().provisional is True


def test_the_county_may_set_its_own_days(app: Flask, county: int, case_id: int) -> None:
    closed = CalendarDay(county_id=county, day=date(2026, 3, 3), working=False, reason="村运动会")
    db.session.remove()
    run_unit(lambda: db.session.add(closed))
    start(case_id, 1, "working")
    assert last(clock_now()) == date(2026, 3, 4)


@pytest.fixture
def session_to_hold(app: Flask, dispute_county: int) -> None:
    """A dispute about water for orchards, before its first session."""
    story = Story(
        "果园浇水的顺序年年吵，今年堵了水渠。",
        "河畔村2组",
        "花水娟",
        "花阿土",
        age_days=11,
        answers=SETTLED,
        until="hold_session",
    )
    run_unit(lambda: play(story, now=clock.now()))


def held_session() -> tuple[int, WorkItem]:
    """A case whose session is to be held by the end of its limit, and that task."""
    db.session.remove()
    item = db.session.scalars(
        select(WorkItem).where(WorkItem.element_id == "hold_session", WorkItem.status == "open").limit(1)
    ).one()
    assert item.subject_id is not None
    return item.subject_id, item


def limit_of(case_id: int) -> Clock:
    db.session.remove()
    running = select(Clock).where(Clock.case_id == case_id, Clock.kind == "mediation", Clock.stopped_at.is_(None))
    return db.session.scalars(running).one()


def test_a_task_due_by_the_end_of_a_limit_goes_with_it(app: Flask, session_to_hold: None) -> None:
    case_id, item = held_session()
    before = limit_of(case_id).due_at
    assert item.due_at == before
    other = WorkItem(**{one.key: getattr(item, one.key) for one in WorkItem.__table__.columns if one.key != "id"})
    other.element_id, other.token = "site_visit", "beside"
    db.session.remove()
    run_unit(lambda: db.session.add(other))
    released = update(WorkItem).where(WorkItem.id == item.id).values(assignee_id=None)
    run_unit(lambda: db.session.execute(released))
    now = clock.now()
    act(case_id, clocks.extend_clock, "mediation", days=5, consent="双方同意", now=now)
    extended = limit_of(case_id).due_at
    assert extended > before
    assert held_session()[1].due_at == extended
    candidates = select(WorkItemCandidate.due_at).where(WorkItemCandidate.work_item_id == item.id)
    assert set(db.session.scalars(candidates)) == {extended}
    still = select(WorkItem.due_at).where(WorkItem.element_id == "site_visit", WorkItem.token == "beside")
    assert db.session.scalars(still).one() == before, "a date of its own stays"
    act(case_id, clocks.pause_clocks, reason="suspended", now=now)
    act(case_id, clocks.resume_clocks, now=now + timedelta(days=9))
    resumed = limit_of(case_id).due_at
    assert resumed > extended
    assert held_session()[1].due_at == resumed
    rows = [one for one in entries(Stream.case(1, case_id)) if one.event == "task.due_moved"]
    assert [(one.payload["before"], one.payload["after"]) for one in rows] == [
        (day(extended), day(resumed)),
        (day(before), day(extended)),
    ]


def test_a_task_follows_when_the_calendar_changes(app: Flask, session_to_hold: None) -> None:
    case_id, _item = held_session()
    now = clock.now()
    start(case_id, 5, "working", now=now)
    first = limit_of(case_id).due_at
    assert held_session()[1].due_at == first, "a limit that begins anew moves it too"
    closed = CalendarDay(county_id=1, day=last_day_of(first, SHANGHAI), working=False, reason="台风")
    db.session.remove()
    run_unit(lambda: db.session.add(closed))
    db.session.remove()
    run_unit(lambda: count_again(1, after=0, size=500, only_provisional=False, now=now))
    assert limit_of(case_id).due_at > first
    assert held_session()[1].due_at == limit_of(case_id).due_at
    item = held_session()[1]
    known = variables_by_scope(1, item.instance_id)[""]["mediation_deadline"]
    assert known == Date.from_python(last(limit_of(case_id))), "the diagram's timer asks for it"


def test_a_pause_of_one_limit_leaves_the_others_running(app: Flask, case_id: int) -> None:
    start(case_id, 30)
    act(case_id, clocks.start_clock, "reply", limit=Limit(9, "natural"), promise_days=None, source="x")
    act(case_id, clocks.pause_clocks, "mediation", reason="appraisal")
    db.session.remove()
    assert dict(db.session.execute(select(Clock.kind, Clock.pause_reason)).all()) == {
        "mediation": "appraisal",
        "reply": "",
    }
    act(case_id, clocks.resume_clocks, "reply")
    assert told(case_id)[0] == "clock.paused"
    act(case_id, clocks.resume_clocks, "mediation")
    assert told(case_id)[0] == "clock.resumed"


def day(moment: datetime) -> str:
    return last_day_of(moment, SHANGHAI).isoformat()


def test_every_source_of_a_time_limit_is_told_in_the_readers_language(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    source, english = (
        "人民调解工作若干规定（司法部令第75号）第三十三条",
        "Rules on people&#39;s mediation (Ministry of Justice order 75)",
    )
    begun = select(Clock.case_id).where(Clock.source.startswith(source))
    code = db.session.scalars(select(Case.code).where(Case.id.in_(begun))).first()
    leader = browser_as("leader")
    for tab in ("", "/timeline"):
        page = leader.get(f"/cases/{code}{tab}", headers={"Accept-Language": "en"}).text
        assert english in page, tab
        assert source not in page, tab
        assert source in leader.get(f"/cases/{code}{tab}").text, tab
    assert english in leader.post(f"/cases/{code}/print", headers={"Accept-Language": "en"}).text

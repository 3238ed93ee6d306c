"""Timers against the clock: late completions, missed turns, summer time, a clock set back, working days."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.directory import queries as directory
from app.directory.models import CalendarDay, County
from app.workflow import jobs, messaging, queries
from app.workflow.errors import TaskOvertaken
from app.workflow.models import Instance
from app.workflow.services import Outcome
from tests.functional.workflow.errands import CLERK, NOW, Errands

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def in_berlin(errands: Errands) -> Iterator[None]:
    """The county moves to a zone with summer time."""

    def move() -> None:
        db.session.execute(update(County).where(County.id == errands.county_id).values(zone="Europe/Berlin"))

    run_unit(move)
    directory._zones.clear()
    yield
    directory._zones.clear()


def wake_at(moment: datetime) -> int:
    with clock.freeze(moment):
        db.session.rollback()
        return jobs.wake_due()


def turns(errands: Errands, outcome: Outcome) -> object:
    db.session.rollback()
    return queries.variables_by_scope(errands.county_id, outcome.instance_id).get("", {}).get("turns")


def due_at(errands: Errands, outcome: Outcome) -> datetime | None:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Instance, (errands.county_id, outcome.instance_id)).due_at


def open_at(errands: Errands) -> list[str]:
    db.session.rollback()
    db.session.expire_all()
    return [item.element_id for item in queries.open_items(errands.county_id)]


def test_late_completion_loses_and_nothing_of_it_stays(errands: Errands) -> None:
    """The worker has not come yet, the limit has passed: the timer counts, the answer does not."""
    outcome = errands.start("watch")
    with pytest.raises(TaskOvertaken):
        errands.complete(outcome, now=NOW + timedelta(days=30), turns=99)
    assert open_at(errands) == ["guard"], "the refusal took back the firing as well: the worker does it"
    assert turns(errands, outcome) is None
    assert wake_at(NOW + timedelta(days=30)) == 1
    assert open_at(errands) == []


def test_completion_in_the_last_second_wins(errands: Errands) -> None:
    outcome = errands.start("watch")
    errands.complete(outcome, now=NOW + timedelta(days=30, seconds=-1))
    assert open_at(errands) == []
    assert wake_at(NOW + timedelta(days=31)) == 0, "its timers went with the task"


def test_message_for_a_task_whose_limit_has_passed_is_not_taken(errands: Errands) -> None:
    outcome = errands.start("watch")

    def call(now: datetime) -> object:
        return run_unit(
            lambda: messaging.send_message(errands.county_id, "call_guard", payload={"price": 1}, actor=CLERK, now=now)
        )

    late = NOW + timedelta(days=30)
    with pytest.raises(messaging.NothingWaits):
        call(late)
    assert queries.variables_by_scope(errands.county_id, outcome.instance_id).get("", {}).get("price") is None
    assert open_at(errands) == ["guard"], "nothing of that step stays: the worker fires the timer"
    call(late - timedelta(seconds=1))
    assert open_at(errands) == ["guard"]


def test_missed_turns_come_once_and_keep_their_beat(errands: Errands) -> None:
    outcome = errands.start("watch")
    assert wake_at(NOW + timedelta(days=9, hours=5)) == 1
    assert turns(errands, outcome) == 1, "nine turns were missed: one firing"
    assert due_at(errands, outcome) == NOW + timedelta(days=10), "the beat is that of the beginning"
    assert wake_at(NOW + timedelta(days=9, hours=6)) == 0
    assert wake_at(NOW + timedelta(days=10)) == 1
    assert turns(errands, outcome) == 2


def test_cycle_across_the_change_to_summer_time_comes_every_24_hours(errands: Errands, in_berlin: None) -> None:
    """Clocks jump from 2 to 3 on 29 March 2026: a duration is a duration, no turn is lost and none comes twice."""
    start = datetime(2026, 3, 27, 9, 0, tzinfo=BERLIN)
    outcome = errands.start("watch", now=start)
    moment = start.astimezone(UTC)
    for count in range(1, 5):
        moment += timedelta(hours=24)
        assert due_at(errands, outcome) == moment
        assert wake_at(moment - timedelta(seconds=1)) == 0
        assert wake_at(moment) == 1
        assert turns(errands, outcome) == count
    assert moment.astimezone(BERLIN).hour == 10


def test_cycle_across_the_end_of_summer_time_does_not_come_twice_in_the_doubled_hour(
    errands: Errands, in_berlin: None
) -> None:
    """On 25 October 2026 the hour from 2 to 3 comes twice."""
    start = datetime(2026, 10, 24, 2, 30, tzinfo=BERLIN)
    outcome = errands.start("watch", now=start)
    first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=0).astimezone(UTC)
    second = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1).astimezone(UTC)
    assert second - first == timedelta(hours=1)
    assert due_at(errands, outcome) == first
    assert (wake_at(first), wake_at(second)) == (1, 0)
    assert turns(errands, outcome) == 1


def test_clock_set_back_fires_nothing_twice_and_nothing_early(errands: Errands) -> None:
    outcome = errands.start("watch")
    fired = NOW + timedelta(days=1)
    assert wake_at(fired) == 1
    for back in (timedelta(hours=1), timedelta(days=3)):
        assert wake_at(fired - back) == 0
    assert turns(errands, outcome) == 1
    assert due_at(errands, outcome) == NOW + timedelta(days=2)
    errands.complete(outcome, now=fired - timedelta(days=3))
    assert open_at(errands) == [], "people work on while the clock is wrong"


def test_working_days_leave_out_weekends_and_the_countys_own_free_days(errands: Errands) -> None:
    """Three working days from Monday 2 March; the county is free on Wednesday."""

    def free_day() -> None:
        day = datetime(2026, 3, 4).date()  # noqa: DTZ001 - a day, no moment
        db.session.add(CalendarDay(county_id=errands.county_id, day=day, working=False, reason="庙会"))

    run_unit(free_day)
    outcome = errands.start("promise")
    zone = ZoneInfo("Asia/Shanghai")
    due = due_at(errands, outcome)
    assert due is not None
    assert due.astimezone(zone) == datetime(2026, 3, 6, 9, 0, tzinfo=zone)
    assert wake_at(due - timedelta(seconds=1)) == 0
    assert wake_at(due) == 1
    assert open_at(errands) == ["keep_it"]

"""Where cases stand and how long it takes, for those who may know it."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.authoring.heat import queries
from app.core import clock
from app.core.database import db
from app.directory.models import Organisation
from app.workflow.models import Instance, InstanceStatus
from tests.functional.authoring.conftest import viewer

BrowserAs = Callable[[str], FlaskClient]


def test_figures_are_those_of_the_running_cases(played_county: int) -> None:
    now = clock.now()
    found = queries.heat(viewer("owner"), "dispute", "triage", since=queries.start_of(365, now), now=now)
    rows = db.session.scalars(
        select(Instance.active).where(Instance.package == "dispute", Instance.status == InstanceStatus.RUNNING)
    ).all()
    counted: dict[str, int] = {}
    for active in rows:
        for one in active:
            if one["process_id"] == "triage":
                counted[one["element_id"]] = counted.get(one["element_id"], 0) + 1
    assert counted
    assert {element: one.now for element, one in found.figures.items() if one.now} == counted
    confirmed = found.figures["confirm_triage"]
    assert confirmed.passed > 0
    assert confirmed.median is not None
    assert confirmed.p90 is not None
    assert 0 <= confirmed.median <= confirmed.p90


def test_a_short_period_holds_no_more_than_a_long_one(played_county: int) -> None:
    now = clock.now()
    passed = [
        sum(
            one.passed
            for one in queries.heat(
                viewer("owner"), "dispute", "triage", since=queries.start_of(days, now), now=now
            ).figures.values()
        )
        for days in (0, 7, 365)
    ]
    assert passed[0] == 0
    assert passed[1] <= passed[2]
    assert passed[2] > 0


def test_behind_a_number_are_the_cases_that_the_reader_may_open(played_county: int, browser_as: BrowserAs) -> None:
    """An owner without a case role learns how many there are, not which."""
    now = clock.now()
    heat = queries.heat(viewer("owner"), "dispute", "triage", since=queries.start_of(365, now), now=now)
    element = max(heat.figures, key=lambda one: heat.figures[one].now)
    count, rows = queries.cases_at(viewer("owner"), "dispute", "triage", element, "now", now=now)
    assert count == heat.figures[element].now
    assert rows == []
    page = browser_as("owner").get(f"/authoring/dispute/heat/triage/{element}?kind=now")
    assert page.status_code == 200
    assert browser_as("owner").get(f"/authoring/dispute/heat/triage/{element}?kind=all").status_code == 404
    assert browser_as("clerk").get("/authoring/dispute/heat").status_code == 404


def test_figures_end_at_the_border_of_the_reader(played_county: int) -> None:
    now = clock.now()
    owner = viewer("owner")
    village = db.session.scalar(select(Organisation.path).order_by(Organisation.path.desc()))
    assert village is not None
    narrow = replace(owner, roles=tuple(replace(one, path=village) for one in owner.roles))
    everywhere = queries.heat(owner, "dispute", "triage", since=queries.start_of(365, now), now=now)
    there = queries.heat(narrow, "dispute", "triage", since=queries.start_of(365, now), now=now)
    assert there.instances < everywhere.instances
    assert sum(one.now for one in there.figures.values()) < sum(one.now for one in everywhere.figures.values())


@pytest.mark.parametrize("days", ["7", "-1", "abc", "99999999999"])
def test_the_page_takes_any_period(played_county: int, browser_as: BrowserAs, days: str) -> None:
    page = browser_as("owner").get(f"/authoring/dispute/heat?process=triage&days={days}")
    assert page.status_code == 200
    assert "confirm_triage" in page.text

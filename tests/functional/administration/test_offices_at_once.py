"""Two change the tree at once: one waits for the other and sees what became of it."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.administration.offices import jobs, services
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.county import person_named
from app.directory.models import Assignment, Organisation
from app.directory.places.models import Reorganisation
from app.scheduling.services import claim_jobs
from tests.functional.administration.test_offices import (
    HEPAN,
    LINJIANG,
    OFFICES,
    SHIQIAO,
    YUNLING,
    assert_everything_lies_where_it_is_led,
    page_of,
    place,
)
from tests.functional.conftest import BrowserAs
from tests.functional.days import county_day
from tests.functional.workflow.rivals import in_thread, wait_for_a_waiter

pytestmark = pytest.mark.parametrize("shared_app", ["postgresql"], indirect=True)


def beside(app: Flask, first: Callable[[], object], second: Callable[[], object]) -> tuple[object, object]:
    """`first` has done all and has not committed yet when `second` begins; what became of both."""
    made, go_on = threading.Event(), threading.Event()

    def hold() -> object:
        def work() -> object:
            done = first()
            made.set()
            assert go_on.wait(60)
            return done

        return run_unit(work)

    db.session.remove()
    one, firsts = in_thread(app, hold)
    assert made.wait(60), firsts
    other, seconds = in_thread(app, second)
    wait_for_a_waiter()
    go_on.set()
    one.join(60)
    other.join(60)
    return firsts[0], seconds[0]


def reorganise() -> None:
    """What the worker does with the one move that was asked for."""
    services.reorganise(db.session.scalars(select(Reorganisation)).one(), now=clock.now())


def test_of_two_who_ask_for_a_move_of_the_same_office_one_is_told(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    admin, page, ids = browser_as("admin"), page_of(HEPAN), (place(HEPAN).id, place(SHIQIAO).id)

    def ask() -> None:
        office, target = (db.session.get_one(Organisation, (1, one)) for one in ids)
        actor = services.Actor("person", person_named("admin").id, "甲")
        services.ask_worker(services.ReorganisationKind.MERGE, office, target, reason="", actor=actor, now=clock.now())

    first, second = beside(app, ask, lambda: admin.post(f"{page}/merge", data={"target": ids[1]}))
    assert first is None
    assert isinstance(second, TestResponse), second
    assert second.status_code == 409
    assert db.session.query(Reorganisation).count() == 1
    db.session.remove()
    (job,) = run_unit(lambda: claim_jobs(now=clock.now()))
    jobs.reorganise(job)
    assert admin.post(f"{page}/merge", data={"target": ids[1]}).status_code == 409


def test_a_village_that_is_founded_during_a_move_lies_where_its_town_went(
    app: Flask, played_county: int, browser_as: BrowserAs
) -> None:
    admin = browser_as("admin")
    assert admin.post(f"{page_of(HEPAN)}/move", data={"target": place(YUNLING).id}).status_code == 303
    form = {"parent": place(HEPAN).id, "tier": "grid", "kind": "government", "code": f"{HEPAN}-09", "name_zh": "九格"}
    first, second = beside(app, reorganise, lambda: admin.post(OFFICES, data=form))
    assert first is None
    assert isinstance(second, TestResponse), second
    assert second.status_code == 303
    assert place(f"{HEPAN}-09").path.startswith(place(HEPAN).path)
    assert place(HEPAN).path.startswith(place(YUNLING).path)
    assert_everything_lies_where_it_is_led()


@pytest.mark.parametrize("what", ["found", "role", "close"])
def test_nothing_new_hangs_on_an_office_that_is_going_into_another(
    app: Flask, played_county: int, browser_as: BrowserAs, what: str
) -> None:
    admin, page, hepan = browser_as("admin"), page_of(HEPAN), place(HEPAN).id
    assert admin.post(f"{page}/merge", data={"target": place(SHIQIAO).id}).status_code == 303
    clerk, today = person_named("clerk").id, county_day()
    form = {"parent": hepan, "tier": "grid", "kind": "government", "code": f"{HEPAN}-09", "name_zh": "九格"}
    role = {"role": "mediator", "office": hepan, "from": (today + timedelta(days=1)).isoformat()}
    ways = {
        "found": lambda: admin.post(OFFICES, data=form),
        "role": lambda: admin.post(f"/administration/people/{clerk}/roles", data=role),
        "close": lambda: admin.post(f"{page}/close"),
    }
    first, second = beside(app, reorganise, ways[what])
    assert first is None
    assert isinstance(second, TestResponse), second
    assert second.status_code in (409, 422)
    assert place(HEPAN).closed_at is not None
    left = select(Assignment.id).where(Assignment.organisation_id == hepan, Assignment.to_date.is_(None))
    assert db.session.scalars(left).all() == []
    assert db.session.scalars(select(Organisation.id).where(Organisation.parent_id == hepan)).all() == []


def test_an_office_that_closes_takes_nobody_in(app: Flask, played_county: int, browser_as: BrowserAs) -> None:
    admin = browser_as("admin")
    form = {"parent": place(LINJIANG).id, "tier": "village", "kind": "government", "code": "330681101204"}
    assert admin.post(OFFICES, data={**form, "name_zh": "新桥村"}).status_code == 303
    new = place("330681101204").id
    assert admin.post(f"{page_of(HEPAN)}/merge", data={"target": new}).status_code == 303

    def close() -> None:
        actor = services.Actor("person", person_named("admin").id, "甲")
        services.close_office(db.session.get_one(Organisation, (1, new)), actor=actor, now=clock.now())

    def work() -> object:
        (job,) = run_unit(lambda: claim_jobs(now=clock.now()))
        return services_outcome(job)

    first, second = beside(app, close, work)
    assert first is None
    assert second == "failed"
    assert place(HEPAN).closed_at is None
    assert_everything_lies_where_it_is_led()


def services_outcome(job: jobs.DueJob) -> str:
    settle = jobs.reorganise(job)
    assert settle is not None
    run_unit(settle)
    return str(db.session.scalars(select(Reorganisation.status)).one())

"""Somebody becomes mediator of a case in the very moment in which they leave: the case is never nobody's."""

import threading

import pytest
from flask import Flask
from sqlalchemy import select

from app.administration.people import services
from app.audit.services import SYSTEM, Actor
from app.cases.models import Case
from app.cases.queries import case_by_id
from app.cases.services.cases import lock_case, set_mediator
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.county import person_named
from app.directory.staff.errors import PersonGone
from tests.functional.administration.test_offices_at_once import beside
from tests.functional.workflow.rivals import in_thread, wait_for_a_waiter

pytestmark = pytest.mark.parametrize("shared_app", ["postgresql"], indirect=True)


def a_case(mediator: str | None) -> int:
    db.session.remove()
    wanted = None if mediator is None else person_named(mediator).id
    found = db.session.scalars(
        select(Case.id).where(Case.status == "open", Case.mediator_id == wanted).order_by(Case.id)
    ).first()
    assert found is not None
    db.session.remove()
    return found


def mediator_of(case_id: int) -> int | None:
    db.session.remove()
    return db.session.scalars(select(Case.mediator_id).where(Case.id == case_id)).one()


def appoint(case_id: int, login: str) -> None:
    """As a step of a process does: the case is held, then somebody is made its mediator."""
    lock_case(1, case_id)
    set_mediator(case_by_id(1, case_id), person_named(login).id, actor=SYSTEM, now=clock.now())


def let_leave(login: str, successor: str | None) -> None:
    actor = Actor("person", person_named("admin").id, "甲")
    heir = None if successor is None else person_named(successor)
    services.let_leave(person_named(login), heir, reason="调离", actor=actor, now=clock.now())


def test_who_leaves_after_all_hands_on_what_they_were_given_meanwhile(app: Flask, played_county: int) -> None:
    case = a_case(None)
    first, second = beside(
        app, lambda: appoint(case, "elder"), lambda: run_unit(lambda: let_leave("elder", "mediator"))
    )
    assert (first, second) == (None, None)
    assert mediator_of(case) == person_named("mediator").id


def test_nobody_is_appointed_who_is_just_leaving(app: Flask, played_county: int) -> None:
    case = a_case(None)
    first, second = beside(app, lambda: let_leave("elder", None), lambda: run_unit(lambda: appoint(case, "elder")))
    assert first is None
    assert isinstance(second, PersonGone)
    assert mediator_of(case) is None


def test_who_takes_over_may_be_appointed_at_the_same_time(app: Flask, played_county: int) -> None:
    """A case of the leaver's that is given to the successor meanwhile: neither waits for the other in a circle."""
    case, other = a_case("elder"), a_case(None)
    held, go_on = threading.Event(), threading.Event()

    def hold_the_case() -> None:
        lock_case(1, case)
        case_by_id(1, case)
        held.set()
        assert go_on.wait(60)
        appoint(case, "mediator")

    db.session.remove()
    one, firsts = in_thread(app, lambda: run_unit(hold_the_case))
    assert held.wait(60), firsts
    leaving, seconds = in_thread(app, lambda: run_unit(lambda: let_leave("elder", "mediator")))
    wait_for_a_waiter()
    run_unit(lambda: appoint(other, "mediator"))
    go_on.set()
    one.join(60)
    leaving.join(60)
    assert (firsts, seconds) == ([None], [None])
    assert mediator_of(case) == mediator_of(other) == person_named("mediator").id

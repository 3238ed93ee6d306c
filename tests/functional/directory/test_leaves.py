"""Going on leave: whose work comes to whom meanwhile, and what a deputy must be able to do."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from app.audit.queries import entries
from app.audit.services import SYSTEM, Stream
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.county import PASSWORD, person_named
from app.directory import queries
from app.directory.leaves import services
from app.directory.leaves.errors import (
    DeputiesInACircle,
    DeputyCannotDoTheWork,
    LeaveEndedAlready,
    LeaveEndsBeforeItBegins,
    LeaveIsOver,
    LeaveOverlaps,
    LeaveTooLong,
    OwnDeputy,
)
from app.directory.leaves.queries import away_on, leaves_of
from app.directory.rules import Viewer
from app.directory.sign_in.services import sign_in

MORNING = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)


def leave(login: str, deputy: str | None, first: int = 0, last: int = 4) -> int:
    """The named person is away from so many days after today to so many days after today."""

    def take() -> int:
        taken = services.take_leave(
            person_named(login),
            deputy=person_named(deputy) if deputy else None,
            from_date=TODAY + timedelta(days=first),
            to_date=TODAY + timedelta(days=last),
            reason="年休假",
            actor=SYSTEM,
            now=MORNING,
        )
        return taken.id

    db.session.remove()
    return run_unit(take)


def end(leave_id: int) -> None:
    db.session.remove()
    run_unit(lambda: services.end_leave(db.session.get_one(services.Leave, (1, leave_id)), actor=SYSTEM, now=MORNING))


def viewer(login: str, now: datetime = MORNING) -> Viewer:
    found = queries.viewer_of_person(1, person_named(login).id, now=now)
    assert found is not None
    return found


def stood_in_for(login: str, now: datetime = MORNING) -> set[str]:
    return {queries.person(1, one).login for one in viewer(login, now).stands_in_for}


def test_the_deputy_stands_in_from_the_first_day_to_the_last_of_the_county(app: Flask, county: int) -> None:
    leave("mediator", "elder")
    before, last = datetime(2026, 3, 1, 15, 59, tzinfo=UTC), datetime(2026, 3, 6, 15, 59, tzinfo=UTC)
    assert stood_in_for("elder") == stood_in_for("elder", last) == {"mediator"}
    assert stood_in_for("elder", before) == stood_in_for("elder", last + timedelta(minutes=1)) == set()
    assert stood_in_for("mediator") == stood_in_for("chair") == set()
    assert len(viewer("elder").roles) == 1
    assert away_on(1, TODAY) == {person_named("mediator").id: person_named("elder").id}


def test_the_work_goes_on_to_the_deputys_deputy(app: Flask, county: int) -> None:
    leave("mediator", "elder")
    leave("elder", "county.mediator", 1, 2)
    assert stood_in_for("county.mediator") == set()
    assert stood_in_for("county.mediator", MORNING + timedelta(days=1)) == {"mediator", "elder"}
    assert stood_in_for("county.mediator", MORNING + timedelta(days=3)) == set()


def test_who_signs_in_is_known_as_a_deputy_in_one_statement(app: Flask, county: int) -> None:
    leave("mediator", "elder")
    leave("elder", "county.mediator")
    leave("linjiang.mediator", "county.mediator")
    db.session.remove()
    with clock.freeze(MORNING):
        _, secret = run_unit(lambda: sign_in("county.mediator", PASSWORD, network="test", agent="", now=clock.now()))
    db.session.remove()
    statements: list[str] = []

    def count(*args: Any) -> None:
        statements.append(args[2])

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        found = queries.viewer_of_sign_in(secret, now=MORNING)
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    assert len([one for one in statements if one != "BEGIN"]) == 1
    assert found is not None
    viewer, _ = found
    assert len(viewer.roles) == 1
    assert {queries.person(1, one).login for one in viewer.stands_in_for} == {"mediator", "elder", "linjiang.mediator"}


def test_coming_back_early_ends_it_at_once_and_is_told(app: Flask, county: int) -> None:
    taken = leave("mediator", "elder")
    end(taken)
    assert stood_in_for("elder") == set()
    assert away_on(1, TODAY) == {}
    events = [entry.event for entry in entries(Stream.person(1, person_named("mediator").id))]
    assert events == ["leave.ended", "leave.taken"]
    with pytest.raises(LeaveEndedAlready):
        end(taken)
    leave("mediator", "elder")
    assert [one.ended_at is None for one in leaves_of(1, person_named("mediator").id)] == [True, False]


def test_a_deputy_must_be_able_to_do_the_work(app: Flask, county: int) -> None:
    for deputy in ("clerk", "admin", "resident"):
        with pytest.raises(DeputyCannotDoTheWork):
            leave("mediator", deputy)
    with pytest.raises(OwnDeputy):
        leave("mediator", "mediator")

    def role_ends_meanwhile() -> None:
        assignment = db.session.query(queries.Assignment).filter_by(person_id=person_named("elder").id).one()
        assignment.to_date = TODAY + timedelta(days=2)

    db.session.remove()
    run_unit(role_ends_meanwhile)
    with pytest.raises(DeputyCannotDoTheWork):
        leave("mediator", "elder")
    leave("mediator", "elder", 0, 2)


def test_deputies_never_stand_in_a_circle(app: Flask, county: int) -> None:
    leave("mediator", "elder", 0, 4)
    leave("elder", "county.mediator", 3, 8)
    with pytest.raises(DeputiesInACircle):
        leave("county.mediator", "mediator", 4, 9)
    leave("county.mediator", "mediator", 5, 9)


def test_days_that_make_no_sense_are_refused(app: Flask, county: int) -> None:
    with pytest.raises(LeaveEndsBeforeItBegins):
        leave("mediator", "elder", 3, 2)
    with pytest.raises(LeaveIsOver):
        leave("mediator", "elder", -4, -1)
    with pytest.raises(LeaveTooLong):
        leave("mediator", "elder", 0, 732)
    leave("mediator", None, 0, 4)
    with pytest.raises(LeaveOverlaps):
        leave("mediator", "elder", 4, 6)

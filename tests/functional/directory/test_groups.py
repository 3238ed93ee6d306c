"""Whom a diagram's group means: the role where the case is led, else the nearest office above that holds it."""

from datetime import date, timedelta

from flask import Flask

from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.county import person_named
from app.directory.models import Assignment
from app.directory.queries import organisation_by_code, resolve_group
from tests.functional.days import county_day

HEPAN, ZHUSHAN = "330681101201", "330681102201"


def office_of(group: str, code: str) -> str:
    db.session.remove()
    place = organisation_by_code(1, code)
    assert place is not None
    role, organisation_id = resolve_group(group, place)
    assert role == group.partition("@")[0]
    found = db.session.query(type(place)).filter_by(id=organisation_id).one()
    return found.name_zh


def test_a_group_is_held_at_the_place_or_rises(app: Flask, county: int) -> None:
    assert office_of("mediator", HEPAN) == "河畔村"
    assert office_of("mediator", ZHUSHAN) == "云岭镇"
    assert office_of("leader@county", HEPAN) == "枫溪县综治中心"
    assert office_of("leader@parent", HEPAN) == "临江镇"
    assert office_of("dispatcher@parent", ZHUSHAN) == "云岭镇"
    assert office_of("justice_office@town", HEPAN) == "临江镇"


def test_who_has_left_or_whose_time_is_over_holds_nothing(app: Flask, county: int) -> None:
    yesterday = county_day() - timedelta(days=2)

    def end(login: str) -> None:
        db.session.query(Assignment).filter_by(person_id=person_named(login).id).update({"to_date": yesterday})

    run_unit(lambda: end("mediator"))
    assert office_of("mediator", HEPAN) == "河畔村"

    def leave() -> None:
        person_named("elder").left_at = clock.now()

    db.session.remove()
    run_unit(leave)
    assert office_of("mediator", HEPAN) == "临江镇"


def test_a_role_that_begins_tomorrow_is_not_held_today(app: Flask, county: int) -> None:
    tomorrow = county_day() + timedelta(days=2)
    assert tomorrow > date(2024, 1, 1)

    def begin_later() -> None:
        for login in ("mediator", "elder"):
            db.session.query(Assignment).filter_by(person_id=person_named(login).id).update({"from_date": tomorrow})

    run_unit(begin_later)
    assert office_of("mediator", HEPAN) == "临江镇"

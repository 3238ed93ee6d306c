"""Codes of cases: each its own, in the order of opening, and nobody waits for another's case to be kept."""

import threading
from datetime import UTC, datetime

import pytest
from flask import Flask

from app.audit.services import SYSTEM
from app.cases.services.cases import open_case
from app.core.database import db
from app.core.unit_of_work import run_unit, unit_of_work
from app.devdata.county import COUNTY_ID
from app.directory.queries import organisations

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def opened() -> str:
    place = organisations(COUNTY_ID)[0]
    return open_case(
        COUNTY_ID, channel="window", kind="dispute", summary="院墙", received_by=place, actor=SYSTEM, now=NOW
    ).code


def number_in(code: str) -> int:
    return int(code.split("-")[1])


def test_codes_follow_each_other(app: Flask, county: int) -> None:
    numbers = [number_in(run_unit(opened)) for _ in range(3)]
    assert numbers == list(range(numbers[0], numbers[0] + 3))


@pytest.mark.postgresql
def test_a_case_that_is_being_opened_holds_up_no_other(app: Flask, county: int) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    other: list[str] = []

    def beside() -> None:
        with app.app_context():
            other.append(run_unit(opened))

    with unit_of_work():
        first = opened()
        thread = threading.Thread(target=beside)
        thread.start()
        thread.join(timeout=60)
        assert other, "the second case waited for the first"
    assert number_in(other[0]) == number_in(first) + 1

"""Every operation, called by every role inside and outside its area, against the table of docs/access.md.

`WRITE_ACCESS=1 pytest tests/functional/access` writes the table anew: read the difference before keeping it.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.core import clock
from app.core.unit_of_work import run_unit
from app.devdata.cases import play_stories
from app.devdata.county import COUNTY_ID, PASSWORD, SINCE, create_people_and_places, person_named
from app.devdata.demo import import_packages
from app.directory.rules import CASE_ROLES, ROLES, SCOPES
from app.directory.services import (
    assign_role,
    create_api_token,
    create_county,
    create_organisation,
    create_person,
)
from tests.functional.access import table
from tests.functional.access.addresses import PAYLOADS, Operation, build, operations
from tests.functional.access.people import (
    ELSEWHERE,
    HERE,
    ONLY_READS_HERE,
    PLACES,
    READS_HERE,
    login_of,
)
from tests.functional.conftest import kept

pytestmark = pytest.mark.parametrize("shared_app", ["sqlite"], indirect=True)
"""The conditions are the same on both databases, and other tests hold them to it; this one is long."""

OPEN = "open"
NEIGHBOUR = "neighbour"
_SHEET = "/administration/import/<any(people, offices, registers, calendar):what>"
_REGISTER = "/administration/registers/<register>"
OF_NO_COUNTY = {
    *("GET /static/<path:filename>", "GET /c/<code>"),
    *(f"GET {_SHEET}/template.xlsx", f"POST {_SHEET}", f"POST {_SHEET}/export"),
    *(f"GET {_REGISTER}", f"POST {_REGISTER}", f"POST {_REGISTER}/fill"),
    f"POST {_REGISTER}/<code>/<any(up, down):way>",
    "POST /operations/jobs/<int:job_id>/retry",
}
"""Addresses whose words are the same in every county, and one that says the same of a job that nobody has."""
WRITING = os.environ.get("WRITE_ACCESS") == "1"


class Kept(Exception):
    """The operation was let in and has done its work: it is undone here, so that the next one meets the same."""


@contextmanager
def undone() -> Iterator[None]:
    """No change of a walked operation is kept."""

    def stop(session: Session) -> None:
        if request.method not in ("GET", "HEAD"):
            raise Kept

    event.listen(Session, "before_commit", stop)
    try:
        yield
    finally:
        event.remove(Session, "before_commit", stop)


@pytest.fixture
def walk(app: Flask) -> list[Operation]:
    """Every operation of the program, with an address that leads to something."""

    def fill() -> None:
        create_people_and_places()
        import_packages(COUNTY_ID)
        play_stories(now=clock.now())
        app.extensions["walk"] = build()

    kept(app, "walk", fill)
    return list(operations(app, app.extensions["walk"]))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("role", ROLES)
def test_each_role_is_let_in_where_the_table_says(app: Flask, walk: list[Operation], role: str, place: str) -> None:
    login = login_of(role, place)
    token = run_unit(lambda: _token(login))
    met = _walked(_browser(app, login), walk, token)
    if WRITING:
        app.extensions.setdefault("met", {})[role, place] = met
        return
    said = table.read_page()
    wrong = []
    for one, told in met.items():
        row = said.get((one.method, one.rule))
        if row is None:
            wrong.append(f"{one.method} {one.rule} stands in no row")
        elif (told == OPEN) != (role in table.roles_of(row[place])) or (told != OPEN and told not in row["others"]):
            wrong.append(
                f"{one.method} {one.rule}: {told}; the table lets in {row[place]}, tells others {row['others']}"
            )
    assert not wrong, "\n".join(wrong)


def test_a_role_counts_where_it_is_held(app: Flask, walk: list[Operation]) -> None:
    """Who reads here and acts elsewhere does no more than either: a role is not carried to where another one looks."""
    token = run_unit(lambda: _token(ONLY_READS_HERE))
    met = _walked(_browser(app, ONLY_READS_HERE), walk, token)
    if WRITING:
        return
    said = table.read_page()
    wrong = []
    for one, told in met.items():
        row = said[one.method, one.rule]
        elsewhere = table.roles_of(row[ELSEWHERE]) & CASE_ROLES
        if (told == OPEN) != (READS_HERE in table.roles_of(row[HERE]) or bool(elsewhere)):
            wrong.append(f"{one.method} {one.rule}: {told}")
    assert not wrong, "\n".join(wrong)


def test_nothing_of_another_county_is_met_by_its_number(app: Flask, walk: list[Operation]) -> None:
    """Whoever has every role in their own county: each thing of this one, named in an address, is not there."""
    token = run_unit(_of_another_county)
    met = _walked(_browser(app, NEIGHBOUR), walk, token)
    let_in = {f"{one.method} {one.rule}" for one, told in met.items() if "<" in one.rule and told != "404"}
    assert let_in == OF_NO_COUNTY, "\n".join(sorted(let_in ^ OF_NO_COUNTY))


def _of_another_county() -> str:
    create_county(code="330682", name_zh="邻县", name_en="Next", prefix="LX", county_id=2)
    office = create_organisation(
        2, parent=None, tier="county", kind="government", code="330682", name_zh="邻县", name_en="Next"
    )
    person = create_person(2, login=NEIGHBOUR, name="钱多多", password_hash=person_named("clerk").password_hash)
    for role in ROLES:
        assign_role(person, role, office, from_date=SINCE)
    return create_api_token(person, name="walk", scopes=list(SCOPES), now=clock.now())[1]


def test_who_is_not_signed_in_reaches_the_open_pages_only(app: Flask, walk: list[Operation]) -> None:
    met = _walked(app.test_client(), walk)
    if WRITING:
        app.extensions.setdefault("met", {})[table.NOBODY, HERE] = met
        _write(app)
        return
    said = table.read_page()
    wrong = [
        f"{one.method} {one.rule}: {told}"
        for one, told in met.items()
        if (told == OPEN) != (table.NOBODY in table.roles_of(said[one.method, one.rule][HERE]))
    ]
    assert not wrong, "\n".join(wrong)


def _browser(app: Flask, login: str) -> FlaskClient:
    browser = app.test_client()
    assert browser.post("/sign-in", data={"login": login, "password": PASSWORD}).status_code == 302
    return browser


def _token(login: str) -> str:
    return create_api_token(person_named(login), name="walk", scopes=list(SCOPES), now=clock.now())[1]


def _walked(browser: FlaskClient, walk: list[Operation], token: str = "") -> dict[Operation, str]:
    with undone():
        return {one: _met(browser, one, token) for one in walk}


def _met(browser: FlaskClient, one: Operation, token: str) -> str:
    """How the operation answers: `open` to whoever it lets in, else the number of its refusal."""
    headers = {"Authorization": f"Bearer {token}"} if one.rule.startswith("/api/v1/") and token else {}
    payload = dict(PAYLOADS.get(one.endpoint, {}))
    sent: dict[str, Any] = {"json": payload} if headers else {"data": payload}
    try:
        answer = browser.open(one.path, method=one.method, headers=headers, **({} if one.method == "GET" else sent))
    except Kept:
        return OPEN
    answer.close()
    assert answer.status_code < 500, f"{one.method} {one.path}: {answer.status_code}"
    if answer.status_code in (302, 401) and (answer.status_code == 401 or "/sign-in" in answer.location):
        return "401"
    return str(answer.status_code) if answer.status_code in (403, 404) else OPEN


def _write(app: Flask) -> None:
    met: Mapping[tuple[str, str], Mapping[Operation, str]] = app.extensions["met"]
    walked = list(next(iter(met.values())))
    rows = {(one.method, one.rule): {who: told[one] for who, told in met.items()} for one in walked}
    table.write_page(rows, {(one.method, one.rule): one.room for one in walked})

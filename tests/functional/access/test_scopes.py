"""Each operation of the API asks for its own scope: no other one opens it, and it alone is enough."""

from collections.abc import Collection
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.county import SINCE, person_named
from app.directory.models import ApiToken
from app.directory.queries import organisation_by_code
from app.directory.rules import SCOPES
from app.directory.services import assign_role, create_api_token
from tests.functional.access.addresses import PAYLOADS, Operation
from tests.functional.access.test_matrix import Kept, undone, walk

__all__ = ["walk"]

OF_ROOMS = {
    "reports_api": ("", "reports:write"),
    "tasks_api": ("tasks:read", "tasks:write"),
    "task_moves_api": ("tasks:read", "tasks:write"),
    "cases_api": ("cases:read", ""),
    "messages_api": ("", "messages:write"),
    "signals_api": ("", "messages:write"),
    "incidents_api": ("incidents:read", "incidents:write"),
    "moves_api": ("moves:read", "moves:write"),
}
"""The scopes of a room's operations that read and that write."""


def scope_of(one: Operation) -> str:
    reads = one.method == "GET"
    if one.room == "comments_api":
        return ("cases:read" if "/cases/" in one.rule else "tasks:read") if reads else "tasks:write"
    return OF_ROOMS[one.room][0 if reads else 1]


def test_a_scope_opens_its_own_operations_and_no_other(app: Flask, walk: list[Operation]) -> None:
    def give_roles() -> None:
        for role, office in (("mediator", "330681101201"), ("dispatcher", "330681000000")):
            place = organisation_by_code(1, office)
            assert place is not None
            assign_role(person_named("admin"), role, place, from_date=SINCE)

    def token(scopes: Collection[str]) -> str:
        return run_unit(
            lambda: create_api_token(person_named("admin"), name="walk", scopes=list(scopes), now=clock.now())[1]
        )

    run_unit(give_roles)
    every = token(SCOPES)
    alone = {scope: token([scope]) for scope in SCOPES}
    others = {scope: token(set(SCOPES) - {scope}) for scope in SCOPES}
    db.session.remove()
    browser, wrong, asked = app.test_client(), [], set()
    run_unit(lambda: db.session.execute(update(ApiToken).values(used_at=clock.now())))
    db.session.remove()
    for one in walk:
        if not one.rule.startswith("/api/v1/"):
            continue
        own = scope_of(one)
        asked.add(own)
        full, single, rest = (status(browser, one, secret) for secret in (every, alone[own], others[own]))
        if rest != 403 or single != full:
            wrong.append(f"{one.method} {one.rule} ({own}): all {full}, alone {single}, without it {rest}")
    assert not wrong, "\n".join(wrong)
    assert asked == set(SCOPES)


def status(browser: FlaskClient, one: Operation, secret: str) -> int:
    sent: dict[str, Any] = {} if one.method == "GET" else {"json": dict(PAYLOADS.get(one.endpoint, {}))}
    with undone():
        try:
            answer = browser.open(one.path, method=one.method, headers={"Authorization": f"Bearer {secret}"}, **sent)
        except Kept:
            return 200
    answer.close()
    return answer.status_code

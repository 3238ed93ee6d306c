"""A page of a case costs few statements, whoever opens it and however much has happened."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import event, select

from app.cases.models import Case
from app.core.database import db
from tests.functional.conftest import BrowserAs

TABS = ("", "/parties", "/mediation", "/file", "/timeline", "/diagram", "/decisions")
MOST = 12


@contextmanager
def counted() -> Iterator[list[str]]:
    """The statements that go to the database meanwhile; beginnings and ends of transactions do not count."""
    told: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            told.append(statement)

    engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield told
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("login", ["leader", "dispatcher", "mediator"])
def test_every_tab_takes_at_most_twelve_statements(
    app: Flask, played_county: int, browser_as: BrowserAs, login: str
) -> None:
    browser = browser_as(login)
    codes = db.session.scalars(select(Case.code)).all()
    seen = [code for code in codes if browser.get(f"/cases/{code}").status_code == 200]
    assert seen
    for code in seen:
        for tab in TABS:
            with counted() as told:
                assert browser.get(f"/cases/{code}{tab}").status_code == 200
            assert len(told) <= MOST, f"{login} {code}{tab}\n" + "\n".join(one[:120] for one in told)

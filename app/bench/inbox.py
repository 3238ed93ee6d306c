"""Measure the inbox and the case page of four people among very many open tasks.

Pages are asked from the real application, in this process; times are the server's own, from the request to the answer.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from flask import Flask, before_render_template, template_rendered
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, text

from app.bench.client import Failed
from app.bench.place import environment_for, own_database
from app.bench.server import SERVER_MS, STATEMENTS, create_bench_app
from app.cases.listing.queries import CaseFilter, listed
from app.cases.models import Case
from app.cases.queries import visible_cases
from app.core import clock
from app.core.database import db
from app.core.ids import new_id
from app.core.memory import keep_what_is_there
from app.core.unit_of_work import run_unit
from app.directory.models import Organisation, Person, SignIn
from app.directory.queries import secret_hash, viewer_of_person
from app.directory.rules import Viewer
from app.directory.sessions import COOKIE_KEY
from app.tasks.conditions import TABS
from app.tasks.filters import OPEN_TABS, Filter
from app.tasks.listing import case_page, count, counts, inbox_page, tabs_of
from app.tasks.versions import version_of
from app.workflow.counting import recount

HOME = Path(__file__).parents[2]
PEOPLE = {
    "county_leader": "leader",
    "village_mediator": "mediator",
    "dispatcher": "dispatcher",
    "inspector": "reviewer",
    "town_dispatcher": "linjiang.dispatcher",
}
KINDS = ("page", "template", "list", "counts", "narrowed", "number", "news", "case")
"""A whole page and its templates alone; its rows by themselves, the numbers on the tabs; rows and number of a filter;
what an open page asks; a case."""
NARROWED = (
    {"sort": "due"},
    {"sort": "age"},
    {"colours": ("red",)},
    {"due": "today"},
    {"due": "overdue", "colours": ("orange", "green")},
    {"due": "week", "sort": "due"},
    {"due": "none", "sort": "age"},
    {"type": "neighbour", "step": "mediation"},
    {"type": "medical"},
    {"step": "archive", "sort": "due"},
    {"channel": "petition"},
    {"channel": "window", "tier": "village"},
    {"least": Decimal(400_000)},
    {"least": Decimal(499_000), "type": "contract"},
)
"""Filters and orders, of those that let much through and of those that let little through."""
ROUNDS = 12
CASES = 8


@dataclass(slots=True)
class Samples:
    """What was measured of one sort of page."""

    milliseconds: list[float] = field(default_factory=list)
    statements: list[int] = field(default_factory=list)

    def add(self, milliseconds: float, statements: int) -> None:
        self.milliseconds.append(milliseconds)
        self.statements.append(statements)

    def figures(self) -> dict[str, float | int]:
        return {
            "median_ms": round(statistics.median(self.milliseconds), 2),
            "p95_ms": round(_p95(self.milliseconds), 2),
            "statements": int(_p95(self.statements)),
        }


def _p95(values: list[float] | list[int]) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


Kinds = dict[str, Samples]


def _kinds() -> Kinds:
    return {kind: Samples() for kind in KINDS}


def measure(*, server: str, open_items: int, keep: bool = False, rounds: int = ROUNDS) -> dict[str, Any]:
    """Fill a database with `open_items` open tasks, or take the kept one of that size, and look at it."""
    name = f"maplebridge_bench_inbox_{open_items}" if keep else ""
    with own_database(server, name, keep=keep) as (url, found), tempfile.TemporaryDirectory() as var:
        environment = environment_for(url, Path(var))
        began = time.perf_counter()
        if not found:
            fill(environment, open_items)
        filled = time.perf_counter() - began
        os.environ.update(environment)
        app = create_bench_app()
        app.config["WTF_CSRF_ENABLED"] = False
        keep_what_is_there()  # as gunicorn.conf.py does
        with app.app_context():
            try:
                figures = _look(app, rounds)
            finally:
                db.session.remove()
                db.engine.dispose()
    return {"open": open_items, "fill_s": None if found else round(filled, 1)} | figures


def fill(environment: dict[str, str], open_items: int) -> None:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "demo", "crowd", "--open", str(open_items)]
    done = subprocess.run(  # noqa: S603 - our own program
        command, env=environment, cwd=HOME, capture_output=True, check=False
    )
    if done.returncode:
        raise Failed(f"the database was not filled: {done.stderr[-2000:].decode(errors='replace')}")


def _look(app: Flask, rounds: int) -> dict[str, Any]:
    people = {kind: person(login) for kind, login in PEOPLE.items()}
    cold, warm, each = _kinds(), _kinds(), {kind: _kinds() for kind in people}
    for kind, who in people.items():
        _numbers_are_right(who)
        browser, codes = signed_in_browser(app, who), _cases(who)
        _displace_buffers()
        _round(browser, who, codes, cold)
        _round(browser, who, codes, _kinds())
        for _ in range(rounds):
            _round(browser, who, codes, warm, each[kind])
    offices = db.session.scalar(select(func.count()).select_from(Organisation))
    db.session.remove()
    if run_unit(recount):
        raise Failed("a counter is wrong")
    floor = _floor(int(_p95(warm["page"].statements)))
    return {
        "organisations": offices,
        "page_p95_ms": warm["page"].figures()["p95_ms"],
        "template_p95_ms": warm["template"].figures()["p95_ms"],
        "list_p95_ms": warm["list"].figures()["p95_ms"],
        "counts_p95_ms": warm["counts"].figures()["p95_ms"],
        "narrowed_p95_ms": warm["narrowed"].figures()["p95_ms"],
        "number_p95_ms": warm["number"].figures()["p95_ms"],
        "news_p95_ms": warm["news"].figures()["p95_ms"],
        "case_p95_ms": warm["case"].figures()["p95_ms"],
        "statements": warm["page"].figures()["statements"],
        "list_statements": warm["list"].figures()["statements"],
        "counts_statements": warm["counts"].figures()["statements"],
        "case_statements": warm["case"].figures()["statements"],
        "database_floor_ms": floor,
        "cold": {kind: samples.figures() for kind, samples in cold.items()},
        "people": {who: {kind: one.figures() for kind, one in kinds.items()} for who, kinds in each.items()},
    }


def person(login: str) -> Viewer:
    person_id, county_id = db.session.execute(select(Person.id, Person.county_id).where(Person.login == login)).one()
    found = viewer_of_person(county_id, person_id, now=clock.now())
    if found is None:
        raise Failed(f"{login} is not there")
    return found


def signed_in_browser(app: Flask, who: Viewer) -> FlaskClient:
    """A browser that is signed in."""
    secret, now = os.urandom(16).hex(), clock.now()
    row = {
        "county_id": who.county_id,
        "id": new_id(),
        "person_id": who.person_id,
        "secret_hash": secret_hash(secret),
        "started_at": now,
        "expires_at": now + timedelta(days=1),
    }
    db.session.remove()
    run_unit(lambda: db.session.add(SignIn(**row)))
    browser = app.test_client()
    with browser.session_transaction() as session:
        session[COOKIE_KEY] = secret
    return browser


def _cases(who: Viewer) -> list[str]:
    """Cases that this person may open: those that were really played first."""
    played = select(Case.code).where(visible_cases(who), ~Case.code.startswith("ZZ")).order_by(Case.id).limit(CASES)
    codes = list(db.session.scalars(played))
    return codes or [one.case.code for one in listed(who, CaseFilter(), size=CASES).rows]


def _numbers_are_right(who: Viewer) -> None:
    """A short list is as long as its number says."""
    numbers = counts(who)
    for tab, number in numbers.items():
        page = inbox_page if tab in TABS else case_page
        if number <= 100 and len(page(who, Filter(tab), size=101).rows) != number:
            raise Failed(f"{who.name}: {tab} says {number}")
    db.session.remove()


def _displace_buffers() -> None:
    """Fill the database's own memory with something else, where the role may, and begin with new connections."""
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
            connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_prewarm"))
            connection.execute(text("SELECT pg_prewarm('cases')"))
            connection.execute(text("SELECT pg_prewarm('instances')"))
    db.engine.dispose()


def _round(browser: FlaskClient, who: Viewer, codes: list[str], *into: Kinds) -> None:
    """Every tab with the page behind its first, the numbers, some cases."""
    for tab in tabs_of(who):
        _page(browser, f"/tasks/?tab={tab}", "page", into)
        chosen = Filter(tab)
        page = _call(partial(inbox_page if tab in TABS else case_page, who, chosen), "list", into)
        if page.next_cursor:
            _page(browser, f"/tasks/?tab={tab}&cursor={page.next_cursor}", "page", into)
    for tab in OPEN_TABS:
        for narrowed in NARROWED:
            chosen = Filter(tab, **narrowed)
            _call(partial(inbox_page, who, chosen), "narrowed", into)
            if chosen.narrowed:
                _call(partial(count, who, chosen), "number", into)
    _call(partial(counts, who), "counts", into)
    known = _call(partial(version_of, who), "news", into)
    _page(browser, f"/tasks/news?version={known}", "news", into, status=204)
    for code in codes:
        _page(browser, f"/cases/{code}", "case", into)


def _page(browser: FlaskClient, address: str, kind: str, into: tuple[Kinds, ...], *, status: int = 200) -> None:
    rendered = _Rendered()
    with browser.application.app_context(), rendered:  # of its own, or who asked first would be remembered for all
        answer = browser.get(address)
    if answer.status_code != status:
        raise Failed(f"{address}: {answer.status_code}")
    for one in into:
        one[kind].add(float(answer.headers[SERVER_MS]), int(answer.headers[STATEMENTS]))
        if kind == "page":
            one["template"].add(rendered.milliseconds, 0)


class _Rendered:
    """How long the templates of one answer took, as Flask's signals tell it."""

    def __init__(self) -> None:
        self.milliseconds = 0.0
        self._began = 0.0

    def __enter__(self) -> None:
        before_render_template.connect(self._begin)
        template_rendered.connect(self._end)

    def __exit__(self, *error: object) -> None:
        before_render_template.disconnect(self._begin)
        template_rendered.disconnect(self._end)

    def _begin(self, sender: object, **rest: object) -> None:
        self._began = time.perf_counter()

    def _end(self, sender: object, **rest: object) -> None:
        self.milliseconds += (time.perf_counter() - self._began) * 1000


def _call(work: Callable[[], Any], kind: str, into: tuple[Kinds, ...]) -> Any:
    """A query by itself, without the page around it."""
    statements = 0

    def on_statement(*rest: Any) -> None:
        nonlocal statements
        statements += 1

    event.listen(db.engine, "before_cursor_execute", on_statement)
    began = time.perf_counter()
    try:
        result = work()
        spent = (time.perf_counter() - began) * 1000
    finally:
        event.remove(db.engine, "before_cursor_execute", on_statement)
        db.session.commit()
        db.session.remove()
    for one in into:
        one[kind].add(spent, statements)
    return result


def _floor(statements: int) -> float:
    """Median of a transaction of as many statements that ask for nothing."""
    spent = []
    with db.engine.connect() as connection:
        for _ in range(50):
            began = time.perf_counter()
            for _ in range(statements):
                connection.execute(text("SELECT 1"))
            connection.commit()
            spent.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(spent), 2)


def as_text(figures: dict[str, Any]) -> str:
    """The figures as a table."""
    heads = {
        "page": "page",
        "template": "template",
        "list": "list",
        "counts": "counts",
        "narrowed": "filtered",
        "number": "number",
    }
    heads |= {"news": "news", "case": "case"}
    lines = [f"{'p95, ms':18}" + "".join(f"{head:>10}" for head in heads.values())]
    for name, kinds in [*figures["people"].items(), ("cold, all", figures["cold"])]:
        lines.append(f"{name:18}" + "".join(f"{kinds[kind]['p95_ms']:>10}" for kind in heads))
    lines.append(
        f"statements: page {figures['statements']}, list {figures['list_statements']}, "
        f"counts {figures['counts_statements']}, case page {figures['case_statements']}; "
        f"a bare transaction of as many as a page: {figures['database_floor_ms']} ms, with the templates "
        f"{round(figures['database_floor_ms'] + figures['template_p95_ms'], 2)} ms"
    )
    lines.append(f"{figures['open']} open tasks over {figures['organisations']} organisations")
    return "\n".join(lines)

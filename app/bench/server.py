"""The application as it is measured: the real one, which also tells how many statements each answer took."""

import os
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import psycopg
from flask import Flask, request
from flask.typing import ResponseReturnValue
from sqlalchemy import Engine, event

from app.cases.services.cases import open_case
from app.core import clock
from app.core.database import db
from app.directory.queries import organisation
from app.directory.sessions import current_actor, token_viewer
from app.factory import create_app, csrf
from app.workflow.services import start_instance

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

STATEMENTS, COMMITS, SERVER_MS = "X-Bench-Statements", "X-Bench-Commits", "X-Bench-Milliseconds"
WRITES = "tasks:write"


def create_bench_app() -> Flask:
    """The real application on the run's database, with one address more that opens a case and starts its process."""
    app = create_app({"SQLALCHEMY_DATABASE_URI": os.environ["DATABASE_URL"], "DEMO": False})

    app.add_url_rule("/bench/cases", view_func=start_case, methods=["POST"])
    csrf.exempt(start_case)
    with app.app_context():
        _count(db.engine)
    app.wsgi_app = _Told(app.wsgi_app)  # type: ignore[method-assign]
    return app


def start_case() -> ResponseReturnValue:
    """A case and its process, as a program's report would make them."""
    viewer, now = token_viewer(WRITES), clock.now()
    actor = current_actor()
    case = open_case(
        viewer.county_id,
        channel="window",
        kind="dispute",
        summary="两家为院墙争执",
        received_by=organisation(viewer.county_id, viewer.roles[0].organisation_id),
        actor=actor,
        now=now,
    )
    package = str(request.get_json().get("package", "bench"))
    started = start_instance(viewer.county_id, package, subject_id=case.id, actor=actor, now=now)
    return {"code": case.code, "opened": [str(one) for one in started.opened]}, 201


@dataclass(slots=True)
class _Tally:
    """What the request that this thread answers has cost so far."""

    statements: int = 0
    commits: int = 0


_tally: ContextVar[_Tally | None] = ContextVar("tally", default=None)


class _Counted(psycopg.Cursor[Any]):
    """Every statement counts that reaches the driver, whatever way it came."""

    def execute(self, *arguments: Any, **options: Any) -> Self:
        if (tally := _tally.get()) is not None:
            tally.statements += 1
        return super().execute(*arguments, **options)

    def executemany(self, query: Any, params_seq: Iterable[Any], **options: Any) -> None:
        parameters = list(params_seq)
        if (tally := _tally.get()) is not None:
            tally.statements += len(parameters)
        super().executemany(query, parameters, **options)


def _count(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, record: Any) -> None:
        connection.cursor_factory = _Counted

    @event.listens_for(engine, "commit")
    def on_commit(connection: Any) -> None:
        if (tally := _tally.get()) is not None:
            tally.commits += 1


class _Told:
    """Adds to every answer what it has cost."""

    def __init__(self, inner: "WSGIApplication") -> None:
        self._inner = inner

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        tally = _Tally()
        token = _tally.set(tally)
        began = time.perf_counter()

        def tell(status: str, headers: list[tuple[str, str]], *rest: Any) -> Callable[[bytes], object]:
            spent = f"{(time.perf_counter() - began) * 1000:.3f}"
            told = [(STATEMENTS, str(tally.statements)), (COMMITS, str(tally.commits)), (SERVER_MS, spent)]
            return start_response(status, headers + told, *rest)

        try:
            return self._inner(environ, tell)
        finally:
            _tally.reset(token)

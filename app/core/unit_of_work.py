"""One unit, one transaction, one commit: for a request and for a piece of background work."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from flask import Flask, g, request
from flask.typing import ResponseReturnValue

from app.core.database import db
from app.core.errors import Busy
from app.core.locking import is_retryable, write_turn

ATTEMPTS = 4

T = TypeVar("T")


def keep_changes() -> None:
    """Commit this request although its answer is a refusal (a counted sign-in attempt, for example)."""
    g.keep_changes = True


class Application(Flask):
    """Runs each view as one unit: committed if the answer is no refusal, rolled back otherwise."""

    def dispatch_request(self) -> ResponseReturnValue:
        if request.endpoint == "static" or (request.endpoint or "").endswith(".static"):
            return super().dispatch_request()
        write = request.method not in ("GET", "HEAD", "OPTIONS")

        def answer() -> ResponseReturnValue:
            g.keep_changes = False
            try:
                response = self.make_response(super(Application, self).dispatch_request())
            except Exception:
                if g.keep_changes:
                    db.session.commit()
                raise
            if response.status_code < 400 or g.keep_changes:
                db.session.commit()
            else:
                db.session.rollback()
            return response

        return _with_retries(answer, write=write)


@contextmanager
def unit_of_work(*, write: bool = True) -> Iterator[None]:
    """One transaction for background work: committed at the end, rolled back on any error."""
    with write_turn(db.engine, write=write):
        try:
            yield
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise
        finally:
            db.session.remove()


def run_unit(work: Callable[[], T]) -> T:
    """Do `work` in a writing unit; a deadlock or serialisation failure is tried again."""

    def once() -> T:
        result = work()
        db.session.commit()
        return result

    try:
        return _with_retries(once, write=True)
    finally:
        db.session.remove()


def _with_retries(work: Callable[[], T], *, write: bool) -> T:
    for attempt in range(1, ATTEMPTS + 1):
        with write_turn(db.engine, write=write):
            try:
                return work()
            except Exception as error:
                db.session.rollback()
                if not is_retryable(error):
                    raise
                if attempt == ATTEMPTS:
                    raise Busy from error
        time.sleep(random.uniform(0.005, 0.03) * attempt)  # noqa: S311 - spreads retries, guards nothing
    raise AssertionError("unreachable")

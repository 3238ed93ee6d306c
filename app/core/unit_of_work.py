"""One unit, one transaction, one commit: for a request and for a piece of background work."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import TypeVar

from flask import Flask, g, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError

from app.core.database import db
from app.core.locking import commit_was_sent, write_turn
from app.core.outages import Trouble, outages, refusal_for, trouble_of

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
            _rewind_uploads()
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
        except BaseException as error:
            trouble = trouble_of(error)
            unsure = write and commit_was_sent()
            _roll_back(trouble)
            if trouble is None:
                raise
            outages.note(trouble, error)
            raise refusal_for(trouble, unsure=unsure) from error
        finally:
            db.session.remove()


def run_unit(work: Callable[[], T]) -> T:
    """Do `work` in a writing unit; it is done again after a deadlock, or when the database was away for a moment."""

    def once() -> T:
        result = work()
        db.session.commit()
        return result

    try:
        return _with_retries(once, write=True)
    finally:
        db.session.remove()


def _with_retries(work: Callable[[], T], *, write: bool) -> T:
    """Do `work` until it is kept, or refuse with what the database cannot do.

    When the commit itself was lost nobody tries again: it may have been kept.
    """
    for attempt in count(1):
        with write_turn(db.engine, write=write):
            try:
                result = work()
            except Exception as error:
                trouble = trouble_of(error)
                unsure = write and commit_was_sent()
                _roll_back(trouble)
                if trouble is None:
                    raise
                outages.note(trouble, error)
                refusal = refusal_for(trouble, unsure=unsure)
                pause = None if refusal.status == 504 else outages.pause(trouble, attempt)
                if pause is None:
                    raise refusal from error
            else:
                if commit_was_sent():
                    outages.connected()
                if write:
                    outages.wrote()
                return result
        time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - spreads retries, guards nothing
    raise AssertionError("unreachable")


def _roll_back(trouble: Trouble | None) -> None:
    """End the transaction; after a trouble of the database nothing that the session has gathered outlives it."""
    try:
        db.session.rollback()
    except SQLAlchemyError:
        db.session().invalidate()
    if trouble is not None:
        db.session.remove()


def _rewind_uploads() -> None:
    """A request that is done again reads its files from their beginning."""
    if "files" in request.__dict__:
        for _, files in request.files.lists():
            for file in files:
                file.stream.seek(0)

"""What a page asks for again and again is read once in its transaction."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from app.core.database import db

T = TypeVar("T")

_KEPT = "remembered"


def remembered(key: Hashable, read: Callable[[], T]) -> T:
    """The answer to `key`, read at the first question of this transaction and forgotten at its end.

    For what is shown only: a unit that changes what it asks for asks the database itself.
    """
    kept: dict[Hashable, Any] = db.session().info.setdefault(_KEPT, {})
    if key not in kept:
        kept[key] = read()
    return cast("T", kept[key])


@event.listens_for(Session, "after_transaction_end")
def _forget(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_KEPT, None)

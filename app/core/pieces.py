"""Many rows, changed piece by piece in the order of their ids: each is held, changed by statements, let go of."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, select

from app.core.database import CountyKey, db
from app.core.locking import locked

Row = TypeVar("Row", bound=CountyKey)


@dataclass(frozen=True, slots=True)
class Piece(Generic[Row]):
    """The rows of a piece, the id of the last one that was looked at, and of what they are a piece."""

    rows: Sequence[Row]
    last: int
    wanted: Select[Any]

    def let_go(self) -> bool:
        """Forget the rows as they were before the statements changed them; whether others come behind them."""
        for row in self.rows:
            db.session.expire(row)
        return bool(db.session.scalar(select(_behind(self.wanted, self.last).exists())))


def hold_piece(wanted: Select[Row], *, after: int, most: int) -> Piece[Row]:
    """The next rows behind an id, as they are now and as they stay until the transaction ends."""
    dialect = db.session.get_bind().dialect.name
    query = locked(_behind(wanted, after).limit(most), dialect).execution_options(populate_existing=True)
    rows = db.session.scalars(query).all()
    return Piece(rows, rows[-1].id if rows else after, wanted)


def _behind(wanted: Select[Any], after: int) -> Select[Any]:
    return wanted.where(wanted.column_descriptions[0]["entity"].id > after)

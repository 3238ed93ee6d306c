"""What the database cannot do at the moment: its troubles told apart, how long to wait, what is said then."""

import sqlite3
import threading
import time
from enum import Enum

import structlog
from sqlalchemy.exc import DBAPIError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.core.errors import Busy, DatabaseAway, NotWritable, Overcrowded, Refusal, Unsure

log = structlog.get_logger()

ATTEMPTS = 4
PATIENCE = 2.0
"""Seconds from the beginning of an outage for which units wait; whoever comes later is told at once."""
_UNWRITABLE_FOR = 60.0


class Trouble(Enum):
    CONFLICT = "conflict"
    """A deadlock or a serialisation failure: the whole unit may simply be done again."""
    LOCKED = "locked"
    """Somebody else has held the row for longer than anybody should wait."""
    AWAY = "away"
    UNWRITABLE = "unwritable"
    CROWDED = "crowded"
    """Every connection is in use."""


_REFUSALS: dict[Trouble, type[Refusal]] = {
    Trouble.CONFLICT: Busy,
    Trouble.LOCKED: Busy,
    Trouble.AWAY: DatabaseAway,
    Trouble.UNWRITABLE: NotWritable,
    Trouble.CROWDED: Overcrowded,
}
_BY_SQLSTATE = {
    "40P01": Trouble.CONFLICT,
    "40001": Trouble.CONFLICT,
    "55P03": Trouble.LOCKED,
    "53100": Trouble.UNWRITABLE,
    "25006": Trouble.UNWRITABLE,
    "58030": Trouble.UNWRITABLE,
    "53300": Trouble.CROWDED,
    "25P03": Trouble.AWAY,
    "57P01": Trouble.AWAY,
    "57P02": Trouble.AWAY,
    "57P03": Trouble.AWAY,
}
_BY_SQLITE_NAME = {
    "SQLITE_BUSY": Trouble.LOCKED,
    "SQLITE_LOCKED": Trouble.LOCKED,
    "SQLITE_FULL": Trouble.UNWRITABLE,
    "SQLITE_READONLY": Trouble.UNWRITABLE,
    "SQLITE_IOERR": Trouble.UNWRITABLE,
    "SQLITE_CANTOPEN": Trouble.AWAY,
}
_LOST_IN_TRANSACTION = "8s2b"


def trouble_of(error: BaseException) -> Trouble | None:
    """Which trouble of the database `error` tells of; None when it is something else."""
    if isinstance(error, PoolTimeout):
        return Trouble.CROWDED
    if isinstance(error, PendingRollbackError):
        return Trouble.AWAY if error.code == _LOST_IN_TRANSACTION else None
    if not isinstance(error, DBAPIError):
        return None
    if isinstance(error.orig, sqlite3.Error):
        name = getattr(error.orig, "sqlite_errorname", "")
        return _BY_SQLITE_NAME.get("_".join(name.split("_")[:2]))
    state = getattr(error.orig, "sqlstate", None)
    if state in _BY_SQLSTATE:
        return _BY_SQLSTATE[state]
    if "too many clients" in str(error.orig) or "connection slots are reserved" in str(error.orig):
        return Trouble.CROWDED
    if error.connection_invalidated or (state is None and isinstance(error, OperationalError)):
        return Trouble.AWAY
    return Trouble.AWAY if state is not None and state.startswith("08") else None


def refusal_for(trouble: Trouble, *, unsure: bool) -> Refusal:
    """What is told to whoever asked. `unsure`: the connection broke when the commit was already on its way."""
    return Unsure() if unsure and trouble is Trouble.AWAY else _REFUSALS[trouble]()


class Outages:
    """What this process has seen of the database's troubles."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._away_since: float | None = None
        self._unwritable_at: float | None = None

    def note(self, trouble: Trouble, error: BaseException) -> None:
        """Remember it, and log one line when it begins."""
        now = time.monotonic()
        with self._guard:
            first = trouble in (Trouble.LOCKED, Trouble.CROWDED)
            if trouble is Trouble.AWAY and self._away_since is None:
                self._away_since, first = now, True
            elif trouble is Trouble.UNWRITABLE:
                first = self._unwritable_at is None or now - self._unwritable_at > _UNWRITABLE_FOR
                self._unwritable_at = now
        if first:
            reason = str(getattr(error, "orig", None) or error).strip().split("\n")[0]
            log.error(f"database.{trouble.value}", reason=reason[:300])

    def connected(self) -> None:
        """A connection was made, or a unit was kept: whatever outage there was is over."""
        if self._away_since is None:
            return
        with self._guard:
            began, self._away_since = self._away_since, None
        if began is not None:
            log.warning("database.back", seconds=round(time.monotonic() - began, 1))

    def wrote(self) -> None:
        """A unit that writes was kept."""
        self._unwritable_at = None

    @property
    def unwritable(self) -> bool:
        """Whether a write failed lately, and none has gone well since."""
        at = self._unwritable_at
        return at is not None and time.monotonic() - at < _UNWRITABLE_FOR

    def pause(self, trouble: Trouble, attempt: int) -> float | None:
        """Seconds to wait before the unit is tried again; None: do not."""
        if trouble is Trouble.CONFLICT:
            return 0.02 * attempt if attempt < ATTEMPTS else None
        if trouble is not Trouble.AWAY:
            return None
        began = self._away_since
        if began is not None and time.monotonic() - began > PATIENCE:
            return None
        return 0.0 if attempt == 1 else min(0.05 * 2**attempt, 0.5)


outages = Outages()

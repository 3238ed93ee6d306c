"""What happens by the clock on the wall: cron lines, each slot of which runs once, however many workers there are."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from apscheduler.triggers.cron import CronTrigger

from app.core import clock
from app.core.errors import Unavailable
from app.core.unit_of_work import run_unit
from app.scheduling import services

log = structlog.get_logger()

ZONE = ZoneInfo("Asia/Shanghai")
AFTER_FAILURE = timedelta(minutes=5)
"""How long an entry that failed is left alone before its slot is tried again."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`work` runs inside the unit that takes the slot, so begins none of its own: both are kept, or neither."""

    name: str
    cron: str
    work: Callable[[], None]

    def latest_slot(self, after: datetime, until: datetime) -> datetime | None:
        """The last firing in (after, until]; None if there is none."""
        trigger = CronTrigger.from_crontab(self.cron, timezone=ZONE)
        slot: datetime | None = None
        following: datetime | None = trigger.get_next_fire_time(None, after + timedelta(microseconds=1))
        while following is not None and following <= until:
            slot = following
            following = trigger.get_next_fire_time(slot, slot + timedelta(microseconds=1))
        return slot


_entries: dict[str, Entry] = {}


def register(name: str, cron: str, work: Callable[[], None]) -> None:
    """Run `work` whenever the five-field `cron` line (county time) says so.

    Days of the week are named (`mon`): cron counts them from Sunday, APScheduler from Monday.
    """
    if any(character.isdigit() for character in cron.split()[4]):
        raise ValueError(f"name the day of the week in {cron!r}")
    _entries[name] = Entry(name, cron, work)


def entries() -> tuple[Entry, ...]:
    return tuple(_entries.values())


class Timetable:
    """One worker's eye on the timetable. Slots missed since `since` are run once, the latest only."""

    def __init__(self, worker: str, since: datetime) -> None:
        self._worker = worker
        self._seen = {entry.name: since for entry in entries()}
        self._again: dict[str, datetime] = {}

    def run_due(self) -> int:
        """Run every entry whose slot has come and which no other worker has taken; returns how many ran here.

        An entry that fails is logged, holds up no other and has its turn again after AFTER_FAILURE.
        """
        ran = 0
        for entry in entries():
            now = clock.now()
            slot = entry.latest_slot(self._seen.setdefault(entry.name, now), now)
            if slot is None or now < self._again.get(entry.name, now):
                continue
            try:
                ran += run_unit(lambda entry=entry, slot=slot: self._run(entry, slot))  # type: ignore[misc]
            except Unavailable:
                raise
            except Exception:
                log.exception("timetable.failed", entry=entry.name)
                self._again[entry.name] = now + AFTER_FAILURE
            else:
                self._seen[entry.name] = slot
        return ran

    def _run(self, entry: Entry, slot: datetime) -> int:
        if not services.take_slot(entry.name, slot, worker=self._worker, now=clock.now()):
            return 0
        entry.work()
        return 1

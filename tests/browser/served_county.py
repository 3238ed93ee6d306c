"""`python -m tests.browser.served_county`: what `make run` starts, with a clock that tests move on.

The county lives in spring 2026 whenever the tests run, so that days and holidays are always the same. The file that
COUNTY_CLOCK names holds the seconds by which tests have moved its clock; web server and worker read it at every look.
"""

import os
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from app import serve
from app.core import clock

FIRST_MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=timezone(timedelta(hours=8)))


def follow(file: Path, started: datetime) -> None:
    """Make the clock of this program and its children begin on the first morning and follow the file."""

    def now() -> datetime:
        return (
            FIRST_MORNING.astimezone(UTC) + (datetime.now(UTC) - started) + timedelta(seconds=float(file.read_text()))
        )

    clock.now = now


if __name__ == "__main__":
    follow(Path(os.environ["COUNTY_CLOCK"]), datetime.now(UTC))
    sys.exit(serve.main())

"""What the worker does for the house itself: the anchor of each minute, and sweeping up old attempts."""

from flask import current_app

from app.audit.anchoring import anchor_key, counties_to_anchor, make_anchor
from app.core import clock
from app.core.unit_of_work import run_unit
from app.directory.services import forget_old_attempts
from app.scheduling import timetable
from app.scheduling.worker import register_beat

ANCHOR_SECONDS = 60


def register() -> None:
    """Name this room's beat and its nightly work; once, in the factory."""
    register_beat("anchors", anchor_history, seconds=ANCHOR_SECONDS)
    timetable.register("forget old attempts", "17 3 * * *", _forget)


def anchor_history() -> int:
    """Sign the heads that moved; always 0, as nothing is left to do at once."""
    key = anchor_key(current_app.config["VAR"])
    for county_id in run_unit(counties_to_anchor):
        run_unit(lambda county_id=county_id: make_anchor(county_id, key=key, now=clock.now()))  # type: ignore[misc]
    return 0


def _forget() -> None:
    forget_old_attempts(now=clock.now())

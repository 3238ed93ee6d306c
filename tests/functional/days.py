"""The days of the demo county, whose midnight is not the machine's."""

from datetime import date
from zoneinfo import ZoneInfo

from app.core import clock

ZONE = ZoneInfo("Asia/Shanghai")


def county_day() -> date:
    return clock.now().astimezone(ZONE).date()

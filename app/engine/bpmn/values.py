"""Values on their way out of FEEL: what a Step carries is plain Python. `feel.dump` and `feel.load` store both."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from app.engine.feel.temporal import Date, DateTime, DaysTimeDuration, TemporalError, Time, YearsMonthsDuration
from app.engine.feel.temporal_text import format_temporal
from app.engine.findings import EngineError

_EXACT = 2**53


def plain(value: object, zone: ZoneInfo) -> object:
    """A FEEL value as plain Python: None, bool, int, Decimal, str, date, time, datetime, timedelta, list or dict.

    A date and time without a zone gets `zone`. Raises EngineError `value_not_storable` for functions and ranges.
    """
    match value:
        case None | bool() | str() | int() | datetime() | date() | time() | timedelta() | YearsMonthsDuration():
            return value
        case Decimal():
            return int(value) if abs(value) < _EXACT and value == value.to_integral_value() else value
        case float():
            return plain(Decimal(repr(value)), zone)
        case Mapping():
            return {str(key): plain(item, zone) for key, item in value.items()}
        case list() | tuple():
            return [plain(item, zone) for item in value]
    try:
        match value:
            case Date():
                return value.to_python()
            case DateTime():
                return value.to_python(zone)
            case Time():
                return time.fromisoformat(format_temporal(value).partition("@")[0])
            case DaysTimeDuration():
                return value.to_python()
    except (TemporalError, ValueError):
        pass
    raise EngineError("value_not_storable", type=type(value).__name__)

"""Boolean function (DMN 1.5, 10.3.4.2) and identity (10.3.4.6)."""

from app.engine.feel.builtins.standard import STANDARD
from app.engine.feel.comparison import equal
from app.engine.feel.environment import Run
from app.engine.feel.temporal import DateTime, Time
from app.engine.feel.values import kind


@STANDARD.function("not", "negand: any", pure=True)
def not_(run: Run, negand: object) -> bool | None:
    return not negand if isinstance(negand, bool) else None


@STANDARD.function("is", "value1: any", "value2: any", pure=True)
def is_(run: Run, value1: object, value2: object) -> bool:
    """The same value of the same kind; times with the same instant but another zone differ (10.3.4.6)."""
    if kind(value1) != kind(value2):
        return False
    if isinstance(value1, Time) and isinstance(value2, Time):
        return (value1.nanoseconds, value1.zone) == (value2.nanoseconds, value2.zone)
    if isinstance(value1, DateTime) and isinstance(value2, DateTime):
        return value1.date == value2.date and is_(run, value1.time, value2.time) is True
    return equal(value1, value2, run) is True

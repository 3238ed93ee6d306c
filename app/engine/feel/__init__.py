"""FEEL, the expression language of DMN 1.5 (chapter 10): text in, compiled closures out, values of its own.

Pure: no evaluation of Python, no attribute access on Python objects, no clock (`Environment.now` tells the time).
"""

from app.engine.feel.environment import Environment, Run, WorkingCalendar
from app.engine.feel.errors import FeelError, FeelLimitError, FeelSyntaxError
from app.engine.feel.expression import Expression, Test, UnaryTests, compile_expression, compile_unary_tests
from app.engine.feel.juel import compile_juel
from app.engine.feel.limits import Limits
from app.engine.feel.ranges import Range
from app.engine.feel.registry import FunctionRegistry
from app.engine.feel.storage import Json, dump, from_json, load, to_json
from app.engine.feel.temporal import Date, DateTime, DaysTimeDuration, TemporalError, Time, YearsMonthsDuration
from app.engine.feel.temporal_text import format_temporal, parse_temporal
from app.engine.feel.types import FeelType
from app.engine.feel.values import Function, kind, native

__all__ = [
    "Date",
    "DateTime",
    "DaysTimeDuration",
    "Environment",
    "Expression",
    "FeelError",
    "FeelLimitError",
    "FeelSyntaxError",
    "FeelType",
    "Function",
    "FunctionRegistry",
    "Json",
    "Limits",
    "Range",
    "Run",
    "TemporalError",
    "Test",
    "Time",
    "UnaryTests",
    "WorkingCalendar",
    "YearsMonthsDuration",
    "compile_expression",
    "compile_juel",
    "compile_unary_tests",
    "dump",
    "format_temporal",
    "from_json",
    "kind",
    "load",
    "native",
    "parse_temporal",
    "to_json",
]

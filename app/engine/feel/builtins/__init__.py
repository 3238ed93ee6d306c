"""The built-in functions of DMN 1.5, 10.3.4, one module per section, in one registry."""

from app.engine.feel.builtins import (  # noqa: F401 - each fills the registry
    booleans,
    context,
    conversion,
    dates,
    lists,
    numeric,
    ranges,
    statistics,
    text,
    working_days,
)
from app.engine.feel.builtins.standard import STANDARD

__all__ = ["STANDARD"]

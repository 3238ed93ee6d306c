"""The tabs of a page about one thing."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Tab:
    """`endpoint` is a route that takes what names the thing."""

    name: str
    label: Any
    endpoint: str

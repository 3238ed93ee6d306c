"""What one evaluation may cost."""

from dataclasses import dataclass

MAX_EXPRESSION_CHARACTERS = 200_000
MAX_NESTING = 64
MAX_CHAIN = 200
"""Longest chain of paths, filters, invocations or comparisons behind one operand."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Budgets of one evaluation; beyond any of them a FeelLimitError is raised.

    `steps`: iterations, invocations and items visited; `seconds`: wall time; `items`: length of a list;
    `characters`: length of a string; `calls`: depth of nested invocations.
    """

    steps: int = 1_000_000
    seconds: float = 2.0
    items: int = 100_000
    characters: int = 1_000_000
    calls: int = 64

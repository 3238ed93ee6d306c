"""Range values (DMN 1.5, 10.3.2.3.10 and 10.3.2.7): `[1..5)`, `(<5)`, `[date..date]`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Range:
    """An interval; an endpoint of None is unbounded. `low` and `high` are FEEL values of one comparable kind."""

    low: object
    high: object
    low_closed: bool
    high_closed: bool

    @classmethod
    def from_comparison(cls, operator: str, value: object) -> "Range | None":
        """The range that `(<5)`, `(<=5)`, `(>5)`, `(>=5)` or `(=5)` stands for."""
        match operator:
            case "<":
                return cls(None, value, False, False)
            case "<=":
                return cls(None, value, False, True)
            case ">":
                return cls(value, None, False, False)
            case ">=":
                return cls(value, None, True, False)
            case "=":
                return cls(value, value, True, True)
        return None

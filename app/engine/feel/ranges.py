"""Range values (DMN 1.5, 10.3.2.7): `[1..5)`, `(<5)`, `[date..date]`."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Range:
    """An interval. `low` and `high` are FEEL values of one comparable kind.

    `operator` is set for a range given by comparison, such as `(<5)`: there an endpoint of None is unbounded. In any
    other range such an endpoint is null, and what the range holds is unknown.
    """

    low: object
    high: object
    low_closed: bool
    high_closed: bool
    operator: str = ""

    @property
    def is_known(self) -> bool:
        """Whether both ends are values or unbounded."""
        return bool(self.operator) or (self.low is not None and self.high is not None)

    @classmethod
    def from_comparison(cls, operator: str, value: object) -> "Range | None":
        """The range that `(<5)`, `(<=5)`, `(>5)`, `(>=5)` or `(=5)` stands for."""
        match operator:
            case "<":
                return cls(None, value, False, False, operator)
            case "<=":
                return cls(None, value, False, True, operator)
            case ">":
                return cls(value, None, False, False, operator)
            case ">=":
                return cls(value, None, True, False, operator)
            case "=":
                return cls(value, value, True, True, operator)
        return None

"""Errors of decisions: each names the decision and the place in it."""

from __future__ import annotations

from app.engine.dmn.metamodel import NOWHERE, Place
from app.engine.findings import EngineError


class DecisionError(EngineError):
    """A decision that cannot be made. `place` is where in the file; the parameters fill the sentence of `code`."""

    def __init__(self, code: str, *, place: Place = NOWHERE, **params: object) -> None:
        super().__init__(code, **params)
        self.place = place


class TableOverlapError(DecisionError):
    """Several rows of a UNIQUE table hold at once (`table_overlap`); `rows` counts from 1."""

    def __init__(self, table: str, rows: tuple[int, ...], place: Place) -> None:
        super().__init__("table_overlap", place=place, table=table, rows=numbers(rows))
        self.rows = rows


class TableContradictionError(DecisionError):
    """Several rows of an ANY table hold with different outputs (`table_contradiction`); `rows` counts from 1."""

    def __init__(self, table: str, rows: tuple[int, ...], place: Place) -> None:
        super().__init__("table_contradiction", place=place, table=table, rows=numbers(rows))
        self.rows = rows


def numbers(rows: tuple[int, ...] | list[int], most: int = 20) -> str:
    """Row numbers for a sentence: "2, 5, 9"; a long list is cut."""
    shown = ", ".join(str(row) for row in rows[:most])
    return f"{shown}, …" if len(rows) > most else shown

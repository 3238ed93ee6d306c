"""Why a decision came out as it did: the table, the rows hit, what every input was, the decisions below.

Plain frozen values that can be kept beside a case; `description` words them, `to_json` writes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.engine.feel import from_json, to_json


@dataclass(frozen=True, slots=True)
class InputTrace:
    """One input of a table: its FEEL expression, its labels (may be empty) and the value it had."""

    expression: str
    label: str
    label_en: str
    value: object


@dataclass(frozen=True, slots=True)
class OutputTrace:
    """One output column of a table."""

    name: str
    label: str
    label_en: str


@dataclass(frozen=True, slots=True)
class RowTrace:
    """A row that was hit. `number` counts from 1; `cells` are the texts of its input cells, `outputs` its values."""

    number: int
    rule_id: str
    annotations: tuple[tuple[str, str], ...]
    annotation_en: str
    cells: tuple[str, ...]
    outputs: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class TableTrace:
    """One evaluation of one decision table. `defaulted`: no row was hit and the default outputs were taken."""

    table_id: str
    name: str
    hit_policy: str
    aggregation: str
    inputs: tuple[InputTrace, ...]
    outputs: tuple[OutputTrace, ...]
    rows: tuple[RowTrace, ...]
    defaulted: bool

    def to_json(self) -> dict[str, object]:
        return {
            "table": {"id": self.table_id, "name": self.name},
            "hit_policy": self.hit_policy,
            "aggregation": self.aggregation,
            "inputs": [
                {"expression": i.expression, "label": i.label, "label_en": i.label_en, "value": to_json(i.value)}
                for i in self.inputs
            ],
            "outputs": [{"name": o.name, "label": o.label, "label_en": o.label_en} for o in self.outputs],
            "rows": [
                {
                    "number": row.number,
                    "rule_id": row.rule_id,
                    "annotations": [{"name": name, "text": text} for name, text in row.annotations],
                    "annotation_en": row.annotation_en,
                    "cells": list(row.cells),
                    "outputs": [to_json(value) for value in row.outputs],
                }
                for row in self.rows
            ],
            "defaulted": self.defaulted,
        }


@dataclass(frozen=True, slots=True)
class Trace:
    """One decision: the tables it evaluated (its own last), its result, and the decisions that it required.

    `version` is what the caller said about the file; `error` is the code of the error that made the result null,
    which only happens outside strict mode; `omitted` counts tables evaluated beyond the number that is kept.
    """

    decision_id: str
    name: str
    name_en: str
    version: str
    result: object
    tables: tuple[TableTrace, ...] = ()
    required: tuple[Trace, ...] = ()
    error: str = ""
    omitted: int = 0

    @property
    def table(self) -> TableTrace | None:
        """The decision's own table, or None when it is made by other logic."""
        return self.tables[-1] if self.tables else None

    @property
    def rows(self) -> tuple[RowTrace, ...]:
        """The rows hit in the decision's own table."""
        table = self.table
        return table.rows if table is not None else ()

    def to_json(self) -> dict[str, object]:
        """The trace as data for JSON; FEEL values as `feel.to_json` writes them.

        A decision that several others require is written out once, and `"repeated": true` elsewhere.
        """
        return self._written(set())

    def _written(self, seen: set[int]) -> dict[str, object]:
        written: dict[str, object] = {
            "decision": {"id": self.decision_id, "name": self.name, "name_en": self.name_en},
            "version": self.version,
            "result": to_json(self.result),
            "error": self.error,
        }
        if id(self) in seen:
            return {**written, "repeated": True}
        seen.add(id(self))
        written["tables"] = [table.to_json() for table in self.tables]
        written["required"] = [trace._written(seen) for trace in self.required]
        written["omitted"] = self.omitted
        return written


def trace_from_json(data: Mapping[str, Any]) -> Trace:
    """The trace that `Trace.to_json` wrote, so that a kept one can be described in any language.

    Dates and the like stay the texts that JSON made of them. A repeated decision comes back without its details.
    """
    decision = data["decision"]
    return Trace(
        decision["id"],
        decision["name"],
        decision["name_en"],
        data["version"],
        from_json(data["result"]),
        tuple(_table_from_json(table) for table in data.get("tables", ())),
        tuple(trace_from_json(one) for one in data.get("required", ()) if not one.get("repeated")),
        data["error"],
        data.get("omitted", 0),
    )


def _table_from_json(data: Mapping[str, Any]) -> TableTrace:
    return TableTrace(
        data["table"]["id"],
        data["table"]["name"],
        data["hit_policy"],
        data["aggregation"],
        tuple(
            InputTrace(one["expression"], one["label"], one["label_en"], from_json(one["value"]))
            for one in data["inputs"]
        ),
        tuple(OutputTrace(one["name"], one["label"], one["label_en"]) for one in data["outputs"]),
        tuple(
            RowTrace(
                row["number"],
                row["rule_id"],
                tuple((note["name"], note["text"]) for note in row["annotations"]),
                row["annotation_en"],
                tuple(row["cells"]),
                tuple(from_json(value) for value in row["outputs"]),
            )
            for row in data["rows"]
        ),
        data["defaulted"],
    )


@dataclass(frozen=True, slots=True)
class Decision:
    """The outcome of a decision: a FEEL value and the trace that explains it."""

    result: object
    trace: Trace

"""Decision tables made from a seed, as this product and the others under measurement read them."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import orjson

EMPTY_SHARE = 0.8
DISTINCT_CELLS = 200
MODEL = "https://www.omg.org/spec/DMN/20191111/MODEL/"
DECISION = "decision"
OUTPUT = "result"

Value = int | str


@dataclass(frozen=True, slots=True)
class Cell:
    """A unary test in FEEL, one value that it accepts, and what it says about others."""

    text: str
    accepts: Value
    holds: Callable[[Any], bool]

    def expression(self, name: str) -> str:
        """The same as a whole expression about `name`, for engines without unary tests."""
        if self.text.startswith((">", "<")):
            return f"{name} {self.text}"
        return f"{name} = {self.text}" if self.text.startswith('"') else f"{name} in {self.text}"


Row = Sequence[Cell | None]
"""The cells of a row; None is an empty one."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table under FIRST whose output is the row's number; `words` are the texts that its cells name.

    `given` satisfies row number `hit` and no row before it.
    """

    inputs: Sequence[str]
    words: Sequence[str]
    rows: Sequence[Row]
    given: Mapping[str, Value]
    hit: int

    def dmn(self) -> bytes:
        """The table as a DMN file, as Camunda Modeler writes it."""
        inputs = "".join(
            f"<input id={quoteattr('in_' + name)}><inputExpression typeRef={quoteattr(self.type(name))}>"
            f"<text>{name}</text></inputExpression></input>"
            for name in self.inputs
        )
        rules = "".join(
            f'<rule id="row_{number}">'
            + "".join(f"<inputEntry><text>{escape(cell.text) if cell else '-'}</text></inputEntry>" for cell in row)
            + f"<outputEntry><text>{number}</text></outputEntry></rule>"
            for number, row in enumerate(self.rows, start=1)
        )
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><definitions xmlns="{MODEL}" id="bench" name="bench" '
            f'namespace="bench"><decision id="{DECISION}" name="{DECISION}"><variable name="{DECISION}"/>'
            f'<decisionTable id="table" hitPolicy="FIRST">{inputs}<output id="out" name="{OUTPUT}" typeRef="number"/>'
            f"{rules}</decisionTable></decision></definitions>"
        ).encode()

    def expressions(self) -> list[tuple[list[str], int]]:
        """Row by row the conditions as whole FEEL expressions, and the output."""
        return [
            ([cell.expression(name) for name, cell in zip(self.inputs, row, strict=True) if cell], number)
            for number, row in enumerate(self.rows, start=1)
        ]

    def jdm(self) -> str:
        """The table as zen-engine reads it: its JSON decision model, whose cells are unary tests, too."""
        place = {"x": 0, "y": 0}
        rules: list[dict[str, str]] = [
            {
                "_id": f"row_{number}",
                **{name: cell.text if cell else "" for name, cell in zip(self.inputs, row, strict=True)},
                "out": str(number),
            }
            for number, row in enumerate(self.rows, start=1)
        ]
        content: dict[str, Any] = {
            "hitPolicy": "first",
            "inputs": [{"id": name, "name": name, "field": name} for name in self.inputs],
            "outputs": [{"id": "out", "name": OUTPUT, "field": OUTPUT}],
            "rules": rules,
        }
        return orjson.dumps(
            {
                "contentType": "application/vnd.gorules.decision",
                "nodes": [
                    {"id": "in", "type": "inputNode", "name": "in", "position": place},
                    {
                        "id": "table",
                        "type": "decisionTableNode",
                        "name": "table",
                        "position": place,
                        "content": content,
                    },
                    {"id": "end", "type": "outputNode", "name": "end", "position": place},
                ],
                "edges": [
                    {"id": "first", "type": "edge", "sourceId": "in", "targetId": "table"},
                    {"id": "second", "type": "edge", "sourceId": "table", "targetId": "end"},
                ],
            }
        ).decode()

    def type(self, name: str) -> str:
        return "string" if isinstance(self.given[name], str) else "number"


def make_table(rows: int, inputs: int, *, seed: int, empty: float = EMPTY_SHARE) -> Table:
    """A table in which three inputs of four are numbers and one is text.

    :param seed: the same seed makes the same table; another one shares hardly a cell with it.
    :param empty: share of empty cells; the others are drawn from `DISTINCT_CELLS` texts.
    """
    chance = random.Random(seed)  # noqa: S311 - a table, not a secret
    names = [f"text_{number}" if number % 4 == 3 else f"number_{number}" for number in range(inputs)]
    numbers, texts = _numbers(chance, DISTINCT_CELLS * 3 // 4), _texts(chance, DISTINCT_CELLS // 4)

    def row() -> Row:
        return [
            None if chance.random() < empty else chance.choice(texts if name.startswith("text") else numbers)
            for name in names
        ]

    hit = rows * 3 // 4
    hit_row = row()
    values: list[Value] = [
        cell.accepts if cell else texts[0].accepts if name.startswith("text") else 0
        for name, cell in zip(names, hit_row, strict=True)
    ]
    made: list[Row] = []
    while len(made) < rows:
        drawn = hit_row if len(made) == hit - 1 else row()
        if drawn is hit_row or not _accepts(drawn, values):
            made.append(drawn)
    return Table(names, [str(cell.accepts) for cell in texts], made, dict(zip(names, values, strict=True)), hit)


def _accepts(row: Row, values: Sequence[Value]) -> bool:
    return all(cell is None or cell.holds(value) for cell, value in zip(row, values, strict=True))


def _numbers(chance: random.Random, count: int) -> list[Cell]:
    return [
        _number(number % 3, low := chance.randrange(1, 10**6), low + chance.randrange(10**5)) for number in range(count)
    ]


def _number(sort: int, low: int, high: int) -> Cell:
    if sort == 0:
        return Cell(f"> {low}", low + 1, lambda value: value > low)
    if sort == 1:
        return Cell(f"<= {low}", low, lambda value: value <= low)
    return Cell(f"[{low}..{high}]", low, lambda value: low <= value <= high)


def _texts(chance: random.Random, count: int) -> list[Cell]:
    words = [f"w{number:06}" for number in chance.sample(range(10**6), count)]
    return [Cell(f'"{word}"', word, word.__eq__) for word in words]

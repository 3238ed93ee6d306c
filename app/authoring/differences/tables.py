"""Decision tables compared cell by cell."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from app.engine.dmn.safe_xml import safe_root, tidy


@dataclass(frozen=True, slots=True)
class Cell:
    old: str
    new: str

    @property
    def changed(self) -> bool:
        return self.old != self.new


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row that is added, removed, changed or moved; numbers count from 1, 0 is none."""

    change: str
    old_number: int
    new_number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class TableDifference:
    """One table: its columns (old and new heading, "" where a column is new or gone), hit policy, differing rows."""

    id: str
    name: str
    column_ids: tuple[str, ...]
    columns: tuple[Cell, ...]
    hit_policy: Cell
    rows: tuple[TableRow, ...]
    same_rows: int

    @property
    def changed(self) -> bool:
        return bool(self.rows) or self.hit_policy.changed or any(column.changed for column in self.columns)


@dataclass(frozen=True, slots=True)
class _Column:
    id: str
    heading: str


@dataclass(frozen=True, slots=True)
class _Row:
    id: str
    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Table:
    id: str
    name: str
    hit_policy: str
    columns: tuple[_Column, ...]
    rows: tuple[_Row, ...]


def compare_tables(old: bytes, new: bytes, file: str) -> list[TableDifference]:
    """The tables that differ; "" stands for a file that is not there. Raises DefinitionError for what is no XML."""
    before, after = _tables(old, file), _tables(new, file)
    found = []
    for table_id in [*after, *(one for one in before if one not in after)]:
        difference = _compare(before.get(table_id), after.get(table_id))
        if difference.changed:
            found.append(difference)
    return found


def _tables(data: bytes, file: str) -> dict[str, _Table]:
    if not data:
        return {}
    tables = {}
    for decision in safe_root(data, file).iter("{*}decision"):
        table = decision.find("{*}decisionTable")
        if table is not None:
            made = _table(decision, table)
            tables[made.id] = made
    return tables


def _table(decision: etree._Element, table: etree._Element) -> _Table:
    rules = table.findall("{*}rule")
    columns = [
        _Column(one.get("id") or f"column {position}", _heading(one))
        for position, one in enumerate([*table.iterfind("{*}input"), *table.iterfind("{*}output")])
    ]
    notes = [one.get("name") or "" for one in table.iterfind("{*}annotation")]
    most = max((len(rule.findall("{*}annotationEntry")) for rule in rules), default=0)
    notes += [""] * (most - len(notes))
    columns += [_Column(f"annotation {position}", name) for position, name in enumerate(notes)]
    rows = []
    for number, rule in enumerate(rules, 1):
        entries = [
            *rule.iterfind("{*}inputEntry"),
            *rule.iterfind("{*}outputEntry"),
            *rule.iterfind("{*}annotationEntry"),
        ]
        texts = [(entry.findtext("{*}text") or "").strip() for entry in entries]
        cells = {column.id: text for column, text in zip(columns, texts, strict=False)}
        cells |= {name: text for name, text in _said_beside(rule) if text}
        rows.append(_Row(rule.get("id") or f"row {number}", number, cells))
    for name in dict.fromkeys(name for row in rows for name in row.cells):
        if not any(column.id == name for column in columns):
            columns.append(_Column(name, name))
    policy = f"{table.get('hitPolicy', 'UNIQUE')} {table.get('aggregation', '')}".strip()
    return _Table(decision.get("id", ""), tidy(decision.get("name")), policy, tuple(columns), tuple(rows))


def _heading(column: etree._Element) -> str:
    text = (column.findtext("{*}inputExpression/{*}text") or "").strip() or column.get("name") or ""
    label = tidy(column.get("label"))
    return f"{label} ({text})" if label and text and label != text else label or text


def _said_beside(rule: etree._Element) -> list[tuple[str, str]]:
    """What a rule says outside its cells: its description and its properties, such as the English name."""
    told = [("description", (rule.findtext("{*}description") or "").strip())]
    for one in rule.iterfind("{*}extensionElements/{*}properties/{*}property"):
        told.append((str(one.get("name") or ""), str(one.get("value") or "")))
    return told


def _compare(old: _Table | None, new: _Table | None) -> TableDifference:
    before, after = old or _nothing(new), new or _nothing(old)
    olds = {column.id: column.heading for column in before.columns}
    news = {column.id: column.heading for column in after.columns}
    ids = [*news, *(one for one in olds if one not in news)]
    rows = _rows(before.rows, after.rows, ids)
    return TableDifference(
        after.id,
        after.name or before.name,
        tuple(ids),
        tuple(Cell(olds.get(one, ""), news.get(one, "")) for one in ids),
        Cell(before.hit_policy, after.hit_policy),
        tuple(row for row in rows if row.change != "same"),
        sum(row.change == "same" for row in rows),
    )


def _nothing(like: _Table | None) -> _Table:
    return _Table(like.id if like else "", "", "", (), ())


def _rows(old: Sequence[_Row], new: Sequence[_Row], columns: Sequence[str]) -> list[TableRow]:
    new = _recognised(old, new)
    before = {row.id: row for row in old}
    ordered = [row.id for row in old if any(row.id == one.id for one in new)]
    kept = [row.id for row in new if row.id in before]
    moved = set(kept) - set(longest_common(ordered, kept))
    rows = []
    for row in new:
        was = before.pop(row.id, None)
        cells = tuple(Cell(was.cells.get(one, "") if was else "", row.cells.get(one, "")) for one in columns)
        change = "added"
        if was is not None:
            change = "changed" if any(cell.changed for cell in cells) else "moved" if row.id in moved else "same"
        rows.append(TableRow(change, was.number if was else 0, row.number, cells))
    for was in before.values():
        rows.append(TableRow("removed", was.number, 0, tuple(Cell(was.cells.get(one, ""), "") for one in columns)))
    return rows


def _recognised(old: Sequence[_Row], new: Sequence[_Row]) -> list[_Row]:
    """The new rows; one with an unknown id and the very words of an old one that is gone takes its id."""
    gone = [row for row in old if all(row.id != one.id for one in new)]
    known = {row.id for row in old}
    found = []
    for row in new:
        same = None if row.id in known else next((one for one in gone if one.cells == row.cells), None)
        if same is not None:
            gone.remove(same)
            row = _Row(same.id, row.number, row.cells)
        found.append(row)
    return found


def longest_common(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """The longest run of ids, with gaps, that stands in the same order in both: both hold the same ids once."""
    place = {one: position for position, one in enumerate(old)}
    tails: list[int] = []
    before: dict[int, int | None] = {}
    ends: list[int] = []
    for one in new:
        position = place[one]
        at = bisect_left(tails, position)
        before[position] = ends[at - 1] if at else None
        tails[at : at + 1] = [position]
        ends[at : at + 1] = [position]
    found: list[str] = []
    current = ends[-1] if ends else None
    while current is not None:
        found.append(old[current])
        current = before[current]
    return found[::-1]

"""Tables as files: read with limits, written so that no cell acts as a formula."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from openpyxl import Workbook, load_workbook

from app.administration.spreadsheets.columns import heading, named, titles
from app.administration.spreadsheets.errors import CellTooLong, ColumnsMissing, SheetTooLarge, SheetUnreadable
from app.core.errors import Refusal
from app.core.requests import is_strange
from app.core.sizes import Size
from app.core.spreadsheets import BROKEN, is_quickly_read, plain_cell
from app.files.errors import FileTypeUnknown
from app.files.rules import MEGABYTE, TEXT, XLSX, media_type

MOST_BYTES = 4 * MEGABYTE
MOST_ROWS = 2_000
MOST_COLUMNS = 40
LONGEST_CELL = 300


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file, by column; `number` is the one that the spreadsheet shows."""

    number: int
    cells: Mapping[str, str]


def read_sheet(name: str, content: bytes, columns: Sequence[str]) -> list[Row]:
    """The rows of an XLSX or CSV file whose first row names the columns. Raises what is wrong with the file."""
    if len(content) > MOST_BYTES:
        raise SheetTooLarge(size=Size(MOST_BYTES), rows=MOST_ROWS)
    try:
        kind = media_type(name, content)
        if kind not in (XLSX, TEXT):
            raise SheetUnreadable
        lines = _xlsx(content) if kind == XLSX else _csv(content)
        header, *rows = [list(line) for line in lines] or [[]]
    except FileTypeUnknown as error:
        raise SheetUnreadable from error
    except Refusal:
        raise
    except (csv.Error, *BROKEN) as error:
        raise SheetUnreadable from error
    names = named(header, columns)
    missing = [one for one in columns if one not in names]
    if missing:
        raise ColumnsMissing(columns=titles(missing))
    found = [
        Row(number, {name: cell.strip() for name, cell in zip(names, line, strict=False) if name in columns})
        for number, line in enumerate(rows, start=2)
    ]
    return [row for row in found if any(row.cells.values())]


def _csv(content: bytes) -> Iterable[Sequence[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030")
    yield from _counted(csv.reader(io.StringIO(text, newline=""), strict=True))


def _xlsx(content: bytes) -> Iterable[Sequence[str]]:
    if not is_quickly_read(content):
        raise SheetTooLarge(size=Size(MOST_BYTES), rows=MOST_ROWS)
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
    try:
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        yield from _counted(
            [_text(cell) for cell in line] for line in sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True)
        )
    finally:
        book.close()


def _counted(lines: Iterable[Sequence[str]]) -> Iterable[Sequence[str]]:
    for number, line in enumerate(lines):
        if number > MOST_ROWS or len(line) > MOST_COLUMNS:
            raise SheetTooLarge(size=Size(MOST_BYTES), rows=MOST_ROWS)
        if any(len(cell) > LONGEST_CELL for cell in line):
            raise CellTooLong(limit=LONGEST_CELL)
        if any(is_strange(cell) for cell in line):
            raise SheetUnreadable
        yield [cell.removeprefix("'") for cell in line]


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def write_sheet(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """An XLSX file with these rows below their headings; a text that looks like a formula stays text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("1")
    sheet.append([heading(one) for one in columns])
    for row in rows:
        sheet.append([plain_cell(cell) for cell in row])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()

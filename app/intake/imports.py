"""Read a file of reports, CSV or JSON lines: every row a report, or an error that names row and field."""

import codecs
import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask_babel import gettext as _
from marshmallow import ValidationError

from app.cases.schemas import messages_of
from app.core.requests import is_strange, strings_in
from app.intake.schemas import ReportSchema, new_report
from app.intake.services import NewReport

LONGEST_LINE = 200_000


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the file: a report, or what is wrong with it. `number` is the line, from 1."""

    number: int
    report: NewReport | None
    errors: tuple[str, ...] = ()


def read_rows(path: Path, *, channel: str, names: Mapping[str, str]) -> Iterator[Row]:
    """The rows of a file by its ending: `.csv`, or `.jsonl`/`.ndjson`.

    `names` maps the file's own column names to those of ReportSchema; other columns are kept with the report.
    """
    rows = _csv(path) if path.suffix.lower() == ".csv" else _json_lines(path)
    for number, data in rows:
        if isinstance(data, str):
            yield Row(number, None, (data,))
        elif any(is_strange(text) for text in strings_in(data)):
            yield Row(number, None, (_("The line holds characters that no text has."),))
        else:
            yield _row(number, data, channel, names)


def _csv(path: Path) -> Iterator[tuple[int, dict[str, Any] | str]]:
    csv.field_size_limit(LONGEST_LINE)
    with path.open(encoding=_encoding(path), newline="", errors="replace") as file:
        reader = csv.DictReader(file, strict=True)
        while True:
            try:
                row = next(reader, None)
            except csv.Error as error:
                yield reader.line_num, _("The line is broken: %(reason)s", reason=error)
                continue
            if row is None:
                return
            if None in row:
                yield reader.line_num, _("There are more cells than columns.")
            else:
                yield reader.line_num, {name: value for name, value in row.items() if value not in (None, "")}


def _encoding(path: Path) -> str:
    """UTF-8, or what Chinese spreadsheets write when nobody asks them for UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while chunk := file.read(1 << 16):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "gb18030"
    return "utf-8-sig"


def _json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any] | str]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            if len(line) > LONGEST_LINE:
                yield number, _("The line is longer than %(limit)s bytes.", limit=LONGEST_LINE)
                continue
            try:
                data = json.loads(line.decode("utf-8-sig"))
            except (ValueError, RecursionError) as error:
                yield number, _("The line is no JSON: %(reason)s", reason=error)
                continue
            yield number, data if isinstance(data, dict) else _("The line is no JSON object.")


def _row(number: int, data: Mapping[str, Any], channel: str, names: Mapping[str, str]) -> Row:
    known = set(ReportSchema().fields)
    values: dict[str, Any] = {"channel": channel}
    extra: dict[str, Any] = {}
    for column, value in data.items():
        name = names.get(column, column)
        if name in known and name != "channel":
            values[name] = value
        elif name:
            extra[column] = value
    try:
        loaded = ReportSchema().load(values)
    except ValidationError as error:
        wrong = messages_of(error)
        return Row(number, None, tuple(f"{name}: {_worded(messages)}" for name, messages in sorted(wrong.items())))
    return Row(number, new_report({**loaded, "extra": extra}))


def _worded(messages: Any) -> str:
    if isinstance(messages, dict):
        return "; ".join(f"{name}: {_worded(inner)}" for name, inner in messages.items())
    return " ".join(str(message) for message in messages)

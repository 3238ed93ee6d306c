"""A decision table as a spreadsheet, one row a rule, and back.

The first sheet of the workbook: two heads (labels, then expressions and output names), then the rules. Column A holds
the rule's id, which keeps it the same rule when it comes back; a row without one is new, an absent one is taken out.
"""

import io
import zipfile
from collections.abc import Sequence
from typing import Any

from lxml import etree
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from app.authoring.errors import SheetRefused, TableNotFound
from app.core.ids import new_id
from app.core.spreadsheets import BROKEN, MOST_MARKS, MOST_UNPACKED, is_quickly_read

MOST_BYTES = 2_000_000
MOST_RULES = 5_000
LONGEST_CELL = 10_000
FIRST_RULE = 3


def write_sheet(content: bytes, decision: str) -> bytes:
    """The workbook of the table of `decision`. Raises TableNotFound."""
    table = _table(_root(content), decision)
    inputs, outputs, rules = _parts(table)
    book = Workbook()
    sheet = book.active
    assert sheet is not None  # noqa: S101 - a new workbook has one
    sheet.title = "rules"
    heads = [_label(one) or _expression(one) for one in inputs] + [
        one.get("label") or one.get("name", "") for one in outputs
    ]
    names = [_expression(one) for one in inputs] + [one.get("name", "") for one in outputs]
    _row(sheet, 1, ["id", *heads, "说明 / Annotation"])
    _row(sheet, 2, ["", *names, ""])
    for number, rule in enumerate(rules, FIRST_RULE):
        cells = [_text(one) for one in (*_children(rule, "inputEntry"), *_children(rule, "outputEntry"))]
        _row(sheet, number, [rule.get("id", ""), *cells, _description(rule)])
    _dress(sheet, len(inputs), len(names) + 2)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def read_sheet(content: bytes, decision: str, sheet: bytes) -> bytes:
    """The file with the rules of the table of `decision` as the workbook has them; all else stays as it is.

    A workbook that says what the table says gives the very same bytes.
    Raises TableNotFound, and SheetRefused with the place when the workbook does not fit the table.
    """
    root = _root(content)
    table = _table(root, decision)
    inputs, outputs, rules = _parts(table)
    rows = _rows(sheet)
    names = [_expression(one) for one in inputs] + [one.get("name", "") for one in outputs]
    given = rows[1][1 : len(names) + 1] if len(rows) > 1 else []
    if given != names:
        raise SheetRefused(place="B2", reason=", ".join(names))
    before = [etree.tostring(rule) for rule in rules]
    known = {rule.get("id"): rule for rule in rules}
    kept: list[Any] = []
    for row in rows[FIRST_RULE - 1 :]:
        padded = [*row, *[""] * (len(names) + 2 - len(row))]
        if not any(padded[1:]):
            continue
        rule = known.pop(padded[0], None)
        kept.append(_filled(table, rule, padded[1:], len(inputs), len(outputs)))
    if [etree.tostring(rule) for rule in kept] == before:
        return content
    at = list(table).index(rules[0]) if rules else len(table)
    for rule in rules:
        _take_out(table, rule)
    for offset, rule in enumerate(kept):
        table.insert(at + offset, rule)
    return bytes(etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8"))


def _take_out(table: Any, rule: Any) -> None:
    rule.tail = rule.tail or "\n"
    if rule.getparent() is table:
        table.remove(rule)


def _root(content: bytes) -> Any:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise SheetRefused(place="XML", reason=str(error)) from None


def _children(parent: Any, name: str) -> list[Any]:
    return [one for one in parent if isinstance(one.tag, str) and etree.QName(one).localname == name]


def _table(root: Any, decision: str) -> Any:
    for found in _children(root, "decision"):
        if found.get("id") == decision and (tables := _children(found, "decisionTable")):
            return tables[0]
    raise TableNotFound(name=decision)


def _parts(table: Any) -> tuple[list[Any], list[Any], list[Any]]:
    return _children(table, "input"), _children(table, "output"), _children(table, "rule")


def _text(entry: Any) -> str:
    return next((one.text or "" for one in _children(entry, "text")), "")


def _expression(one: Any) -> str:
    return next((_text(found).strip() for found in _children(one, "inputExpression")), "")


def _label(one: Any) -> str:
    return str(one.get("label") or "")


def _description(rule: Any) -> str:
    notes = [_text(one) for one in _children(rule, "annotationEntry")]
    return "；".join(note for note in notes if note) or next(
        (one.text or "" for one in _children(rule, "description")), ""
    )


def _row(sheet: Any, number: int, texts: Sequence[str]) -> None:
    """Texts stay texts: nothing that begins like a formula becomes one."""
    for column, text in enumerate(texts, 1):
        cell: Cell = sheet.cell(number, column)
        cell.value = text
        cell.data_type = "s"
        cell.quotePrefix = True


def _dress(sheet: Any, inputs: int, columns: int) -> None:
    for column in range(1, columns + 1):
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = 4 if column == 1 else 22
        colour = "E8F0F4" if column <= inputs + 1 else "F4EEE0"
        for row in (1, 2):
            cell = sheet.cell(row, column)
            cell.font = Font(bold=row == 1, color="444444" if row == 2 else "000000")
            cell.fill = PatternFill("solid", start_color=colour)
    for row in sheet.iter_rows(min_row=FIRST_RULE):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions["A"].hidden = True
    sheet.freeze_panes = "B3"


def _rows(sheet: bytes) -> list[list[str]]:
    """The texts of the first sheet, each row cut after its last filled cell."""
    if len(sheet) > MOST_BYTES:
        raise SheetRefused(place="XLSX", reason=f"> {MOST_BYTES // 1_000_000} MB")
    try:
        with zipfile.ZipFile(io.BytesIO(sheet)) as packed:
            if sum(one.file_size for one in packed.infolist()) > MOST_UNPACKED or len(packed.infolist()) > 500:
                raise SheetRefused(place="XLSX", reason=f"> {MOST_UNPACKED // 1_000_000} MB")
        if not is_quickly_read(sheet):
            raise SheetRefused(place="XLSX", reason=f"> {MOST_MARKS} <…>")
        book = load_workbook(io.BytesIO(sheet), read_only=True, data_only=False, keep_links=False)
        found = book.worksheets[0]
        rows = []
        for number, row in enumerate(found.iter_rows(values_only=True, max_col=200), 1):
            if number > MOST_RULES + FIRST_RULE:
                raise SheetRefused(place=f"A{number}", reason=f"> {MOST_RULES}")
            rows.append([_cell(value, number, column) for column, value in enumerate(row, 1)])
    except BROKEN as error:
        raise SheetRefused(place="XLSX", reason=str(error)[:200]) from None
    return rows


def _cell(value: object, row: int, column: int) -> str:
    """What a person typed, as the table's own text; a whole number keeps no trailing zero."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value)
    if len(text) > LONGEST_CELL:
        raise SheetRefused(place=f"{get_column_letter(column)}{row}", reason=f"> {LONGEST_CELL}")
    return text.strip()


def _filled(table: Any, rule: Any, texts: Sequence[str], inputs: int, outputs: int) -> Any:
    """The rule with these cells; a new one when there was none."""
    namespace = etree.QName(table).namespace

    def made(parent: Any, name: str) -> Any:
        child = etree.SubElement(parent, f"{{{namespace}}}{name}")
        child.set("id", f"{name}_{new_id()}")
        return child

    if rule is None:
        rule = etree.Element(f"{{{namespace}}}rule")
        rule.set("id", f"rule_{new_id()}")
        rule.tail = "\n"
        for _ in range(inputs):
            made(rule, "inputEntry")
        for _ in range(outputs):
            made(rule, "outputEntry")
        notes = len(_children(table, "annotation"))
        for _ in range(notes):
            etree.SubElement(rule, f"{{{namespace}}}annotationEntry")
    entries = [*_children(rule, "inputEntry"), *_children(rule, "outputEntry")]
    for entry, text in zip(entries, texts, strict=False):
        _set_text(entry, text, namespace)
    _annotate(rule, texts[inputs + outputs], namespace)
    return rule


def _set_text(entry: Any, text: str, namespace: str | None) -> None:
    found = _children(entry, "text")
    target = found[0] if found else etree.SubElement(entry, f"{{{namespace}}}text")
    if (target.text or "") != text:
        target.text = text


def _annotate(rule: Any, text: str, namespace: str | None) -> None:
    if text == _description(rule):
        return
    notes = _children(rule, "annotationEntry")
    if notes:
        for note in notes[1:]:
            _set_text(note, "", namespace)
        _set_text(notes[0], text, namespace)
        return
    found = _children(rule, "description")
    if found:
        found[0].text = text
    else:
        description = etree.Element(f"{{{namespace}}}description")
        description.text = text
        rule.insert(0, description)

"""Workbooks and archives that are damaged or made to do harm: refused with a word, each of them."""

import io
import random
import re
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from app.administration.spreadsheets import sheets
from app.administration.spreadsheets.errors import SheetTooLarge
from app.authoring.publishing import archives
from app.authoring.tables import spreadsheets
from app.core.errors import Refusal

PACKAGE = Path(__file__).parents[2] / "packages" / "processes" / "errand"
TABLE = (PACKAGE / "errand_size.dmn").read_bytes()
DECISION = re.findall(rb'<decision id="([^"]+)"', TABLE)[0].decode()
ENTITIES = b'<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + step, (b"&%c;" % (97 + step)) * 10) for step in range(9)
)
SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'


def damaged(good: bytes, seed: int) -> bytes:
    chance, data = random.Random(seed), bytearray(good)  # noqa: S311 - no secret
    for _ in range(chance.randint(1, 20)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    return bytes(data)


def workbook(part: str, content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(spreadsheets.write_sheet(TABLE, DECISION))) as good:
        parts = {name: good.read(name) for name in good.namelist()}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for name, old in parts.items():
            packed.writestr(name, content if name == part else old)
    return target.getvalue()


def test_a_damaged_workbook_is_read_or_refused() -> None:
    good = spreadsheets.write_sheet(TABLE, DECISION)
    refused = 0
    for seed in range(150):
        try:
            spreadsheets.read_sheet(TABLE, DECISION, damaged(good, seed))
        except Refusal:
            refused += 1
    assert refused > 50


@pytest.mark.parametrize("content", [b"", b"<a", b"<x/>", b"\0\0"])
@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml"])
def test_a_workbook_with_a_broken_part_is_refused(part: str, content: bytes) -> None:
    with pytest.raises(Refusal):
        spreadsheets.read_sheet(TABLE, DECISION, workbook(part, content))


@pytest.mark.parametrize("cell", ['t="inlineStr"><is><t>&j;</t></is></c>', 't="s"><v>99999</v></c>'])
def test_a_workbook_with_entities_or_lost_words_is_refused(cell: str) -> None:
    row = b'<row r="1"><c r="A1" ' + cell.encode() + b"</row>"
    with pytest.raises(Refusal):
        spreadsheets.read_sheet(TABLE, DECISION, workbook("xl/worksheets/sheet1.xml", ENTITIES + b"]>" + SHEET % row))


SHEET_PART, BOOK, LINKS = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"


@pytest.mark.parametrize(
    ("part", "change"),
    [
        (SHEET_PART, lambda _: SHEET % b'<row r="1"><c r="A1" t="s"><v>99999</v></c></row>'),
        (SHEET_PART, lambda _: SHEET % b'<row r="1"><c r="A1" t="s"><v>-99999</v></c></row>'),
        (SHEET_PART, lambda _: SHEET % b'<row r="1"><c r="A1"><v>NaN</v></c></row>'),
        (SHEET_PART, lambda _: SHEET % b'<row r="9999999999"><c r="A9999999999"><v>1</v></c></row>'),
        (SHEET_PART, lambda _: ENTITIES + b"]>" + SHEET % b'<row><c t="inlineStr"><is><t>&j;</t></is></c></row>'),
        (BOOK, lambda was: re.sub(rb"<sheets>.*</sheets>", b"<sheets/>", was)),
        (LINKS, lambda was: was.replace(b"worksheets/sheet1.xml", b"../../etc/passwd")),
        (LINKS, lambda was: was.replace(b"worksheets/sheet1.xml", b"styles.xml")),
        (LINKS, lambda _: b"<Relationships/>"),
    ],
)
def test_a_sheet_of_people_with_lost_words_or_parts_is_refused(part: str, change: Callable[[bytes], bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(sheets.write_sheet(("account", "name"), [("x", "y")]))) as good:
        parts = {name: good.read(name) for name in good.namelist()}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for name, old in parts.items():
            packed.writestr(name, change(old) if name == part else old)
    with pytest.raises(Refusal):
        sheets.read_sheet("people.xlsx", target.getvalue(), ("account", "name"))


@pytest.mark.parametrize("line", [b"," * 1_000_000, b'"' + b"x" * 3_000_000, b"\r" * 3_000_000, b"a\0,b", b"\xff\xfe"])
def test_a_line_of_a_million_columns_or_without_an_end_is_refused(line: bytes) -> None:
    began = time.thread_time()
    with pytest.raises(Refusal):
        sheets.read_sheet("people.csv", line, ("account", "name"))
    assert time.thread_time() - began < 5


def test_a_workbook_of_millions_of_words_is_refused_before_it_is_read() -> None:
    """Less than half a megabyte, which a reader would be busy with for a minute: for a table and for people alike."""
    words = b"<sst>" + b"".join(b"<si><t>%d</t></si>" % (number % 977) for number in range(300_000)) + b"</sst>"
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        with zipfile.ZipFile(io.BytesIO(workbook("", b""))) as good:
            for name in good.namelist():
                packed.writestr(name, good.read(name))
        packed.writestr("xl/words.xml", words)
    began = time.thread_time()
    with pytest.raises(Refusal):
        spreadsheets.read_sheet(TABLE, DECISION, target.getvalue())
    with pytest.raises(SheetTooLarge):
        sheets.read_sheet("people.xlsx", target.getvalue(), ("account",))
    assert time.thread_time() - began < 5


def test_a_damaged_archive_is_read_or_refused() -> None:
    files = {f"processes/{one.name}": one.read_bytes() for one in sorted(PACKAGE.iterdir()) if one.is_file()}
    good = archives.pack("errand", files)
    refused = 0
    for seed in range(150):
        try:
            archives.unpack(damaged(good, seed))
        except Refusal:
            refused += 1
    assert refused > 50


def test_a_cell_that_is_a_formula_goes_out_as_text() -> None:
    word = re.findall(rb"<text>[^<]+</text>", TABLE)[0]
    sheet = spreadsheets.write_sheet(TABLE.replace(word, b'<text>=HYPERLINK("x")</text>'), DECISION)
    with zipfile.ZipFile(io.BytesIO(sheet)) as packed:
        assert b"<f>" not in b"".join(packed.read(name) for name in packed.namelist())

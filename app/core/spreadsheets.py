"""Tables that leave and come: no cell acts as a formula, and no workbook is read that would hold up the others."""

import io
import zipfile
import zlib
from typing import Any

from openpyxl.utils.exceptions import InvalidFileException

MOST_MARKS = 500_000
MOST_UNPACKED = 20_000_000
BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    SyntaxError,
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What the readers of ZIP, XML and workbooks raise over a file that is none."""
_PIECE = 1_000_000

_ACTS = tuple("=+-@\t\r\n＝＋－＠")
"""What spreadsheets take for the beginning of a formula, or skip before one; the wide forms count in Chinese ones."""


_UNWRITABLE = dict.fromkeys([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF], "")
"""What no XML holds, a workbook neither: it comes with words that are pasted from elsewhere."""


def plain_cell(value: Any) -> Any:
    """`value` as an export writes it: a text that begins like a formula gets an apostrophe before it.

    Every export of rows goes through here, CSV and XLSX alike: cases, people, organisations, figures. Numbers, dates
    and flags pass as they are, for they are typed. Only the sheet of a decision table does without: it is read back,
    and types each of its cells as text (`app/authoring/tables/spreadsheets.py`).
    """
    if not isinstance(value, str):
        return value
    text = value.translate(_UNWRITABLE)
    return f"'{text}" if text.lstrip(" \u3000").startswith(_ACTS) else text


def is_quickly_read(workbook: bytes) -> bool:
    """Whether an XLSX holds no more marks (`<`) than a reader gets through in seconds; nothing of it is parsed.

    Each mark costs microseconds, and a file of a hundred kilobytes may hold millions. Raises what `zipfile` raises.
    """
    marks = unpacked = 0
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        for part in archive.infolist():
            with archive.open(part) as opened:
                while piece := opened.read(_PIECE):
                    marks, unpacked = marks + piece.count(b"<"), unpacked + len(piece)
                    if marks > MOST_MARKS or unpacked > MOST_UNPACKED:
                        return False
    return True

"""What leaves as a table: no cell of it may act as a formula in the spreadsheet that opens it."""

from typing import Any

_ACTS = tuple("=+-@\t\r\n＝＋－＠")
"""What spreadsheets take for the beginning of a formula, or skip before one; the wide forms count in Chinese ones."""


def plain_cell(value: Any) -> Any:
    """`value` as an export writes it: a text that begins like a formula gets an apostrophe before it.

    Every export of rows goes through here, CSV and XLSX alike: cases, people, organisations, figures. Numbers, dates
    and flags pass as they are, for they are typed. Only the sheet of a decision table does without: it is read back,
    and types each of its cells as text (`app/authoring/tables/spreadsheets.py`).
    """
    return f"'{value}" if isinstance(value, str) and value.lstrip(" \u3000").startswith(_ACTS) else value

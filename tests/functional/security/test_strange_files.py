"""A file to import that was broken by accident or on purpose: every other row comes in, and the bad one is named."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from app.cases.models import Report
from app.core.database import db

GOOD = '{"number": "1", "text": "隔壁施工太吵"}'
LAST = '{"number": "9", "text": "楼道堆放杂物"}'


@pytest.mark.parametrize(
    "line",
    [
        '{"number": "2", "text": "\\ud800"}',
        '{"number": "2", "text": "\\u0000"}',
        '{"number": "2", "text": "x", "more": {"\\udfff": 1}}',
        "[" * 5000 + "]" * 5000,
        '{"number": "2", "text": ' + "[" * 900 + "]" * 900 + "}",
    ],
    ids=["half a character", "NUL", "half a character in a name", "nested lists", "a nested value"],
)
def test_a_line_that_no_text_gives(app: Flask, dispute_county: int, tmp_path: Path, line: str) -> None:
    file = tmp_path / "reports.jsonl"
    file.write_text("\n".join([GOOD, line, LAST]), encoding="utf-8")
    done = app.test_cli_runner().invoke(args=["intake", "import", str(file), "--channel", "12345"])
    assert done.exit_code == 1, done.exception
    assert "line 2" in done.output
    assert set(db.session.scalars(select(Report.source_number))) == {"1", "9"}


def test_a_cell_with_a_nul(app: Flask, dispute_county: int, tmp_path: Path) -> None:
    file = tmp_path / "reports.csv"
    file.write_bytes(b'number,text\n1,ok\n2,"a\0b"\n9,ok\n')
    done = app.test_cli_runner().invoke(args=["intake", "import", str(file), "--channel", "12345"])
    assert done.exit_code == 1, done.exception
    assert "line 3" in done.output
    assert "2 reports imported" in done.output

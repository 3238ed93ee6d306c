"""`flask intake import`: every good row becomes a case, every bad one is named by its line."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from app.cases.models import Case, Report
from app.core.database import db

HEAD = "工单编号,内容,地点,来电人\n"
MAP = '"工单编号" = "number"\n"内容" = "text"\n"地点" = "place"\n"来电人" = "reporter_name"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "map.toml").write_text(MAP)
    return tmp_path


def run(app: Flask, file: Path, *more: str, channel: str = "12345") -> Result:
    names = ["--map", str(file.parent / "map.toml")] if file.suffix == ".csv" else []
    return app.test_cli_runner().invoke(args=["intake", "import", str(file), "--channel", channel, *names, *more])


def reports() -> list[Report]:
    db.session.remove()
    return list(db.session.scalars(select(Report).order_by(Report.source_number)))


def test_a_spreadsheet_becomes_cases(app: Flask, dispute_county: int, folder: Path) -> None:
    file = folder / "orders.csv"
    file.write_text(HEAD + 'A1,"噪声扰民,天天如此",东苑社区,葛美华\nA2,欠薪三个月,柳河街道,罗春林\n')
    result = run(app, file)
    assert result.exit_code == 0, result.output
    assert "2 reports imported" in result.output
    first, second = reports()
    assert (first.text, first.place, first.reporter_name) == ("噪声扰民,天天如此", "东苑社区", "葛美华")
    assert second.channel == "12345"
    assert db.session.query(Case).count() == 2


def test_what_was_imported_before_is_told_and_left(app: Flask, dispute_county: int, folder: Path) -> None:
    file = folder / "orders.csv"
    file.write_text(HEAD + "A1,噪声扰民,东苑社区,葛美华\n")
    run(app, file)
    result = run(app, file)
    assert "0 reports imported" in result.output
    assert "1 had come before" in result.output
    assert len(reports()) == 1


def test_broken_rows_are_named_and_the_others_come_in(app: Flask, dispute_county: int, folder: Path) -> None:
    file = folder / "orders.csv"
    file.write_text(
        HEAD + "A1,噪声扰民,东苑社区,葛美华\nA2,,柳河街道,罗春林\nA3,漏水,东苑社区,葛美华,多一格\nA4,停车,东苑社区,丁\n"
    )
    result = run(app, file)
    assert result.exit_code == 1
    assert "line 3: text" in result.output
    assert "line 4:" in result.output
    assert "2 rows with errors" in result.output
    assert [report.source_number for report in reports()] == ["A1", "A4"]


def test_a_quote_that_never_ends_is_an_error_of_its_line(app: Flask, dispute_county: int, folder: Path) -> None:
    file = folder / "orders.csv"
    file.write_text(HEAD + 'A1,噪声扰民,东苑社区,葛美华\nA2,"没有结束,东苑社区,丁\n')
    result = run(app, file)
    assert result.exit_code == 1
    assert "1 reports imported" in result.output
    assert len(reports()) == 1


def test_a_dry_run_changes_nothing(app: Flask, dispute_county: int, folder: Path) -> None:
    file = folder / "orders.csv"
    file.write_text(HEAD + "A1,噪声扰民,东苑社区,葛美华\nA2,,柳河街道,罗春林\n")
    result = run(app, file, "--dry-run")
    assert "1 of 2 rows can be imported; nothing was changed." in result.output
    assert reports() == []


def test_a_spreadsheet_in_the_old_chinese_encoding_is_read(app: Flask, dispute_county: int, folder: Path) -> None:
    file = folder / "orders.csv"
    file.write_bytes((HEAD + "A1,噪声扰民,东苑社区,葛美华\n").encode("gb18030"))
    result = run(app, file)
    assert result.exit_code == 0, result.output
    assert reports()[0].text == "噪声扰民"


def test_json_lines_keep_what_they_cannot_place(app: Flask, dispute_county: int, folder: Path) -> None:
    file = folder / "orders.jsonl"
    rows = [
        {"number": "B1", "text": "邻居养鸡太吵", "place": "河畔村", "mood": "angry"},
        {"number": "B2", "text": "请教征地补偿标准", "kind": "question"},
    ]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    file.write_text("\n".join([*lines, "{broken", "[]", '"text"', ""]))
    result = run(app, file)
    assert result.exit_code == 1
    for number in (3, 4, 5):
        assert f"line {number}:" in result.output
    first, second = reports()
    assert first.extra == {"mood": "angry"}
    assert second.kind == "question"


def test_a_line_of_a_megabyte_and_foreign_bytes_are_refused(app: Flask, dispute_county: int, folder: Path) -> None:
    file = folder / "orders.jsonl"
    big = json.dumps({"number": "B1", "text": "水" * 350_000}, ensure_ascii=False)
    good = json.dumps({"number": "B3", "text": "漏水"}, ensure_ascii=False)
    file.write_bytes(big.encode() + b"\n" + b'{"number": "B2", "text": "\xc4\xe3"}\n' + good.encode() + b"\n")
    result = run(app, file)
    assert "line 1:" in result.output
    assert "line 2:" in result.output
    assert [report.source_number for report in reports()] == ["B3"]


def test_an_unknown_channel_is_refused_before_anything_is_read(app: Flask, dispute_county: int, folder: Path) -> None:
    file = folder / "orders.csv"
    file.write_text(HEAD + "A1,噪声扰民,东苑社区,葛美华\n")
    result = run(app, file, channel="pigeon")
    assert result.exit_code == 1
    assert 'no channel "pigeon"' in result.output
    assert reports() == []

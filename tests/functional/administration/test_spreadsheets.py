"""People and offices from a spreadsheet: checked, all or the good rows, errors that name the cell; and out again."""

import io
import re
import zipfile

import pytest
from flask import Flask
from openpyxl import Workbook, load_workbook
from werkzeug.test import TestResponse

from app.administration.spreadsheets.columns import ENTRIES, EXAMPLES, OFFICES, PEOPLE, heading
from app.core.database import db
from app.devdata.county import person_named
from app.directory.models import Assignment, Organisation, Person
from app.directory.registers.queries import forget
from tests.functional.conftest import BrowserAs

IMPORT = "/administration/import"
ENGLISH = {"Accept-Language": "en"}
HEPAN = "330681101201"
LIN = ["lin.mei", "林梅", "Lin Mei", "13800000000", "zh，吴语", "neighbour", "调解员", HEPAN, "2026/01/01", ""]
ZHU = ["zhu.wei", "朱伟", "", "", "", "", "mediator", "330681101202", "2026-01-01", "2026-12-31"]


def sheet(columns: tuple[str, ...], *rows: list[str]) -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(list(columns))
    for row in rows:
        page.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def send(
    browser_as: BrowserAs, what: str, content: bytes, mode: str, name: str = "people.xlsx", language: str = "en"
) -> TestResponse:
    """Post the file; the body is written here, for the test client would leave a large one open on disk."""
    part = 'Content-Disposition: form-data; name="{}"'
    head = f'--x\r\n{part.format("mode")}\r\n\r\n{mode}\r\n--x\r\n{part.format("sheet")}; filename="{name}"\r\n\r\n'
    return browser_as("admin").post(
        f"{IMPORT}/{what}",
        data=head.encode() + content + b"\r\n--x--\r\n",
        content_type="multipart/form-data; boundary=x",
        headers={"Accept-Language": language},
    )


def table(answer: TestResponse) -> list[list[object]]:
    assert answer.status_code == 200
    return table_of(answer.data)


def table_of(content: bytes) -> list[list[object]]:
    page = load_workbook(io.BytesIO(content)).worksheets[0]
    return [list(row) for row in page.iter_rows(values_only=True)]


def known(*logins: str) -> int:
    db.session.remove()
    return db.session.query(Person).filter(Person.login.in_(logins)).count()


def test_a_check_keeps_nothing_and_all_keeps_everything(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    content = sheet(PEOPLE, LIN, ZHU)
    checked = send(browser_as, "people", content, "check")
    assert "2 rows are right" in checked.text
    assert "Nothing was taken in" in checked.text
    assert known("lin.mei", "zhu.wei") == 0
    taken = send(browser_as, "people", content, "all")
    assert "2 rows were taken in" in taken.text
    assert known("lin.mei", "zhu.wei") == 2
    person = person_named("lin.mei")
    assert (person.languages, person.tags, person.password_hash) == (["zh", "wu"], ["neighbour"], None)
    held = db.session.query(Assignment).filter_by(person_id=person.id).one()
    assert (held.role, held.from_date.isoformat()) == ("mediator", "2026-01-01")
    again = send(browser_as, "people", content, "all")
    assert again.status_code == 200
    db.session.remove()
    assert db.session.query(Assignment).filter_by(person_id=person.id).count() == 1
    other = sheet(PEOPLE, [*LIN[:8], "2026-02-01", ""])
    assert "holds this role here already" in send(browser_as, "people", other, "all").text


def test_wrong_rows_name_their_cell_and_reason_and_come_back_as_a_file(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    wrong = [
        ["", "无账号", "", "", "", "", "", "", "", ""],
        ["who", "某人", "", "call me", "", "", "", "", "", ""],
        ["who", "某人", "", "", "klingon", "", "", "", "", ""],
        ["who", "某人", "", "", "", "", "king", HEPAN, "", ""],
        ["who", "某人", "", "", "", "", "clerk", "nowhere", "", ""],
        ["who", "某人", "", "", "", "", "clerk", HEPAN, "soon", ""],
        ["mediator", "别人", "", "", "", "", "clerk", HEPAN, "", ""],
        ["admin", "沈佳怡", "", "", "", "", "leader", HEPAN, "", ""],
    ]
    content = sheet(PEOPLE, LIN, *wrong)
    refused = send(browser_as, "people", content, "all")
    assert refused.status_code == 422
    assert "8 rows are wrong" in refused.text
    assert known("lin.mei", "who") == 0
    rows = table(send(browser_as, "people", content, "errors"))
    columns = ["account", "phone", "languages", "role", "office", "from", "account", "role"]
    assert rows[0] == [heading(one) for one in (*PEOPLE, "wrong_cell", "reason")]
    assert [row[-2] for row in rows[1:]] == [heading(one) for one in columns]
    assert "Nobody gives themselves a role" in str(rows[-1][-1])
    good = send(browser_as, "people", content, "good")
    assert "1 row was taken in" in good.text
    assert known("lin.mei") == 1
    assert known("who") == 0


def test_the_example_of_the_template_creates_nobody(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    template = browser_as("admin").get(f"{IMPORT}/people/template.xlsx").data
    refused = send(browser_as, "people", template, "all")
    assert refused.status_code == 422
    assert "no row below the headings" in refused.text
    taken = send(browser_as, "people", sheet(PEOPLE, list(EXAMPLES["people"]), ZHU), "all")
    assert "1 row was taken in" in taken.text
    assert "The example of the template was left out." in taken.text
    assert (known("lin.mei"), known("zhu.wei")) == (0, 1)


def test_all_that_is_wrong_with_a_row_is_told_at_once_in_the_readers_words(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    wrong = ["林 梅", "", "", "call me", "klingon", "magic", "king", "nowhere", "soon", "later"]
    told = send(browser_as, "people", sheet(PEOPLE, wrong), "check", language="zh")
    for column in ("账号", "姓名", "电话", "语言", "擅长", "角色", "单位编码", "开始日期", "结束日期"):
        assert f"<strong>{column}</strong>" in told.text, column
    assert told.text.count("<strong>账号</strong>") == 1
    reason = str(table(send(browser_as, "people", sheet(PEOPLE, wrong), "errors"))[1][-2])
    assert reason.count(";") == 8
    office = ["x", "", "", "moon", "", "nowhere", "call me"]
    told = send(browser_as, "offices", sheet(OFFICES, office), "check")
    for column in ("Chinese name", "tier", "kind", "parent code", "telephone"):
        assert f"<strong>{column}</strong>" in told.text, column
    entry = ["salaries", "Ä", "", "", "", "", "perhaps", "soon", "", "pink"]
    told = send(browser_as, "registers", sheet(ENTRIES, entry), "check")
    for column in ("register", "code", "Chinese name", "English name", "needs a number", "from", "tone"):
        assert f"<strong>{column}</strong>" in told.text, column
    missing = send(browser_as, "people", sheet(PEOPLE[:-1], LIN[:-1]), "check", language="zh")
    assert "结束日期" in missing.text


def test_headings_may_be_of_either_language(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    headings = tuple(heading(one).split()[0] for one in PEOPLE)
    assert headings[0] == "账号"
    assert "1 row is right" in send(browser_as, "people", sheet(headings, LIN), "check").text
    both = tuple(heading(one) for one in PEOPLE)
    assert "1 row is right" in send(browser_as, "people", sheet(both, LIN), "check").text


def test_offices_come_in_in_order_and_are_renamed(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    rows = [
        ["330681101205", "新桥村", "Xinqiao", "village", "government", "330681101000", ""],
        ["330681101205-01", "新桥村第一网格", "", "网格", "基础网格", "330681101205", ""],
        [HEPAN, "河畔社区", "Hepan", "village", "government", "330681101000", ""],
    ]
    assert send(browser_as, "offices", sheet(OFFICES, *rows), "all").status_code == 200
    db.session.remove()
    names = {one.code: one.name_zh for one in db.session.query(Organisation)}
    assert names["330681101205-01"] == "新桥村第一网格"
    assert names[HEPAN] == "河畔社区"
    wrong = sheet(OFFICES, ["330681101206", "x", "", "village", "government", "nowhere", ""])
    assert "no office with the code nowhere" in send(browser_as, "offices", wrong, "check").text


def test_registers_come_in_and_go_out(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    rows = [
        ["dispute_type", "housing", "", "宅基地房屋", "Homes", "home", "", "", ""],
        ["dispute_type", "fences", "housing", "院墙", "Fences", "", "", "2026-01-01", ""],
        ["channel", "110", "", "110", "110", "", "是", "", ""],
        ["risk_colour", "green", "", "蓝色", "Blue", "", "", "2026-01-01", "", "blue"],
    ]
    assert send(browser_as, "registers", sheet(ENTRIES, *rows), "all").status_code == 200
    exported = table(browser_as("admin").post(f"{IMPORT}/registers/export"))
    assert ["dispute_type", "fences", "housing"] in [row[:3] for row in exported]
    assert ["risk_colour", "green", None, "蓝色", "Blue"] in [row[:5] for row in exported if row[-1] == "blue"]
    pink = sheet(ENTRIES, ["risk_colour", "green", "", "粉", "Pink", "", "", "", "", "pink"])
    assert send(browser_as, "registers", pink, "all").status_code == 422
    wrong = sheet(ENTRIES, ["dispute_type", "x", "", "", "", "", "perhaps", "", ""])
    assert "needs a number" in send(browser_as, "registers", wrong, "check").text
    forget()


def test_csv_of_a_chinese_spreadsheet_is_read(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    lines = [",".join(PEOPLE), ",".join('"zh，吴语"' if cell == LIN[4] else cell for cell in LIN)]
    answer = send(browser_as, "people", "\r\n".join(lines).encode("gb18030"), "all", name="people.csv")
    assert "1 row was taken in" in answer.text


def test_an_export_is_a_table_that_acts_as_no_formula_and_comes_back(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    admin = browser_as("admin")
    admin.post("/administration/people", data={"login": "evil", "name": "=cmd|' /C calc'!A0"})
    rows = table(admin.post(f"{IMPORT}/people/export"))
    evil = next(row for row in rows if row[0] == "evil")
    assert evil[1] == "'=cmd|' /C calc'!A0"
    assert ["mediator", HEPAN] in [row[6:8] for row in rows]
    offices = table(admin.post(f"{IMPORT}/offices/export"))
    assert offices[0] == [heading(one) for one in OFFICES]
    template = table(admin.get(f"{IMPORT}/people/template.xlsx"))
    assert template[0] == [heading(one) for one in PEOPLE]
    page = admin.get(IMPORT, headers=ENGLISH).text
    assert "Exported to a spreadsheet: offices" in page


def test_what_is_no_table_or_too_much_is_refused(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "x")
        archive.writestr("xl/workbook.xml", "0" * 30_000_000)
    for content, name, status in (
        (b"", "people.xlsx", 422),
        (b"PK\x03\x04 no archive", "people.xlsx", 422),
        (bomb.getvalue(), "people.xlsx", 422),
        (b"%PDF-1.7", "people.csv", 422),
        (b"account,name\nx,y\n", "people.csv", 422),
        (sheet(PEOPLE, *[LIN] * 2_001), "people.xlsx", 413),
        (sheet(PEOPLE, ["x" * 400, *LIN[1:]]), "people.xlsx", 422),
        (b"0" * 5_000_000, "people.csv", 413),
    ):
        answer = send(browser_as, "people", content, "all", name=name)
        assert answer.status_code in (status, 413, 415, 422), (content[:20], answer.status_code)
        assert answer.status_code != 200
    assert browser_as("admin").post(f"{IMPORT}/people").status_code == 422
    assert browser_as("admin").post(f"{IMPORT}/cases").status_code == 404


def test_strangers_neither_import_nor_export(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    for login in ("leader", "owner", "clerk"):
        stranger = browser_as(login)
        assert stranger.get(IMPORT).status_code == 404
        assert stranger.get(f"{IMPORT}/people/template.xlsx").status_code == 404
        assert stranger.post(f"{IMPORT}/people", data={}).status_code == 404
        assert stranger.post(f"{IMPORT}/offices/export").status_code == 404


def test_an_account_of_somebody_else_is_told_by_name_in_the_readers_language(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    """Either name tells that the row means another person than the one who has the account."""
    by_name = ["mediator", "王桂芳", "", "", "", "", "", "", "", ""]
    by_name_en = ["mediator", "王桂兰", "Wang Guifang", "", "", "", "", "", "", ""]
    right = ["mediator", "王桂兰", "Wang Guilan", "", "", "", "", "", "", ""]
    for row, column, column_en in ((by_name, "账号", "account"), (by_name_en, "英文名称", "English name")):
        content = sheet(PEOPLE, row)
        english = send(browser_as, "people", content, "check").text
        assert "The account mediator belongs to somebody else: Wang Guilan." in english
        assert column_en in english
        chinese = send(browser_as, "people", content, "check", language="zh").text
        assert "王桂兰" in chinese
        assert "Wang Guilan" not in chinese
        assert column in chinese
    assert "1 row is right" in send(browser_as, "people", sheet(PEOPLE, right), "check").text


@pytest.mark.parametrize("what", ["people", "offices", "registers", "calendar"])
def test_what_was_exported_comes_back_as_it_is(
    app: Flask, dispute_county: int, browser_as: BrowserAs, what: str
) -> None:
    browser_as("admin").post("/administration/registers/tag/fill")
    exported = browser_as("admin").post(f"{IMPORT}/{what}/export").data
    rows = len(table_of(exported)) - 1
    assert rows > 5
    checked = send(browser_as, what, exported, "check")
    assert checked.status_code == 200, checked.text
    assert f"{rows} rows are right" in checked.text
    forget()


def test_what_is_filled_in_of_somebody_who_is_here_is_written_down_and_empty_cells_change_nothing(
    app: Flask, dispute_county: int, browser_as: BrowserAs
) -> None:
    row = ["mediator", "王桂兰", "", "13800000001", "吴语", "", "", "", "", ""]
    assert send(browser_as, "people", sheet(PEOPLE, row), "all").status_code == 200
    db.session.remove()
    person = person_named("mediator")
    assert (person.phone, person.languages, person.name_en) == ("13800000001", ["wu"], "Wang Guilan")
    assert person.tags == ["neighbour", "marriage_family"]


def test_the_words_of_the_forms_name_columns_too(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    words = ("账号", "姓名", "英文姓名", "电话", "语言", "擅长", "角色", "单位代码", "开始日期", "结束日期")
    assert "1 row is right" in send(browser_as, "people", sheet(words, LIN), "check").text


def test_a_file_that_is_none_is_told_what_to_do(app: Flask, dispute_county: int, browser_as: BrowserAs) -> None:
    for content, name, words in (
        (b"", "people.csv", "people.csv is empty"),
        (b"%PDF-1.4 hello", "people.pdf", "Please save it as XLSX or CSV"),
        (b"\xd0\xcf\x11\xe0 an old workbook", "people.xls", "Please save it as XLSX or CSV"),
    ):
        refused = send(browser_as, "people", content, "good", name=name)
        assert words in refused.text, name
        assert re.search(r'value="good"[^>]*checked', refused.text), name
    lost = sheet(PEOPLE, ["who", "某人", "", "", "", "", "clerk", "", "", ""])
    told = send(browser_as, "people", lost, "check").text
    assert "no office with the code" not in told
    assert "A word is missing here" in told

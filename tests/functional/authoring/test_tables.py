"""A rule table is tried on typed values, and leaves and comes back as a spreadsheet."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook

from app.authoring import queries
from app.authoring.errors import SheetRefused, TableNotFound
from app.authoring.tables import spreadsheets, trial
from app.core.database import db

BrowserAs = Callable[[str], FlaskClient]
PATH = "processes/route.dmn"
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def table(dispute_county: int, browser_as: BrowserAs) -> tuple[FlaskClient, str]:
    """An administrator and the address of the routing table's draft."""
    admin = browser_as("admin")
    opened = admin.post("/authoring/dispute/drafts", data={"path": PATH})
    return admin, str(opened.headers["Location"]).rsplit("/", 1)[0]


def _content(county: int) -> bytes:
    db.session.remove()
    draft = queries.open_draft_at(county, "dispute", PATH)
    assert draft is not None
    return draft.content


def _changed(sheet: bytes, change: Callable[[Workbook], None]) -> bytes:
    book = load_workbook(io.BytesIO(sheet))
    change(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _rules(content: bytes) -> list[str]:
    table = content.decode().split('id="lead_tier_table"')[1].split("</decisionTable>")[0]
    return re.findall(r'<rule [^>]*id="([^"]+)"', table)


@pytest.mark.parametrize(
    ("kind", "typed", "read"),
    [
        ("choice", ["red"], "red"),
        ("choices", ["a", "b"], ["a", "b"]),
        ("choices", [], []),
        ("flag", ["true"], True),
        ("flag", ["false"], False),
        ("flag", [""], None),
        ("number", [" 2.5 "], 2.5),
        ("text", ["= 1 + 1"], "= 1 + 1"),
        ("expression", ["= 1 + 2"], 3),
        ("expression", ["   "], None),
    ],
)
def test_typed_values_are_read_by_their_kind(app: object, kind: str, typed: list[str], read: object) -> None:
    values = trial.read_values([trial.Asked("x", "X", kind)], {"x": typed}, NOW, ZONE)
    assert values == {"x": read}


@pytest.mark.parametrize(
    ("kind", "typed"), [("number", "two"), ("date", "2026-02-31"), ("expression", "1 +"), ("number", "NaN" * 3)]
)
def test_value_that_cannot_be_read_is_told_at_its_field(app: object, kind: str, typed: str) -> None:
    with pytest.raises(trial.WrongValue) as refused:
        trial.read_values([trial.Asked("x", "X", kind)], {"x": [typed]}, NOW, ZONE)
    assert refused.value.name == "x"


def test_a_trial_lights_the_row_that_was_hit(table: tuple[FlaskClient, str]) -> None:
    admin, address = table
    tried = admin.post(f"{address}/trial", data={"decision": "lead_tier", "value.risk_colour": "green"}).text
    assert "lead_tier_row_1" in tried
    assert "village" in tried
    assert "lead_tier_row_2" not in tried
    wrong = admin.post(f"{address}/trial", data={"decision": "route", "value.people_count": "many"}).text
    assert "has-error" in wrong
    assert "data-hits" not in wrong
    assert admin.post(f"{address}/trial", data={"decision": "nothing"}).status_code == 404


def test_a_sheet_that_comes_back_as_it_left_changes_no_byte(
    dispute_county: int, table: tuple[FlaskClient, str]
) -> None:
    admin, address = table
    before = _content(dispute_county)
    for decision in ("lead_tier", "route"):
        sheet = admin.get(f"{address}/sheet?decision={decision}").data
        back = admin.post(f"{address}/sheet", data={"decision": decision, "file": (io.BytesIO(sheet), "rules.xlsx")})
        assert back.status_code == 303, back.text
    assert _content(dispute_county) == before


def test_rules_are_changed_added_taken_out_and_put_in_order(
    dispute_county: int, table: tuple[FlaskClient, str]
) -> None:
    admin, address = table
    before = _rules(_content(dispute_county))
    assert len(before) == 4

    def change(book: Workbook) -> None:
        sheet = book.worksheets[0]
        sheet["C3"] = '"town"'
        sheet.delete_rows(4)
        sheet.move_range("A4:F4", rows=3)
        sheet["B4"], sheet["C4"], sheet["D4"], sheet["E4"] = '"blue"', '"county"', True, 3.0
        sheet["F4"] = "<b>& 新规定</b>"

    sheet = _changed(admin.get(f"{address}/sheet?decision=lead_tier").data, change)
    admin.post(f"{address}/sheet", data={"decision": "lead_tier", "file": (io.BytesIO(sheet), "rules.xlsx")})
    content = _content(dispute_county)
    after = _rules(content)
    assert [after[0], *after[2:]] == [before[0], before[3], before[2]]
    assert after[1] not in before
    assert '<text>"town"</text>' in content.decode().split('id="lead_tier_row_1"')[1].split("</rule>")[0]
    assert "&lt;b&gt;&amp; 新规定&lt;/b&gt;" in content.decode()
    tried = admin.post(f"{address}/trial", data={"decision": "lead_tier", "value.risk_colour": "green"}).text
    assert "town" in tried
    history = admin.get(f"{address}/history").text
    assert history.count("<li") >= 2


def test_what_looks_like_a_formula_stays_text(table: tuple[FlaskClient, str]) -> None:
    admin, address = table
    sheet = admin.get(f"{address}/sheet?decision=lead_tier").data

    def sly(book: Workbook) -> None:
        book.worksheets[0]["F3"] = '\'=HYPERLINK("http://evil")'
        book.worksheets[0]["F3"].data_type = "s"
        book.worksheets[0]["F4"].value = '=cmd|"/C calc"!A0'
        book.worksheets[0]["F4"].data_type = "s"

    taken = _changed(sheet, sly)
    admin.post(f"{address}/sheet", data={"decision": "lead_tier", "file": (io.BytesIO(taken), "rules.xlsx")})
    again = load_workbook(io.BytesIO(admin.get(f"{address}/sheet?decision=lead_tier").data)).worksheets[0]
    assert again["F4"].value == '=cmd|"/C calc"!A0'
    assert "f" not in {cell.data_type for row in again.iter_rows() for cell in row}


def test_a_sheet_that_does_not_fit_is_refused(dispute_county: int, table: tuple[FlaskClient, str]) -> None:
    admin, address = table
    before = _content(dispute_county)
    sheet = admin.get(f"{address}/sheet?decision=lead_tier").data

    def send(data: bytes, decision: str = "lead_tier") -> tuple[int, str]:
        answer = admin.post(f"{address}/sheet", data={"decision": decision, "file": (io.BytesIO(data), "rules.xlsx")})
        return answer.status_code, answer.text

    def other_heads(book: Workbook) -> None:
        book.worksheets[0]["B2"] = "something_else"

    status, text = send(_changed(sheet, other_heads))
    assert status == 422
    assert "risk_colour" in text
    assert send(b"PK not a workbook")[0] == 422
    assert send(sheet, "route")[0] == 422
    assert send(sheet, "gone")[0] == 404
    assert admin.post(f"{address}/sheet", data={"decision": "lead_tier"}).status_code == 422
    assert _content(dispute_county) == before


def test_a_bomb_is_not_unpacked(dispute_county: int, table: tuple[FlaskClient, str]) -> None:
    _admin, _address = table
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b" " * (spreadsheets.MOST_UNPACKED + 1))
    assert len(packed.getvalue()) < 100_000
    with pytest.raises(SheetRefused, match="20 MB"):
        spreadsheets.read_sheet(_content(dispute_county), "lead_tier", packed.getvalue())
    with pytest.raises(TableNotFound):
        spreadsheets.write_sheet(_content(dispute_county), "input_risk_colour")


def test_only_keepers_reach_a_table(table: tuple[FlaskClient, str], browser_as: BrowserAs) -> None:
    _admin, address = table
    clerk = browser_as("clerk")
    for page in ("table", "trial", "sheet?decision=route"):
        assert clerk.get(f"{address}/{page}").status_code == 404

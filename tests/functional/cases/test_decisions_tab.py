"""Why it came here: each decision of a case as a table and in words, in the reader's language."""

import re
from html import unescape
from typing import Final

import pytest
from flask import Flask

from app.cases.models import Case
from app.core import clock
from app.core.database import db
from app.core.unit_of_work import run_unit
from app.devdata.cases import Story, play
from app.workflow.models import Decision
from tests.functional.conftest import BrowserAs

STORY = Story(
    text="建筑工地拖欠十五名工人工资三个月，共计二十万元，工人多次讨要未果。",
    place="枫桥镇",
    applicant="王建国",
    respondent="某建筑公司",
    variables={"people_count": 15},
)


@pytest.fixture
def case(dispute_county: int) -> Case:
    return run_unit(lambda: play(STORY, now=clock.now()))


def words(page: str) -> list[str]:
    """The lines below the tables, with a mark before those of required decisions."""
    lists = re.findall(r'<ul class="decision-words">(.*?)</ul>', page, re.S)
    lines = re.findall(r"<li( class=\"is-below\")?>(.*?)</li>", "".join(lists), re.S)
    return [("> " if below else "") + unescape(text) for below, text in lines]


def test_the_rows_are_told_in_words(app: Flask, case: Case, browser_as: BrowserAs) -> None:
    told = words(browser_as("clerk").get(f"/cases/{case.code}/decisions").text)
    assert "> 是否群体性事项：第 2 行命中：程序 为 劳动争议调解、仲裁、诉讼 之一，人数 ≥ 10" in told
    assert any(line.startswith("风险等级：风险等级 = 黄") for line in told)
    assert not any("yellow" in line for line in told)


def test_the_same_in_english(app: Flask, case: Case, browser_as: BrowserAs) -> None:
    browser = browser_as("clerk")
    browser.post("/language", data={"language": "en"})
    told = words(browser.get(f"/cases/{case.code}/decisions").text)
    assert any(re.match(r"> .*: Row 2 hit: .*People ≥ 10$", line) for line in told)
    assert not any("命中" in line for line in told)


def test_the_decision_that_sent_it_here_is_told_on_the_first_page(
    app: Flask, case: Case, browser_as: BrowserAs
) -> None:
    decision = db.session.query(Decision).filter_by(reference="route").one()
    number = decision.trace["tables"][-1]["rows"][0]["number"]
    told = words(browser_as("clerk").get(f"/cases/{case.code}").text)
    assert told[0].startswith(f"第 {number} 行命中：")


@pytest.mark.parametrize(
    ("language", "foreign"), [("zh", ["（英文）", "not(", "matches("]), ("en", ["法律依据", "not("])]
)
def test_every_cell_of_every_table_is_in_words(
    app: Flask, case: Case, browser_as: BrowserAs, language: str, foreign: list[str]
) -> None:
    browser = browser_as("clerk")
    browser.post("/language", data={"language": language})
    address = f"/cases/{case.code}/decisions"
    page = browser.get(address).text
    tables = re.findall(r"table=(\d+)", page)
    assert tables
    for number in tables:
        page += browser.get(f"{address}?table={number}").text
    shown = unescape(" ".join(re.findall(r"<figure.*?</figure>", page, re.S)))
    assert [word for word in foreign if word in shown] == []
    law = re.findall(r"<td>([^<]*(?:调解法|Mediation Law)[^<]*)</td>", shown)
    assert law
    assert all(("Law" in cell) == (language == "en") for cell in law)


LOAN: Final = Story(text="借款三万元写有借条，到期两年未还。", place="河畔村2组", applicant="唐莉", respondent="邱海波")


@pytest.mark.parametrize(("lang", "word"), [("zh", "合同"), ("en", "Contract")])
def test_no_raw_word_of_the_package_stands_where_it_is_declared(
    app: Flask, dispute_county: int, browser_as: BrowserAs, lang: str, word: str
) -> None:
    code = run_unit(lambda: play(LOAN, now=clock.now()).code)
    for tab in ("", "/decisions?table=1", "/timeline"):
        page = browser_as("clerk").get(f"/cases/{code}{tab}", headers={"Accept-Language": lang}).text
        shown = unescape(re.sub(r"<[^>]+>", "\n", re.sub(r"<script.*?</script>", "", page, flags=re.S)))
        raw = [line.strip() for line in shown.splitlines() if re.search(r"\b[a-z]+_[a-z]+\b|= ?contract\b", line)]
        assert raw == [], tab
    assert word in browser_as("clerk").get(f"/cases/{code}/decisions", headers={"Accept-Language": lang}).text

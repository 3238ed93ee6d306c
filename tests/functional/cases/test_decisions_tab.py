"""Why it came here: each decision of a case as a table and in words, in the reader's language."""

import re
from html import unescape

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

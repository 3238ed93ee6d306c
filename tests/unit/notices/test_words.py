"""Every notice is worded in both languages, and a party never reads what is not for parties."""

import string

import pytest

from app.config import ROOT
from app.notices.words import WORDS, worded

PARAMS = {
    "code": "FX2026-000001-AB2",
    "title": "张×与李×",
    "office": "河畔村",
    "session_at": "2026年3月4日09:30",
    "session_place": "村委会",
    "perform_by": "2026年4月1日",
    "deadline": "2026年3月9日",
    "mediation_deadline": "2026年4月2日",
    "material_missing": "身份证",
    "other_remedies": "仲裁",
    "answer_text": "已修好",
    "receiver": "法院",
    "mediator_name": "王桂芬",
    "package": "dispute",
    "name": "蒋文博",
    "note": "分流提前一天",
    "reason": "测试未通过",
    "day": "2026年3月9日",
    "by": "王桂兰",
    "step": "核实情况",
    "step_en": "Find the facts",
    "text": "请看一下笔录",
    "from": "2026年3月9日",
    "to": "2026年3月12日",
    "tasks": "12",
    "cases": "3",
}
STAFF = {"limit_near", "supervision_overdue", "safety_keeper", "police_receipt_late", "safety_worse"}


@pytest.mark.parametrize("template", sorted(WORDS))
def test_both_languages_name_the_same_things(template: str) -> None:
    words = WORDS[template]
    assert all(words)
    zh, en = ({field for _, field, _, _ in string.Formatter().parse(text) if field} for text in words[1::2])
    assert {name.removesuffix("_en") for name in en} <= zh | {"office"}
    assert zh <= set(PARAMS)
    for language in ("zh", "en"):
        title, body = worded(template, PARAMS, language)
        assert "{" not in title + body
        assert "—" not in body


@pytest.mark.parametrize("template", sorted(set(WORDS) - STAFF))
def test_a_party_reads_nothing_of_risk_or_safety(template: str) -> None:
    for language in ("zh", "en"):
        text = "".join(worded(template, PARAMS, language))
        assert not any(word in text for word in ("民转刑", "稳控", "风险", "群体", "risk", "keeper"))


def test_the_diagrams_ask_for_no_notice_without_words() -> None:
    asked = set()
    for diagram in (ROOT / "processes" / "dispute").glob("*.bpmn"):
        parts = diagram.read_text().split('camunda:topic="notices.send"')[1:]
        asked |= {part.split('name="template">', 1)[1].split("<", 1)[0] for part in parts}
    assert asked
    assert asked <= set(WORDS)


def test_what_is_not_known_is_a_dash_and_an_unknown_template_is_told_generally() -> None:
    assert "—" in worded("session_invitation", {"code": "X", "session_at": None}, "zh")[1]
    title, body = worded("nonsense", {"code": "X"}, "en")
    assert title == "News of case X"
    assert "{" not in body


def test_braces_in_what_people_typed_stay_text() -> None:
    assert "{title}" in worded("answer", {"code": "X", "answer_text": "{title} {0}"}, "zh")[1]


def test_days_stand_in_words() -> None:
    days = {"name": "王桂兰", "from": "2026-12-02", "to": "2026-12-04"}
    assert worded("leave_deputy", days, "zh")[1].startswith("王桂兰于 2026年12月2日星期三 至 2026年12月4日星期五 请假")
    assert "from Wednesday, December 2, 2026 to Friday" in worded("leave_deputy", days, "en")[1]

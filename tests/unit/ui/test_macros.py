from datetime import UTC, date, datetime

import pytest
from flask import Flask, render_template_string
from lxml import html

from app.core import clock


def render(app: Flask, template: str, language: str = "zh", **values: object) -> html.HtmlElement:
    with app.test_request_context(f"/?lang={language}"):
        text = render_template_string('{% import "ui/_macros.html" as ui %}<div>' + template + "</div>", **values)
    return html.fromstring(text)


def test_a_field_ties_label_help_and_error_to_its_input(app: Flask) -> None:
    page = render(app, '{{ ui.field("amount", "金额", "12", help="单位：元", errors=["太大"], required=true) }}')
    field = page.get_element_by_id("field-amount")
    assert page.xpath("//label/@for") == ["field-amount"]
    assert field.get("value") == "12"
    assert field.get("aria-invalid") == "true"
    assert field.get("aria-required") == "true"
    described = [page.get_element_by_id(name).text_content().strip() for name in field.get("aria-describedby").split()]
    assert described == ["单位：元", "太大"]
    assert "必填" in page.xpath("//label")[0].text_content()


def test_what_people_type_is_text_everywhere(app: Flask) -> None:
    evil = '"><script>alert(1)</script>'
    for template in (
        '{{ ui.field("name", words, words, help=words, errors=[words]) }}',
        '{{ ui.field("text", words, words, type="textarea") }}',
        '{{ ui.field("choice", words, words, type="select", options=[(words, words)]) }}',
        '{{ ui.field("choice", words, words, type="radio", options=[(words, words)]) }}',
        "{{ ui.error_summary([(words, words, [words])]) }}",
        '<ul>{% call ui.row("/", words, colour="red", meta=[words]) %}{% endcall %}</ul>',
        '{{ ui.facts([(words, words)]) }}{{ ui.status_chip(words) }}{{ ui.risk_chip("red", [words]) }}',
        '{{ ui.case_diagram("/x", running=[words], label=words) }}',
        "{{ ui.stepper([{'label': words, 'state': 'current', 'spent': words}]) }}",
    ):
        assert not render(app, template, words=evil).xpath("//script[not(@type)]"), template


def test_the_chosen_option_is_kept_whatever_its_type(app: Flask) -> None:
    page = render(app, '{{ ui.field("side", "一方", 2, type="select", options=[(1, "甲"), (2, "乙")]) }}')
    assert page.xpath("//option[@selected]/@value") == ["2"]
    page = render(app, '{{ ui.field("tags", "涉及", ["b"], type="checkboxes", options=[("a", "甲"), ("b", "乙")]) }}')
    assert page.xpath("//input[@checked]/@value") == ["b"]


def test_a_text_keeps_its_first_line_break(app: Flask) -> None:
    page = render(app, '{{ ui.field("what", "经过", words, type="textarea") }}', words="\n第二行")
    assert page.get_element_by_id("field-what").text.endswith("\n第二行")


def test_the_error_summary_leads_to_each_field(app: Flask) -> None:
    page = render(app, '{{ ui.error_summary([("amount", "金额", ["太大"]), ("side", "一方", ["请选择"])]) }}')
    assert page.xpath("//a/@href") == ["#field-amount", "#field-side"]
    assert "有 2 处需要修改" in page.text_content()
    assert page.xpath("//*[@role='alert']")
    assert render(app, "{{ ui.error_summary([]) }}").text_content().strip() == ""


@pytest.mark.parametrize(
    ("colour", "word"), [("red", "红色"), ("orange", "橙色"), ("yellow", "黄色"), ("green", "绿色")]
)
def test_a_colour_never_stands_without_its_word(app: Flask, colour: str, word: str) -> None:
    assert render(app, "{{ ui.risk_chip(colour) }}", colour=colour).text_content().strip() == word
    row = render(app, '<ul>{{ ui.row("/", "张×与李×", colour=colour) }}</ul>', colour=colour)
    assert word in row.text_content()


def test_a_deadline_shows_what_is_left_and_tells_the_date(app: Flask) -> None:
    chip = render(app, "{{ ui.due_chip(2, working=true, at=at) }}", at=datetime(2026, 11, 24, 16, tzinfo=UTC))
    assert chip.text_content().strip() == "剩 2 个工作日"
    assert "2026年11月" in chip.xpath("//span/@title")[0]
    assert render(app, "{{ ui.due_chip(none) }}").text_content().strip() == ""


def test_a_date_is_readable_by_people_and_programs(app: Flask) -> None:
    with clock.freeze(datetime(2026, 11, 22, 4, tzinfo=UTC)):
        time = render(app, "{{ ui.day(day) }}", day=date(2026, 11, 25)).xpath("//time")[0]
    assert time.text == "11月25日（3 天后）"
    assert time.get("datetime") == "2026-11-25"


def test_the_stepper_names_the_state_of_each_step(app: Flask) -> None:
    page = render(
        app,
        "{{ ui.stepper([{'label': '登记', 'state': 'done', 'spent': '2 小时'}, {'label': '调解', 'state': 'current'},"
        " {'label': '归档', 'state': 'upcoming'}]) }}",
    )
    assert [" ".join(step.text_content().split()) for step in page.xpath("//li")] == [
        "登记 已完成 2 小时",
        "调解 当前步骤",
        "归档 未开始",
    ]
    assert len(page.xpath("//li[@aria-current='step']")) == 1


def test_zero_is_a_count_and_a_value(app: Flask) -> None:
    page = render(app, '{{ ui.tabs([{"url": "/", "label": "文书", "count": 0}]) }}{{ ui.facts([("金额", 0)]) }}')
    assert page.xpath("//span[@class='count']")[0].text == "0"
    assert page.xpath("//dd")[0].text_content() == "0"
    assert render(app, '{{ ui.field("amount", "金额", 0) }}').get_element_by_id("field-amount").get("value") == "0"

"""What a person finds on the page, read back with a real HTML parser."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from lxml import html
from werkzeug.datastructures import MultiDict

from app import forms
from app.definitions.rules import Dictionary
from app.engine.feel import Environment
from app.forms import FormInvalid, ShownFile
from tests.unit.forms.conftest import AMOUNT, SUMMARY, TYPE, WITNESSES, form


class Page:
    def __init__(self, dictionary: Dictionary, environment: Environment) -> None:
        self.dictionary = dictionary
        self.environment = environment

    def __call__(self, asked: dict[str, Any], values: Mapping[str, Any] | None = None, **more: Any) -> html.HtmlElement:
        more.setdefault("language", "zh")
        markup = forms.render(asked, values or {}, dictionary=self.dictionary, environment=self.environment, **more)
        return html.fromstring(str(markup))


@pytest.fixture
def page(dictionary: Dictionary, environment: Environment) -> Page:
    return Page(dictionary, environment)


def posted_from(page: html.HtmlElement) -> "MultiDict[str, str]":
    """What a browser would send without anything being changed."""
    wrapped = html.fromstring("<form></form>")
    wrapped.append(page)
    return MultiDict([(name, value) for name, value in wrapped.form_values() if name])


def test_what_is_stored_comes_back_unchanged(page: Page, dictionary: Dictionary, environment: Environment) -> None:
    asked = form(
        SUMMARY,
        TYPE,
        AMOUNT,
        WITNESSES,
        {"type": "radio", "key": "group_talk"},
        {"type": "datetime", "subtype": "date", "key": "happened_on"},
        {"type": "checklist", "key": "wishes"},
    )
    stored = {
        "summary": '两家 <b>争水</b> & "三日"\n第二行',
        "dispute_type": "wages",
        "amount": Decimal("1200.50"),
        "group_talk": False,
        "happened_on": date(2026, 2, 28),
        "wishes": ["money"],
        "witnesses": [{"name": "张三", "minor": False}, {"name": "李小四", "minor": True, "guardian": "李四"}],
    }
    posted = posted_from(page(asked, stored))
    assert forms.read(asked, posted, dictionary=dictionary, variables={}, environment=environment) == stored


def test_every_input_has_a_label_and_a_name(page: Page) -> None:
    shown = page(form(SUMMARY, TYPE, {"type": "number", "key": "amount"}, {"type": "filepicker", "key": "photos"}))
    for control in shown.xpath("//input[not(@type='hidden')] | //select | //textarea"):
        assert shown.xpath(f"//label[@for='{control.get('id')}']"), control.get("name")
    assert [label.text_content().split()[0] for label in shown.xpath("//label")] == [
        "事由",
        "纠纷类型",
        "涉及金额",
        "照片",
    ]


def test_english_words_from_the_form_and_from_the_dictionary(page: Page) -> None:
    shown = page(form(SUMMARY, TYPE, {"type": "textfield", "key": "identity"}), language="en")
    assert [label.text_content().split("\n")[0].strip().split("  ")[0] for label in shown.xpath("//label")] == [
        "Summary required",
        "Dispute type required",
        "Identity number can be added later",
    ]
    assert shown.xpath("//option/text()") == ["Please choose", "Neighbours", "Wages"]


def test_errors_stand_on_top_and_lead_to_their_fields(
    page: Page, dictionary: Dictionary, environment: Environment
) -> None:
    asked = form(SUMMARY, TYPE)
    posted = MultiDict([("summary", "短"), ("dispute_type", "wages")])
    with pytest.raises(FormInvalid) as refusal:
        forms.read(asked, posted, dictionary=dictionary, variables={}, environment=environment)
    shown = page(asked, refusal.value.typed, errors=refusal.value.fields)
    (link,) = shown.xpath("//*[@role='alert']//a")
    field = shown.get_element_by_id(link.get("href")[1:])
    assert field.get("name") == "summary"
    assert field.text == "短"
    assert field.get("aria-invalid") == "true"
    described = [shown.get_element_by_id(part).text_content() for part in field.get("aria-describedby").split()]
    assert "Please write at least 4 characters." in described[0]
    assert shown.xpath("//option[@selected]/@value") == ["wages"]
    assert not page(asked).xpath("//*[@role='alert']")


def test_a_hidden_field_is_not_on_the_page(page: Page) -> None:
    asked = form(TYPE, AMOUNT)
    assert not page(asked, {"dispute_type": "neighbour"}).xpath("//*[@name='amount']")
    opened = page(asked, {"dispute_type": "wages"})
    assert opened.xpath("//*[@name='amount']")
    assert opened.xpath("//input[@name='_shown']/@value") == ["amount"]


def test_only_what_drives_a_condition_asks_the_server_again(page: Page) -> None:
    asked = form(SUMMARY, TYPE, AMOUNT)
    shown = page(asked, {"dispute_type": "wages"}, refresh_url="/tasks/7/fields")
    assert shown.xpath("//*[@hx-post='/tasks/7/fields']/@name") == ["dispute_type"]
    assert not page(asked, {"dispute_type": "wages"}).xpath("//*[@hx-post]")


def test_refreshing_shows_what_the_answers_open(dictionary: Dictionary, environment: Environment) -> None:
    fresh = forms.refresh(
        form(TYPE, AMOUNT, WITNESSES),
        MultiDict([("dispute_type", "wages"), ("witnesses.rows", "1"), ("_add", "witnesses")]),
        language="zh",
        dictionary=dictionary,
        environment=environment,
        variables={},
        refresh_url="/f",
    )
    shown = html.fromstring(str(fresh))
    assert shown.xpath("//*[@name='amount']")
    assert shown.xpath("//*[@name='witnesses.rows']/@value") == ["2"]
    assert not shown.xpath("//*[@role='alert']")


@pytest.mark.parametrize("place", ["label", "description", "text", "value", "choice"])
def test_a_script_is_text_wherever_it_stands(page: Page, place: str) -> None:
    evil = "<script>alert(1)</script>"
    asked = form(
        {
            "type": "textfield",
            "key": "identity",
            "label": evil if place == "label" else "a",
            "description": evil if place == "description" else "b",
        },
        {"type": "text", "text": evil + "[x](javascript:alert(1))" if place == "text" else "c"},
        {
            "type": "radio",
            "key": "dispute_type",
            "values": [{"value": '"><script>', "label": evil if place == "choice" else "d"}],
        },
    )
    shown = page(asked, {"identity": evil if place == "value" else ""})
    assert not shown.xpath("//script")
    assert not shown.xpath("//a[starts-with(@href, 'javascript')]")
    if place == "value":
        assert shown.xpath("//*[@name='identity']/@value") == [evil]
    else:
        assert "alert(1)" in shown.text_content()


def test_prose_is_markdown_with_values_in_it(page: Page) -> None:
    shown = page(form({"type": "text", "text": "## 请核对\n\n金额 **{{amount}}** 元"}), {"amount": Decimal("80.00")})
    assert shown.xpath("//h2/text()") == ["请核对"]
    assert shown.xpath("//strong/text()") == ["80"]


def test_read_only_parts(page: Page) -> None:
    asked = form(
        {"type": "select", "key": "risk_colour", "label": "风险等级"},
        {"type": "expression", "key": "twice", "label": "两倍", "expression": "= amount * 2"},
        {
            "type": "table",
            "label": "候选",
            "dataSource": "= candidates",
            "columns": [{"key": "name", "label": "姓名"}, {"key": "score", "label": "得分"}],
        },
    )
    values = {
        "risk_colour": "red",
        "amount": Decimal("4.5"),
        "candidates": [{"name": "王桂芬", "score": Decimal("0.90")}],
    }
    shown = page(asked, values)
    assert not shown.xpath("//*[@name='risk_colour']")
    assert shown.xpath("//*[contains(@class, 'plaintext')]/text()") == ["红", "9"]
    assert shown.xpath("//td/text()") == ["王桂芬", "0.9"]


def test_a_locked_value_survives_a_refused_form(page: Page) -> None:
    asked = form({"type": "select", "key": "risk_colour", "label": "风险等级"}, SUMMARY)
    shown = page(asked, {"summary": "短", "risk_colour": ""}, variables={"risk_colour": "red"})
    assert shown.xpath("//*[contains(@class, 'plaintext')]/text()") == ["红"]


def test_files_that_are_kept_already(page: Page) -> None:
    asked = form({"type": "filepicker", "key": "photos", "multiple": True, "label": "照片"})
    shown = page(asked, {"photos": ["11"]}, files={"11": ShownFile("水渠.jpg", "/files/11")})
    assert shown.xpath("//a[@href='/files/11']/text()") == ["水渠.jpg"]
    assert shown.xpath("//input[@type='checkbox' and @checked]/@value") == ["11"]
    assert shown.xpath("//input[@type='file']/@multiple")


def test_what_people_typed_is_no_markup_of_the_text_around_it(page: Page) -> None:
    lines = ["[领取补偿](https://evil.example) <https://evil.example>", "# 通知", "- 一", "1. 二", "    三"]
    typed = "\n".join([*lines, "**四** {{amount}} `五`", "===", "a|b", "-|-"])
    shown = page(form({"type": "text", "text": "**报来的话** {{summary}}"}), {"summary": typed, "amount": Decimal(7)})
    assert shown.xpath("//*[contains(@class, 'markdown')]//strong/text()") == ["报来的话"]
    for element in ("a", "h1", "h2", "li", "code", "pre", "em", "table"):
        assert shown.xpath(f"//*[contains(@class, 'markdown')]//{element}") == []
    text = shown.xpath("//*[contains(@class, 'markdown')]")[0].text_content()
    for part in (
        "[领取补偿](https://evil.example)",
        "<https://evil.example>",
        "# 通知",
        "**四** {{amount}} `五`",
        "a|b",
    ):
        assert part in text


def test_a_broken_text_does_not_break_the_page(page: Page) -> None:
    asked = form(
        {"type": "textfield", "key": "identity", "label": "号", "conditional": {"hide": "= nobody_knows = 1"}},
        {"type": "expression", "label": "x", "expression": "= 1 +"},
    )
    assert page(asked).xpath("//*[@name='identity']")


def test_what_is_wrong_with_a_choice_is_said_of_the_whole_group(page: Page) -> None:
    asked = form({**TYPE, "type": "radio"}, {"type": "checklist", "key": "wishes", "description": "可多选"})
    shown = page(asked, {}, errors={"dispute_type": ["请选择一项"]})
    (radios,) = shown.xpath("//*[@role='radiogroup']")
    assert (radios.get("aria-required"), radios.get("aria-invalid")) == ("true", "true")
    assert shown.get_element_by_id(radios.get("aria-describedby")).text_content().strip() == "请选择一项"
    (boxes,) = shown.xpath("//*[@role='group']")
    assert shown.get_element_by_id(boxes.get("aria-describedby")).text == "可多选"
    assert not shown.xpath("//input[@type='radio' or @type='checkbox'][@aria-required or @aria-describedby]")


def test_two_forms_on_one_page_share_no_ids(page: Page) -> None:
    asked = form(SUMMARY, TYPE, AMOUNT, {"type": "radio", "key": "group_talk"})
    first, second = (page(asked, within=within, refresh_url="/f") for within in ("7", "8"))
    ids = [set(each.xpath("//@id")) for each in (first, second)]
    assert ids[0]
    assert not ids[0] & ids[1]
    for each in (first, second):
        (target,) = set(each.xpath("//@hx-target"))
        assert target == f"#{each.get('id')}"
        for control in each.xpath("//label"):
            assert each.get_element_by_id(control.get("for")) is not None


@pytest.mark.parametrize(("language", "heads", "cells"), [("zh", ["内容"], ["起诉"]), ("en", ["Words"], ["sue"])])
def test_a_table_in_two_languages_shows_the_readers_own(
    page: Page, language: str, heads: list[str], cells: list[str]
) -> None:
    table = {
        "type": "table",
        "id": "remedies",
        "dataSource": "=remedies",
        "columns": [{"key": "zh", "label": "内容"}, {"key": "en", "label": "英文", "label.en": "Words"}],
    }
    shown = page(form(table), variables={"remedies": [{"zh": "起诉", "en": "sue"}]}, language=language)
    assert [head.text_content() for head in shown.iter("th")] == heads
    assert [cell.text_content() for cell in shown.iter("td")] == cells


def test_a_field_that_opens_now_begins_with_its_default(dictionary: Dictionary, environment: Environment) -> None:
    amount = {**AMOUNT, "defaultValue": 30}

    def again(*posted: tuple[str, str]) -> list[str]:
        markup = forms.refresh(
            form(TYPE, amount),
            MultiDict([("dispute_type", "wages"), *posted]),
            language="zh",
            dictionary=dictionary,
            environment=environment,
            variables={},
            refresh_url="/fields",
        )
        return html.fromstring(str(markup)).xpath("//input[@name='amount']/@value")

    assert again(("_shown", "")) == ["30"]
    assert again(("_shown", "amount"), ("amount", "")) == [""]
    assert again(("_shown", "amount"), ("amount", "80")) == ["80"]

"""A task goes from hand to hand on telephones, and a colleague is called by @."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import axe, shoot
from tests.browser.playing import Person


def own_task(zhu: Person) -> str:
    """The address of the task in which Zhu Youfu tells the parties their rights."""
    zhu.goes_to("/tasks/?tab=mine")
    zhu.page.locator("a.row-title").first.click()
    expect(zhu.page.locator("article.task")).to_be_visible()
    return "/tasks/" + re.findall(r"/tasks/(\d+)", zhu.page.url)[0]


def opens_menu(page: Page) -> None:
    page.locator("details.move-menu > summary").click()


def test_a_hand_over_and_a_return_on_a_phone(person: Callable[..., Person]) -> None:
    zhu, wang = person("elder", width=390), person("mediator", width=390)
    task = own_task(zhu)
    opens_menu(zhu.page)
    axe(zhu.page, within="details.move-menu")
    shoot(zhu.page, "moving-tasks-menu-390")
    zhu.page.get_by_role("link", name="转办", exact=True).click()
    zhu.looks("picker")
    zhu.page.locator("label.picker-row", has_text="王桂兰").click()
    zhu.page.get_by_label("理由").fill("本周在县里培训")
    zhu.page.get_by_role("button", name="转办").click()
    expect(zhu.page.get_by_text("已转办")).to_be_visible()
    wang.goes_to("/notices/")
    expect(wang.page.get_by_text("朱有福转办给您一项待办").first).to_be_visible()
    wang.goes_to(task)
    expect(wang.page.get_by_text("本周在县里培训")).to_be_visible()
    opens_menu(wang.page)
    wang.page.get_by_role("button", name="退回", exact=True).click()
    dialog = wang.page.get_by_role("dialog")
    dialog.get_by_label("理由").fill("不熟悉这户情况")
    wang.looks("return", whole=False)
    dialog.get_by_role("button", name="退回").click()
    expect(wang.page.get_by_text("已退回")).to_be_visible()
    zhu.goes_to(task)
    expect(zhu.page.get_by_text("不熟悉这户情况")).to_be_visible()


def test_a_mention_leads_to_the_words(person: Callable[..., Person]) -> None:
    zhu, wang = person("elder"), person("mediator", width=390)
    own_task(zhu)
    zhu.page.locator("#comment-text").fill("@王桂兰 边界以老墙为准")
    zhu.page.get_by_role("button", name="发送").click()
    expect(zhu.page.locator(".comment-text", has_text="边界以老墙为准")).to_be_visible()
    zhu.looks("comments")
    wang.goes_to("/notices/")
    wang.page.get_by_role("button", name=re.compile("朱有福在留言中提到您")).first.click()
    expect(wang.page.locator(".comment-text", has_text="边界以老墙为准")).to_be_visible()
    wang.looks("mention")


@pytest.mark.parametrize("width", [1280, 390])
def test_a_name_is_chosen_by_keyboard_or_by_a_tap(person: Callable[..., Person], width: int) -> None:
    zhu = person("elder", width=width)
    own_task(zhu)
    field = zhu.page.locator("#comment-text")
    field.press_sequentially("请@王")
    choices = zhu.page.get_by_role("listbox", name="能查看此件的同事")
    expect(choices.get_by_role("option", name="王桂兰")).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    axe(zhu.page, within=".comments")
    shoot(zhu.page, f"a-name-is-chosen-{width}")
    if width < 768:
        choices.get_by_role("option", name="王桂兰").tap()
    else:
        field.press("ArrowDown")
        field.press("ArrowUp")
        expect(choices.get_by_role("option", selected=True)).to_have_text(re.compile("王桂兰"))
        field.press("Enter")
    expect(field).to_have_value("请@王桂兰 ")
    expect(field).to_be_focused()
    expect(choices).to_have_count(0)
    field.press_sequentially("看看 @")
    expect(choices.get_by_role("option").first).to_be_visible()
    field.press("Escape")
    expect(choices).to_have_count(0)
    expect(field).not_to_have_attribute("role", "combobox")

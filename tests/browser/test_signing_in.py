"""The door of the real product."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looking import axe, shoot


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_sign_in_page_has_no_barrier(page_as: Any, width: int, language: str) -> None:
    page: Page = page_as(None, width, language)
    page.goto("/sign-in")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN" if language == "zh" else "en")
    axe(page)
    shoot(page, f"sign-in-{width}-{language}", whole=True)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_person_signs_in_and_out(page_as: Any, scripts: bool) -> None:
    page: Page = page_as("clerk", scripts=scripts)
    expect(page.locator(".who")).to_contain_text("陈晓梅")
    page.get_by_role("button", name="退出登录").first.click()
    page.wait_for_url("**/sign-in")
    page.goto("/")
    expect(page.locator(".who")).to_have_count(0)


def test_a_wrong_password_is_told_and_the_account_kept(page_as: Any) -> None:
    page: Page = page_as(None)
    page.goto("/sign-in")
    form = page.locator("form", has=page.locator("#field-login"))
    form.locator("#field-login").fill("clerk")
    form.locator("#field-password").fill("wrong")
    form.get_by_role("button").click()
    expect(page.get_by_role("alert")).to_contain_text("账号或密码")
    expect(page.locator("#field-login")).to_have_value("clerk")
    axe(page)


def test_a_demo_account_is_one_click(page_as: Any) -> None:
    page: Page = page_as(None, 390)
    page.goto("/sign-in")
    page.get_by_role("button", name="调解员 王桂兰").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    expect(page.locator(".who")).to_contain_text("王桂兰")


def test_an_unknown_address_says_so_in_the_frame(page_as: Any) -> None:
    page: Page = page_as("leader")
    page.goto("/nowhere")
    expect(page.get_by_role("heading", level=1)).to_have_text("没有找到")
    expect(page.locator(".who")).to_contain_text("赵卫东")
    axe(page)

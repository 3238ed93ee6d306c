"""The administrator keeps the tree of offices and the people in it."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import FloatRect, Page, expect

from tests.browser.playing import Person

TOWN, OTHER_TOWN = "临江镇", "云岭镇"


def main(page: Page, button: str) -> None:
    page.get_by_role("main").get_by_role("button", name=button, exact=True).click()


def founds(admin: Person, town: str, name: str, code: str) -> str:
    """A village below a town; gives its address."""
    admin.goes_to(f"/administration/offices?q={town}")
    admin.page.get_by_role("main").get_by_role("link", name=re.compile(town)).first.click()
    admin.page.get_by_role("link", name="新建下级单位").click()
    admin.page.locator("#field-name_zh").fill(name)
    admin.page.locator("#field-tier").select_option("village")
    admin.page.locator("#field-kind").select_option("government")
    admin.page.locator("#field-code").fill(code)
    admin.looks("new-office")
    admin.page.get_by_role("main").locator(".action-bar button").click()
    expect(admin.page.get_by_role("heading", level=1)).to_have_text(name)
    return "/administration/offices/" + re.findall(r"/offices/(\d+)", admin.page.url)[0]


def asks(admin: Person, summary: str, field: str, target: str, button: str) -> None:
    """Open one of the forms on an office's page, choose where to, and wait until the worker has done it."""
    admin.page.locator("summary", has_text=summary).click()
    option = admin.page.locator(f"{field} option", has_text=target).first.get_attribute("value")
    admin.page.locator(field).select_option(option)
    admin.looks(f"office-{button}")
    main(admin.page, button)
    expect(admin.page.locator("#reorganisation")).to_contain_text("完成", timeout=30_000)


def test_an_office_is_founded_moved_merged_and_closed(person: Callable[..., Person]) -> None:
    admin: Person = person("admin")
    old = founds(admin, TOWN, "沙洲村", "330681101291")
    new = founds(admin, OTHER_TOWN, "沙湾村", "330681102291")
    admin.goes_to(old)
    asks(admin, "划归另一单位", "#move-target", OTHER_TOWN, "划转")
    admin.goes_to(old)
    asks(admin, "并入另一单位", "#merge-target", "沙湾村", "合并")
    admin.goes_to(old)
    expect(admin.page.get_by_role("status").first).to_contain_text("沙湾村")
    admin.looks("merged-office")
    admin.goes_to(new)
    admin.page.locator("summary", has_text="撤销单位").click()
    main(admin.page, "撤销单位")
    expect(admin.page.get_by_role("status").first).to_be_visible()
    expect(admin.page.get_by_role("main")).to_contain_text("已撤销")


def test_an_office_with_people_closes_and_hands_over(person: Callable[..., Person]) -> None:
    admin: Person = person("admin", width=390)
    old = founds(admin, TOWN, "枫溪村", "330681101292")
    takes_on(admin, "fengxi.mediator", "顾小满")
    gives_role(admin, "调解员", "枫溪村")
    somebody = admin.page.url
    admin.goes_to(old)
    admin.page.locator("summary", has_text="撤销单位").click()
    expect(admin.page.get_by_role("main")).to_contain_text("尚有 1 人")
    admin.page.locator("summary", has_text="撤销单位").click()
    asks(admin, "撤销单位", "#close-target", "石桥村", "撤销并移交")
    admin.goes_to(old)
    expect(admin.page.get_by_role("main")).to_contain_text("石桥村")
    admin.looks("closed-office")
    admin.goes_to(somebody)
    expect(admin.page.locator("#roles li", has_text="石桥村")).to_contain_text("调解员")


def takes_on(admin: Person, login: str, name: str) -> None:
    """Somebody new, whose page is open afterwards."""
    admin.goes_to("/administration/people/new")
    admin.page.locator("#field-login").fill(login)
    admin.page.locator("#field-name").fill(name)
    main(admin.page, "保存")
    admin.page.get_by_role("main").locator("a.btn-primary").click()
    expect(admin.page.get_by_role("heading", level=1)).to_have_text(name)


def gives_role(admin: Person, role: str, office: str, days: tuple[date, date] | None = None) -> None:
    admin.page.locator("summary", has_text="授予角色").click()
    admin.page.locator("#field-role").select_option(role)
    option = admin.page.locator("#field-office option", has_text=office).first.get_attribute("value")
    admin.page.locator("#field-office").select_option(option)
    if days is not None:
        admin.page.locator("#role-from").fill(days[0].isoformat())
        admin.page.locator("#role-to").fill(days[1].isoformat())
    main(admin.page, "授予")
    expect(admin.page.get_by_text("角色已授予。")).to_be_visible()


def test_a_role_from_day_to_day_a_leave_with_a_deputy_and_a_leaving(person: Callable[..., Person]) -> None:
    admin: Person = person("admin")
    today = date.fromisoformat(countys_day(admin))
    takes_on(admin, "hepan.new", "程一鸣")
    gives_role(admin, "调解员", "河畔村", (today, today + timedelta(days=90)))
    address = admin.page.url
    line = admin.page.locator("#roles li", has_text="河畔村")
    expect(line).to_contain_text("（90 天后）")
    expect(line).to_contain_text("现任")
    admin.looks("person")

    admin.page.locator("summary", has_text="登记请假").click()
    admin.page.locator("#leave-to").fill((today + timedelta(days=3)).isoformat())
    deputy = admin.page.locator("#field-deputy option", has_text="王桂兰").get_attribute("value")
    admin.page.locator("#field-deputy").select_option(deputy)
    admin.page.locator("#field-reason").fill("培训")
    main(admin.page, "登记")
    expect(admin.page.locator("#leaves li", has_text="王桂兰")).to_contain_text("培训")

    admin.page.get_by_role("link", name="办理离职").click()
    admin.looks("departure")
    heir = admin.page.locator("#field-successor option", has_text="王桂兰").get_attribute("value")
    admin.page.locator("#field-successor").select_option(heir)
    admin.page.locator("#field-reason").fill("调往邻县")
    admin.page.get_by_role("main").locator("button.btn-danger").click()
    expect(admin.page.get_by_text("程一鸣已离职")).to_be_visible()
    admin.goes_to(address)
    expect(admin.page.get_by_role("main")).to_contain_text("离职时间")
    expect(admin.page.get_by_role("link", name="办理离职")).to_have_count(0)
    expect(admin.page.locator("#roles li", has_text="河畔村")).to_contain_text("（今天）")


def test_ones_own_leave_is_two_taps_away(person: Callable[..., Person]) -> None:
    mediator: Person = person("county.mediator")
    today = countys_day(mediator)
    mediator.goes_to("/")
    mediator.page.get_by_role("navigation", name="主导航", exact=True).get_by_role("link", name="我的账户").click()
    mediator.page.get_by_role("main").get_by_role("link", name="我的请假").click()
    mediator.looks("own-leave")
    mediator.page.locator("summary", has_text="登记请假").click()
    mediator.page.locator("#leave-to").fill(today)
    main(mediator.page, "登记")
    expect(mediator.page.get_by_text("请假已登记。")).to_be_visible()
    main(mediator.page, "现在结束")
    expect(mediator.page.locator("#leaves li")).to_contain_text("提前结束")


def countys_day(somebody: Person) -> str:
    """The county's day, as its pages know it."""
    somebody.goes_to("/account/leave")
    return str(somebody.page.locator("#leave-from").input_value())


@pytest.mark.parametrize("width", [1280, 390])
def test_parts_of_a_page_stand_in_line_and_apart(person: Callable[..., Person], width: int) -> None:
    """Buttons end where their fields end; arrows stand in a row; what belongs apart does not touch."""
    admin: Person = person("admin", width)
    page = admin.page

    def boxes(selector: str) -> list[FloatRect]:
        return [box for one in page.locator(selector).all() if (box := one.bounding_box())]

    admin.goes_to("/administration/people")
    button, last = boxes(".tools > .btn")[0], boxes(".tools > .field select")[-1]
    assert abs(button["y"] + button["height"] - last["y"] - last["height"]) <= 1
    admin.goes_to("/administration/registers/tag")
    begin = page.get_by_role("button", name="从流程包的值开始")
    if begin.count():
        begin.click()
    rows = boxes(".register-rows .row-item")
    assert rows
    assert max(row["height"] for row in rows) < 80
    up, down = boxes(".row-moves button")[:2]
    assert up["y"] == down["y"]
    admin.goes_to("/administration/import")
    go, export = boxes("form .btn-primary")[0], boxes(".next-form .btn")[0]
    assert export["y"] - go["y"] - go["height"] >= 8
    admin.goes_to("/administration/people/new")
    bar = page.locator(".action-bar")
    ground = "one => getComputedStyle(one).backgroundColor"
    assert bar.evaluate(ground) == page.locator("body").evaluate(ground)

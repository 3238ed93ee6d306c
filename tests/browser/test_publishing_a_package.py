"""A package is made, changed without losing a word, published by two people, and gone back from."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.playing import Person

SETTINGS = "processes/package.toml"


def test_package_is_made_changed_published_and_gone_back_from(person: Any) -> None:
    owner: Person = person("owner")
    admin: Person = person("admin")

    owner.goes_to("/authoring/")
    owner.looks("library")
    owner.page.get_by_role("button", name="新建流程包").click()
    dialog = owner.page.get_by_role("dialog")
    dialog.get_by_label("短名称").fill("fair")
    dialog.get_by_label("中文名称").fill("集市管理")
    dialog.get_by_label("英文名称").fill("Fair")
    dialog.get_by_role("button", name="创建").click()
    expect(owner.page.get_by_role("heading", level=1)).to_have_text("集市管理")
    owner.looks("files")
    publish(owner, admin, "第一版")

    area = opened(owner)
    changed_offline(owner.page, area)
    two_at_once(owner, admin)
    publish(owner, admin, "改了名称")
    expect(owner.page.get_by_role("heading", level=1)).to_have_text("集市与摊位")

    owner.goes_to("/authoring/fair/releases")
    owner.looks("releases")
    owner.page.get_by_role("button", name="退回第 1 版").click()
    expect(owner.page.get_by_role("status").first).to_contain_text("第 3 版已生效")
    expect(owner.page.get_by_role("heading", level=1)).to_have_text("集市管理")
    for place in ("", "/checks", "/changes", "/releases", "/releases/2", "/running"):
        for width in (390, 1280):
            reader: Person = person("owner", width, "en")
            reader.goes_to(f"/authoring/fair{place}")
            reader.looks(f"english{place.replace('/', '-')}")


def opened(who: Person) -> Locator:
    who.goes_to("/authoring/fair?kind=settings")
    who.page.get_by_role("button", name=f"编辑 {SETTINGS}").click()
    area = who.page.get_by_label(SETTINGS)
    expect(area).to_be_visible()
    who.page.locator("[data-ready=true]").wait_for()
    return area


def typed(area: Locator, before: str, after: str) -> None:
    text = area.input_value()
    assert before in text
    area.fill(text.replace(before, after))


def changed_offline(page: Page, area: Locator) -> None:
    """The line is cut and the page goes away: what was typed is there, from the browser or sent as the page went."""
    address = page.url
    page.context.set_offline(True)
    typed(area, "集市管理", "集市与摊位")
    expect(page.locator("[data-draft-notice]")).to_contain_text("没有连接")
    page.goto("about:blank")
    page.context.set_offline(False)
    page.goto(address)
    expect(page.locator("[data-draft-status]")).to_have_text("已保存")
    assert "集市与摊位" in page.get_by_label(SETTINGS).input_value()
    page.reload()
    assert "集市与摊位" in page.get_by_label(SETTINGS).input_value()


def two_at_once(owner: Person, admin: Person) -> None:
    """Both change the file: the second one is asked, and what loses stays in the history."""
    theirs = opened(admin)
    mine = owner.page.get_by_label(SETTINGS)
    typed(theirs, 'zh = "办结"', 'zh = "结束"')
    expect(admin.page.locator("[data-draft-status]")).to_have_text("已保存")
    expect(admin.page.get_by_label("检查结果")).to_contain_text("没有问题")
    typed(mine, 'zh = "登记"', 'zh = "报名"')
    asked = owner.page.get_by_role("dialog")
    expect(asked).to_contain_text("沈佳怡在此期间保存了这个文件")
    owner.looks("conflict", whole=False)
    asked.get_by_role("button", name="以我的版本继续").click()
    expect(owner.page.locator("[data-draft-status]")).to_have_text("已保存")
    owner.page.locator("summary", has_text="历史").click()
    expect(owner.page.locator("[data-history]")).to_contain_text("搁置的版本")
    owner.looks("editor", whole=False)


def publish(owner: Person, admin: Person, note: str) -> None:
    owner.goes_to("/authoring/fair/changes")
    owner.looks("changes")
    owner.page.get_by_label("改了什么，为什么").fill(note)
    owner.page.get_by_role("button", name="申请发布").click()
    expect(owner.page.get_by_role("status").first).to_contain_text("已申请")
    admin.goes_to("/authoring/")
    admin.page.get_by_role("link", name=note).click()
    admin.looks("request")
    admin.page.get_by_role("button", name="批准并发布").click()
    expect(admin.page.get_by_role("status").first).to_contain_text("已发布")
    owner.page.reload()

"""A mediator's morning on a phone, a dispatcher's on a PC, and how much the first view weighs."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, Response, expect

from tests.browser.playing import County, Person, fill
from tests.pictures import picture

NOTE = "先打电话问问双方哪天在家。"
HOUSES = (("东苑社区2幢", "甘小满", "贺长青"), ("石桥村7组", "左立秋", "骆家明"), ("渡口村1组", "安谷雨", "花大江"))
FIRST_VIEW = 200_000
ROWS = 50


def keeps(field: str) -> Callable[[Response], bool]:
    """A draft that the server has kept with this field."""
    return lambda answer: answer.url.endswith("/draft") and answer.ok and field in (answer.request.post_data or "")


def saved(page: Page) -> None:
    expect(page.locator("[data-draft-status]")).to_have_text("草稿已保存")


def test_a_mediators_morning_on_a_phone(county: County, person: Any) -> None:
    clerk: Person = person("clerk")
    dispatcher: Person = person("dispatcher")
    mediator: Person = person("mediator", 390)
    phone = mediator.page

    mediator.goes_to("/tasks/?tab=available")
    code = clerk.registers("两家院墙共用，拆旧建新谈不拢。", "河畔村5组", "苗桂花", "季长海", phone="13957500077")
    dispatcher.does(code, "确认分流")
    row = phone.get_by_role("listitem").filter(has_text=code)
    expect(row).to_be_visible()
    mediator.looks("inbox")
    row.get_by_role("link").click()

    expect(phone.get_by_role("navigation", name="待办分类")).to_be_hidden()
    call = phone.locator(".action-bar").get_by_role("link", name="拨打电话 苗桂花")
    expect(phone.get_by_role("button", name="领取并办理")).to_be_in_viewport()
    expect(call).to_have_count(0)
    phone.get_by_role("button", name="领取并办理").click()
    expect(call).to_have_attribute("href", "tel:13957500077")
    expect(call).to_be_in_viewport()
    expect(phone.get_by_role("button", name="办理并下一件")).to_be_in_viewport()
    fill(phone, {"是否签收": "退回", "退回理由": NOTE})
    field = phone.get_by_label(re.compile("^退回理由"))
    saved(phone)
    address = phone.url

    phone.goto("/tasks/")
    phone.goto(address)
    expect(field).to_have_value(NOTE)
    phone.context.set_offline(True)
    field.press("End")
    field.press_sequentially("再去一趟。")
    expect(phone.locator("[data-draft-status]")).to_contain_text("网络中断")
    expect(field).to_have_value(NOTE + "再去一趟。")
    phone.context.set_offline(False)
    saved(phone)
    mediator.looks("inbox-task")
    for tab in ("基本情况", "时间轴", "流程图"):
        phone.get_by_role("navigation", name="待办内容").get_by_role("link", name=tab).click()
        expect(phone.get_by_role("navigation", name="待办内容").get_by_role("link", name=tab)).to_have_attribute(
            "aria-current", "page"
        )
    phone.goto(address)
    fill(phone, {"是否签收": "签收办理"})
    phone.get_by_role("button", name="办理并下一件").click()
    expect(phone.get_by_role("status").first).to_contain_text("已办理")
    assert "tab=available" in phone.url


def test_who_was_signed_out_while_typing_signs_in_elsewhere_and_goes_on(county: County, person: Any) -> None:
    zhu: Person = person("elder", 390)
    zhu.goes_to("/tasks/?tab=mine")
    phone = zhu.page
    phone.locator("a.row-title").first.click()
    field = phone.locator("form.task-form textarea, form.task-form input[type=text]").first
    field.fill("先到家里看看。")
    saved(phone)
    phone.context.clear_cookies()
    field.press_sequentially("再问邻居。")
    status = phone.locator("[data-draft-status]")
    expect(status).to_contain_text("您已退出登录")
    expect(status).to_be_in_viewport()
    again = Person(phone.context.new_page(), "elder", "signed-out")
    again.goes_to("/tasks/")
    phone.bring_to_front()
    field.press_sequentially("周五办。")
    saved(phone)
    again.page.goto(phone.url)
    expect(again.page.locator(f"#{field.get_attribute('id')}")).to_have_value("先到家里看看。再问邻居。周五办。")
    phone.context.clear_cookies()
    phone.locator("#comment-text").fill("双方周五下午都在家。")
    phone.get_by_role("button", name="发送").click()
    expect(phone.get_by_role("main")).to_contain_text("双方周五下午都在家。")
    phone.get_by_role("link", name="重新打开该页").click()
    expect(phone.locator("#field-login")).to_be_visible()


def test_a_dispatchers_morning_on_a_pc(county: County, person: Any) -> None:
    clerk: Person = person("clerk")
    dispatcher: Person = person("dispatcher")
    page = dispatcher.page
    codes = [
        clerk.registers(f"租房押金不退，{house}催了几回没有结果。", house, tenant, landlord)
        for house, tenant, landlord in HOUSES
    ]

    dispatcher.goes_to("/tasks/?tab=available")
    page.get_by_text("筛选与排序").click()
    page.get_by_label("排序").select_option(label="等待最久的在前")
    page.get_by_label("来源渠道", exact=False).first.select_option(label="窗口来访")
    page.get_by_role("searchbox", name=re.compile("编号、姓名")).last.fill("押金")
    page.get_by_role("button", name="应用").click()
    rows = page.locator(".task-rows > li")
    expect(rows).to_have_count(len(codes))
    page.get_by_role("button", name="存为视图").click()
    page.get_by_label("视图名称").fill("押金纠纷")
    page.get_by_role("dialog").get_by_role("button", name="保存").click()
    expect(page.get_by_role("navigation", name="已存视图").get_by_role("link", name="押金纠纷")).to_have_attribute(
        "aria-current", "true"
    )
    dispatcher.looks("inbox-filtered")

    for code in codes[:2]:
        rows.filter(has_text=code).get_by_role("checkbox").check()
    expect(page.locator(".bulk-bar")).to_contain_text("2 件已选")
    page.locator(".bulk-bar").get_by_role("button", name="领取").click()
    expect(page.get_by_role("list", name="办理结果").get_by_role("listitem")).to_have_count(2)

    page.goto("/tasks/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="快捷键")).to_be_visible()
    dispatcher.looks("inbox-keys", whole=False)
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("a")
    page.wait_for_url("**tab=available")
    page.keyboard.press("/")
    page.keyboard.type(codes[2])
    page.keyboard.press("Enter")
    page.wait_for_url("**q=*")
    page.keyboard.press("j")
    expect(rows.get_by_role("link")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/tasks/\d+"))
    page.keyboard.press("c")
    expect(page.get_by_role("button", name="办理并下一件")).to_be_visible()
    page.keyboard.press("f")
    page.keyboard.press("Space")
    complete = page.get_by_role("button", name="办理并下一件")
    for _ in range(60):
        if complete.evaluate("button => button === document.activeElement"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("已办理")


def test_a_row_tells_what_others_do_while_hands_are_on_the_list(page_as: Any) -> None:
    leader: Page = page_as("leader")
    dispatcher: Page = page_as("dispatcher")
    dispatcher.goto("/tasks/?tab=available")
    title = dispatcher.locator("a.row-title").first
    row = "#" + (title.get_attribute("id") or "")
    leader.goto("/tasks/?tab=team")
    line = leader.locator("li.row-item", has=leader.locator(row))
    line.get_by_role("checkbox").check()
    line.hover()
    leader.locator(row).focus()
    leader.evaluate("row => window.same = document.querySelector(row)", row)
    place = leader.evaluate("window.scrollY")
    expect(line).not_to_contain_text("周建国")
    title.click()
    dispatcher.get_by_role("button", name="领取并办理").click()
    expect(line).to_contain_text("周建国", timeout=15_000)
    expect(line.get_by_role("checkbox")).to_be_checked()
    expect(leader.locator(row)).to_be_focused()
    assert leader.evaluate("row => window.same === document.querySelector(row)", row)
    assert leader.evaluate("window.scrollY") == place
    dispatcher.get_by_role("button", name="退回", exact=False).last.click()
    dispatcher.get_by_role("dialog").get_by_role("button").last.click()
    expect(line).not_to_contain_text("周建国", timeout=15_000)


def test_an_open_case_tells_what_happens_in_it_and_leaves_the_form_alone(page_as: Any) -> None:
    clerk: Page = page_as("clerk")
    dispatcher: Page = page_as("dispatcher")
    dispatcher.goto("/tasks/?tab=available")
    dispatcher.locator("a.row-title").first.click()
    clerk.goto(f"{dispatcher.locator('.task-about a').get_attribute('href')}/parties")
    name = clerk.get_by_label("姓名或名称").last
    name.press_sequentially("半截")
    place = name.bounding_box()
    dispatcher.get_by_role("button", name="领取并办理").click()
    news = clerk.locator("#case-news")
    expect(news).to_contain_text("周建国：领取", timeout=15_000)
    name.press_sequentially("名字")
    expect(name).to_have_value("半截名字")
    expect(name).to_be_focused()
    assert name.bounding_box() == place
    news.get_by_role("button", name="关闭").click()
    expect(news).to_be_hidden()
    dispatcher.get_by_role("button", name="退回", exact=False).last.click()
    dispatcher.get_by_role("dialog").get_by_role("button").last.click()
    expect(news).to_contain_text("周建国：退回", timeout=15_000)
    news.get_by_role("link", name="查看").click()
    expect(news).to_be_hidden()


def test_the_first_view_is_light_and_stands_still(page_as: Any) -> None:
    page: Page = page_as("leader")
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    received: list[float] = []
    devtools.on("Network.loadingFinished", lambda loaded: received.append(loaded["encodedDataLength"]))
    page.add_init_script(
        "window.shifted = 0;"
        "new PerformanceObserver(list => list.getEntries().forEach(entry => window.shifted += entry.value))"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    page.goto("/tasks/?tab=team")
    page.wait_for_load_state("networkidle")
    rows = page.locator(".task-rows > li")
    shown = rows.count()
    assert shown > 3
    one = max(len(row.evaluate("row => row.outerHTML").encode()) for row in rows.all())
    assert sum(received) + (ROWS - shown) * one < FIRST_VIEW
    assert page.evaluate("window.shifted") < 0.01


def test_large_type_is_kept_and_fits_a_phone(page_as: Any) -> None:
    page: Page = page_as("leader", 390)
    page.goto("/tasks/?tab=team")
    page.locator(".tab-bar summary").click()
    page.get_by_role("button", name="大字版").click()
    page.wait_for_load_state()
    size = "parseFloat(getComputedStyle(document.documentElement).fontSize)"
    assert page.evaluate(size) >= 20
    page.goto("/cases/")
    assert page.evaluate(size) >= 20
    for address in ("/tasks/?tab=team", "/tasks/?tab=team&due=overdue", "/reports/new"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0, address


def test_on_a_phone_one_row_of_buttons_stands_above_the_navigation(page_as: Any) -> None:
    phone: Page = page_as("elder", 390)
    phone.goto("/tasks/?tab=mine")
    phone.locator("a.row-title").first.click()
    bar, places = phone.locator(".bar-main"), phone.locator(".tab-bar")
    expect(bar.get_by_role("button", name="办理并下一件")).to_be_in_viewport()
    assert bar.bounding_box()["y"] + bar.bounding_box()["height"] <= places.bounding_box()["y"] + 1
    assert bar.bounding_box()["height"] < 80
    rest = phone.get_by_role("button", name="办理并查看纠纷")
    rest.scroll_into_view_if_needed()
    rest.click(trial=True)
    phone.goto(phone.url.split("?")[0] + "/handover")
    reason = phone.get_by_label(re.compile("^理由"))
    reason.focus()
    button = phone.get_by_role("button", name="转办")
    assert reason.bounding_box()["y"] + reason.bounding_box()["height"] <= button.bounding_box()["y"]


def test_beside_a_task_dates_and_marks_of_a_row_have_its_whole_width(page_as: Any) -> None:
    mediator: Page = page_as("mediator", 1280)
    mediator.goto("/tasks/?tab=mine")
    for row in mediator.locator(".task-rows .row-item").all():
        main, side = row.locator(".row-main").bounding_box(), row.locator(".row-side").bounding_box()
        assert main is not None
        assert side is not None
        assert side["y"] >= main["y"] + main["height"]
        assert side["x"] < main["x"] + 4


def test_the_way_back_to_a_form_that_was_refused_sends_nothing_again(page_as: Any) -> None:
    mediator: Page = page_as("mediator")
    mediator.goto("/tasks/?tab=mine")
    mediator.locator(".row-item", has_text="第1次调解").get_by_role("link").click()
    mediator.wait_for_url(re.compile(r"/tasks/\d+"))
    address = mediator.url
    mediator.get_by_role("button", name="办理并下一件").click()
    expect(mediator.locator(".error-summary").first).to_be_visible()
    assert mediator.url == address
    mediator.goto("/cases/")
    back = mediator.go_back()
    assert back is not None
    assert back.request.method == "GET"
    assert mediator.url == address


def test_in_large_type_no_title_is_smaller_than_what_stands_under_it(page_as: Any) -> None:
    leader: Page = page_as("leader")
    leader.context.add_cookies([{"name": "type_size", "value": "large", "url": leader.url}])
    size = "element => parseFloat(getComputedStyle(element).fontSize)"
    for address in ("/tasks/?tab=team", "/cases/", "/search?q=村", "/notices/", "/tasks/passed-on"):
        leader.goto(address)
        for row in leader.locator(".row-item, .timeline-item").all()[:3]:
            title = row.locator(".row-title, .timeline-head > span").first.evaluate(size)
            under = row.locator(".row-meta > *, .row-side > *, .timeline-body, .quiet, .found-text").all()
            assert title >= max([one.evaluate(size) for one in under], default=0), address


def test_a_chosen_file_is_there_after_the_browser_was_closed(person: Any) -> None:
    zhu: Person = person("elder", 390)
    zhu.goes_to("/tasks/?tab=mine")
    zhu.page.locator("a.row-title").first.click()
    zhu.page.locator("article.task .task-about a").click()
    zhu.page.wait_for_url("**/cases/*")
    zhu.page.locator("form[action$='/optional/site_visit'] button").click()
    zhu.page.get_by_role("main").get_by_role("link", name="实地走访").first.click()
    zhu.page.get_by_role("button", name="领取并办理").click()
    address = zhu.page.url.split("?")[0]
    zhu.page.get_by_label("现场看到的情况").fill("界石还在原处。")
    picker = zhu.page.locator("form.task-form input[type=file]").first
    with zhu.page.expect_response(keeps("site_photo")):
        picker.set_input_files({"name": "界石.png", "mimeType": "image/png", "buffer": picture("PNG")})
    expect(zhu.page.locator("form.task-form").get_by_role("link", name="界石.png")).to_be_visible()
    saved(zhu.page)
    zhu.page.context.close()
    again: Person = person("elder")
    again.goes_to(address)
    form = again.page.locator("form.task-form")
    expect(form.get_by_role("link", name="界石.png")).to_be_visible()
    expect(form.get_by_role("checkbox", name="保留")).to_be_checked()
    again.looks("draft-with-a-file")
    again.completes()
    again.page.get_by_role("link", name="卷宗", exact=True).click()
    expect(again.page.get_by_role("main")).to_contain_text("界石.png")

"""Disputes that end another way: in arbitration, withdrawn, or settled at the door."""

import re
from typing import Any

from playwright.sync_api import expect

from tests.browser.playing import County, Person, fill


def test_unpaid_wages_fail_in_mediation_and_go_to_arbitration(county: County, person: Any) -> None:
    clerk: Person = person("clerk")
    dispatcher: Person = person("dispatcher")
    mediator: Person = person("labour.mediator")
    arbitration: Person = person("arbitration")
    archivist: Person = person("archivist")

    code = clerk.registers(
        "在工地干了三个月，包工头拖欠工资两万四千元，电话也不接。", "柳河街道工业园", "罗大勇", "腾达装饰队"
    )
    dispatcher.does(code, "确认分流")
    mediator.does(code, "主办单位签收")
    for name in ("罗大勇", "腾达装饰队"):
        clerk.does(code, f"征求{name}的调解意愿", {"调解意愿": "同意调解", "联系方式": "电话"})
    for name in ("罗大勇", "腾达装饰队"):
        mediator.does(code, f"{name}选调解员", {"请哪位调解员？": "尤晓峰"})
    mediator.does(code, "接受指派")
    mediator.does(code, "告知权利义务", {"当事人确认已知悉": True})
    for name in ("罗大勇", "腾达装饰队"):
        mediator.does(code, f"向{name}调查了解", {"当事人陈述": "各执一词。"})
    mediator.does(code, "安排调解", {"调解方式": "背靠背"})
    mediator.does(code, "第1次调解", {"本次结果": "调解不成", "调解经过": "对工时认定分歧很大。"})
    mediator.does(code, "终止调解并告知救济途径", {"终止原因": "双方无法达成一致"})
    dispatcher.does(code, "确定升级方式", {"升级方式": "移交", "接收单位": "人民法院"})
    mediator.does(code, "准备移交仲裁机构", {"移交说明": "先裁后审，移送仲裁。"})
    arbitration.does(code, "接收单位回执", {"是否接收": "是", "回执编号": "枫劳仲收〔2026〕31号"})
    mediator.supplies_what_is_missing(code)
    archivist.does(code, "审核卷宗", {"同意封卷": "是"})
    archivist.goes_to(f"/cases/{code}")
    expect(archivist.page.locator(".case-head")).to_contain_text("已封存")
    archivist.goes_to(f"/cases/{code}/timeline")
    expect(archivist.page.get_by_role("listitem").filter(has_text="移交：仲裁机构")).to_be_visible()
    expect(archivist.page.get_by_role("listitem").filter(has_text="办理“接收单位回执”")).to_contain_text("何丽君")
    expect(archivist.page.get_by_role("listitem").filter(has_text="办结：移交其他程序")).to_be_visible()
    archivist.looks("timeline")
    archivist.goes_to(f"/cases/{code}/diagram?process=escalation")
    archivist.looks("diagram")


def test_a_party_withdraws_in_the_middle(person: Any) -> None:
    clerk: Person = person("clerk")
    dispatcher: Person = person("dispatcher")
    mediator: Person = person("mediator", 390)
    party: Person = person(None, 390)

    code = clerk.registers("隔壁夜里打麻将到两点，老人睡不着，说了几次不听。", "河畔村4组", "水阿婆", "窦长根")
    link = clerk.makes_link(code, "水阿婆")
    dispatcher.does(code, "确认分流")
    mediator.does(code, "主办单位签收")
    party.answers(link, {"您是否同意调解？": "同意调解", "想说的话": "先谈谈看。"}, "consent")
    clerk.sets_off(code, "当事人撤回", {"谁撤回": "申请人", "撤回原因": "儿子接去城里住了，不计较了。"})
    expect(clerk.page.locator(".case-head")).to_contain_text("当事人撤回")
    clerk.looks("case-withdrawn")
    mediator.goes_to(f"/tasks/?tab=available&q={code}")
    expect(mediator.page.get_by_role("main")).to_contain_text("没有与")
    mediator.looks("nothing-left")
    party.page.goto(link)
    expect(party.page.get_by_role("main")).to_contain_text("已办结")
    party.looks("finished")


def test_an_elderly_mediator_records_a_doorstep_quarrel_in_under_a_minute(person: Any) -> None:
    elder: Person = person("elder", 390)
    elder.goes_to("/")
    taps, typed = 0, 0

    def tap(target: Any) -> None:
        nonlocal taps
        target.tap()
        taps += 1

    def write(label: str, words: str) -> None:
        nonlocal typed
        field = elder.page.get_by_label(label)
        tap(field)
        field.press_sequentially(words)
        typed += len(words)

    tap(elder.page.get_by_role("navigation", name="手机主导航").get_by_role("link", name="当场调处"))
    write("双方是谁", "戚大爷、章婶")
    write("什么事", "晒谷占了路")
    tap(elder.page.get_by_label("当场了结"))
    write("怎么说定的", "各让一半")
    elder.looks("doorstep-filled")
    tap(elder.page.get_by_role("main").get_by_role("button", name="保存"))
    elder.page.wait_for_url("**/cases/*")
    elder.looks("doorstep-case")

    # A slow hand: three seconds to find and tap, a second and a half for each character.
    assert taps * 3 + typed * 1.5 < 60, f"{taps} taps and {typed} characters"
    head = elder.page.locator(".case-head")
    expect(head).to_contain_text("当场调处")
    code = elder.page.url.rsplit("/", 1)[1].split("?")[0]
    archivist: Person = person("archivist")
    archivist.does(code, "审核卷宗", {"同意封卷": "是"})
    archivist.goes_to(f"/cases/{code}/file")
    expect(archivist.page.locator(".case-head")).to_contain_text("已封存")
    archivist.looks("doorstep-file")


def test_bad_input_is_told_kindly_and_nothing_is_lost(person: Any) -> None:
    clerk: Person = person("clerk")
    clerk.goes_to("/reports/new")
    fill(clerk.page, {"发生地点": "河畔村9组"})
    clerk.page.locator("#field-party-0-name").fill("<script>alert(1)</script>")
    clerk.page.get_by_role("main").get_by_role("button", name="登记", exact=True).click()
    expect(clerk.page.get_by_role("alert")).to_contain_text("事情经过")
    expect(clerk.page.get_by_label("发生地点")).to_have_value("河畔村9组")
    expect(clerk.page.locator("#field-party-0-name")).to_have_value("<script>alert(1)</script>")
    clerk.looks("register-errors")


def test_a_second_click_completes_once_and_says_so(county: County, person: Any) -> None:
    clerk: Person = person("clerk")
    dispatcher: Person = person("dispatcher")
    again: Person = person("dispatcher")
    stranger: Person = person("dukou.mediator")
    code = clerk.registers("收割机压坏了田埂，两家争了起来。", "河畔村8组", "华水根", "陶二牛")
    dispatcher.takes(code, "确认分流")
    again.goes_to(dispatcher.page.url)
    dispatcher.completes()
    again.page.get_by_role("button", name="办理并查看纠纷").click()
    told = again.page.get_by_role("main").get_by_role("alert")
    expect(told).to_contain_text("周建国")
    expect(told).to_contain_text("（今天）")
    expect(again.page).not_to_have_url(re.compile("completion"))
    again.looks("second-click")
    clerk.goes_to(f"/cases/{code}/timeline")
    expect(clerk.page.get_by_role("listitem").filter(has_text="办理“确认分流”")).to_have_count(1)

    stranger.goes_to("/")
    for address in (f"/cases/{code}", dispatcher.page.url):
        stranger.page.goto(address)
        expect(stranger.page.get_by_role("heading", level=1)).to_have_text("没有找到")


def test_what_is_typed_while_other_questions_open_is_kept(person: Any) -> None:
    elder: Person = person("elder", 390)
    elder.goes_to("/reports/doorstep")
    held: list[Any] = []
    elder.page.route("**/reports/doorstep/fields", lambda route: held.append(route))
    with elder.page.expect_request("**/reports/doorstep/fields"):
        elder.page.get_by_label("当场了结").check()
    elder.page.get_by_label("什么事").fill("牛吃了菜")
    expect(elder.page.get_by_label("怎么说定的")).to_have_count(0)
    held[0].continue_()
    expect(elder.page.get_by_label("怎么说定的")).to_be_visible()
    expect(elder.page.get_by_label("什么事")).to_have_value("牛吃了菜")
    expect(elder.page.get_by_label("当场了结")).to_be_checked()

"""One dispute from the report at the window to the sealed file, by the hands of everyone who has a part in it."""

from typing import Any

from playwright.sync_api import expect

from tests.browser.playing import PHOTO, County, Person

MATTER = "两家共用的水井旁新修了鸡舍，污水流进井里，吵了几回没有结果。"
APPLICANT, RESPONDENT = "孟庆兰", "邵国华"


def test_from_the_report_to_the_sealed_file(county: County, person: Any) -> None:
    clerk: Person = person("clerk")
    dispatcher: Person = person("dispatcher")
    mediator: Person = person("mediator", 390)
    chair: Person = person("chair")
    leader: Person = person("leader")
    archivist: Person = person("archivist")

    code = clerk.registers(MATTER, "河畔村2组", APPLICANT, RESPONDENT, phone="13957500001")
    clerk.looks("case")
    dispatcher.does(code, "确认分流")
    mediator.does(code, "主办单位签收")
    mediator.looks("case")

    links = [clerk.makes_link(code, name) for name in (APPLICANT, RESPONDENT)]
    parties = [person(None, width) for width in (1280, 390)]
    for party, link in zip(parties, links, strict=True):
        party.answers(link, {"您是否同意调解？": "同意调解"}, "consent")
    for party, link in zip(parties, links, strict=True):
        party.answers(link, {"请哪位调解员？": "王桂兰"}, "choice")
    mediator.does(code, "接受指派", {"是否接受": "接受"})

    leader.sets_off(code, "督办", {"督办要求": "汛期将至，请在三日内把水井处理好。", "答复期限": "2026-03-05"})
    mediator.does(code, "督办答复", {"督办答复": "已约双方三日后到现场调解。"})
    leader.does(code, "审核答复", {"认可答复": True})

    mediator.does(code, "告知权利义务", {"当事人确认已知悉": True, "告知方式": "宣读告知"})
    parties[0].answers(links[0], {"请您讲讲事情经过": "鸡舍离井不到两米。", "您希望怎样解决": "搬走鸡舍"}, "statement")
    mediator.does(code, f"向{RESPONDENT}调查了解", {"当事人陈述": "鸡舍是老母亲养的，可以挪。"})
    mediator.does(code, "安排调解", {"约定时间": "2026-03-03T19:30", "调解地点": "村调解室", "调解方式": "面对面"})
    parties[1].page.goto(links[1])
    invitation = parties[1].page.get_by_role("listitem").filter(has_text="请参加调解")
    expect(invitation).to_contain_text("2026年3月3日星期二 19:30")
    mediator.does(
        code,
        "第1次调解",
        {"本次结果": "达成一致", "协议形式": "书面协议", "调解经过": "双方各退一步。", "缺席情况": "均到场"},
    )
    mediator.does(
        code,
        "拟定调解协议书",
        {
            "协议内容": "邵国华在三月十日前把鸡舍移到屋后，并清洗水井。",
            "履行期限": "2026-03-10",
            "履行安排": "限期履行",
        },
    )
    parties[1].answers(links[1], {"签署方式": "按指印"}, "signature")
    parties[0].answers(links[0], {"签署方式": "签名"}, "signature")
    mediator.does(code, "调解员签名")
    chair.does(code, "调委会盖章", {"盖章后的协议书": PHOTO})
    chair.looks("case")

    county.days_pass(6)
    mediator.does(code, "核实履行情况", {"本期已履行": "是", "履行凭证": PHOTO})
    mediator.waits_for(code, "回访", county, days=31)
    mediator.does(code, "回访", {"回访发现": "平稳", "满意度": "满意", "回访方式": "上门"})
    mediator.supplies_what_is_missing(code)
    archivist.does(code, "审核卷宗", {"同意封卷": "是", "卷名": "水井污染"})
    archivist.goes_to(f"/cases/{code}")
    expect(archivist.page.get_by_text("已封存").first).to_be_visible()
    archivist.looks("case-sealed")
    for tab in ("parties", "file", "timeline", "diagram", "decisions"):
        archivist.goes_to(f"/cases/{code}/{tab}")
        archivist.looks(tab)

    verified = county.command("archive", "verify", code)
    assert verified.returncode == 0, verified.stdout + verified.stderr
    clerk.goes_to(f"/cases/{code}/actions/facts_changed")
    expect(clerk.page.get_by_role("main")).to_contain_text("封存")
    clerk.looks("sealed-refusal")

"""A process owner adds a step to a path, an administrator changes a routing rule: drawn, played, published, undone."""

import os
import re
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from tests.browser.conftest import FLAGS
from tests.browser.keeping import SAVED, as_it_was, brings, goes_back, kept, opens, saved
from tests.browser.playing import County, Person, settled

# Each another matter between other people: one like another would be asked about as a duplicate first.
MATTERS = iter(
    (
        ("邻居家的空调外机对着我家窗户，白天晚上都吵，说了几次也不挪。", "严小满", "屠家兴"),
        ("楼上卫生间漏水，泡坏了我家客厅的天花板，要他修好。", "郝春梅", "龚大伟"),
        ("隔壁院里的大树遮住了晒谷场，树根也伸了过来。", "连德旺", "阮有才"),
        ("对门把旧家具堆在楼道里，老人进出很不方便。", "祁玉珍", "麦志刚"),
        ("两家合用的下水道堵了，谁也不肯出钱疏通。", "甘秀兰", "席建国"),
        ("邻居养的鹅天不亮就叫，吵得孩子睡不好。", "盛小燕", "廉长河"),
        ("新砌的院墙压住了两家之间的小路，三轮车过不去。", "褚爱华", "门大庆"),
    )
)

INTO_VIEW = """id => {
  const canvas = window.modeler.get('canvas');
  canvas.zoom(0.9);
  canvas.scrollToElement(window.modeler.get('elementRegistry').get(id), {top: 220, left: 260, bottom: 220, right: 260});
}"""
MIDDLE_OF_WAY_OUT = """id => {
  const canvas = window.modeler.get('canvas');
  const way = window.modeler.get('elementRegistry').get(id).outgoing[0].waypoints;
  const view = canvas.viewbox(), frame = canvas.getContainer().getBoundingClientRect();
  const x = (way[0].x + way[1].x) / 2, y = (way[0].y + way[1].y) / 2;
  return [frame.left + (x - view.x) * view.scale, frame.top + (y - view.y) * view.scale];
}"""


def _registers(clerk: Person) -> str:
    matter, applicant, respondent = next(MATTERS)
    return clerk.registers(matter, "河畔村", applicant, respondent)


def _publishes(owner: Person, admin: Person, why: str) -> int:
    """The owner asks, the administrator approves; gives the number of the release."""
    owner.goes_to("/authoring/dispute/changes")
    owner.looks("changes")
    owner.page.get_by_label(re.compile("改了什么")).fill(why)
    owner.page.get_by_role("button", name="申请发布").click()
    expect(owner.page.get_by_role("status").first).to_contain_text("已申请")
    admin.goes_to("/authoring/dispute/changes")
    admin.looks("approval")
    admin.page.get_by_role("button", name="批准并发布").click()
    expect(admin.page.get_by_role("status").first).to_contain_text("已发布")
    admin.goes_to("/authoring/dispute/releases")
    newest = re.search(r"第 (\d+) 版", admin.page.locator("h2.row-title").first.inner_text())
    assert newest is not None
    return int(newest[1])


def _draws_the_review(page: Page) -> None:
    """A task dropped on the way out of the confirmation, with its name, its people, its form and its time."""
    page.evaluate(INTO_VIEW, "confirm_triage")
    x, y = page.evaluate(MIDDLE_OF_WAY_OUT, "confirm_triage")
    page.locator(".djs-palette [data-action='create.task']").click()
    page.mouse.move(x - 30, y - 20)
    page.mouse.move(x, y, steps=5)
    page.mouse.click(x, y)
    page.keyboard.press("Escape")
    page.locator(".djs-context-pad [data-action='replace']").click()
    page.locator(".djs-popup [data-id='replace-with-user-task']").click()
    panel = page.locator("[data-panel]")
    panel.get_by_label("名称", exact=True).fill("复核分流")
    panel.get_by_label("英文名称").fill("Review the triage")
    panel.get_by_label("指挥室调度员", exact=True).check()
    panel.get_by_label("表单", exact=True).select_option("dispute/resumption")
    panel.get_by_label("应在此时间内办结").select_option("working")
    kept(
        page,
        lambda content: all(
            one in content for one in ("复核分流", "Review the triage", "dispute/resumption", "now(), 3)")
        ),
    )


def test_a_process_owner_adds_an_approval_step(county: County, person: Any) -> None:
    clerk: Person = person("clerk")
    dispatcher: Person = person("dispatcher")
    owner: Person = person("owner")
    admin: Person = person("admin")
    stays, moves = _registers(clerk), _registers(clerk)
    with as_it_was(admin):
        page = opens(owner, "processes/triage.bpmn")
        _draws_the_review(page)
        saved(page)
        expect(page.locator("[data-findings]")).to_contain_text("没有问题")
        page.get_by_role("button", name="令牌演示").click()
        expect(page.locator(".bts-palette")).to_be_visible()
        page.get_by_role("button", name="令牌演示").click()
        owner.looks("modeller")
        _plays_and_records(owner)

        release = _publishes(owner, admin, "分流由两人把关")
        newer = _registers(clerk)
        dispatcher.does(newer, "确认分流")
        _waits_at(dispatcher, newer, "复核分流")
        dispatcher.does(stays, "确认分流")
        _waits_at(dispatcher, stays, "主办单位签收")

        owner.goes_to("/authoring/dispute/moves")
        owner.looks("moves")
        owner.goes_to(f"/authoring/dispute/moves/try?to={release}")
        owner.looks("move-tried")
        page.get_by_role("button", name=re.compile("迁移 .*个")).click()
        settled(page, lambda: page.get_by_text("进行中").count() == 0)
        owner.looks("moved")
        dispatcher.does(moves, "确认分流")
        _waits_at(dispatcher, moves, "复核分流")
        page.reload()
        page.get_by_role("button", name=re.compile("撤回尚未继续办理的")).click()
        settled(page, lambda: page.get_by_text("进行中").count() == 0)

        goes_back(admin)
        again = _registers(clerk)
        dispatcher.does(again, "确认分流")
        _waits_at(dispatcher, again, "主办单位签收")


def _waits_at(reader: Person, code: str, step: str) -> None:
    reader.goes_to(f"/cases/{code}")
    expect(reader.page.get_by_text(step).first).to_be_visible()


def _plays_and_records(owner: Person) -> None:
    page = owner.page
    like = "processes/tests/applicant_agreed_in_writing.toml"
    owner.goes_to(f"/authoring/dispute/simulation?process=dispute&like={like}")
    confirmation = page.locator(".move-answer", has=page.locator("[value^='confirm_triage']"))
    confirmation.get_by_role("button", name="办理").click()
    expect(page.get_by_role("heading", name="复核分流")).to_be_visible()
    page.locator(".move-answer").get_by_role("button", name="办理").click()
    expect(page.get_by_role("heading", name="主办单位签收")).to_be_visible()
    owner.looks("play")
    page.get_by_role("button", name=re.compile("让测试走过")).click()
    expect(page.locator("#adoption")).to_contain_text("已补上这一步", timeout=120_000)
    expect(page.locator("#adoption")).not_to_contain_text("仍未通过")
    page.get_by_label(re.compile("^说明什么")).fill("分流确认后还要复核")
    page.get_by_label(re.compile("^文件名")).fill("triage_reviewed")
    page.get_by_role("button", name="录制").click()
    expect(page.get_by_role("status").first).to_contain_text("triage_reviewed")


def test_an_administrator_changes_one_routing_row(county: County, person: Any) -> None:
    clerk: Person = person("clerk")
    dispatcher: Person = person("dispatcher")
    owner: Person = person("owner")
    admin: Person = person("admin")
    running = _registers(clerk)
    _may_take(dispatcher, running, days=2)
    with as_it_was(admin):
        page = opens(admin, "processes/route.dmn")
        page.get_by_label("风险等级").select_option(label="绿")
        page.get_by_role("button", name="试算").click()
        expect(page.locator("[data-hits]")).to_contain_text("village")
        expect(page.locator("td.is-hit").first).to_be_visible()
        admin.looks("table")
        page.get_by_role("button", name="主办层级").click()
        page.locator("[data-element-id='lead_tier_row_1_out_3']").click()
        page.keyboard.press("Control+A")
        page.keyboard.type("5")
        page.keyboard.press("Escape")
        kept(page, lambda content: "<text>5</text>" in content)
        page.get_by_role("link", name="用以往案件演练").click()
        page.get_by_label("决策表").select_option(label="分流去向")
        page.get_by_role("button", name="开始演练").first.click()
        expect(page.locator("#rehearsal")).to_contain_text("已完成", timeout=60_000)
        expect(page.locator("#rehearsal")).to_contain_text("从哪一行到哪一行")
        admin.looks("rehearsal")

        _publishes(admin, owner, "给网格多三天时间")
        newer = _registers(clerk)
        _may_take(dispatcher, newer, days=5)
        dispatcher.does(running, "确认分流", {"确认还是改派": "补充情况后重新研判"})
        _may_take(dispatcher, running, days=5)

        goes_back(admin)
        again = _registers(clerk)
        _may_take(dispatcher, again, days=2)


def _may_take(reader: Person, code: str, *, days: int) -> None:
    """The case page tells by which row it came here, and how many days the office has."""
    reader.goes_to(f"/cases/{code}")
    row = reader.page.get_by_role("row", name=re.compile("命中"))
    expect(row.first.get_by_role("cell", name=str(days), exact=True)).to_be_visible()


def test_a_form_is_designed_with_names_of_the_dictionary(person: Any) -> None:
    owner: Person = person("owner")
    admin: Person = person("admin")
    with as_it_was(admin):
        page = opens(owner, "forms/appointment.form")
        page.get_by_label("查找字段").fill("诉求")
        page.get_by_role("button", name=re.compile("^诉求")).click()
        saved(page)
        expect(page.locator("#preview").get_by_label(re.compile("诉求"))).to_be_visible()
        page.get_by_role("button", name="试提交").click()
        expect(page.locator("#preview")).to_contain_text("将写入")
        owner.looks("form")
        page.evaluate(
            """() => {
              const field = formDesigner.get('formFieldRegistry').getAll().find(one => one.key === 'wish');
              formDesigner.get('modeling').editFormField(field, 'key', 'nobody_knows');
            }"""
        )
        page.locator("[data-findings] .finding", has_text="nobody_knows").first.click()
        expect(page.locator(".fjs-editor-selected")).to_contain_text("诉求")
        page.get_by_role("button", name="撤销").click()
        page.get_by_role("button", name="撤销").click()
        saved(page)
        expect(page.locator("[data-findings]")).to_contain_text("没有问题")


FOREIGN = """<?xml version="1.0" encoding="UTF-8"?>\r
<!-- drawn elsewhere -->\r
<definitions xmlns='http://www.omg.org/spec/BPMN/20100524/MODEL' id="d"
    targetNamespace="http://elsewhere">
  <process id="triage" isExecutable="true">
    <startEvent id="s" name="开始"/><sequenceFlow id="f" sourceRef="s" targetRef="e"/><endEvent id="e" name="结束"/>
  </process>%s
</definitions>
"""
POSITIONS = """
  <bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" id="g">
    <bpmndi:BPMNPlane id="p" bpmnElement="triage" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC">
      <bpmndi:BPMNShape id="s_di" bpmnElement="s"><dc:Bounds x="100" y="100" width="36" height="36"/></bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="e_di" bpmnElement="e"><dc:Bounds x="300" y="100" width="36" height="36"/></bpmndi:BPMNShape>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>"""
NAME_STEP = """name => modeler.get('modeling').updateProperties(
  modeler.get('elementRegistry').get('confirm_triage'), {name})"""
MENU = """() => {
  const menus = modeler.get('popupMenu'), root = modeler.get('canvas').getRootElement();
  const all = entries => Object.entries(entries).flatMap(([id, one]) => [id, ...all(one.entries || {})]);
  return all(menus._getEntries(root, menus._getProviders('bpmn-create')));
}"""


def test_diagrams_go_in_and_out_as_files(person: Any) -> None:
    owner: Person = person("owner")
    admin: Person = person("admin")
    with as_it_was(admin):
        page = opens(owner, "processes/triage.bpmn")
        offered = page.evaluate(MENU)
        assert "create-user-task" in offered
        assert not {"create-complex-gateway", "create-conditional-start", "create-none-boundary-event"} & set(offered)
        page.locator("summary", has_text="文件").click()
        for kind in ("SVG", "PNG"):
            with page.expect_download() as taken:
                page.get_by_role("button", name=re.compile(kind)).click()
            picture = Path(taken.value.path()).read_bytes()
            assert picture.startswith(b"<?xml" if kind == "SVG" else b"\x89PNG")

        before = page.evaluate(SAVED)
        for broken in ("<no diagram", "<html><body>nothing</body></html>", FOREIGN.replace("<!--", "<!DOCTYPE x><!--")):
            brings(page, broken)
            expect(page.locator("[data-modeller-notice]")).to_contain_text("文件没有导入")
            assert page.evaluate("modeler.get('elementRegistry').get('confirm_triage') !== undefined")
        assert page.evaluate(SAVED) == before

        placed = FOREIGN % POSITIONS
        brings(page, placed)
        kept(page, lambda content: content == placed)
        brings(page, FOREIGN % "")
        kept(page, lambda content: "BPMNShape" in content and "BPMNEdge" in content and "drawn elsewhere" in content)
        page.locator("[data-findings] .finding").first.wait_for()


def test_a_killed_browser_and_a_silent_server_lose_nothing(
    browser: Browser, county: County, person: Any, tmp_path: Path
) -> None:
    """The server answers no save, the browser is killed at once: what was drawn is there when both are back."""

    def sits_down() -> BrowserContext:
        return browser.browser_type.launch_persistent_context(
            tmp_path, executable_path="/usr/bin/chromium", args=FLAGS, base_url=county.url, locale="zh-CN"
        )

    with as_it_was(person("admin")):
        context = sits_down()
        page = opens(Person(context.pages[0], "owner", "killed"), "processes/triage.bpmn")
        page.route("**/drafts/*", lambda route: route.abort())
        page.evaluate(NAME_STEP, "再看一遍")
        expect(page.locator("[data-draft-notice]")).to_contain_text("没有连接")
        _kill(tmp_path)
        with suppress(Error):
            context.close()

        context = sits_down()
        page = opens(Person(context.pages[0], "owner", "killed"), "processes/triage.bpmn")
        expect(page.locator("[data-draft-notice]")).to_contain_text("找到了尚未送达服务器的改动")
        kept(page, lambda content: "再看一遍" in content)
        context.close()


def _kill(profile: Path) -> None:
    """End every program of the browser that keeps its profile there, without a word."""
    for one in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if f"--user-data-dir={profile}" in one.read_bytes().decode().split("\0"):
                os.kill(int(one.parent.name), signal.SIGKILL)

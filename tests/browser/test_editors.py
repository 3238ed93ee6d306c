"""At an editor: files of other programs, two people at one file, a lost line, findings, the keyboard alone."""

import difflib
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.camunda_file import CAMUNDA
from tests.browser.keeping import SAVED, as_it_was, brings, kept, opens, saved
from tests.browser.playing import Person

PATH, TABLE, FORM = "processes/triage.bpmn", "processes/route.dmn", "forms/appointment.form"

SELECT = "id => modeler.get('selection').select(modeler.get('elementRegistry').get(id))"
HEIGHT = "() => modeler.get('selection').get()[0].y"
NAMED_AND_MOVED = """async () => {
  const key = (key, more) => document.activeElement.dispatchEvent(
    new KeyboardEvent('keydown', {key, code: key, bubbles: true, cancelable: true, ...more}));
  key('Enter', {keyCode: 13});
  await null;
  key('ArrowDown', {shiftKey: true});
}"""
APPEND = """() => {
  const registry = modeler.get('elementRegistry'), modeling = modeler.get('modeling');
  const task = modeling.appendShape(registry.get('look'), {type: 'bpmn:UserTask'}, {x: 300, y: 260});
  modeling.updateProperties(task, {name: '复核'});
}"""

NAME_STEP = """name => modeler.get('modeling').updateProperties(
  modeler.get('elementRegistry').get('confirm_triage'), {name})"""
NAME_RULE = """async name => {
  await ruleEditor.open(ruleEditor.getViews().find(one => one.element.id === 'route'));
  const viewer = ruleEditor.getActiveViewer(), table = viewer.get('sheet').getRoot().businessObject;
  viewer.get('modeling').updateProperties(table.rule[0], {description: name});
}"""
NAME_FIELD = """name => {
  const field = formDesigner.get('formFieldRegistry').getAll().find(one => one.key);
  formDesigner.get('modeling').editFormField(field, 'description', name);
}"""


def test_a_file_of_camunda_modeler_changes_only_where_somebody_changed_it(person: Any) -> None:
    owner: Person = person("owner")
    admin: Person = person("admin")
    with as_it_was(admin):
        page = opens(owner, PATH)
        brings(page, CAMUNDA)
        kept(page, lambda content: content == CAMUNDA)
        assert _taken_out(page) == CAMUNDA.encode()

        page.evaluate(SELECT, "tell")
        name = page.locator("[data-panel]").get_by_label("名称", exact=True)
        name.fill("告知各方")
        name.blur()
        # bpmn-js gives a shape that is named a place for its label
        renamed = CAMUNDA.replace('name="通知"', 'name="告知各方"').replace(
            'y="78" width="100" height="80" />\n      </bpmndi:BPMNShape>\n      <bpmndi:BPMNShape id="sum_di"',
            'y="78" width="100" height="80" />\n        <bpmndi:BPMNLabel />\n      </bpmndi:BPMNShape>\n'
            '      <bpmndi:BPMNShape id="sum_di"',
        )
        kept(page, lambda content: content == renamed)

        page.evaluate(APPEND)
        kept(page, lambda content: "复核" in content)
        told = list(difflib.ndiff(renamed.splitlines(), page.evaluate(SAVED).splitlines()))
        assert not [line for line in told if line.startswith("-")]
        assert len([line for line in told if line.startswith("+")]) < 20


def _taken_out(page: Page) -> bytes:
    with page.expect_download() as taken:
        page.get_by_role("link", name="导出文件").click()
    return Path(taken.value.path()).read_bytes()


@pytest.mark.parametrize(
    ("path", "write"), [(PATH, NAME_STEP), (TABLE, NAME_RULE), (FORM, NAME_FIELD)], ids=["path", "table", "form"]
)
def test_two_people_at_one_file_lose_nothing(person: Any, path: str, write: str) -> None:
    """Who saves second is asked: one goes on with their own, then the other takes it over; all versions stay."""
    owner: Person = person("owner")
    admin: Person = person("admin")
    with as_it_was(person("admin")):
        first, second = opens(owner, path), opens(admin, path)
        first.evaluate(write, "由负责人改")
        saved(first)
        second.evaluate(write, "由管理员改")
        asked = second.get_by_role("dialog")
        expect(asked).to_contain_text("蒋文博")
        admin.looks("conflict", whole=False)
        asked.get_by_role("button", name="以我的版本继续").click()
        kept(second, lambda content: "由管理员改" in content and "由负责人改" not in content)

        first.evaluate(write, "负责人再改")
        asked = first.get_by_role("dialog")
        expect(asked).to_contain_text("沈佳怡")
        with first.context.expect_page() as opened:
            asked.get_by_role("link").click()
        expect(opened.value.locator("main")).to_contain_text("由管理员改")
        expect(opened.value.locator("main")).to_contain_text("负责人再改")
        opened.value.close()
        asked.get_by_role("button", name="以对方的版本继续").click()
        kept(first, lambda content: "由管理员改" in content)
        saved(first)
        assert _unsent(first) == 0

        first.locator("summary", has_text="历史").click()
        aside = first.locator(".history-lines li", has_text="搁置的版本").first
        aside.get_by_role("button", name="从这里继续").click()
        kept(first, lambda content: "负责人再改" in content)  # what was put aside is fetched back


def _unsent(page: Page) -> int:
    found: int = page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('draft:')).length")
    return found


def test_a_line_that_is_cut_during_a_save_is_told_and_made_good(person: Any) -> None:
    owner: Person = person("owner")
    with as_it_was(person("admin")):
        page = opens(owner, TABLE)
        page.context.set_offline(True)
        page.evaluate(NAME_RULE, "断线时写的")
        expect(page.locator("[data-draft-notice]")).to_contain_text("没有连接")
        assert _unsent(page) == 1
        page.context.set_offline(False)
        kept(page, lambda content: "断线时写的" in content)
        saved(page)
        assert _unsent(page) == 0


def test_a_click_on_a_finding_selects_its_element(person: Any) -> None:
    owner: Person = person("owner")
    with as_it_was(person("admin")):
        page = opens(owner, PATH)
        page.evaluate(
            """() => modeler.get('modeling').updateProperties(
              modeler.get('elementRegistry').get('decide_above'), {'camunda:formKey': 'dispute/nowhere'})"""
        )
        page.locator("[data-findings] .finding", has_text="nowhere").click()
        expect(page.locator("[data-panel]")).to_contain_text("decide_above")
        expect(page.locator(".djs-element.selected[data-element-id='decide_above']")).to_be_in_viewport()

        page = opens(owner, TABLE)
        page.evaluate(
            """async () => {
              await ruleEditor.open(ruleEditor.getViews().find(one => one.element.id === 'lead_tier'));
              const viewer = ruleEditor.getActiveViewer(), table = viewer.get('sheet').getRoot().businessObject;
              viewer.get('modeling').editCell(table.rule[2].inputEntry[0], 'not( (');
              await ruleEditor.open(ruleEditor.getViews().find(one => one.element.id === 'route'));
            }"""
        )
        page.locator("[data-findings] .finding", has_text="第 3 行").first.click()
        cell = page.locator("td.selected[data-element-id='lead_tier_row_3_in_1']")
        expect(cell).to_be_in_viewport()
        expect(cell).to_have_class(re.compile("finding-error"))
        expect(cell).to_have_attribute("title", re.compile("第 3 行"))


def test_a_step_with_its_reminder_is_drawn_by_the_keyboard(person: Any) -> None:
    owner: Person = person("owner")
    with as_it_was(person("admin")):
        page = opens(owner, PATH)
        press, typed = page.keyboard.press, page.keyboard.insert_text
        page.get_by_role("button", name="全图").focus()
        for _ in range(12):
            press("Tab")
            if page.evaluate("document.activeElement.matches('.djs-container svg')"):
                break
        press("Control+f")
        page.keyboard.type("confirm_tri")
        press("Enter")
        expect(page.locator("[data-panel]")).to_contain_text("confirm_triage")
        press("a")
        expect(page.get_by_role("combobox", name="接一个元素")).to_be_focused()
        typed("用户任务")
        press("End")
        expect(page.locator(".djs-popup .entry")).to_have_count(1)
        expect(page.locator(".djs-popup .entry.selected")).to_have_count(1)
        press("Enter")
        expect(page.locator(".djs-direct-editing-content")).to_be_focused()
        typed("复核分流")
        before = page.evaluate(HEIGHT)
        page.evaluate(NAMED_AND_MOVED)  # faster than any hand
        panel = page.locator("[data-panel]")
        name = panel.get_by_label("名称", exact=True)
        expect(name).to_have_value("复核分流")
        assert page.evaluate(HEIGHT) > before

        panel.get_by_label("指挥室调度员", exact=True).focus()
        press("Space")
        panel.get_by_role("button", name="逾期时提醒办理人").focus()
        press("Enter")
        expect(name).to_have_value("逾期")
        kept(page, lambda content: 'name="提醒办理人"' in content)
        drawn = page.evaluate(SAVED)
        for part in ("<bpmn:timeDuration", ">dispatcher</camunda:inputParameter>", ">task_late<", 'name="提醒办理人"'):
            assert part in drawn
        expect(page.locator("[data-findings]")).not_to_contain_text("提醒办理人")

        page.locator(".djs-container svg").first.focus()
        for _ in range(40):
            press("Control+z")
        kept(page, lambda content: "复核分流" not in content)


def test_a_requirement_graph_is_drawn(person: Any) -> None:
    owner: Person = person("owner")
    with as_it_was(person("admin")):
        page = opens(owner, TABLE)
        page.get_by_role("button", name="决策关系图").click()
        graph = page.locator(".dmn-drd-container .djs-container")
        graph.scroll_into_view_if_needed()
        frame = graph.bounding_box()
        assert frame is not None
        page.locator(".djs-palette [data-action='create.input-data']").click()
        spot = (frame["x"] + 300, frame["y"] + frame["height"] - 70)
        page.mouse.move(spot[0] - 20, spot[1] - 10)
        page.mouse.move(*spot, steps=4)
        page.mouse.click(*spot)
        page.keyboard.press("Escape")
        page.locator(".djs-context-pad [data-action='connect']").click()
        page.locator(".djs-element[data-element-id='lead_tier']").hover()
        page.locator(".djs-element[data-element-id='lead_tier']").click()
        kept(page, lambda content: bool(_linked(content)))
        owner.looks("graph", whole=False)


def _linked(content: str) -> list[str]:
    """Input data that is new and that the lead tier asks for."""
    made = re.findall(r'<inputData id="(InputData_\w+)"', content)
    tier = content[content.index('<decision id="lead_tier"') :]
    tier = tier[: tier.index("</decision>")]
    return [one for one in made if f'<requiredInput href="#{one}"' in tier]


def test_the_check_while_drawing_marks_what_is_not_connected(person: Any) -> None:
    owner: Person = person("owner")
    with as_it_was(person("admin")):
        page = opens(owner, PATH)
        page.get_by_role("button", name="边画边查").click()
        page.evaluate(
            """() => {
              const businessObject = modeler.get('bpmnFactory').create('bpmn:UserTask', {id: 'alone'});
              const task = modeler.get('elementFactory').createShape({type: 'bpmn:UserTask', businessObject});
              modeler.get('modeling').createShape(task, {x: 700, y: 80}, modeler.get('canvas').getRootElement());
              modeler.get('selection').select([]);
            }"""
        )
        mark = page.locator(".djs-overlays[data-container-id='alone'] .bjsl-overlay")
        expect(mark).to_contain_text("没有连线")
        expect(page.locator(".bjsl-button")).to_contain_text("1 个错误")
        mark.locator(".bjsl-icon").click()
        expect(page.locator("[data-panel]")).to_contain_text("alone")
        expect(page.locator("[data-findings]")).to_contain_text("没有任何路径通到这里")
        owner.looks("linting", whole=False)

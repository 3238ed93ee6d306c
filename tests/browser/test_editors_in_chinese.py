"""On a Chinese page the editors' own words are Chinese; what owners wrote stays as they wrote it."""

from typing import Any

from playwright.sync_api import Page

from tests.browser.keeping import as_it_was, opens
from tests.browser.playing import Person

ENGLISH = r"""() => {
  const found = new Set(), english = /^[\x00-\x7f]*[A-Za-z]{3}[\x00-\x7f]*$/;
  const theirs = '.quiet, .djs-label, .cm-editor, [contenteditable], .bio-properties-panel-collapsible-entry-header, ' +
    '.bio-properties-panel-header-label, .flatpickr-calendar, .fjs-table, [data-findings], #preview, select option';
  const add = text => english.test(text?.trim() ?? '') && found.add(text.trim());
  const walk = node => {
    if (node.nodeType === Node.TEXT_NODE) return add(node.data);
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches(theirs) || !node.checkVisibility()) return;
    for (const name of ['title', 'aria-label', 'placeholder']) add(node.getAttribute(name));
    node.childNodes.forEach(walk);
  };
  walk(document.querySelector('main'));
  return [...found];
}"""
OPEN_ALL = (
    """() => document.querySelectorAll('.bio-properties-panel-group-header:not(.open)').forEach(one => one.click())"""
)
ADD = """type => {
  const registry = formDesigner.get('formFieldRegistry');
  const form = registry.getAll().find(one => one.type === 'default');
  formDesigner.get('selection').set(formDesigner.get('modeling').addFormField({type}, form, 0));
}"""
FIRST_COLUMNS = """type => {
  const viewer = ruleEditor.getActiveViewer(), modeling = viewer.get('modeling');
  const table = viewer.get('sheet').getRoot().businessObject;
  modeling.updateProperties(table.input[0].inputExpression, {typeRef: type});
  modeling.editCell(table.rule[0].inputEntry[0], '');
}"""


def _english(page: Page) -> set[str]:
    page.wait_for_timeout(200)
    return set(page.evaluate(ENGLISH))


def test_the_form_designer_is_chinese(person: Any) -> None:
    owner: Person = person("owner")
    with as_it_was(person("admin")):
        page = opens(owner, "forms/appointment.form")
        found = _english(page)
        types = page.locator(".fjs-palette-field:visible").evaluate_all("all => all.map(one => one.dataset.fieldType)")
        for field in types:
            page.evaluate(ADD, field)
            page.evaluate(OPEN_ALL)
            found |= _english(page)
        assert len(types) > 10
        assert not found


def test_all_attributes_of_the_modeller_are_chinese(person: Any) -> None:
    owner: Person = person("owner")
    page = opens(owner, "processes/triage.bpmn")
    page.get_by_role("tab", name="全部属性").click()
    found = set()
    for element in ("begin_triage", "judge_type", "confirm_triage", "decision_gate", "to_hand_over"):
        page.evaluate("id => modeler.get('selection').select(modeler.get('elementRegistry').get(id))", element)
        page.evaluate(OPEN_ALL)
        found |= _english(page)
    page.get_by_role("button", name="边画边查").click()
    assert not found | _english(page)


def test_menus_and_cells_of_the_rule_editor_are_chinese(person: Any) -> None:
    owner: Person = person("owner")
    with as_it_was(person("admin")):
        page = opens(owner, "processes/route.dmn")
        found = set()
        for kind in ("string", "number", "date", "time", "dateTime", "dayTimeDuration"):
            page.evaluate(FIRST_COLUMNS, kind)
            cell = page.locator("td.input-cell").first
            cell.click()
            page.locator(".simple-mode-button").click()
            found |= _english(page)
            page.keyboard.press("Escape")
            cell.click(button="right")
            found |= _english(page)
            page.keyboard.press("Escape")
        assert not found

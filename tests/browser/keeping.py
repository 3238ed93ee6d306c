"""A keeper of packages at an editor: opens a file, waits until it is saved, leaves the package as it was."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Error, Page, expect

from tests.browser.playing import Person

SAVED = "async () => (await (await fetch(document.querySelector('[data-draft]').dataset.url)).json()).content"

SEND_ALL = """async action => {
  const forms = [...document.querySelectorAll(`form[action$='/${action}']`)];
  await Promise.all(forms.map(form => fetch(form.action, {method: 'POST', body: new FormData(form)})));
  return forms.length;
}"""


def opens(person: Person, path: str) -> Page:
    """The editor of a file, ready."""
    person.goes_to("/authoring/dispute")
    person.page.get_by_role("button", name=f"编辑 {path}").click()
    person.page.locator("[data-ready=true]").wait_for()
    return person.page


def saved(page: Page) -> None:
    expect(page.locator("[data-draft-status]")).to_have_text("已保存")


def goes_back(admin: Person) -> None:
    admin.goes_to("/authoring/dispute/releases")
    admin.page.get_by_role("button", name="退回第 1 版").click()
    expect(admin.page.get_by_role("status").first).to_contain_text("已生效")


@contextmanager
def as_it_was(admin: Person) -> Iterator[None]:
    """Whatever happens within, the package is for the next test as it was: no request, no draft, the first content."""
    admin.goes_to("/authoring/dispute/releases")
    before = admin.page.locator("h2.row-title").count()
    try:
        yield
    finally:
        admin.goes_to("/authoring/dispute/changes")
        admin.page.evaluate(SEND_ALL, "withdrawal")
        admin.goes_to("/authoring/dispute")
        admin.page.evaluate(SEND_ALL, "discarding")
        admin.goes_to("/authoring/dispute/releases")
        newest = admin.page.locator("li.row-item").first
        if (
            admin.page.locator("h2.row-title").count() > before
            and "第 1 版" not in newest.locator(".row-meta").inner_text()
        ):
            goes_back(admin)


def brings(page: Page, text: str) -> None:
    page.locator("[data-file]").set_input_files(
        {"name": "elsewhere.bpmn", "mimeType": "text/xml", "buffer": text.encode()}
    )


def kept(page: Page, fits: Callable[[str], bool]) -> None:
    """What the server holds becomes this."""
    for _ in range(50):
        if fits(_held(page)):
            return
        page.wait_for_timeout(200)
    raise AssertionError(_held(page))


def _held(page: Page) -> str:
    """What the server holds; nothing while one page goes and the next is not there."""
    try:
        return str(page.evaluate(SAVED))
    except Error:
        return ""

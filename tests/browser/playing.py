"""People of the demo county at their desks, and what their hands do there."""

import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import ClassVar

from playwright.sync_api import Locator, Page, expect

from app.devdata.county import PASSWORD
from tests.browser.looking import axe, shoot
from tests.pictures import picture

ROOT = Path(__file__).resolve().parents[2]


class Photo:
    """What a telephone's camera gives."""


PHOTO = Photo()
Answer = str | bool | list[str] | Photo


class County:
    """The running product: its address, its clock, its command line."""

    def __init__(self, url: str, var: Path) -> None:
        self.url = url
        self.var = var
        self._clock = var / "clock"

    def days_pass(self, days: float) -> None:
        """Move the clock of web server and worker, who may look at it at any moment."""
        moved = self._clock.with_suffix(".moved")
        moved.write_text(str(float(self._clock.read_text()) + days * 86_400))
        moved.replace(self._clock)

    def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """`flask …` beside the running county."""
        return subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *words],
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", "MAPLEBRIDGE_VAR": str(self.var), "DEMO": "1"},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )


class Person:
    """Somebody at one screen. Every kind of page is looked at with axe-core, once for each width."""

    _looked: ClassVar[set[tuple[str, int]]] = set()

    def __init__(self, page: Page, login: str, story: str) -> None:
        self.page = page
        self.login = login
        self._story = story
        self._width = (page.viewport_size or {"width": 0})["width"]

    def goes_to(self, address: str) -> None:
        """Open an address, signing in first where that is asked."""
        self.page.goto(address)
        if "/sign-in" in self.page.url:
            form = self.page.locator("form", has=self.page.locator("#field-login"))
            form.get_by_label(re.compile("账号|Account")).fill(self.login)
            form.get_by_label(re.compile("密码|Password")).fill(PASSWORD)
            form.get_by_role("button").click()
            self.page.wait_for_url(lambda url: "/sign-in" not in url)
            if address != "/":
                self.page.goto(address)

    def looks(self, name: str, *, whole: bool = True) -> None:
        """See the page as it is now: no barrier, and a picture of it."""
        if (name, self._width) in self._looked:
            return
        self._looked.add((name, self._width))
        axe(self.page)
        shoot(self.page, f"{self._story}-{name}-{self._width}", whole=whole)

    def takes(self, code: str, task: str) -> None:
        """Open a task of this case from the inbox, claiming it where it is offered to the group."""
        for tab in ("mine", "available"):
            self.goes_to(f"/tasks/?tab={tab}&q={code}")
            rows = self.page.get_by_role("region", name="待办列表").get_by_role("listitem")
            line = rows.filter(has_text=task).get_by_role("link")
            if line.count():
                line.first.click()
                self.page.wait_for_url(re.compile(r"/tasks/\d+"))
                break
        else:
            raise AssertionError(f"{self.login} has no task {task} of {code}")
        claim = self.page.get_by_role("button", name="领取并办理")
        if claim.count():
            claim.click()
            expect(claim).to_have_count(0)

    def completes(self) -> None:
        self.page.get_by_role("button", name="办理并查看纠纷").click()
        expect(self.page.get_by_role("status").first).to_contain_text("已办理")

    def does(self, code: str, task: str, answers: Mapping[str, Answer] | None = None) -> None:
        """Take a task, answer its form, look at it, complete it."""
        self.takes(code, task)
        fill(self.page, answers or {})
        self.looks(f"task-{task}")
        self.completes()

    def registers(self, matter: str, place: str, applicant: str, respondent: str, *, phone: str = "") -> str:
        """File a report by the registration page; gives the code of its case."""
        self.goes_to("/reports/new")
        self.looks("register")
        fill(self.page, {"事情经过": matter, "发生地点": place})
        for number, name in enumerate((applicant, respondent)):
            self.page.locator(f"#field-party-{number}-name").fill(name)
        self.page.locator("#field-party-0-phone").fill(phone)
        self.page.get_by_role("main").get_by_role("button", name="登记", exact=True).click()
        self.page.wait_for_url("**/cases/*")
        return self.page.url.rsplit("/", 1)[1]

    def makes_link(self, code: str, name: str) -> str:
        """Make a party's personal link; gives its address."""
        self.goes_to(f"/cases/{code}/parties")
        self.page.get_by_role("button", name=f"生成专属链接 {name}").click()
        link = self.page.locator(".party-link code").inner_text()
        self.looks("link", whole=False)
        return link

    def answers(self, link: str, answers: Mapping[str, Answer], name: str) -> None:
        """As a party: open one's own link, answer what is asked, send it."""
        self.page.goto(link)
        fill(self.page, answers)
        self.looks(name)
        self.page.get_by_role("button", name="提交").click()
        expect(self.page.get_by_role("status").first).to_contain_text("谢谢")

    def sets_off(self, code: str, action: str, answers: Mapping[str, Answer]) -> None:
        """Set something off from the case page."""
        self.goes_to(f"/cases/{code}")
        self.page.get_by_role("main").get_by_role("link", name=action, exact=True).click()
        fill(self.page, answers)
        self.looks(f"action-{action}")
        self.page.get_by_role("main").get_by_role("button", name="确定").click()
        expect(self.page.get_by_role("status").first).to_contain_text(action)

    def waits_for(self, code: str, task: str, county: County, *, days: float) -> None:
        """Days pass, and the worker brings the task that was planned for then."""
        county.days_pass(days)
        self.goes_to(f"/tasks/?tab=mine&q={code}")
        rows = self.page.get_by_role("region", name="待办列表").get_by_role("listitem").filter(has_text=task)
        settled(self.page, lambda: rows.count() > 0)

    def supplies_what_is_missing(self, code: str) -> None:
        """Photograph every paper that the file still lacks."""
        while True:
            self.goes_to(f"/tasks/?tab=mine&q={code}")
            rows = self.page.get_by_role("region", name="待办列表").get_by_role("listitem").filter(has_text="补齐")
            if not rows.count():
                return
            self.does(code, "补齐", {"补交的材料": PHOTO})


def fill(within: Page | Locator, answers: Mapping[str, Answer]) -> None:
    """Answer a form by the labels that people read."""
    page = within if isinstance(within, Page) else within.page
    for label, answer in answers.items():
        named = re.compile(rf"^\s*{re.escape(label)}")
        group = within.get_by_role("group", name=named).or_(within.get_by_role("radiogroup", name=named))
        field = within.get_by_label(named)
        group.or_(field).first.wait_for()
        if isinstance(answer, bool):
            within.get_by_role("checkbox", name=named).set_checked(answer)
        elif group.count():
            for one in answer if isinstance(answer, list) else [answer]:
                group.get_by_label(str(one), exact=True).check()
        elif isinstance(answer, Photo):
            field.set_input_files({"name": "photo.png", "mimeType": "image/png", "buffer": picture("PNG")})
        elif field.first.evaluate("element => element.tagName") == "SELECT":
            field.first.select_option(label=str(answer))
        else:
            field.first.fill(str(answer))
        expect(page.locator(".htmx-request")).to_have_count(0)


def settled(page: Page, ready: Callable[[], bool]) -> None:
    """Reload until what another program does beside the request has come."""
    for _ in range(60):
        if ready():
            return
        page.wait_for_timeout(250)
        page.reload()
    raise AssertionError(f"Nothing came of it: {page.url}")

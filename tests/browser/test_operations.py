"""An administrator repairs what stands still, at the desk and on a telephone, and looks into the engine room."""

import os
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PageAs
from tests.browser.looking import ROOT, axe, shoot
from tests.browser.playing import County

STUCK = """
from pathlib import Path
from app.audit.services import Actor
from app.core import clock
from app.core.unit_of_work import run_unit
from app.definitions.services import import_folder
from app.devdata.county import COUNTY_ID
from app.directory.queries import organisations
from app.factory import create_app
from app.workflow import messaging
from app.workflow.commands import Complete
from app.workflow.services import advance, start_instance

with create_app().app_context():
    now, actor = clock.now(), Actor("person", 7, "周芳")
    town = organisations(COUNTY_ID, tier="town")[0].id
    run_unit(lambda: import_folder(COUNTY_ID, Path("tests/packages/processes/errand"), actor=actor, now=now))
    for price in (None, None, None):
        begun = run_unit(lambda: start_instance(
            COUNTY_ID, "errand", "weigh", organisation_id=town, variables={"secret": "密语"}, actor=actor, now=now))
        run_unit(lambda: advance(
            COUNTY_ID, begun.instance_id, Complete(begun.opened[0], {"price": price}), actor=actor, now=now))
    for _ in range(2):
        run_unit(lambda: start_instance(COUNTY_ID, "errand", "letter", organisation_id=town, actor=actor, now=now))
    message = messaging.Incoming("letter-7", "goods_ready", "茶")
    run_unit(lambda: messaging.receive_message(COUNTY_ID, message, actor=actor, now=now))
"""


@pytest.fixture(scope="module")
def stuck(county: County) -> None:
    """Three processes that cannot tell where to go."""
    environment = os.environ | {"MAPLEBRIDGE_VAR": str(county.var), "DEMO": "1"}
    subprocess.run([sys.executable, "-c", STUCK], cwd=ROOT, env=environment, check=True, timeout=600)


@pytest.mark.parametrize(("width", "language"), [(1280, "zh"), (390, "en")])
def test_what_stands_still_is_found_and_repaired(stuck: None, page_as: PageAs, width: int, language: str) -> None:
    page = page_as("admin", width, language)
    page.goto("/operations/incidents")
    axe(page)
    shoot(page, f"operations-incidents-{width}-{language}", whole=True)
    page.locator("#incidents section").last.locator(".row-title").first.click()
    expect(page.locator("[data-case-diagram] .is-incident").first).to_be_visible()
    axe(page)
    shoot(page, f"operations-incident-{width}-{language}", whole=True)
    form = page.locator("#values form")
    form.locator("#field-value-price").fill("12")
    form.get_by_role("button").first.click()
    expect(page.locator(".error-summary")).to_be_visible()
    axe(page)
    form.locator("#field-value-price").fill("12")
    form.locator("#field-values-reason").fill("秤已修好")
    form.get_by_role("button").first.click()
    expect(page).to_have_url(page.url.split("/operations")[0] + "/operations/incidents")
    page.goto("/operations/engine-room")
    expect(page.locator("#engine-room")).to_contain_text("goods_ready")
    axe(page)
    shoot(page, f"operations-room-{width}-{language}", whole=True)


def test_the_rest_is_tried_again_together(stuck: None, page_as: PageAs) -> None:
    page = page_as("admin", 390, "zh")
    page.goto("/operations/incidents")
    page.locator("[data-dialog='group-1']").click()
    dialog = page.locator("#group-1")
    axe(page)
    dialog.get_by_role("button", name="全部重试").click()
    expect(page.locator("#repairs")).to_contain_text("仍然失败", timeout=20_000)
    expect(page.locator("#repairs[hx-get]")).to_have_count(0)
    axe(page)
    shoot(page, "operations-repairs-390-zh", whole=True)

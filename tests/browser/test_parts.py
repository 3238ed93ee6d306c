"""The parts of pages at work in a browser, on a page that holds nothing else."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask, Response, abort, render_template_string, request
from flask_wtf.csrf import CSRFProtect
from playwright.sync_api import Page, expect
from werkzeug.serving import make_server

from app.core import translations
from app.ui import frame
from app.ui.navigation import NavigationItem, navigation
from tests.browser.looking import axe, shoot

DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"
 xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:di="http://www.omg.org/spec/DD/20100524/DI"
 xmlns:camunda="http://camunda.org/schema/1.0/bpmn" targetNamespace="test">
<process id="p"><startEvent id="Reported"/>
<userTask id="Register" name="登记来件"><extensionElements><camunda:properties>
<camunda:property name="name.en" value="Register the report"/></camunda:properties></extensionElements></userTask>
<userTask id="Ask" name="征求意愿"/>
<sequenceFlow id="first" sourceRef="Reported" targetRef="Register"/>
<sequenceFlow id="second" sourceRef="Register" targetRef="Ask"/></process>
<bpmndi:BPMNDiagram id="d"><bpmndi:BPMNPlane id="plane" bpmnElement="p">
<bpmndi:BPMNShape id="s1" bpmnElement="Reported"><dc:Bounds x="100" y="102" width="36" height="36"/></bpmndi:BPMNShape>
<bpmndi:BPMNShape id="s2" bpmnElement="Register"><dc:Bounds x="200" y="80" width="100" height="80"/></bpmndi:BPMNShape>
<bpmndi:BPMNShape id="s3" bpmnElement="Ask"><dc:Bounds x="380" y="80" width="100" height="80"/></bpmndi:BPMNShape>
<bpmndi:BPMNEdge id="e1" bpmnElement="first">
<di:waypoint x="136" y="120"/><di:waypoint x="200" y="120"/></bpmndi:BPMNEdge>
<bpmndi:BPMNEdge id="e2" bpmnElement="second">
<di:waypoint x="300" y="120"/><di:waypoint x="380" y="120"/></bpmndi:BPMNEdge>
</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></definitions>"""

PAGE = """{% extends "ui/layout.html" %}{% import "ui/_macros.html" as ui %}
{% block title %}parts{% endblock %}
{% block head %}{{ ui.diagram_head() }}{% endblock %}
{% block main %}
{{ ui.page_header("张×与李× · 邻里纠纷") }}
{{ ui.stepper([{"label": "登记", "state": "done", "spent": "1 天"}, {"label": "调解", "state": "current"},
               {"label": "归档", "state": "upcoming"}]) }}
{{ ui.case_diagram("/diagram.bpmn", running=["Ask"], visited=["Reported", "Register"], label="纠纷") }}
<form method="post" action="/release" id="plain">{{ ui.csrf() }}<button class="btn">一次</button></form>
<button class="btn" hx-post="/missing" hx-target="#plain">不存在</button>
{{ ui.dialog_button("release", "退回待领") }}
{% call ui.confirm_dialog("release", "退回待领？", action="/release", submit="退回", tone="bad") %}
{{ ui.field("reason", "原因", type="textarea", required=true) }}{% endcall %}
{% endblock %}"""


# Without it the browser would ask for /favicon.ico by itself, perhaps while the server is already going down.
ICONLESS = '<!doctype html><link rel="icon" href="data:,">'


class Clerk:
    name = "陈晓梅"

    def has_role(self, role: str) -> bool:
        return True


@pytest.fixture
def posts() -> list[str]:
    return []


@pytest.fixture
def parts_url(posts: list[str]) -> Iterator[str]:
    app = Flask("app", static_folder=None)
    app.config.update(SECRET_KEY="tests")
    translations.init_app(app)
    CSRFProtect(app)
    frame.init_app(
        app, reader=Clerk, office=lambda reader: "综治中心", home_endpoint="home", sign_out_endpoint="sign_out"
    )

    def release() -> str:
        posts.append(request.form.get("reason", ""))
        return ICONLESS + "done"

    def missing() -> Any:
        abort(404)

    app.add_url_rule("/", "home", lambda: render_template_string(PAGE))
    app.add_url_rule("/other", "other", lambda: render_template_string(PAGE))
    app.add_url_rule("/diagram.bpmn", "diagram", lambda: Response(DIAGRAM, mimetype="application/xml"))
    app.add_url_rule("/release", "release", release, methods=["POST"])
    app.add_url_rule("/missing", "missing", missing, methods=["POST"])
    app.add_url_rule("/sign-out", "sign_out", lambda: "out", methods=["POST"])
    navigation(app).add(
        NavigationItem("home", "待办", "inbox", badge=lambda reader: 3, on_phone=True),
        NavigationItem("other", "督办", "flag", section="管理"),
    )
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_frame_has_no_barrier(open_page: Any, parts_url: str, width: int, language: str) -> None:
    page: Page = open_page(parts_url, width, language)
    page.goto("/")
    expect(page.locator("[data-ready=true]")).to_be_visible()
    axe(page)
    shoot(page, f"parts-{width}-{language}")


def test_the_diagram_lights_where_the_case_stands(open_page: Any, parts_url: str) -> None:
    page: Page = open_page(parts_url)
    page.goto("/")
    expect(page.locator(".djs-element.is-running")).to_have_attribute("data-element-id", "Ask")
    assert set(page.locator(".djs-shape.is-visited").evaluate_all("all => all.map(e => e.dataset.elementId)")) == {
        "Reported",
        "Register",
    }
    assert page.locator(".djs-connection.is-visited").count() == 2
    expect(page.locator(".diagram-canvas")).to_contain_text("登记来件")


def test_the_diagram_speaks_english_where_it_has_english_names(open_page: Any, parts_url: str) -> None:
    page: Page = open_page(parts_url, language="en")
    page.goto("/")
    expect(page.locator('[data-element-id="Register"]')).to_contain_text("Register")
    expect(page.locator(".diagram-canvas")).not_to_contain_text("登记")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_confirmation_asks_first(open_page: Any, parts_url: str, posts: list[str], scripts: bool) -> None:
    page: Page = open_page(parts_url, scripts=scripts)
    page.goto("/")
    dialog = page.locator("dialog#release")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="退回待领").click()
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="取消").click()
    expect(dialog).to_be_hidden()
    assert posts == []
    page.get_by_role("button", name="退回待领").click()
    dialog.get_by_label("原因").fill("不属本单位")
    dialog.get_by_role("button", name="退回", exact=True).click()
    expect(page.locator("body")).to_have_text("done")
    assert posts == ["不属本单位"]


def test_a_second_click_does_not_send_twice(open_page: Any, parts_url: str, posts: list[str]) -> None:
    page: Page = open_page(parts_url)
    page.goto("/")
    page.get_by_role("button", name="一次").dblclick()
    expect(page.locator("body")).to_have_text("done")
    assert len(posts) == 1


def test_a_problem_of_a_fragment_is_told_on_the_page(open_page: Any, parts_url: str) -> None:
    page: Page = open_page(parts_url)
    page.goto("/")
    page.get_by_role("button", name="不存在").click()
    expect(page.locator("#messages")).to_contain_text("没有找到")
    expect(page.get_by_role("button", name="一次")).to_be_visible()


def test_on_a_phone_every_place_is_under_the_thumb(open_page: Any, parts_url: str) -> None:
    page: Page = open_page(parts_url, 390)
    page.goto("/", wait_until="networkidle")  # whoever leaves earlier breaks off the drawing's request
    bar = page.get_by_role("navigation", name="手机主导航")
    expect(bar.get_by_role("link", name="待办")).to_be_visible()
    expect(bar.get_by_role("link", name="督办")).to_be_hidden()
    bar.get_by_text("更多").click()
    axe(page)
    shoot(page, "parts-more-390")
    bar.get_by_role("link", name="督办").click()
    page.wait_for_url("**/other")


def test_the_language_is_switched_on_the_spot(open_page: Any, parts_url: str) -> None:
    page: Page = open_page(parts_url)
    page.goto("/other")
    page.locator(".top").get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url.endswith("/other")

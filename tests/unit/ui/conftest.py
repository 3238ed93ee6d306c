"""The frame around pages with nothing behind it: no database, a reader by name."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask, Response, abort, render_template_string, request
from flask_wtf.csrf import CSRFProtect

from app.core import translations
from app.core.errors import Busy, Invalid, NotFound, Refusal
from app.ui import frame
from app.ui.navigation import NavigationItem, navigation


@dataclass(frozen=True)
class Somebody:
    name: str
    roles: tuple[str, ...] = ()

    def has_role(self, role: str) -> bool:
        return role in self.roles


PEOPLE = {"clerk": Somebody("陈晓梅", ("clerk",)), "owner": Somebody("蒋文博", ("process_owner",))}


class SealedAlready(Refusal):
    """The file of %(code)s is sealed."""


def _refuse(status: int) -> str:
    if status == 599:
        raise SealedAlready(code="FX-1")
    if status == 422:
        raise Invalid({"amount": ["请填写数字"]})
    if status == 404:
        raise NotFound
    if status == 503:
        raise Busy
    if status == 500:
        raise ValueError("a mistake of ours")
    abort(status)


@pytest.fixture
def app() -> Flask:
    app = Flask("app", static_folder=None)
    app.config.update(SECRET_KEY="tests", BABEL_DEFAULT_TIMEZONE="Asia/Shanghai")
    translations.init_app(app)
    CSRFProtect(app)
    frame.init_app(
        app,
        reader=lambda: PEOPLE.get(request.args.get("as", "")),
        office=lambda reader: "枫溪县综治中心",
        home_endpoint="home",
        sign_out_endpoint="sign_out",
    )
    page = '{% extends "ui/layout.html" %}{% block title %}t{% endblock %}{% block main %}<h1>t</h1>{% endblock %}'
    app.add_url_rule("/", "home", lambda: render_template_string(page))
    app.add_url_rule("/orders", "orders", lambda: render_template_string(page))
    app.add_url_rule("/processes", "processes", lambda: render_template_string(page))
    app.add_url_rule("/sign-out", "sign_out", lambda: Response("out"), methods=["POST"])
    app.add_url_rule("/refuse/<int:status>", "refuse", _refuse)
    app.add_url_rule("/api/v1/refuse/<int:status>", "api_refuse", _refuse)
    navigation(app).add(
        NavigationItem("processes", "流程", "sitemap", roles=("process_owner",), order=3, section="管理"),
        NavigationItem("home", "待办", "inbox", badge=lambda reader: 7, on_phone=True, order=1),
        NavigationItem(
            "orders", "督办", "flag", badge=lambda reader: 2, predicate=lambda reader: reader.name == "陈晓梅", order=2
        ),
    )
    return app


@pytest.fixture
def get(app: Flask) -> Callable[..., str]:
    """The text of a page."""

    def read(path: str, **headers: str) -> str:
        return app.test_client().get(path, headers={k.replace("_", "-"): v for k, v in headers.items()}).text

    return read

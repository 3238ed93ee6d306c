import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.ui.htmx import go_to, page_or_fragment


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    app.add_url_rule("/list", "list", lambda: page_or_fragment("ui/error.html", "ui/_problem.html", title="Eins"))
    app.add_url_rule("/go", "go", lambda: go_to("/list"))
    return app.test_client()


def test_a_browser_gets_the_page_and_htmx_the_fragment(client: FlaskClient) -> None:
    page, fragment = client.get("/list"), client.get("/list", headers={"HX-Request": "true"})
    assert "<html" in page.text
    assert "<html" not in fragment.text
    assert "Eins" in page.text
    assert "Eins" in fragment.text
    assert "HX-Request" in page.headers["Vary"]


@pytest.mark.parametrize("reason", ["HX-Boosted", "HX-History-Restore-Request"])
def test_a_page_of_its_own_is_whole(client: FlaskClient, reason: str) -> None:
    assert "<html" in client.get("/list", headers={"HX-Request": "true", reason: "true"}).text


def test_after_something_was_done_the_whole_page_changes(client: FlaskClient) -> None:
    assert (client.get("/go").status_code, client.get("/go").location) == (303, "/list")
    assert client.get("/go", headers={"HX-Request": "true"}).headers["HX-Redirect"] == "/list"

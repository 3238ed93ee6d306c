from collections.abc import Callable

from flask import Flask

from app.ui.navigation import navigation


def labels(app: Flask, path: str) -> list[str]:
    with app.test_request_context(path):
        return [place.item.label for place in navigation(app).places]


def test_each_reader_sees_the_places_of_their_roles_in_order(app: Flask) -> None:
    assert labels(app, "/?as=clerk") == ["待办", "督办"]
    assert labels(app, "/?as=owner") == ["待办", "流程"]


def test_nobody_signed_in_sees_no_place(app: Flask) -> None:
    assert labels(app, "/") == []


def test_the_present_place_is_marked_once_in_the_sidebar_and_once_in_the_tab_bar(get: Callable[..., str]) -> None:
    assert get("/?as=clerk").count('aria-current="page"') == 2


def test_a_place_outside_the_tab_bar_is_under_more(app: Flask) -> None:
    with app.test_request_context("/?as=owner"):
        assert [place.item.label for place in navigation(app).tab_bar] == ["待办"]
        assert [place.item.label for place in navigation(app).more] == ["流程"]


def test_what_waits_under_more_is_told_there(get: Callable[..., str]) -> None:
    assert get("/?as=clerk").count('<span class="count">2</span>') == 3
    assert get("/?as=owner").count('<span class="count">2</span>') == 0


def test_a_badge_shows_how_much_waits_and_who_reads(get: Callable[..., str]) -> None:
    page = get("/?as=clerk")
    assert '<span class="count">7</span>' in page
    assert "陈晓梅" in page
    assert "枫溪县综治中心" in page

"""Puts the frame around the pages: called once by the application factory."""

from collections.abc import Callable
from typing import Any

from flask import Flask

from app.ui import errors, formats, security_headers, views
from app.ui.navigation import Navigation, Reader, navigation


def init_app(
    app: Flask,
    *,
    reader: Callable[[], Reader | None],
    office: Callable[[Any], str],
    home_endpoint: str,
    sign_out_endpoint: str,
) -> None:
    """Give ``app`` its pages' frame.

    ``reader`` tells who reads the page (None when signed out) and ``office`` the words under that person's name; the
    two endpoints are where the product's name leads and what the sign-out button posts to. Features then add their
    places with ``app.ui.navigation.navigation(app).add(NavigationItem(…))``.
    """
    app.extensions["maplebridge_navigation"] = Navigation(reader, office, home_endpoint, sign_out_endpoint)
    app.register_blueprint(views.blueprint)
    app.jinja_env.globals.update(
        navigation=navigation(app),
        static_url=views.static_url,
        large_type=views.large_type,
        styles_in_use=views.styles_in_use,
    )
    formats.init_app(app)
    security_headers.init_app(app)
    errors.init_app(app)

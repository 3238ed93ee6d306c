"""Where a request came from and under which name the program is reached: neither is believed from a header alone."""

import ipaddress
import re
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request, url_for
from werkzeug.exceptions import SecurityError
from werkzeug.middleware.proxy_fix import ProxyFix

from app.core.errors import Forbidden

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_FORWARDED = ("X-Forwarded-For", "X-Real-Ip", "Forwarded", "Via")


class DemoIsLocal(Forbidden):
    """The demo's passwords are public, so it answers on the machine that it runs on only."""


def init_app(app: Flask) -> None:
    """Believe as many proxies as the operator named, answer to the public name alone, keep a demo on its machine."""
    hops = int(app.config.get("PROXIES") or 0)
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    public = _without_port(urlsplit(str(app.config.get("PUBLIC_URL") or "")).netloc)
    local_demo = app.config.get("DEMO") and not app.config.get("DEMO_ANYWHERE")
    if public or local_demo:
        names = {*LOOPBACK, public} - {""}

        @app.before_request
        def refuse_other_names() -> None:
            """Our own list and not Werkzeug's: that one knows no IPv6 address."""
            if _without_port(request.host) not in names:
                raise SecurityError

    app.register_error_handler(SecurityError, _other_name)
    if local_demo:
        app.before_request(_refuse_other_machines)


def _without_port(host: str) -> str:
    return re.sub(r":\d*$", "", host).lower()


def public_url(endpoint: str, **values: Any) -> str:
    """The address of a page for paper, QR codes and messages: under PUBLIC_URL where the operator has set one."""
    base = str(current_app.config.get("PUBLIC_URL") or "").rstrip("/")
    return base + url_for(endpoint, **values) if base else url_for(endpoint, _external=True, **values)


def from_this_machine() -> bool:
    """Whether the request was made on this very machine, not merely handed on by a proxy that runs on it."""
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _other_name(error: SecurityError) -> Response:
    """Under a name that is not ours no page can be made: its links would carry that name."""
    return Response("This name is not served here.\n", status=400, content_type="text/plain; charset=utf-8")


def _refuse_other_machines() -> None:
    if not from_this_machine():
        raise DemoIsLocal

"""Response headers that keep foreign scripts, frames and caches away from the pages."""

import secrets

from flask import Flask, Response, g, request

_NO_DEVICES = ", ".join(
    f"{device}=()"
    for device in (
        *(
            "accelerometer",
            "camera",
            "display-capture",
            "geolocation",
            "gyroscope",
            "hid",
            "magnetometer",
            "microphone",
        ),
        *("midi", "payment", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking"),
    )
)
"""A photo is taken through a file field, which asks the phone itself; no page of ours reaches for a device."""


def content_security_policy_nonce() -> str:
    """The nonce of this response, for a ``<script nonce>`` or ``<style nonce>`` that cannot be a file."""
    if "content_security_policy_nonce" not in g:
        g.content_security_policy_nonce = secrets.token_urlsafe(16)
    return str(g.content_security_policy_nonce)


def allow_style_attributes() -> None:
    """Let this one response use ``style`` attributes; called by views whose page embeds a diagram editor or a chart."""
    g.style_attributes_allowed = True


def allow_style_elements() -> None:
    """Let this one response's scripts add style elements; only for the pages of the rule and the form editor."""
    g.style_elements_allowed = True


def _policy() -> str:
    own = "'self'"
    if "content_security_policy_nonce" in g:
        own = f"'self' 'nonce-{g.content_security_policy_nonce}'"
    directives = [
        "default-src 'none'",
        f"script-src {own}",
        "style-src 'self' 'unsafe-inline'" if g.get("style_elements_allowed") else f"style-src {own}",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "manifest-src 'self'",
    ]
    if g.get("style_attributes_allowed"):
        directives.append("style-src-attr 'unsafe-inline'")
    return "; ".join(directives)


def _protect(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", _policy())
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("X-Permitted-Cross-Domain-Policies", "none")
    headers.setdefault("Permissions-Policy", _NO_DEVICES)
    if "Cache-Control" not in headers:
        # Offices share computers: after signing out, "back" must not show a case.
        headers["Cache-Control"] = "no-store"
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response


def init_app(app: Flask) -> None:
    app.after_request(_protect)
    app.jinja_env.globals["content_security_policy_nonce"] = content_security_policy_nonce

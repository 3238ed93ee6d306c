"""Structured logs: one JSON line per event, with the request's id and no personal data."""

import logging
import secrets
import sys
import time
from typing import Any

import structlog
from flask import Flask, Response, g, request

from app.core.metrics import REQUEST_SECONDS

_QUIET = ("/static/", "/healthz", "/metrics")


def configure(*, level: int = logging.INFO) -> None:
    """Send structlog's events as JSON lines to standard error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def init_app(app: Flask) -> None:
    """Give each request an id, and log and measure its end."""
    log = structlog.get_logger()

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()
        g.request_id = secrets.token_hex(8)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        if request.path.startswith(_QUIET):
            return response
        seconds = time.perf_counter() - g.get("began", time.perf_counter())
        endpoint = request.endpoint or "none"
        REQUEST_SECONDS.labels(request.method, endpoint, str(response.status_code)).observe(seconds)
        fields: dict[str, Any] = {"method": request.method, "endpoint": endpoint, "status": response.status_code}
        log.info("request", ms=round(seconds * 1000, 1), **fields)
        return response

"""Figures for Prometheus: counted in the process, read at /metrics from this machine only."""

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, Histogram, generate_latest

from app.core.addresses import from_this_machine
from app.core.errors import NotFound

REQUEST_SECONDS = Histogram(
    "maplebridge_request_seconds",
    "Time of answering a request.",
    ["method", "endpoint", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def metrics() -> Response:
    """The figures in Prometheus's text format; another machine finds nothing here."""
    if not from_this_machine():
        raise NotFound
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)

"""The other measurements run with tiny numbers, and their figures keep their shape."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]


def bench(postgresql_url: str, var: Path, *words: str) -> Any:
    environment = os.environ | {"BENCH_DATABASE_URL": postgresql_url, "MAPLEBRIDGE_VAR": str(var), "DEMO": "0"}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "bench", *words, "--json"]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=1200, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    return json.loads(run.stdout)


@pytest.mark.postgresql
def test_a_loop(postgresql_url: str, tmp_path: Path) -> None:
    figures = bench(postgresql_url, tmp_path, "loop", "--turns", "20", "--window", "4")
    assert set(figures) == {
        "turns",
        "window",
        "turn_10_ms",
        "turn_last_ms",
        "ratio",
        "statements",
        "commits",
        "floor_ms",
        "database_floor_ms",
    }
    assert figures["window"] == 4
    assert figures["commits"] == 1
    assert figures["statements"] <= 18
    assert 0 < figures["floor_ms"] < figures["turn_10_ms"]


@pytest.mark.postgresql
def test_timers(postgresql_url: str, tmp_path: Path) -> None:
    figures = bench(postgresql_url, tmp_path, "timers", "--due", "5", "--workers", "1")
    assert set(figures) == {
        "due",
        "workers",
        "median_s",
        "p95_s",
        "last_s",
        "per_s",
        "per_s_and_worker",
        "floor_ms",
        "database_floor_ms",
    }
    assert 0 < figures["median_s"] <= figures["p95_s"] <= figures["last_s"]


@pytest.mark.postgresql
def test_an_inbox(postgresql_url: str, tmp_path: Path) -> None:
    figures = bench(postgresql_url, tmp_path, "inbox", "--open", "700", "--rounds", "1")
    for kind in ("page", "list", "counts", "case"):
        assert figures[f"{kind}_p95_ms"] > 0
        assert set(figures["cold"][kind]) == {"median_ms", "p95_ms", "statements"}
    assert figures["open"] == 700
    assert figures["organisations"] == 631
    assert figures["list_statements"] == 1
    assert figures["counts_statements"] <= 3
    assert figures["statements"] <= 13
    assert {"county_leader", "village_mediator", "dispatcher", "inspector"} <= set(figures["people"])

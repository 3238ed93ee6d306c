"""The benchmark plays real cases over real HTTP, and its figures keep their shape and their limits."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.bench.client import Samples

ROOT = Path(__file__).parents[3]


def test_figures_of_samples() -> None:
    samples = Samples([float(n) for n in range(1, 101)], [18] * 60 + [16] * 40, [1] * 100)
    assert samples.figures() == {
        "median_ms": 51.0,
        "p95_ms": 96.0,
        "statements": 18,
        "statements_at_most": 18,
        "commits": 1,
    }


@pytest.mark.postgresql
def test_flow_in_json(postgresql_url: str, tmp_path: Path) -> None:
    environment = os.environ | {"BENCH_DATABASE_URL": postgresql_url, "MAPLEBRIDGE_VAR": str(tmp_path), "DEMO": "0"}
    command = [
        sys.executable,
        "-m",
        "flask",
        "--app",
        "wsgi",
        "bench",
        "flow",
        "--cases",
        "3",
        "--clients",
        "2",
        "--seconds",
        "1",
        "--json",
    ]
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=1200, check=False)
    assert run.returncode == 0, run.stderr[-2000:]
    figures = json.loads(run.stdout)
    for kind in ("start", "complete", "inbox", "open"):
        assert figures[kind]["commits"] == 1
    assert figures["complete"]["tasks"] == 40
    assert figures["complete"]["statements_at_most"] <= 14
    assert figures["start"]["statements_at_most"] <= 18
    assert figures["inbox"]["statements"] <= 5
    for kind in ("start", "complete"):
        assert figures[kind]["floor_ms"] > 0
        assert figures[kind]["database_floor_ms"] > 0
    assert figures["bytes_per_case"] > 0
    assert figures["throughput"][0]["completions_per_s"] > 0

"""Programs that play cases over HTTP: one connection each, as little work as can be, so that the server is measured."""

import re
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from app.bench import long_package
from app.bench.server import COMMITS, STATEMENTS

SHORT, SHORT_TASKS = "bench", 6

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_STATEMENTS = re.compile(rb"\r\n" + STATEMENTS.encode() + rb": *(\d+)", re.IGNORECASE)
_COMMITS = re.compile(rb"\r\n" + COMMITS.encode() + rb": *(\d+)", re.IGNORECASE)


class Failed(Exception):
    """The server did not answer as it should, or what it left behind is wrong."""


@dataclass(slots=True)
class Samples:
    """What was measured of one sort of request."""

    milliseconds: list[float] = field(default_factory=list)
    statements: list[int] = field(default_factory=list)
    commits: list[int] = field(default_factory=list)

    def figures(self) -> dict[str, float | int]:
        """Median and 95th percentile; statements and commits are the most that a request took."""
        ordered = sorted(self.milliseconds)
        return {
            "median_ms": round(ordered[len(ordered) // 2], 2),
            "p95_ms": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))], 2),
            "statements": sorted(self.statements)[len(self.statements) // 2],
            "statements_at_most": max(self.statements),
            "commits": max(self.commits),
        }


class Client:
    """One program at the API, over one connection that is kept. `samples` takes what each request took, if wanted."""

    def __init__(self, port: int, token: str, samples: Mapping[str, Samples] | None = None) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._headers = f"Host: bench\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        self._samples = samples
        self.completions = 0

    def call(self, kind: str, method: str, path: str, body: object = None) -> Any:
        """One request, measured from the first byte sent to the last one read."""
        data = b"" if body is None else orjson.dumps(body)
        head = f"{method} {path} HTTP/1.1\r\n{self._headers}Content-Length: {len(data)}\r\n\r\n"
        began = time.perf_counter()
        self._socket.sendall(head.encode() + data)
        answer, content = self._answer()
        spent = (time.perf_counter() - began) * 1000
        if answer[9:10] != b"2":
            raise Failed(f"{method} {path}: {answer[:15]!r} {content[:500]!r}")
        if self._samples is not None:
            sample = self._samples[kind]
            sample.milliseconds.append(spent)
            sample.statements.append(_number(_STATEMENTS, answer))
            sample.commits.append(_number(_COMMITS, answer))
        return orjson.loads(content)

    def _answer(self) -> tuple[bytes, bytes]:
        received = b""
        while (end := received.find(b"\r\n\r\n")) < 0:
            received += self._receive()
        length = _number(_LENGTH, received[:end])
        content = received[end + 4 :]
        while len(content) < length:
            content += self._receive()
        return received[:end], content

    def _receive(self) -> bytes:
        part = self._socket.recv(65536)
        if not part:
            raise Failed("the server closed the connection")
        return part

    def play_case(self, package: str = SHORT, *, look: bool = False) -> None:
        """A case from its start to its end; with `look` every task is claimed, found in the list and opened first."""
        opened = self.call("start", "POST", "/bench/cases", {"package": package})["opened"]
        tasks = SHORT_TASKS if package == SHORT else long_package.TASKS
        for number in range(1, tasks + 1):
            (item,) = opened
            if look:
                self.call("claim", "POST", f"/api/v1/tasks/{item}/claim")
                self.call("inbox", "GET", "/api/v1/tasks?tab=mine&size=20")
                self.call("open", "GET", f"/api/v1/tasks/{item}")
            values = short_answer(number) if package == SHORT else long_package.answer(number)
            done = self.call("complete", "POST", f"/api/v1/tasks/{item}/completion", {"values": values})
            self.completions += 1
            opened = done["opened"]
        if opened or not done["finished"]:
            raise Failed("the case did not end after its last task")

    def close(self) -> None:
        self._socket.close()


def short_answer(number: int) -> dict[str, object]:
    """What is written into the form of one of the six tasks."""
    return {
        f"note_{number}": "院墙往外移了半米，双方各让一步。" * 3,
        f"amount_{number}": 100 * number,
        f"day_{number}": "2026-03-02",
        f"agreed_{number}": True,
    }


def _number(pattern: re.Pattern[bytes], head: bytes) -> int:
    found = pattern.search(head)
    if found is None:
        raise Failed(f"an answer without {pattern.pattern!r}")
    return int(found[1])


def play(port: int, token: str, cases: int, *, package: str = SHORT, look: bool = False) -> dict[str, Samples]:
    """Play cases one after another; what each kind of request took."""
    samples: dict[str, Samples] = defaultdict(Samples)
    client = Client(port, token, samples)
    try:
        for _ in range(cases):
            client.play_case(package, look=look)
    finally:
        client.close()
    return samples


def crowd(port: int, token: str, clients: int, seconds: float) -> tuple[int, int, float]:
    """Many clients start and complete for a time: (cases, completions, seconds that it took)."""
    playing = [Client(port, token) for _ in range(clients)]
    cases = [0] * clients
    until = time.monotonic() + seconds

    def run(number: int) -> None:
        while time.monotonic() < until:
            playing[number].play_case()
            cases[number] += 1

    began = time.perf_counter()
    _side_by_side([lambda number=number: run(number) for number in range(clients)])  # type: ignore[misc]
    took = time.perf_counter() - began
    for client in playing:
        client.close()
    return sum(cases), sum(client.completions for client in playing), took


def _side_by_side(work: Sequence[Callable[[], None]]) -> None:
    failures: list[BaseException] = []

    def run(one: Callable[[], None]) -> None:
        try:
            one()
        except (Failed, OSError) as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]

"""People who work over HTTP, and a journal of what they were told: the other half of what the database must hold."""

import contextlib
import http.client
import json
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

ANSWER_SECONDS = 40
DONE, REFUSED, UNSURE, UNAVAILABLE, LOST = "done", "refused", "unsure", "unavailable", "lost"


@dataclass(frozen=True, slots=True)
class Entry:
    """One request that meant to change something. `item` is 0 for a start; `marker` is what was sent with it."""

    who: str
    item: int
    marker: str
    outcome: str
    status: int
    began: float
    seconds: float
    answer: str = ""


@dataclass
class Journal:
    entries: list[Entry] = field(default_factory=list)

    def note(self, entry: Entry) -> None:
        self.entries.append(entry)

    def of(self, outcome: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.outcome == outcome]

    def counts(self) -> dict[str, int]:
        return dict(Counter(entry.outcome for entry in self.entries))

    def slowest(self) -> float:
        """Seconds of the slowest request that got an answer."""
        return max((entry.seconds for entry in self.entries if entry.outcome != LOST), default=0.0)


class Person:
    """One clerk with one connection, which is made anew when it is lost."""

    def __init__(self, name: str, token: str, port: int, journal: Journal) -> None:
        self.name = name
        json_type = "application/json"
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": json_type, "Accept": json_type}
        self._port = port
        self._journal = journal
        self._connection: http.client.HTTPConnection | None = None
        self._count = 0

    def call(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Status and answer; 0 when the connection was lost."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=ANSWER_SECONDS)
        try:
            self._connection.request(method, path, None if body is None else json.dumps(body), self._headers)
            answer = self._connection.getresponse()
            content = answer.read()
            if answer.headers.get("Connection", "").lower() == "close":
                self.leave()
            return answer.status, json.loads(content) if content else None
        except (OSError, http.client.HTTPException, json.JSONDecodeError):
            self.leave()
            return 0, None

    def leave(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def start(self, what: str = "start_errand?") -> Entry:
        marker = self._marker()
        return self._change(0, marker, f"/soak/{what}&key={marker}", {})

    def complete(self, item: int) -> Entry:
        marker = self._marker()
        return self._change(item, marker, f"/api/v1/tasks/{item}/completion", {"values": {"note": marker}})

    def open_tasks(self, tab: str = "available") -> list[int]:
        status, answer = self.call("GET", f"/api/v1/tasks?tab={tab}&size=50")
        return [int(one["id"]) for one in answer["items"]] if status == 200 else []

    def _marker(self) -> str:
        self._count += 1
        return f"{self.name}-{self._count}"

    def _change(self, item: int, marker: str, path: str, body: object) -> Entry:
        began = time.monotonic()
        status, answer = self.call("POST", path, body)
        outcome = {0: LOST, 503: UNAVAILABLE, 504: UNSURE}.get(status, DONE if 200 <= status < 300 else REFUSED)
        if status == 500:
            outcome = LOST
        seconds = time.monotonic() - began
        entry = Entry(self.name, item, marker, outcome, status, began, seconds, json.dumps(answer, ensure_ascii=False))
        self._journal.note(entry)
        return entry


class Crowd:
    """People at work side by side until they are told to stop."""

    def __init__(self, people: list[Person], *, most_open: int = 30, pause: float = 0.0) -> None:
        self._people = people
        self._most_open = most_open
        self._pause = pause
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(person,), daemon=True) for person in people]
        self.failures: list[BaseException] = []

    def __enter__(self) -> "Crowd":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(ANSWER_SECONDS + 10)
        assert not any(thread.is_alive() for thread in self._threads), "somebody was never answered"
        for person in self._people:
            person.leave()
        if self.failures:
            raise self.failures[0]

    def _work(self, person: Person) -> None:
        chance = random.Random(person.name)  # noqa: S311 - the same choices in every run
        try:
            while not self._stop.is_set():
                tasks = person.open_tasks()
                if not tasks or (len(tasks) < self._most_open and chance.random() < 0.2):
                    outcome = person.start().outcome
                else:
                    outcome = person.complete(chance.choice(tasks)).outcome
                time.sleep(self._pause if outcome == DONE else 0.03)
        except BaseException as error:
            self.failures.append(error)
            with contextlib.suppress(Exception):
                person.leave()

"""Calls out of the house, against servers on this machine that answer as nobody should."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from app.core import outbound
from app.core.outbound import MOST_BYTES, OutboundRefused, call

Behaviour = Callable[[socket.socket], None]


@contextmanager
def serving(behave: Behaviour) -> Iterator[tuple[str, list[bytes]]]:
    """A server that behaves so at each connection; gives its address and the requests that came."""
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    line, _peer = listening.accept()
                except OSError:
                    return
                with line:
                    asked.append(line.recv(65_536))
                    try:
                        behave(line)
                        line.shutdown(socket.SHUT_WR)
                        while line.recv(65_536):  # unread bytes would cut the answer off
                            continue
                    except OSError:
                        continue

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", asked
        listening.shutdown(socket.SHUT_RDWR)


def answering(text: str) -> Behaviour:
    return lambda line: line.sendall(text.encode())


def drop_by_drop(text: str) -> Behaviour:
    def behave(line: socket.socket) -> None:
        for letter in text:
            line.sendall(letter.encode())
            time.sleep(0.05)

    return behave


HERE = ("127.0.0.1",)
HEAD = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"


def test_an_answer_is_read() -> None:
    with serving(answering(HEAD + '{"a": 1}')) as (url, asked):
        answer = call("POST", f"{url}/path?q=1", body=b"x", headers={"X-Key": "k"}, allow=HERE)
        assert (answer.status, answer.json()) == (200, {"a": 1})
        assert asked[0].startswith(b"POST /path?q=1 HTTP/1.1\r\nHost: 127.0.0.1:")
        assert b"X-Key: k" in asked[0]


def test_a_redirect_is_not_followed() -> None:
    with serving(answering(HEAD + "secret")) as (inner, inside):
        away = f"HTTP/1.1 302 Found\r\nLocation: {inner}/metadata\r\nContent-Length: 0\r\n\r\n"
        with serving(answering(away)) as (url, _asked), pytest.raises(OutboundRefused, match="a redirect"):
            call("GET", url, allow=HERE)
        assert inside == []


def test_an_answer_without_end_is_cut_off() -> None:
    sent = 0

    def pour(line: socket.socket) -> None:
        nonlocal sent
        line.sendall(HEAD.encode())
        while True:
            sent += line.send(b"x" * 65_536)

    with serving(pour) as (url, _asked), pytest.raises(OutboundRefused, match="too long"):
        call("GET", url, allow=HERE)
    assert sent < MOST_BYTES * 20


@pytest.mark.parametrize("length", [MOST_BYTES, MOST_BYTES + 1])
def test_a_megabyte_is_the_most(length: int) -> None:
    with serving(answering(HEAD + "x" * length)) as (url, _asked):
        if length > MOST_BYTES:
            with pytest.raises(OutboundRefused, match="too long"):
                call("GET", url, allow=HERE)
        else:
            assert len(call("GET", url, allow=HERE).body) == length


@pytest.mark.parametrize(
    "behave",
    [
        pytest.param(lambda _line: time.sleep(3), id="silent"),
        pytest.param(drop_by_drop(HEAD + "x" * 100), id="dripping body"),
        pytest.param(drop_by_drop("HTTP/1.1 200 OK\r\nX-Long: " + "x" * 100), id="dripping head"),
    ],
)
def test_a_slow_answer_ends_in_time(monkeypatch: pytest.MonkeyPatch, behave: Behaviour) -> None:
    monkeypatch.setattr(outbound, "SECONDS", 0.5)
    # Whoever waits for longer than that reads a whole answer, or the end of one.
    with serving(behave) as (url, _asked), pytest.raises(OutboundRefused, match="TimeoutError"):
        call("GET", url, allow=HERE)


@pytest.mark.parametrize("text", ["", "not the web at all\r\n\r\n", "HTTP/1.1 200 OK\r\n" + "X: y\r\n" * 200 + "\r\n"])
def test_what_is_no_answer_is_refused(text: str) -> None:
    with serving(answering(text)) as (url, _asked), pytest.raises(OutboundRefused):
        call("GET", url, allow=HERE)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}",
        "https://127.0.0.1:{port}",
        "http://localhost:{port}",
        "http://[::ffff:127.0.0.1]:{port}",
    ],
)
def test_an_inner_address_is_not_called_without_leave(url: str) -> None:
    with serving(answering(HEAD)) as (here, asked):
        with pytest.raises(OutboundRefused):
            call("GET", url.format(port=here.rpartition(":")[2]))
        assert asked == []


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "file:///etc/passwd", "http://who:secret@127.0.0.1/", "http:///x"])
def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    with pytest.raises(OutboundRefused, match="no address"):
        call("GET", url, allow=HERE)

"""Calls that leave the house: the one place that opens a connection to an address from settings or from elsewhere.

The name is resolved once and the connection goes to that very address, so that nothing can be resolved anew in between.
Private, loopback, link-local and other special addresses are refused unless the operator allows host or network
(OUTBOUND_ALLOW). No redirect is followed; all from the connection to the last byte has five seconds, an answer one
megabyte.
"""

import http.client
import io
import ipaddress
import json
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

SECONDS = 5.0
MOST_BYTES = 1_000_000
_PORTS = {"https": 443, "http": 80}


class OutboundRefused(Exception):
    """The address is none that this program calls, or what answered is none that it reads."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes

    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise OutboundRefused("no JSON") from error


def call(
    method: str,
    url: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    allow: Sequence[str] = (),
) -> Answer:
    """Ask `url` once. Raises OutboundRefused, whatever the reason: the caller tells nobody outside which."""
    parts = urlsplit(url)
    host, allowed = parts.hostname or "", set(allow)
    if parts.scheme not in _PORTS or not host or parts.username or parts.password:
        raise OutboundRefused("no address of the web")
    try:
        port = parts.port or _PORTS[parts.scheme]
        address = _resolve(host, port, allowed)
        if parts.scheme == "http" and not _is_allowed(host, address, allowed):
            raise OutboundRefused("not encrypted")
        return _ask(method, parts.scheme, host, port, address, _path(parts), body, headers or {})
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise OutboundRefused(type(error).__name__) from error


def is_web_address(url: str) -> bool:
    """Whether a browser may be sent to `url`: an address of the web, with a host and without a password in it."""
    try:
        parts = urlsplit(url)
        return parts.scheme in _PORTS and bool(parts.hostname) and not parts.username and url.isprintable()
    except ValueError:
        return False


def _path(parts: Any) -> str:
    return f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"


def _resolve(host: str, port: int, allowed: set[str]) -> str:
    """The one address that is called. Every address that the name has must be allowed: a mixed answer is a trap."""
    found = [str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for address in found:
        if not _is_public(address) and not _is_allowed(host, address, allowed):
            raise OutboundRefused("not a public address")
    return found[0]


def _is_public(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None) or getattr(parsed, "sixtofour", None)
    return parsed.is_global and not parsed.is_multicast and (mapped is None or mapped.is_global)


def _is_allowed(host: str, address: str, allowed: set[str]) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    return host in allowed or any(parsed in network for network in map(_network, allowed) if network is not None)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _ask(
    method: str,
    scheme: str,
    host: str,
    port: int,
    address: str,
    path: str,
    body: bytes | None,
    headers: Mapping[str, str],
) -> Answer:
    ends = time.monotonic() + SECONDS
    line = socket.create_connection((address, port), timeout=SECONDS)
    try:
        if scheme == "https":
            line.settimeout(_left(ends))
            line = ssl.create_default_context().wrap_socket(line, server_hostname=host)
        connection = http.client.HTTPConnection(host, port)
        connection.sock = _Line(line, ends)
        connection.request(method, path, body=body, headers={"Accept": "application/json", **headers})
        response = connection.getresponse()
        if 300 <= response.status < 400:
            raise OutboundRefused("a redirect")
        content = response.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise OutboundRefused("too long")
        return Answer(response.status, content)
    finally:
        line.close()


def _left(ends: float) -> float:
    left = ends - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


class _Line:
    """The connection as http.client uses it: each byte, of the head too, has only what is left of the seconds."""

    def __init__(self, line: socket.socket, ends: float) -> None:
        self._line = line
        self._ends = ends

    def sendall(self, data: bytes) -> None:
        self._line.settimeout(_left(self._ends))
        self._line.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Received(self._line, self._ends))

    def close(self) -> None:
        """http.client is done with sending; whoever opened the line closes it when all is read."""


class _Received(io.RawIOBase):
    def __init__(self, line: socket.socket, ends: float) -> None:
        self._line = line
        self._ends = ends

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._line.settimeout(_left(self._ends))
        return self._line.recv_into(buffer)

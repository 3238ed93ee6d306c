"""The guard of the unit tests holds."""

import socket

import pytest
from pytest_socket import SocketBlockedError


def test_a_unit_test_reaches_no_network() -> None:
    with pytest.warns(UserWarning, match="socket"), pytest.raises(SocketBlockedError):
        socket.socket(socket.AF_INET, socket.SOCK_STREAM)

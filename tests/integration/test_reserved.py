"""An address that is taken for workers which are still to start."""

from __future__ import annotations

import socket

import pytest

from gateway.errors import SettingsError
from gateway.setting_kinds import parse_listen
from gateway.supervising import reserved


def listening() -> socket.socket:
    """Return a server's socket as aiohttp makes it for a single process."""
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", 0))
    server.listen()
    return server


def test_it_is_free_once_the_server_has_ended_though_its_connections_linger() -> None:
    with listening() as server:
        listen = f"127.0.0.1:{server.getsockname()[1]}"
        with socket.create_connection(server.getsockname()) as client:
            server.accept()[0].close()  # who closes first keeps the address in TIME_WAIT
            client.recv(1)
    with reserved(listen) as taken:
        assert taken == listen


def test_where_another_listens_is_refused() -> None:
    with listening() as server, pytest.raises(SettingsError, match="Address already in use"):  # noqa: SIM117
        with reserved(f"127.0.0.1:{server.getsockname()[1]}"):
            pass


def test_nobody_else_gets_it() -> None:
    with reserved("127.0.0.1:0") as taken, socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with pytest.raises(OSError, match="in use"):
            other.bind(parse_listen(taken))


def test_another_gateway_with_workers_does_not_share_it() -> None:
    with reserved("127.0.0.1:0") as taken, pytest.raises(SettingsError, match="Address already in use"):  # noqa: SIM117
        with reserved(taken):
            pass

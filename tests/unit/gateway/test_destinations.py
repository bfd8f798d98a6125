from __future__ import annotations

import socket

import pytest

from gateway.destinations import Resolver, open_socket
from tests.fakes import Names


@pytest.mark.parametrize("own", ["127.0.0.1", "127.9.9.9", "::1", "::", "::ffff:127.0.0.1", "no address"])
async def test_a_name_does_not_lead_to_this_machine(own: str) -> None:
    with pytest.raises(OSError, match="this machine"):
        await Resolver(Names(own)).resolve("bot.shop.example")
    found = await Resolver(Names(own, "10.0.0.7")).resolve("bot.shop.example")
    assert [one["host"] for one in found] == ["10.0.0.7"]


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST.", "bot.localhost"])
async def test_its_own_name_does(name: str) -> None:
    assert [one["host"] for one in await Resolver(Names("127.0.0.1")).resolve(name)] == ["127.0.0.1"]


@pytest.mark.parametrize("address", ["169.254.169.254", "224.0.0.1", "0.0.0.9", "no address"])
def test_no_socket_is_made_for_where_no_bot_may_be(address: str) -> None:
    with pytest.raises(OSError, match="no bot"):
        open_socket((socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (address, 80)))


def test_a_socket_is_made_for_a_bot() -> None:
    with open_socket((socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", ("10.0.0.7", 80))) as made:
        assert made.type == socket.SOCK_STREAM

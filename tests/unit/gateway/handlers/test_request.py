"""Whose address a request has: what a sibling says counts only where a connection has no address of its own."""

from asyncio import Transport
from datetime import timedelta
from ipaddress import ip_network
from typing import cast

import pytest
from aiohttp.test_utils import make_mocked_request
from aiohttp.web import Application

from gateway.channels import GATEWAY, Gateway
from gateway.handlers.request import CAME_HEADER, PEER_HEADER, address_of, came_at
from tests.fakes import FakeClock


class _Connection(Transport):
    def __init__(self, peer: object) -> None:
        super().__init__()
        self._peer = peer

    def get_extra_info(self, name: str, default: object = None) -> object:
        return self._peer if name == "peername" else default


class _Trusting:
    trusted_proxies = (ip_network("10.0.0.0/8"),)
    clock = FakeClock()


@pytest.mark.parametrize(
    ("peer", "headers", "address"),
    [
        (("198.51.100.7", 443), {}, "198.51.100.7"),
        (("198.51.100.7", 443), {PEER_HEADER: "10.0.0.1"}, "198.51.100.7"),
        (("198.51.100.7", 443), {PEER_HEADER: "10.0.0.1", "X-Forwarded-For": "203.0.113.9"}, "198.51.100.7"),
        ("", {PEER_HEADER: "198.51.100.7"}, "198.51.100.7"),
        ("", {PEER_HEADER: "10.0.0.1", "X-Forwarded-For": "203.0.113.9"}, "203.0.113.9"),
        ("", {}, ""),
    ],
)
def test_only_a_connection_without_an_address_is_believed(peer: object, headers: dict[str, str], address: str) -> None:
    app = Application()
    app[GATEWAY] = cast("Gateway", _Trusting())  # what is looked at
    request = make_mocked_request("GET", "/", headers=headers, transport=_Connection(peer), app=app)
    assert address_of(request) == address


@pytest.mark.parametrize(
    ("peer", "told", "ago"), [("", -5, 5), ("", 5, 0), ("", None, 0), (("198.51.100.7", 443), -5, 0)]
)
def test_when_a_request_began_to_come_is_told_by_a_sibling_alone(peer: object, told: int | None, ago: int) -> None:
    app, now = Application(), _Trusting.clock.now()
    app[GATEWAY] = cast("Gateway", _Trusting())
    headers = {} if told is None else {CAME_HEADER: (now + timedelta(seconds=told)).isoformat()}
    request = make_mocked_request("POST", "/", headers=headers, transport=_Connection(peer), app=app)
    assert came_at(request) == now - timedelta(seconds=ago)

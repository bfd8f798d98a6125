"""Whose address a request has: what a sibling says counts only where a connection has no address of its own."""

from asyncio import Transport
from ipaddress import ip_network
from typing import cast

import pytest
from aiohttp.test_utils import make_mocked_request
from aiohttp.web import Application

from gateway.channels import GATEWAY, Gateway
from gateway.handlers.request import PEER_HEADER, address_of


class _Connection(Transport):
    def __init__(self, peer: object) -> None:
        super().__init__()
        self._peer = peer

    def get_extra_info(self, name: str, default: object = None) -> object:
        return self._peer if name == "peername" else default


class _Trusting:
    trusted_proxies = (ip_network("10.0.0.0/8"),)


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

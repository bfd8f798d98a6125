from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.addresses import client_of, is_forbidden, of_one, parsed, shortened

PROXIES = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254",
        "fe80::1", "fe80::a9fe:a9fe", "ff02::1", "224.0.0.1", "239.255.255.250", "255.255.255.255",
        "0.1.2.3", "::", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "240.0.0.1",
    ],
)  # fmt: skip
def test_no_bot_is_there(address: str) -> None:
    found = parsed(address)
    assert found is not None
    assert is_forbidden(found)


@pytest.mark.parametrize(
    "address", ["10.0.0.7", "172.20.1.1", "192.168.1.5", "127.0.0.1", "::1", "fd12:3456::1", "9.9.9.9", "2620:fe::9"]
)
def test_a_bot_may_be_there(address: str) -> None:
    found = parsed(address)
    assert found is not None
    assert not is_forbidden(found)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("9.9.9.9", "9.9.9.0/24"),
        ("::ffff:9.9.9.9", "9.9.9.0/24"),
        ("2620:fe:1:2:3::9", "2620:fe:1::/48"),
        ("fe80::1%eth0", "fe80::/48"),
        ("Jana Petersen", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_network_is_told_and_no_address(address: str, network: str) -> None:
    assert shortened(address) == network


@given(st.ip_addresses())
def test_addresses_of_one_network_are_told_alike(address: object) -> None:
    told = shortened(str(address))
    assert str(address) not in told or str(address) == told.partition("/")[0]
    assert shortened(told.partition("/")[0]) == told


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("9.9.9.9", [], "9.9.9.9"),
        ("9.9.9.9", ["8.8.8.8"], "9.9.9.9"),  # nobody's proxy
        ("10.0.0.1", ["8.8.8.8"], "8.8.8.8"),
        ("10.0.0.1", ["1.1.1.1, 8.8.8.8"], "8.8.8.8"),  # the client's own invention is left of it
        ("10.0.0.1", ["1.1.1.1", "8.8.8.8, 10.2.3.4"], "8.8.8.8"),
        ("10.0.0.1", ["8.8.8.8:4711"], "8.8.8.8"),
        ("10.0.0.1", ["[2620:fe::9]:4711"], "2620:fe::9"),
        ("10.0.0.1", ["8.8.8.8, unknown"], "10.0.0.1"),
        ("10.0.0.1", ["8.8.8.8, "], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.2, 10.0.0.3"], "10.0.0.2"),
        ("fd00::1", ["2620:fe::9"], "2620:fe::9"),
        ("::ffff:10.0.0.1", ["8.8.8.8"], "8.8.8.8"),
        ("", ["8.8.8.8"], ""),
    ],
)
def test_only_what_trusted_proxies_say_of_a_client_counts(peer: str, forwarded: list[str], client: str) -> None:
    assert client_of(peer, forwarded, PROXIES) == client


@given(st.text(max_size=80), st.ip_addresses(v=4).filter(lambda one: one not in PROXIES[0]))
def test_nothing_that_a_client_sends_hides_it(sent: str, address: object) -> None:
    assert client_of("10.0.0.1", [sent, str(address)], PROXIES) == str(ip_address(str(address)))


def test_a_client_is_one_address_or_one_network_of_version_6() -> None:
    assert of_one("8.8.8.8") == "8.8.8.8" != of_one("8.8.8.9")
    assert of_one("2620:fe::9") == of_one("2620:fe:0:77::1") != of_one("2620:ff::9")
    assert of_one("") == ""

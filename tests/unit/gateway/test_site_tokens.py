"""Of an address only its network is kept."""

from __future__ import annotations

import pytest

from gateway.site_tokens import SiteConsent


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1234:5678::1", "2001:db8:1234::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("somewhere", None),
        (None, None),
    ],
)
def test_an_address_is_shortened_to_its_network(address: str | None, kept: str | None) -> None:
    said = {"template_id": "t", "controller_id": "c", "version": "1", "time": "2026-11-26T07:00:00Z"}
    told = SiteConsent.model_validate({**said, "iat": 0, "status": True, "address": address})
    assert told.evidence().get("address") == kept

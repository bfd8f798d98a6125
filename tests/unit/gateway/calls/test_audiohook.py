"""The signature is that of Genesys' own documentation; the numbers of the messages go on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.calls.audiohook.protocol import AudioHook
from gateway.calls.audiohook.signature import Verifier

# https://developer.genesys.cloud/devapps/audiohook/security, the example
KEY = "SGVsbG8sIEkgYW0gdGhlIEFQSSBrZXkh"
SECRET = "TXlTdXBlclNlY3JldEtleVRlbGxOby0xITJAMyM0JDU="
COVERED = (
    '"@request-target" "@authority" "audiohook-organization-id" "audiohook-session-id" '
    '"audiohook-correlation-id" "x-api-key"'
)
HEADERS = {
    "audiohook-organization-id": "d7934305-0972-4844-938e-9060eef73d05",
    "audiohook-session-id": "30b0e395-84d3-4570-ac13-9a62d8f514c0",
    "audiohook-correlation-id": "e160e428-53e2-487c-977d-96989bf5c99d",
    "x-api-key": KEY,
    "signature": "sig1=:NZBwyBHRRyRoeLqy1IzOa9VYBuI8TgMFt2GRDkDuJh4=:",
    "signature-input": f'sig1=({COVERED});keyid="{KEY}";nonce="VGhpc0lzQVVuaXF1ZU5vbmNl";alg="hmac-sha256";'
    "created=1641013200;expires=3282026430",
}


def verifies(at: int, **headers: str) -> bool:
    return Verifier(f"{KEY}:{SECRET}").verifies(
        HEADERS | {name.replace("_", "-"): value for name, value in headers.items()},
        target="/api/v1/voicebiometrics/ws",
        authority="audiohook.example.com",
        now=datetime.fromtimestamp(at, UTC),
    )


def test_the_example_of_the_documentation_is_verified_while_it_is_young() -> None:
    assert verifies(1641013201)
    assert verifies(1641013198)
    assert not verifies(1641013220)
    assert not verifies(1641013190)


@pytest.mark.parametrize("name", sorted(HEADERS))
def test_no_header_of_it_can_be_changed(name: str) -> None:
    assert not verifies(1641013201, **{name: HEADERS[name] + "x"})
    assert not verifies(1641013201, **{name: ""})


def test_a_nonce_counts_once() -> None:
    verifier, at = Verifier(f"{KEY}:{SECRET}"), datetime.fromtimestamp(1641013201, UTC)
    place = {"target": "/api/v1/voicebiometrics/ws", "authority": "audiohook.example.com", "now": at}
    assert verifier.verifies(HEADERS, **place)  # type: ignore[arg-type]
    assert not verifier.verifies(HEADERS, **place)  # type: ignore[arg-type]


def test_messages_are_numbered_and_say_what_they_answer() -> None:
    hook = AudioHook()
    hook.hear({"type": "ping", "seq": 7, "id": "s", "parameters": {}})
    assert hook.say("pong") == {
        "version": "2", "id": "s", "type": "pong", "seq": 1, "clientseq": 7, "parameters": {},
    }  # fmt: skip
    assert hook.say("pong")["seq"] == 2

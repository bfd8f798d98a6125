"""Recordings over the internal listener: only for a purpose, only with the token, with silence where it has to be."""

from __future__ import annotations

import asyncio
import io
import wave
from uuid import UUID

import aiohttp
import pytest

from storage import ConsentState, Plan, SessionStore, StoreUnavailableError, Write
from storage.audio import AudioCodec, AudioFormat, Frame, Stretch
from tests.integration import call_shop
from tests.integration.conftest import MakeShop, Shop
from tests.s3_server import s3_server
from tests.unit.storage.builders import Customer, consent, turn

RECORDED = call_shop.RECORDED.replace("    hear_original: [quality]\n", "")
LOUD = b"\x1e"


def store_of(shop: Shop) -> SessionStore:
    return shop.addresses.gateway.store


async def agreed(shop: Shop, name: str = "one") -> tuple[UUID, Plan]:
    """Open the session of a caller who has agreed; returns it with what may be kept of it."""
    customer, now = Customer(name, "chat", shop.clock.now()), shop.clock.now()
    rules = shop.addresses.gateway.channels["chat"].rules
    plan = rules.decide({"recording": ConsentState.GIVEN}, disclosed=True).plan
    await store_of(shop).write(
        customer.opening(plan, now, consents=consent(name="recording", at=now), turns=turn(at=now))
    )
    return customer.id, plan


async def recorded(shop: Shop, stretches: list[Stretch] | None, name: str = "one") -> str:
    """Record half a second of a call; returns its session's id."""
    session, plan = await agreed(shop, name)
    now = shop.clock.now()
    recorder = await store_of(shop).recordings.open(session, plan, AudioFormat(AudioCodec.PCMU), now, redact=True)
    for number in range(25):
        recorder.append(Frame(0, number * 160, LOUD * 160), now)
    if stretches is not None:
        recorder.silence(stretches)
    await recorder.stop(now)
    return str(session)


async def hear(
    shop: Shop, session: str, token: str | None = None, **query: str
) -> tuple[aiohttp.ClientResponse, bytes]:
    url = f"{shop.addresses.internal}/sessions/{session}/recording"
    headers = shop.bearer if token is None else {"Authorization": f"Bearer {token}"}
    async with shop.client.get(url, params=query, headers=headers) as response:
        return response, await response.read()


async def test_a_recording_is_heard_for_its_purpose(make_shop: MakeShop) -> None:
    async with make_shop(notice=RECORDED) as shop:
        session = await recorded(shop, [Stretch(0, 250)])
        response, content = await hear(shop, session, purpose="quality")
        assert (response.status, response.content_type) == (200, "audio/wav")
        assert (response.headers["X-Sordino-Recordings"], response.headers["X-Sordino-Complete"]) == ("1", "yes")
        assert response.headers["Cache-Control"] == "no-store"
        with wave.open(io.BytesIO(content)) as file:
            assert (file.getnframes(), file.getframerate()) == (4000, 8000)
            assert file.readframes(2000) == bytes(4000)
            assert bytes(2) not in {file.readframes(1) for _ in range(2000)}
        facts = (await shop.read(session))["facts"]
        assert (facts["recorded_ms"], facts["recording_gaps"]) == (500, 0)


async def test_what_is_refused(make_shop: MakeShop) -> None:
    async with make_shop(notice=RECORDED) as shop:
        session = await recorded(shop, None)
        for purpose, status, reason in (
            ("quality", 404, b"unknown_session"),  # nobody has said what is to be silent
            ("improve", 404, b"unknown_session"),
            ("", 400, b"purpose_missing"),
        ):
            response, content = await hear(shop, session, purpose=purpose)
            assert (response.status, reason in content) == (status, True)
        response, _ = await hear(shop, session, token="guessed", purpose="quality")
        assert response.status == 401
        response, _ = await hear(shop, "0" * 32, purpose="quality")
        assert response.status == 404
        session = await recorded(shop, [], "two")
        response, _ = await hear(shop, session, purpose="quality", number="2")
        assert response.status == 400


async def test_what_is_silent_may_be_said_afterwards(make_shop: MakeShop) -> None:
    async with make_shop(notice=RECORDED) as shop:
        session = await recorded(shop, None)
        url = f"{shop.addresses.internal}/sessions/{session}/recording/silence"
        for body, query, status in (
            ({"stretches": [[250, 0]]}, {"purpose": "quality"}, 400),
            ({"stretches": [["soon", 1]]}, {"purpose": "quality"}, 400),
            ({"stretches": []}, {}, 400),
            ({"stretches": []}, {"purpose": "improve"}, 404),
            ({"stretches": []}, {"purpose": "quality", "number": "2"}, 404),
            ({"stretches": [[0, 250]]}, {"purpose": "quality"}, 204),
        ):
            async with shop.client.put(url, json=body, params=query, headers=shop.bearer) as response:
                assert response.status == status, body
        async with shop.client.put(url, json={"stretches": []}, params={"purpose": "quality"}) as response:
            assert response.status == 401
        _, content = await hear(shop, session, purpose="quality")
        assert content[44 : 44 + 4000] == bytes(4000)
        assert bytes(2) not in content[44 + 4000 :]


async def withdraw(shop: Shop, session: UUID) -> None:
    """Record that the consent is withdrawn, and erase what it leaves."""
    now = shop.clock.now()
    record = consent(ConsentState.WITHDRAWN, "recording", now)
    await store_of(shop).write(Write(session, Plan({}), now, consents=(record,)))
    await store_of(shop).withdraw(session, "recording", now)


async def test_a_withdrawal_leaves_no_blob(make_shop: MakeShop) -> None:
    async with make_shop(notice=RECORDED) as shop:
        session, plan = await agreed(shop)
        now = shop.clock.now()
        recorder = await store_of(shop).recordings.open(session, plan, AudioFormat(AudioCodec.PCMU), now)
        recorder.append(Frame(0, 0, b"words that somebody said" * 100), now)
        await recorder.stop(now)
        blobs = [path for path in (shop.home / "blobs").rglob("*") if path.is_file()]
        assert [oct(path.stat().st_mode)[-3:] for path in blobs] == ["600"]
        assert not [path for path in shop.home.rglob("*") if path.is_file() and b"words that" in path.read_bytes()]
        await withdraw(shop, session)
        assert not [path for path in (shop.home / "blobs").rglob("*") if path.is_file()]
        response, _ = await hear(shop, str(session), purpose="quality")
        assert response.status == 404


async def test_recordings_may_lie_in_a_bucket(make_shop: MakeShop) -> None:
    with s3_server() as s3:
        s3.make_bucket("calls")
        settings = {"blobs_url": "s3://calls/sealed", "blobs_endpoint": s3.endpoint, "blobs_region": "us-east-1",
                    "blobs_access_key": "test", "blobs_secret_key": "test"}  # fmt: skip
        async with make_shop(notice=RECORDED, **settings) as shop:
            session = await recorded(shop, [])
            assert len(s3.objects("calls")) == 1
            response, content = await hear(shop, session, purpose="quality")
            assert (response.status, len(content)) == (200, 44 + 8000)
            await withdraw(shop, UUID(session))
            assert s3.objects("calls") == []
        s3.make_bucket("versions", versioned=True)
        with pytest.raises(StoreUnavailableError, match="versions"):
            async with make_shop(notice=RECORDED, **{**settings, "blobs_url": "s3://versions"}):
                pass


async def test_a_recording_that_was_altered_is_cut_off(make_shop: MakeShop) -> None:
    async with make_shop(notice=RECORDED) as shop:
        session = await recorded(shop, [])
        (blob,) = [path for path in (shop.home / "blobs").rglob("*") if path.is_file()]
        content = blob.read_bytes()
        blob.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        response, content = await hear(shop, session, purpose="quality")
        assert (response.status, b"RIFF" in content) == (503, False)


async def test_a_gateway_that_died_leaves_a_recording_that_is_closed(make_shop: MakeShop) -> None:
    async with make_shop(notice=RECORDED) as shop:
        session, plan = await agreed(shop)
        now = shop.clock.now()
        recorder = await store_of(shop).recordings.open(session, plan, AudioFormat(AudioCodec.PCMU), now)
        recorder.append(Frame(0, 0, LOUD * 160), now)
        recorder.pause(now)
        await recorder.stored()
        clock, home = shop.clock, shop.home
        orphan = next((home / "blobs").iterdir()) / "00" / ("0" * 32)
        orphan.parent.mkdir(exist_ok=True)
        orphan.write_bytes(b"sealed")
    clock.move(hours=1)
    async with make_shop(notice=RECORDED, clock=clock) as shop:
        for _ in range(1_000):  # it is looked for beside the requests
            if not orphan.exists():
                break
            await asyncio.sleep(0.01)
        assert not orphan.exists()
        response, content = await hear(shop, str(session), purpose="quality")
        assert (response.status, response.headers["X-Sordino-Complete"]) == (200, "no")
        assert len(content) == 44 + 320

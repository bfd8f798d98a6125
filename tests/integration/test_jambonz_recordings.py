"""What jambonz has recorded by itself: it began before anybody was asked, so it is deleted unheard and looked for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web

from gateway.errors import SettingsError, UpstreamError
from storage.errors import PurposeRefusedError
from tests.fakes import FakeClock
from tests.integration.conftest import MakeShop, Shop
from tests.integration.jambonz import CALL, CREDENTIALS, NOTICE, Jambonz, VerbBot, connect

KEY = "an API key of the account"
ACCOUNT = "9351f46a-678c-43f5-b8a6-d4eb58d131af"
WHERE = f"/Accounts/{ACCOUNT}/RecentCalls/{CALL}/record/2026/11/26/wav"
GAUGE = 'sordino_platform_recordings{channel="chat"}'


@dataclass
class Api:
    """The REST API of jambonz, with the calls and the recordings that it has."""

    calls: list[dict[str, Any]] = field(default_factory=list)
    recordings: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)
    at: str = ""

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_get("/api/v1/Accounts/{account}/RecentCalls", self._calls)
        app.router.add_route("*", "/api/v1{place:/Accounts/.+/record/.+}", self._recording)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.at = f"http://127.0.0.1:{runner.addresses[0][1]}/api/v1"
        yield
        await runner.cleanup()

    async def _calls(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == f"Bearer {KEY}"
        self.asked.append(("GET", "calls"))
        page, count = int(request.query["page"]), int(request.query["count"])
        data = self.calls[(page - 1) * count : page * count]
        return web.json_response({"total": len(self.calls), "page": page, "data": data})

    async def _recording(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == f"Bearer {KEY}"
        place = request.match_info["place"]
        self.asked.append((request.method, place))
        if request.method == "DELETE":
            self.recordings.discard(place)
            return web.Response(status=204)
        return web.Response(status=200 if place in self.recordings else 404)


async def tick(shop: Shop) -> None:
    recordings = shop.addresses.gateway.channels["chat"].recordings
    assert recordings is not None
    with suppress(UpstreamError):  # it is logged, and tried again
        await recordings.tick()


@asynccontextmanager
async def over(make_shop: MakeShop, clock: FakeClock, api: Api) -> AsyncIterator[Shop]:
    """Have a call that was agreed to and is over, and let the time pass after which jambonz is asked."""
    apis = {"platform_apis": {"chat": api.at}, "platform_api_keys": {"chat": KEY}}
    async with make_shop(NOTICE, VerbBot(), clock, platform_secrets=CREDENTIALS, **apis) as shop:
        async with connect(shop) as socket:
            jambonz = Jambonz(shop, socket)
            data = {"from": "+4915123984712", "to": "+49800", "account_sid": ACCOUNT}
            await jambonz.acked(await jambonz.say("session:new", data))
            await jambonz.press("1")
            await jambonz.say("call:status", {"call_status": "completed"})
            await socket.close()
        line = shop.addresses.gateway.channels["chat"].line
        assert line is not None
        while line.knows(CALL):
            await line.tick()
        clock.move(minutes=11)
        yield shop


@pytest.mark.parametrize("others", [0, 700])
async def test_what_jambonz_has_recorded_is_deleted_unheard(make_shop: MakeShop, others: int) -> None:
    api, clock = Api(), FakeClock()
    api.calls = [{"call_sid": f"c-{number}"} for number in range(others)]
    api.calls.append({"call_sid": CALL, "recording_url": WHERE})
    api.recordings = {WHERE}
    async with api.serving(), over(make_shop, clock, api) as shop:
        assert api.asked == []
        await tick(shop)
        assert (api.recordings, api.asked[-2:]) == (set(), [("DELETE", WHERE), ("GET", WHERE)])
        assert (await shop.metrics())[GAUGE] == 0
        (session,) = await shop.sessions()
        gateway = shop.addresses.gateway
        assert list(await gateway.store.errands.left("chat")) == []
        with pytest.raises(PurposeRefusedError):
            await gateway.store.recordings.read(UUID(session), "quality", clock.now())


@pytest.mark.parametrize(
    ("calls", "left"),
    [
        ([{"call_sid": CALL}], 0),
        ([], 1),
        ([{"call_sid": CALL, "recording_url": "https://elsewhere.example/x.wav"}], 1),
        ([{"call_sid": CALL, "recording_url": WHERE.replace(CALL, "another")}], 1),
    ],
    ids=["none", "not known", "elsewhere", "of another call"],
)
async def test_what_jambonz_does_not_say_counts_as_left(
    make_shop: MakeShop, calls: list[dict[str, Any]], left: int
) -> None:
    api, clock = Api(calls), FakeClock()
    async with api.serving(), over(make_shop, clock, api) as shop:
        await tick(shop)
        assert ((await shop.metrics())[GAUGE], api.asked) == (left, [("GET", "calls")])


@pytest.mark.parametrize(
    "half", [{"platform_apis": {"chat": "http://127.0.0.1:1/api/v1"}}, {"platform_api_keys": {"chat": KEY}}]
)
async def test_half_of_what_it_takes_stops_the_start(make_shop: MakeShop, half: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="or neither"):
        async with make_shop(NOTICE, platform_secrets=CREDENTIALS, **half):
            pass

"""The survey after a call, through the API of calls: asked once, of those who agree, and it leads to nobody."""

from __future__ import annotations

import pytest

from tests.fakes import FakeClock
from tests.integration.call_shop import HEADERS, NOTICE, MakePlatform, platforms
from tests.integration.conftest import MakeShop


@pytest.fixture
def make_platform(make_shop: MakeShop) -> MakePlatform:
    return platforms(make_shop)


async def test_a_survey_is_asked_after_the_call_and_leads_to_nobody(make_platform: MakePlatform) -> None:
    clock = FakeClock()
    async with make_platform(clock=clock) as (platform, _):
        for number in (1, 2):
            platform.call = f"call-{number}"
            await platform.start()
            await platform.do("survey", {"agreed": True}, status=404)  # the call goes on
            await platform.do("end")
            refused = await platform.do("survey", {"answers": {"happy": 4}}, status=409)
            assert refused["reason"] == "survey_over"
            asked = await platform.do("survey", {"agreed": True})
            assert (asked["state"], asked["questions"][0]["text"]) == ("agreed", "Wie zufrieden, eins bis fünf?")
            for wrong in ({"happy": 6}, {"happy": 0}, {"other": 1}, {}):
                await platform.do("survey", {"answers": wrong}, status=400)
            assert (await platform.do("survey", {"answers": {"happy": 3 + number}}))["state"] == "answered"
            await platform.do("survey", {"answers": {"happy": 1}}, status=409)
        surveys = platform.shop.addresses.gateway.store.surveys
        assert await surveys.results(clock.now()) == []
        clock.move(days=8)
        assert await surveys.release(clock.now()) == 2
        found = await surveys.results(clock.now())
        assert sorted(result.answers["happy"] for result in found) == [4, 5]
        assert {result.survey for result in found} == {"satisfaction"}


async def test_who_declines_is_not_asked_and_nobody_is_asked_late(make_platform: MakePlatform) -> None:
    clock = FakeClock()
    async with make_platform(clock=clock) as (platform, _):
        await platform.start()
        await platform.do("end")
        url = f"{platform.shop.public}/calls/call-1/survey"
        async with platform.shop.client.get(url, headers=HEADERS) as response:
            shown = await response.json()
        invite = {"kind": "question", "text": "Dürfen wir noch etwas fragen?", "language": "de"}
        assert shown == {"state": "offered", "invite": invite["text"], "questions": [], "prompts": [invite]}
        assert (await platform.do("survey", {"agreed": False}))["questions"] == []
        await platform.do("survey", {"answers": {"happy": 4}}, status=409)
        line = platform.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        await line.tick()
        assert line.recall("call-1") is not None
        clock.move(minutes=11)
        await platform.do("survey", {"agreed": True}, status=404)
        await line.tick()
        assert line.recall("call-1") is None, "its caller's number is in memory no longer than they may be asked"


async def test_of_a_call_after_which_nobody_is_asked_nothing_is_remembered(make_platform: MakePlatform) -> None:
    asking = NOTICE[NOTICE.index("      survey:\n") : NOTICE.index("    keep:\n")]
    async with make_platform(NOTICE.replace(asking, "")) as (platform, _):
        await platform.start()
        await platform.do("end")
        line = platform.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        assert line.recall("call-1") is None


async def test_the_gateway_asks_where_the_platform_tells_what_the_caller_did(make_platform: MakePlatform) -> None:
    clock = FakeClock()
    async with make_platform(clock=clock) as (platform, _):
        for call, number in (("call-1", {"words": "eine Vier"}), ("call-2", {"keys": "2"})):
            platform.call = call
            await platform.start()
            await platform.do("end")
            again = await platform.do("survey", {"silence": True})
            assert [one["text"] for one in again["prompts"]] == [
                "Das habe ich nicht verstanden.", "Dürfen wir noch etwas fragen?",
            ]  # fmt: skip
            asked = await platform.do("survey", {"words": "Ja, gern!"})
            assert asked["prompts"][0]["text"] == "Wie zufrieden, eins bis fünf?"
            done = await platform.do("survey", number)
            assert (done["state"], [one["text"] for one in done["prompts"]]) == ("answered", ["Danke!"])
            await platform.do("survey", {"answers": {"happy": 1}}, status=409)
        for wrong in ({}, {"keys": "1", "words": "ja"}, {"silence": False}):
            await platform.do("survey", wrong, status=400)
        clock.move(days=8)
        surveys = platform.shop.addresses.gateway.store.surveys
        await surveys.release(clock.now())
        assert sorted(result.answers["happy"] for result in await surveys.results(clock.now())) == [2, 4]


async def test_a_call_that_is_ended_twice_is_surveyed_once(make_platform: MakePlatform) -> None:
    async with make_platform() as (platform, _):
        await platform.start()
        await platform.do("end")
        await platform.do("survey", {"agreed": True})
        line = platform.shop.addresses.gateway.channels["chat"].line
        assert line is not None
        over = line.recall("call-1")
        assert over is not None
        await line.end(over)  # as what lets time pass does, which had begun before
        assert (await platform.do("survey", {"answers": {"happy": 4}}))["state"] == "answered"

"""A gateway whose notice says more than it does tells its operator."""

from __future__ import annotations

import pytest

from tests.integration.conftest import NOTICE, MakeShop


async def test_a_channel_that_is_neither_chat_nor_calls_is_not_served_and_the_log_says_so(
    make_shop: MakeShop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING", "sordino")
    notice = NOTICE.replace("kind: chat", "kind: ticket")
    async with make_shop(notice) as shop:
        async with shop.chat("Hallo") as response:
            assert (response.status, (await response.json(content_type=None))["reason"]) == (404, "not_a_chat")
        assert shop.bot.seen == []
    (counted,) = [record for record in caplog.records if "not in effect" in record.msg]
    (named,) = [record for record in caplog.records if "not served" in record.msg]
    assert vars(counted)["count"] == 1
    assert (vars(named)["channel"], vars(named)["kind"]) == ("chat", "ticket")


async def test_a_notice_in_effect_throughout_warns_of_nothing(
    make_shop: MakeShop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING", "sordino")
    async with make_shop():
        assert caplog.records == []

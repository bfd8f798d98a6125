"""A gateway whose notice is in effect throughout has nothing to warn of."""

from __future__ import annotations

import pytest

from tests.integration.conftest import MakeShop


async def test_a_notice_in_effect_throughout_warns_of_nothing(
    make_shop: MakeShop, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("WARNING", "sordino")
    async with make_shop():
        assert caplog.records == []

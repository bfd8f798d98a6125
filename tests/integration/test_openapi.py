"""schemathesis over the OpenAPI document with the server running: no 5xx, and every answer as the document says."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, checks
from schemathesis.core.result import Ok

from gateway.access import TABLE, Role
from tests.integration.conftest import MakeShop
from tests.integration.test_tickets import HEADERS, NOTICE, SECRET, TicketSystem

CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
CALLS = 12


def call_all(url: str, header: dict[str, str], document: str = "/openapi.json") -> Counter[str]:
    """Call every operation with what its schema makes; returns how often each answered what."""
    seen: Counter[str] = Counter()
    for found in schemathesis.openapi.from_url(f"{url}{document}").get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        @settings(
            max_examples=CALLS, database=None, phases=[Phase.generate], derandomize=True,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(case=operation.as_strategy())
        def check(case: Case[Any]) -> None:
            response = case.call(base_url=url, headers=header)
            case.validate_response(response, checks=CHECKS)
            seen[f"{case.method} {case.path} {response.status_code // 100}xx"] += 1

        check()
    return seen


@pytest.mark.filterwarnings("ignore")  # what the libraries of the tester warn of is theirs
async def test_the_api_keeps_to_its_document(make_shop: MakeShop) -> None:
    async with make_shop() as shop:
        await shop.say("Hallo")
        header = await shop.token(*[role.value for role in Role])
        seen = await asyncio.to_thread(call_all, shop.addresses.internal, header)
    described = {f"{entry.method} {entry.path}" for entry in TABLE if not entry.is_page and entry.path != "/"}
    # The document itself is fetched, and left out of what is called.
    assert {name.rpartition(" ")[0] for name in seen} == described - {"GET /openapi.json"}
    assert {name for name in seen if name.endswith("5xx")} == set()
    assert seen["GET /sessions 2xx"]
    assert seen["POST /tokens 2xx"]


@pytest.mark.filterwarnings("ignore")
async def test_the_api_of_tickets_keeps_to_its_document(make_shop: MakeShop) -> None:
    async with make_shop(notice=NOTICE, channel_secrets={"chat": SECRET}) as shop:
        system = TicketSystem(shop)
        await system.send({"ticket": "T-1", "messages": [{"speaker": "subject", "text": "Hallo"}]}, status=201)
        (token,) = system.tokens
        header = {**HEADERS, "X-Sordino-Session": token}
        seen = await asyncio.to_thread(call_all, shop.addresses.public, header, "/chat/tickets/openapi.json")
    assert {name.rpartition(" ")[0] for name in seen} == {
        "POST /chat/tickets", "GET /chat/tickets", "POST /chat/tickets/{ticket}/resolved",
        "DELETE /chat/tickets/{session}",
    }  # fmt: skip
    assert {name for name in seen if name.endswith("5xx")} == set()
    assert seen["POST /chat/tickets 2xx"]
    assert seen["GET /chat/tickets 2xx"]

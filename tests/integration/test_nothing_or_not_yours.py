"""No answer tells "nothing stored" from "not yours": of a session that never was, is gone, or is another's."""

from __future__ import annotations

import re

import pytest

from gateway.access import TABLE
from tests.integration.conftest import MakeShop, Shop
from tests.integration.rights_shop import RIGHTS

NEVER = "0198f5c2-0000-7000-8000-000000000000"
SECRET = "A" * 43  # as long as a real one
READS = sorted(
    {entry.path for entry in TABLE if entry.method == "GET" and re.match(r"(/desk)?/sessions/\{id\}", entry.path)}
)


async def sessions(shop: Shop) -> dict[str, str]:
    """Return the id of a session that is there, one that was erased, and one that never was."""
    found = {"never": NEVER}
    for name in ("there", "erased"):
        _, headers = await shop.say("Hallo")
        found[name] = headers["X-Sordino-Session"].partition(".")[0]
    url = f"{shop.addresses.internal}/sessions/{found['erased']}/erasure"
    async with shop.client.post(url, headers=shop.bearer) as response:
        assert response.status == 200
    return found


async def test_the_desk_answers_the_same_for_what_a_purpose_does_not_show(shop: Shop) -> None:
    answers: dict[str, set[tuple[int, str]]] = {}
    for identifier in (await sessions(shop)).values():
        for path in READS:
            # The hold and restriction pages need no purpose; the others name one for which nothing is kept.
            url = f"{shop.addresses.internal}{path.replace('{id}', identifier)}?purpose=prove-consent"
            async with shop.client.get(url, headers=shop.bearer) as response:
                said = (response.status, (await response.text()).replace(identifier, "ID"))
                answers.setdefault(path, set()).add(said)
        page = f"{shop.addresses.internal}/desk/sessions/{identifier}"
        form = {"purpose": "prove-consent"}
        sent = {**shop.bearer, "Sec-Fetch-Site": "same-origin"}
        async with shop.client.post(page, data=form, headers=sent) as response:
            said = (response.status, (await response.text()).replace(identifier, "ID"))
            answers.setdefault(f"POST {page.rpartition('/')[0]}", set()).add(said)
    assert len(answers) == len(READS) + 1
    assert {path: len(found) for path, found in answers.items() if len(found) > 1} == {}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "consent", None),
        ("POST", "consent", {"consent": "quality", "answer": "refused"}),
        ("POST", "ratings", {"rating": "up"}),
        ("POST", "v1/chat/completions", {"messages": [{"role": "user", "content": "Hallo"}]}),
        ("POST", "rights", {"right": "access"}),
        ("POST", "rights", {"right": "erasure"}),
    ],
)
async def test_another_s_session_and_none_get_the_same_public_answer(
    make_shop: MakeShop, method: str, path: str, body: dict[str, object] | None
) -> None:
    async with make_shop(notice=RIGHTS) as shop:
        answers = set()
        for identifier in (await sessions(shop)).values():
            header = {"X-Sordino-Session": f"{identifier}.{SECRET}"}
            async with shop.client.request(method, f"{shop.public}/{path}", json=body, headers=header) as response:
                told = re.sub(
                    r"[0-9a-f]{8}-[0-9a-f-]{27}|[\w-]{43}|\d{4}-\d\d-\d\dT[\d:.]+", "X", await response.text()
                )
                told = re.sub(r"\"reference\":\"[^\"]*\"", "", told)
                answers.add((response.status, frozenset(response.headers), told))
                assert (
                    identifier == NEVER or response.headers.get("X-Sordino-Session", "").partition(".")[0] != identifier
                )
        assert len(answers) == 1

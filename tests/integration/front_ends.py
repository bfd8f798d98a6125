"""The front ends of a ready notice's channels, over simulated time: call platform, ticket system, chat page, rights."""

from __future__ import annotations

import asyncio
import io
import json
import re
import zipfile
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
import yaml

from gateway.app import build_prover
from gateway.promises import Promise
from storage.requests import MessageState
from tests.fakes import FakeBot
from tests.integration.conftest import ROOT, MakeShop, Shop
from tests.integration.rights_shop import Mailbox

SECRET: Final = "a secret of the front ends"
HEADERS: Final = {"X-Sordino-Channel-Secret": SECRET}
JSON = dict[str, Any]


@dataclass
class Front:
    """The front ends of a notice's channels: call platform, ticket system, chat page."""

    shop: Shop
    tokens: dict[str, str] = field(default_factory=dict)

    async def send(
        self, method: str, path: str, body: object = None, *, status: int = 200, headers: dict[str, str] | None = None
    ) -> tuple[dict[str, Any], dict[str, str]]:
        """Send to the public listener; returns the document and the headers of the session."""
        url, shown = f"{self.shop.addresses.public}/{path}", headers if headers is not None else HEADERS
        async with self.shop.client.request(method, url, json=body, headers=shown) as response:
            document = await _document(response)
            assert response.status == status, (path, document)
            given = {name: value for name, value in response.headers.items() if name == "X-Sordino-Session"}
            return document, {**shown, **given}

    async def chat(self, channel: str, *texts: str, headers: dict[str, str] | None = None) -> dict[str, str]:
        """Say something to a bot that speaks OpenAI's protocol; returns the headers of the session."""
        shown = headers or {}
        for text in texts:
            body = {"model": "m", "messages": [{"role": "user", "content": text}]}
            _, shown = await self.send("POST", f"{channel}/v1/chat/completions", body, headers=shown)
        return shown

    async def call(
        self, channel: str, call: str, *deeds: tuple[str, object], start: JSON | None = None, sound: bytes = b""
    ) -> None:
        """Begin a call, let things happen in it, and end it."""
        begun = {"call": call, "caller": "+49 151 23984712", "line": "0800", **(start or {})}
        await self.send("POST", f"{channel}/calls", begun, status=201)
        for what, body in deeds:
            await self.send("POST", f"{channel}/calls/{call}/{what}", body)
        if sound:
            self.shop.clock.move(seconds=5)  # what was said before everybody had agreed is not kept
            url = f"{self.shop.addresses.public}/{channel}/calls/{call}/audio"
            async with self.shop.client.post(url, data=sound, headers=HEADERS) as response:
                told = await response.json(content_type=None)
                assert (response.status, told["recording"]) == (200, True), told
        await self.send("POST", f"{channel}/calls/{call}/end")

    async def ticket(self, channel: str, ticket: str, *texts: str, **more: object) -> str:
        """Hand a ticket over; returns its session."""
        said = [
            {"id": f"m{at}", "speaker": ("subject", "agent")[at % 2], "text": text} for at, text in enumerate(texts)
        ]
        document, headers = await self.send(
            "POST", f"{channel}/tickets", {"ticket": ticket, "messages": said, **more}, status=201
        )
        self.tokens[document["session"]] = headers["X-Sordino-Session"]
        return str(document["session"])

    async def own(self, channel: str, session: str) -> list[dict[str, Any]]:
        """Return what a customer sees of a ticket."""
        shown = {"X-Sordino-Session": self.tokens[session]}
        document, _ = await self.send("GET", f"{channel}/tickets", headers=shown)
        return list(document["tickets"])

    async def right(self, channel: str, token: str, right: str, **said: str) -> tuple[str, str]:
        """Use a right on the public page, as its form sends it, from one's own session; returns page and reference."""
        url = f"{self.shop.addresses.public}/{channel}/rights"
        headers = {"X-Sordino-Session": token, "Accept-Language": "en", "Sec-Fetch-Site": "same-origin"}
        async with self.shop.client.post(url, data={"right": right, **said}, headers=headers) as response:
            page = await response.text()
            assert response.status == 200, page
            assert response.content_type == "text/html"
        reference = re.search(r"<code>([^<]+)</code>", page)
        assert reference is not None, page
        return page, reference[1]

    async def copy(self, channel: str, reference: str) -> zipfile.ZipFile:
        """Fetch the copy that the page offers."""
        url = f"{self.shop.addresses.public}/{channel}/rights/copy"
        async with self.shop.client.post(url, data={"reference": reference}) as response:
            assert response.status == 200, await response.text()
            return zipfile.ZipFile(io.BytesIO(await response.read()))

    async def told(self, mailbox: Mailbox, *letters: tuple[str, str]) -> None:
        """Wait until these recipients have been told of these purposes that ended, and nobody else (Art. 19)."""
        ended: list[tuple[str, str]] = []
        for _ in range(300):
            said = [(to, json.loads(text)) for to, text in mailbox.letters]
            erased = [(to, document["sessions"]) for to, document in said if document["right"] == "erasure"]
            ended = [(to, " ".join(sessions[0]["purposes"])) for to, sessions in erased]
            if len(ended) >= len(letters):
                break
            await asyncio.sleep(0.2)
        assert sorted(ended) == sorted(letters)

    async def nothing_waits(self) -> None:
        """Wait until every message to a recipient has gone: the outbox goes by the clock of this machine."""
        requests = self.shop.addresses.gateway.store.requests
        for _ in range(300):
            figures = await requests.figures(self.shop.clock.now())
            if not figures.messages.get(MessageState.WAITING):
                return
            await asyncio.sleep(0.2)
        raise TimeoutError("messages still wait")

    async def internal(self, method: str, path: str, body: object = None, *, status: int = 200) -> dict[str, Any]:
        """Send to the internal listener."""
        url = f"{self.shop.addresses.internal}/{path}"
        async with self.shop.client.request(method, url, json=body, headers=self.shop.bearer) as response:
            document = await _document(response)
            assert response.status == status, (path, document)
            return document

    async def sessions(self, channel: str) -> list[str]:
        """Return the sessions of a channel of which something is kept, newest first."""
        document = await self.internal("GET", f"sessions?channel={channel}")
        return [one["id"] for one in document["sessions"]]

    async def parts(self, channel: str) -> set[str]:
        """Return the kinds of parts that a channel has now."""
        document = await self.internal("GET", f"sessions?channel={channel}")
        return {kind for one in document["sessions"] for kind in one["parts"]}

    async def pass_days(self, days: float) -> None:
        """Let time pass and the sweep see it."""
        self.shop.clock.move(days=days)
        await self.shop.swept()
        assert not (await self.shop.addresses.gateway.store.figures(self.shop.clock.now())).overdue

    async def prove(self) -> dict[Promise, int]:
        """Check every promise, each transcript searched again; returns how much was looked at."""
        gateway = self.shop.addresses.gateway
        proof = await build_prover(gateway.loaded, gateway.store).prove(self.shop.clock.now(), 100)
        assert proof.kept, [outcome for outcome in proof.outcomes if not outcome.kept]
        assert {outcome.promise for outcome in proof.outcomes} == set(Promise)
        return {outcome.promise: outcome.checked for outcome in proof.outcomes}


async def _document(response: aiohttp.ClientResponse) -> dict[str, Any]:
    raw = await response.read()
    found: dict[str, Any] = await response.json(content_type=None) if raw else {}
    return found


def start(make_shop: MakeShop, name: str, bot: FakeBot | None = None, **settings: object) -> Any:  # noqa: ANN401
    """Start a gateway with a ready notice, as it stands in the repository."""
    text = (ROOT / "notices" / f"{name}.yaml").read_text(encoding="utf-8")
    channels = yaml.safe_load(text)["channels"]
    secrets = dict.fromkeys(channels, SECRET)
    bots = [channel for channel, fields in channels.items() if "upstream" in fields]
    return make_shop(notice=text, bot=bot, bots=bots, channel_secrets=secrets, sweep_seconds=0.1, **settings)

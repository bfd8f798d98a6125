"""`sordino demo --once`: plays the scripted conversation and shows what the bot saw and what is kept of it.

Everything is compared with what the notice promises; `broken` lists what is not so.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import aiohttp

from gateway.demo.run import CHANNEL, Demo, demo
from gateway.demo.script import MUST_FIND, PLANTED, TURNS, typed_values
from gateway.logs import set_up_logging
from gateway.settings import Settings, internal_token

PURPOSE = "improve-chatbot"
_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Report:
    """What the demo prints, and what in it is not as the notice promises."""

    document: Mapping[str, Any]
    broken: tuple[str, ...]


async def play(settings: Settings) -> Report:
    """Play the conversation in a directory of its own, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="sordino-demo-") as directory:
        home = Path(directory)
        update = {
            "home": home, "database_url": "", "keys_url": "", "root_key": "", "internal_token": None,
            "public_listen": "127.0.0.1:0", "internal_listen": "127.0.0.1:0",
        }  # fmt: skip
        placed = settings.model_copy(update=update)
        with (home / "log").open("w", encoding="utf-8") as log:
            set_up_logging("debug", log)
            async with demo(placed, token_seconds=0) as running_demo:
                document = await _converse(running_demo, internal_token(placed))
        kept = [path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file()]
        kept.append(json.dumps(document["metrics"]).encode())
        kept.append(json.dumps(document["stored"], ensure_ascii=False).encode())
        document["plaintext_found"] = search(kept, typed_values())
        return Report(document, tuple(check(document)))


async def _converse(running_demo: Demo, token: str) -> dict[str, Any]:
    """Type each turn, sending the history again each time as chat front ends do; then look at what there is."""
    public, internal = running_demo.addresses.public, running_demo.addresses.internal
    answers: list[str] = []
    async with aiohttp.ClientSession(raise_for_status=True) as client:
        messages: list[dict[str, str]] = []
        headers: dict[str, str] = {}
        for number, turn in enumerate(TURNS):
            messages.append({"role": "user", "content": turn})
            body = {"model": "demo", "messages": messages, "stream": bool(number % 2)}
            async with client.post(f"{public}/{CHANNEL}/v1/chat/completions", json=body, headers=headers) as response:
                answer = _streamed(await response.text()) if body["stream"] else _plain(await response.json())
                if "X-Sordino-Session" in response.headers:
                    headers["X-Sordino-Session"] = response.headers["X-Sordino-Session"]
            messages.append({"role": "assistant", "content": answer})
            answers.append(answer)
        async with client.post(f"{public}/{CHANNEL}/ratings", json={"rating": "up"}, headers=headers):
            pass
        bearer = {"Authorization": f"Bearer {token}"}
        session = headers["X-Sordino-Session"].partition(".")[0]
        async with client.get(
            f"{internal}/sessions/{session}", params={"purpose": PURPOSE}, headers=bearer
        ) as response:
            stored = await response.json()
        async with client.get(f"{internal}/metrics") as response:
            metrics = _figures(await response.text())
    notice = running_demo.addresses.gateway.loaded.notice
    return {
        "typed": list(TURNS),
        "answers": answers,
        "bot_saw": [request["messages"][-1]["content"] for request in running_demo.seen],
        "bot_saw_in_all": [message["content"] for request in running_demo.seen for message in request["messages"]],
        "stored": stored,
        "purposes": stored["purposes"],
        "expires_at": stored["expires_at"],
        "promised": {
            "ai_disclosure": notice.channels[CHANNEL].tell.ai_disclosure["de"] if notice.channels[CHANNEL].tell else "",
            "purposes": sorted(notice.channels[CHANNEL].keep["transcript"]),
        },
        "metrics": metrics,
    }


def check(document: Mapping[str, Any]) -> Iterable[str]:
    """Yield what is not as the notice promises."""
    if document["plaintext_found"]:
        yield "something that was typed is kept in clear"
    imposed = [p.value for p in PLANTED if p.entity != "DEVICE_ID"] + [
        p.compact for p in PLANTED if p.compact and p.entity != "DEVICE_ID"
    ]
    if any(value in text for value in imposed for text in document["bot_saw_in_all"]):
        yield "the bot saw personal data that it did not ask for"
    if not any(PLANTED[2].value in text for text in document["bot_saw"]):
        yield "the bot did not see the serial number that it asked for"
    stored = document["stored"]
    if any(value in turn["text"] for value in typed_values() for turn in stored["turns"]):
        yield "the transcript holds something that should have been redacted"
    marks = {kind for kind in MUST_FIND if any(f"[{kind}]" in turn["text"] for turn in stored["turns"])}
    if marks != MUST_FIND:
        yield f"not marked in the transcript: {', '.join(sorted(MUST_FIND - marks))}"
    if [turn["speaker"] for turn in stored["turns"]] != ["subject", "bot"] * len(TURNS):
        yield "the transcript does not hold each turn once and in order"
    if sorted(stored["purposes"]) != document["promised"]["purposes"]:
        yield "the purposes are not those of the notice"
    begun, ends = datetime.fromisoformat(stored["turns"][0]["time"]), datetime.fromisoformat(stored["expires_at"])
    if abs(ends - begun - _KEPT) > timedelta(hours=1):  # an hour more or less where the clocks change
        yield "the transcript is not kept for 30 days"
    disclosure = document["promised"]["ai_disclosure"]
    if not document["answers"][0].startswith(disclosure) or any(disclosure in a for a in document["answers"][1:]):
        yield "the AI disclosure does not stand before the first answer, once"
    if stored["facts"]["messages"] != 2 * len(TURNS) or stored["facts"]["ratings_positive"] != 1:
        yield "the facts are wrong"


def search(kept: Iterable[bytes], values: Iterable[str]) -> list[str]:
    """Return which forms of which typed values stand in any byte of what is kept: raw, base64, URL, JSON, UTF-16."""
    haystack = b"\0".join(kept)
    return [f"{name} of value {i}" for i, value in enumerate(values) for name, form in forms(value) if form in haystack]


def forms(value: str) -> Iterable[tuple[str, bytes]]:
    """Yield the forms in which a value could have been kept."""
    raw = value.encode()
    yield "raw", raw
    yield "JSON", json.dumps(value)[1:-1].encode()
    yield "URL", quote(value).encode()
    yield "form", quote_plus(value).encode()
    yield "UTF-16", value.encode("utf-16-le")
    for shift in range(3):  # where the value begins within a group of three bytes
        encoded = b64encode(b"\0" * shift + raw)
        yield "base64", encoded[4 if shift else 0 : -4]


def _plain(document: Mapping[str, Any]) -> str:
    return str(document["choices"][0]["message"]["content"])


def _streamed(text: str) -> str:
    events = [line[6:] for line in text.split("\n") if line.startswith("data: ") and line != "data: [DONE]"]
    choices = [choice for event in events for choice in json.loads(event)["choices"]]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


def _figures(text: str) -> dict[str, float]:
    """Return Sordino's own metrics, without the buckets of histograms and the times of creation."""
    lines = (line.rpartition(" ") for line in text.split("\n") if line.startswith("sordino_"))
    return {name: float(value) for name, _, value in lines if "_bucket{" not in name and "_created" not in name}


def run(settings: Settings) -> Report:
    """Play it in an event loop of its own."""
    return asyncio.run(play(settings))


def in_words(report: Report) -> str:
    """Return the report for people: turn by turn what was typed, what the bot saw, what is kept."""
    document, lines = report.document, []
    subject = [turn["text"] for turn in document["stored"]["turns"] if turn["speaker"] == "subject"]
    for typed, saw, kept in zip(document["typed"], document["bot_saw"], subject, strict=False):
        lines += [f"typed    {typed}", f"bot saw  {saw}", f"kept     {kept}", ""]
    lines += [f"kept for {', '.join(document['purposes'])} until {document['expires_at']}"]
    lines += [f"in clear in any file or metric: {', '.join(document['plaintext_found']) or 'nothing'}"]
    return "\n".join(lines)

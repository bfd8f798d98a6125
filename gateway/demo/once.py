"""`sordino demo --once`: plays the scripted conversation and shows what the bot saw and what is kept of it.

Everything is compared with what the notice promises; `broken` lists what is not so.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

from gateway.bootstrap import internal_token
from gateway.demo.plaintext import bytes_below, search
from gateway.demo.run import CHANNEL, Demo, demo
from gateway.demo.script import MUST_FIND, PLANTED, TURNS, typed_values
from gateway.logs import set_up_logging
from gateway.settings import Settings
from storage.records import PartKind

PURPOSE = "improve-chatbot"
ASKED_FOR = "DEVICE_ID"
_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Report:
    """What the demo prints, and what in it is not as the notice promises."""

    document: Mapping[str, Any]
    broken: tuple[str, ...]


def run(settings: Settings) -> Report:
    """Play the conversation in a directory of its own, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="sordino-demo-") as directory:
        home = Path(directory)
        update = {"home": home, "database_url": "", "keys_url": "", "root_key": "", "internal_token": None}
        ports = {"public_listen": "127.0.0.1:0", "internal_listen": "127.0.0.1:0"}
        with (home / "log").open("w", encoding="utf-8") as log:
            set_up_logging("debug", log)
            document, kept = asyncio.run(_play(settings.model_copy(update=update | ports)))
        document["plaintext_found"] = search([*kept, *bytes_below(home)], typed_values())
        return Report(document, tuple(broken(document)))


async def _play(settings: Settings) -> tuple[dict[str, Any], list[bytes]]:
    """Return the report, and all that is kept while the gateway still runs."""
    async with demo(settings, token_seconds=0) as running_demo, aiohttp.ClientSession(raise_for_status=True) as client:
        answers, session = await _converse(client, f"{running_demo.addresses.public}/{CHANNEL}")
        internal = running_demo.addresses.internal
        bearer = {"Authorization": f"Bearer {internal_token(settings)}"}
        url = f"{internal}/sessions/{session.partition('.')[0]}"
        async with client.get(url, params={"purpose": PURPOSE}, headers=bearer) as response:
            stored = await response.json()
        async with client.get(f"{internal}/metrics") as response:
            metrics = await response.text()
        kept = [*bytes_below(settings.home), metrics.encode(), json.dumps(stored, ensure_ascii=False).encode()]
        return _document(running_demo, answers, stored, metrics), kept


async def _converse(client: aiohttp.ClientSession, base: str) -> tuple[list[str], str]:
    """Type each turn, sending the history again each time as chat front ends do; return answers and session."""
    answers: list[str] = []
    messages: list[dict[str, str]] = []
    headers: dict[str, str] = {}
    for number, turn in enumerate(TURNS):
        messages.append({"role": "user", "content": turn})
        body = {"model": "demo", "messages": messages, "stream": bool(number % 2)}
        async with client.post(f"{base}/v1/chat/completions", json=body, headers=headers) as response:
            answers.append(_streamed(await response.text()) if body["stream"] else _plain(await response.json()))
            if "X-Sordino-Session" in response.headers:
                headers["X-Sordino-Session"] = response.headers["X-Sordino-Session"]
        messages.append({"role": "assistant", "content": answers[-1]})
    async with client.post(f"{base}/ratings", json={"rating": "up"}, headers=headers):
        pass
    return answers, headers["X-Sordino-Session"]


def _document(running_demo: Demo, answers: list[str], stored: dict[str, Any], metrics: str) -> dict[str, Any]:
    channel = running_demo.addresses.gateway.loaded.notice.channels[CHANNEL]
    requests = list(running_demo.seen)
    return {
        "typed": list(TURNS),
        "answers": answers,
        "bot_saw": [request["messages"][-1]["content"] for request in requests],
        "bot_saw_again": [message["content"] for request in requests for message in request["messages"][:-1]],
        "stored": stored,
        "purposes": stored["purposes"],
        "expires_at": stored["expires_at"],
        "promised": {
            "ai_disclosure": channel.tell.ai_disclosure["de"] if channel.tell is not None else "",
            "purposes": sorted(channel.keep[PartKind.TRANSCRIPT]),
        },
        "metrics": figures(metrics),
    }


def broken(document: Mapping[str, Any]) -> Iterable[str]:
    """Yield what is not as the notice promises."""
    yield from _seen(document)
    yield from _kept(document)
    yield from _promised(document)


def _seen(document: Mapping[str, Any]) -> Iterable[str]:
    saw = [*document["bot_saw"], *document["bot_saw_again"]]
    imposed = [form for p in PLANTED if p.entity != ASKED_FOR for form in (p.value, p.compact) if form]
    if any(value in text for value in imposed for text in saw):
        yield "the bot saw personal data that it did not ask for"
    if not all(any(p.value in text for text in saw) for p in PLANTED if p.entity == ASKED_FOR):
        yield "the bot did not see the serial number that it asked for"
    disclosure, (first, *later) = document["promised"]["ai_disclosure"], document["answers"]
    if not first.startswith(disclosure) or any(disclosure in answer for answer in later):
        yield "the AI disclosure does not stand before the first answer, once"


def _kept(document: Mapping[str, Any]) -> Iterable[str]:
    turns = document["stored"]["turns"]
    if document["plaintext_found"]:
        yield "something that was typed is kept in clear"
    if any(value in turn["text"] for value in typed_values() for turn in turns):
        yield "the transcript holds something that should have been redacted"
    missed = sorted(kind for kind in MUST_FIND if not any(f"[{kind}]" in turn["text"] for turn in turns))
    if missed:
        yield f"not marked in the transcript: {', '.join(missed)}"
    if [turn["speaker"] for turn in turns] != ["subject", "bot"] * len(TURNS):
        yield "the transcript does not hold each turn once and in order"


def _promised(document: Mapping[str, Any]) -> Iterable[str]:
    stored = document["stored"]
    if sorted(stored["purposes"]) != document["promised"]["purposes"]:
        yield "the purposes are not those of the notice"
    begun, ends = datetime.fromisoformat(stored["turns"][0]["time"]), datetime.fromisoformat(stored["expires_at"])
    if abs(ends - begun - _KEPT) > timedelta(hours=1):  # an hour more or less where the clocks change
        yield "the transcript is not kept for 30 days"
    if stored["facts"]["messages"] != 2 * len(TURNS) or stored["facts"]["ratings_positive"] != 1:
        yield "the facts are wrong"


def in_words(report: Report) -> str:
    """Return the report for people: turn by turn what was typed, what the bot saw, what is kept."""
    document, lines = report.document, []
    subject = [turn["text"] for turn in document["stored"]["turns"] if turn["speaker"] == "subject"]
    for typed, saw, kept in zip(document["typed"], document["bot_saw"], subject, strict=False):
        lines += [f"typed    {typed}", f"bot saw  {saw}", f"kept     {kept}", ""]
    lines += [f"kept for {', '.join(document['purposes'])} until {document['expires_at']}"]
    lines += [f"in clear in any file or metric: {', '.join(document['plaintext_found']) or 'nothing'}"]
    return "\n".join(lines)


def _plain(document: Mapping[str, Any]) -> str:
    return str(document["choices"][0]["message"]["content"])


def _streamed(text: str) -> str:
    events = [line[6:] for line in text.split("\n") if line.startswith("data: ") and line != "data: [DONE]"]
    choices = [choice for event in events for choice in json.loads(event)["choices"]]
    return "".join(choice["delta"].get("content") or "" for choice in choices)


def figures(text: str) -> dict[str, float]:
    """Return Sordino's own metrics, without the buckets of histograms and the times of creation."""
    lines = (line.rpartition(" ") for line in text.split("\n") if line.startswith("sordino_"))
    return {name: float(value) for name, _, value in lines if "_bucket{" not in name and "_created" not in name}

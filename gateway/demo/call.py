"""`sordino demo --call`: plays a call over Twilio's protocols and shows what was heard, seen and kept of it.

The caller speaks before the question is answered, agrees by a key, speaks on, and stops the recording at the end; sound
is sent all the while, each stretch with a mark of its own, so that the recording can be searched for what must not be
in it. Everything is compared with what the notice promises; `broken` lists what is not so.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from base64 import b64encode
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

import aiohttp
from aiohttp import web
from pydantic import SecretStr

from gateway.bootstrap import internal_token
from gateway.calls.twilio.signature import HEADER, sign
from gateway.demo.call_bot import GREETING, SEEN, build_call_bot
from gateway.demo.once import ASKED_FOR, PURPOSE, Report, figures
from gateway.demo.plaintext import bytes_below, search
from gateway.demo.script import MUST_FIND, PLANTED, TURNS, typed_values
from gateway.demo.speech import speech
from gateway.engine.markup import read_markup
from gateway.logs import set_up_logging
from gateway.notice.load import load_notice
from gateway.serving import Addresses, running
from gateway.settings import Settings
from gateway.stores import create_root_key

CHANNEL: Final = "callbot"
_PUBLIC: Final = "https://voice.example"
_TOKEN: Final = "the demo's own token"  # noqa: S105 - of an account that there is not
_CALL: Final = "CA" + "0" * 31 + "1"
_CALLER: Final = "+4915123984712"
_FRAME: Final = 160
_BEFORE, _AFTER = b"\x11", b"\x22"
"""The bytes that the sound before the answer and after the stop is made of; no voice is."""
_SETTLE_SECONDS: Final = 0.4


@dataclass(slots=True)
class _Heard:
    """What the platform noted: what was spoken, by the bot and the gateway, and how much sound it sent when."""

    question: str = ""
    answers: list[str] = field(default_factory=list)
    sent_before: int = 0
    sent_between: int = 0
    sent_after: int = 0


def run(settings: Settings) -> Report:
    """Play the call in a directory of its own, which is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="sordino-demo-") as directory:
        home = Path(directory)
        update = {
            "home": home, "database_url": "", "keys_url": "", "root_key": "", "internal_token": None, "blobs_url": "",
            "public_listen": "127.0.0.1:0", "internal_listen": "127.0.0.1:0", "channel_secrets": {},
            "public_url": _PUBLIC, "platform_secrets": {CHANNEL: SecretStr(_TOKEN)}, "platform_apis": {},
            "platform_api_keys": {}, "bot_secrets": {}, "platform_keys": {}, "consent_keys": {},
        }  # fmt: skip
        with (home / "log").open("w", encoding="utf-8") as log:
            set_up_logging("debug", log)
            document, kept = asyncio.run(_play(settings.model_copy(update=update)))
        document["plaintext_found"] = search([*kept, *bytes_below(home)], [*typed_values(), _CALLER])
        return Report(document, tuple(broken(document)))


async def _play(settings: Settings) -> tuple[dict[str, Any], list[bytes]]:
    async with _staged(settings) as (addresses, bot), aiohttp.ClientSession() as client:
        heard = await _Platform(client, f"{addresses.public}/{CHANNEL}").call()
        bearer = {"Authorization": f"Bearer {internal_token(settings)}"}
        async with client.get(f"{addresses.internal}/sessions", headers=bearer) as response:
            (session,) = [one["id"] for one in (await response.json())["sessions"]]
        url = f"{addresses.internal}/sessions/{session}"
        stored = {}
        for purpose in (PURPOSE, "prove-consent"):
            async with client.get(url, params={"purpose": purpose}, headers=bearer) as response:
                stored[purpose] = await response.json()
        async with client.get(f"{addresses.internal}/metrics") as response:
            metrics = await response.text()
        gateway = addresses.gateway
        recordings = await gateway.store.recordings.read(UUID(session), "quality-assurance", gateway.clock.now())
        sound = b"".join([run.audio async for _, runs in recordings[0].segments() for run in runs])
        document = _document(heard, bot[SEEN], stored, metrics, sound)
        return document, [*bytes_below(settings.home), metrics.encode(), json.dumps(stored[PURPOSE]).encode()]


@asynccontextmanager
async def _staged(settings: Settings) -> AsyncIterator[tuple[Addresses, web.Application]]:
    create_root_key(settings)
    bot = build_call_bot()
    runner = web.AppRunner(bot, access_log=None, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        placed = settings.model_copy(update={"upstreams": {CHANNEL: f"http://127.0.0.1:{runner.addresses[0][1]}"}})
        async with running(placed, load_notice(Path(__file__).with_name("call.yaml"))) as addresses:
            yield addresses, bot
    finally:
        await runner.cleanup()


class _Platform:
    """Twilio's part in the call."""

    def __init__(self, client: aiohttp.ClientSession, base: str) -> None:
        self._client = client
        self._base = base
        self._samples = 0
        self._heard = _Heard()

    async def call(self) -> _Heard:
        """Play the whole call."""
        heard = self._heard
        asked = await self._post("voice", CallStatus="ringing")
        heard.question = _text(asked, "Say")
        signed = {HEADER: sign(_TOKEN, f"{_PUBLIC.replace('https', 'wss')}/{CHANNEL}/sordino/media")}
        async with self._client.ws_connect(f"{self._base}/sordino/media", headers=signed) as socket:
            await socket.send_json({"event": "start", "streamSid": "MZ1", "start": {"callSid": _CALL}})
            heard.sent_before = await self._speak(socket, _BEFORE * _FRAME * 50)
            agreed = await self._follow(_attribute(asked, "Gather", "action"), Digits="1")
            said = await self._follow(_text(agreed, "Redirect"))
            await asyncio.sleep(_SETTLE_SECONDS)
            heard.answers.append(_text(said, "Say"))
            for turn in TURNS:
                heard.sent_between += await self._speak(socket, speech(turn))
                said = await self._follow(_attribute(said, "Gather", "action"), SpeechResult=turn, Confidence="0.93")
                heard.answers.append(_text(said, "Say"))
            for key in "*9":
                await socket.send_json({"event": "dtmf", "dtmf": {"digit": key}})
            heard.sent_after = await self._speak(socket, _AFTER * _FRAME * 50)
            await socket.send_json({"event": "stop"})
            await asyncio.sleep(_SETTLE_SECONDS)
        await self._post("status", CallStatus="completed")
        return heard

    async def _speak(self, socket: aiohttp.ClientWebSocketResponse, sound: bytes) -> int:
        """Send sound in frames of 20 ms; returns how many bytes were sent."""
        whole = len(sound) // _FRAME * _FRAME
        for at in range(0, whole, _FRAME):
            media = {
                "track": "inbound",
                "timestamp": str(self._samples // 8),
                "payload": b64encode(sound[at : at + _FRAME]).decode(),
            }
            await socket.send_json({"event": "media", "media": media})
            self._samples += _FRAME
        return whole

    async def _follow(self, url: str, **fields: str) -> Any:  # noqa: ANN401 - an XML element
        return await self._post(url.removeprefix(f"{_PUBLIC}/{CHANNEL}/"), **fields)

    async def _post(self, path: str, **more: str) -> Any:  # noqa: ANN401 - an XML element
        fields = {"CallSid": _CALL, "From": _CALLER, "To": "+498000000000", **more}
        headers = {
            HEADER: sign(_TOKEN, f"{_PUBLIC}/{CHANNEL}/{path}", list(fields.items())),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        async with self._client.post(f"{self._base}/{path}", data=urlencode(fields), headers=headers) as response:
            response.raise_for_status()
            raw = await response.read()
            return read_markup(raw) if raw else None


def _document(
    heard: _Heard, saw: list[dict[str, str]], stored: Mapping[str, Any], metrics: str, sound: bytes
) -> dict[str, Any]:
    return {
        "question": heard.question,
        "typed": list(TURNS),
        "answers": heard.answers,
        "bot_saw": [fields["SpeechResult"] for fields in saw if "SpeechResult" in fields],
        "bot_saw_numbers": sorted({fields.get("From", "") for fields in saw}),
        "stored": stored[PURPOSE],
        "consents": stored["prove-consent"]["consents"],
        "purposes": stored[PURPOSE]["purposes"],
        "expires_at": stored[PURPOSE]["expires_at"],
        "sound": {
            "sent_before_consent_bytes": heard.sent_before,
            "kept_before_consent_bytes": sound.count(_BEFORE * _FRAME) * _FRAME,
            "sent_after_consent_bytes": heard.sent_between,
            "kept_bytes": len(sound),
            "sent_after_stop_bytes": heard.sent_after,
            "kept_after_stop_bytes": sound.count(_AFTER * _FRAME) * _FRAME,
        },
        "metrics": figures(metrics),
    }


def broken(document: Mapping[str, Any]) -> Iterable[str]:
    """Yield what is not as the notice promises."""
    yield from _heard_only_with_consent(document)
    yield from _written_down(document)
    if not document["answers"][0].endswith(GREETING) or document["answers"][0] == GREETING:
        yield "the AI disclosure does not stand before the first answer"
    if document["plaintext_found"]:
        yield "something that was said is kept in clear"


def _heard_only_with_consent(document: Mapping[str, Any]) -> Iterable[str]:
    sound = document["sound"]
    if sound["kept_before_consent_bytes"] or sound["kept_after_stop_bytes"]:
        yield "sound was kept before the consent or after the stop"
    if not sound["sent_before_consent_bytes"] or not sound["sent_after_stop_bytes"]:
        yield "no sound was sent before the consent or after the stop, so nothing is shown"
    if sound["kept_bytes"] != sound["sent_after_consent_bytes"]:
        yield "what was spoken after the consent is not what was kept"
    if [(one["state"], one["method"]) for one in document["consents"]] != [("given", "dtmf")]:
        yield "the consent is not on record as it was given"


def _written_down(document: Mapping[str, Any]) -> Iterable[str]:
    turns, saw = document["stored"]["turns"], document["bot_saw"]
    imposed = [form for p in PLANTED if p.entity != ASKED_FOR for form in (p.value, p.compact) if form]
    if any(value in text for value in imposed for text in saw) or document["bot_saw_numbers"] != ["[PHONE]"]:
        yield "the bot saw personal data that it did not ask for"
    if any(value in turn["text"] for value in typed_values() for turn in turns):
        yield "the transcript holds something that should have been redacted"
    if not all(any(f"[{kind}]" in turn["text"] for turn in turns) for kind in MUST_FIND):
        yield "something that had to be found is not marked in the transcript"
    if [turn["speaker"] for turn in turns] != ["bot", *["subject", "bot"] * len(TURNS)]:
        yield "the transcript does not hold each turn once and in order"


def in_words(report: Report) -> str:
    """Return the report for people."""
    document, sound = report.document, report.document["sound"]
    lines = [f"asked    {document['question']}", "pressed  1", f"said     {document['answers'][0]}", ""]
    subject = [turn["text"] for turn in document["stored"]["turns"] if turn["speaker"] == "subject"]
    for spoken, saw, kept in zip(document["typed"], document["bot_saw"], subject, strict=False):
        lines += [f"spoken   {spoken}", f"bot saw  {saw}", f"kept     {kept}", ""]
    heard = (
        f"before the consent {sound['sent_before_consent_bytes']} bytes came, "
        f"{sound['kept_before_consent_bytes']} were kept; after it {sound['sent_after_consent_bytes']} came, "
        f"{sound['kept_bytes']} were kept; after the stop {sound['sent_after_stop_bytes']} came, "
        f"{sound['kept_after_stop_bytes']} were kept"
    )
    lines += [
        f"sound    {heard}",
        *(f"kept for {purpose} until {ends}" for purpose, ends in document["purposes"].items()),
        f"in clear in any file or metric: {', '.join(document['plaintext_found']) or 'nothing'}",
    ]
    return "\n".join(lines)


def _text(root: Any, tag: str) -> str:  # noqa: ANN401 - an XML element
    return "".join(next(root.iter(tag)).itertext())


def _attribute(root: Any, tag: str, name: str) -> str:  # noqa: ANN401 - an XML element
    return str(next(root.iter(tag)).attrib[name])

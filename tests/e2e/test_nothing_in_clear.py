"""200 conversations with planted values: none stands in any file, log, metric or error, in any encoding."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path

import aiohttp
import numpy as np
from stdnum import iban, luhn

from gateway.demo.plaintext import forms
from tests.e2e.conftest import bot_server, serve, sordino
from tests.fakes import FakeBot

CONVERSATIONS = 200
GIVEN = ("Marlene", "Tarik", "Nadine", "Ole", "Swantje", "Emre", "Giulia", "Piet", "Ewa", "Jonas")
FAMILY = (
    "Oltmanns",
    "Yildirim",
    "Brückner",
    "Feldkamp",
    "Wisniewska",
    "Haverkamp",
    "Rossmeisl",
    "Dijkgraaf",
    "Demirtas",
    "Lüders",
)


def digits(count: int) -> str:
    return "".join(secrets.choice("123456789") for _ in range(count))


def plant() -> dict[str, str]:
    """Return invented values with valid checksums."""
    account = "50010517" + digits(10)
    serial = f"{digits(5)}-{digits(7)}"
    card = "4" + digits(14)
    return {
        "name": f"{secrets.choice(GIVEN)} {secrets.choice(FAMILY)}-{secrets.choice(FAMILY)}",
        "mail": f"{secrets.token_hex(6)}@beispiel-{secrets.token_hex(2)}.de",
        "phone": f"0151 {digits(8)}",
        "iban": iban.format("DE" + iban.calc_check_digits("DE00" + account) + account),
        "card": card + luhn.calc_check_digit(card),
        "serial": serial,
    }


def messages(values: dict[str, str]) -> list[str]:
    return [
        f"Guten Tag, mein Name ist {values['name']}.",
        f"Meine E-Mail ist {values['mail']} und meine Telefonnummer {values['phone']}.",
        f"IBAN {values['iban']}, Kreditkarte {values['card']}.",
        f"Die Seriennummer lautet {values['serial']}.",
    ]


async def test_nothing_typed_is_found_in_clear(tmp_path: Path) -> None:
    home, log = tmp_path / "home", tmp_path / "log"
    assert sordino("keys", "init", home=home).returncode == 0
    planted = [plant() for _ in range(CONVERSATIONS)]
    bot = FakeBot()
    async with bot_server(bot) as url:
        served = await serve(home, url, log)
        async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as client:
            errors = await _hold(client, served.public, planted)
            async with client.get(f"{served.internal}/metrics") as response:
                metrics = await response.read()
        running = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
        served.process.terminate()
        assert await served.process.wait() == 0
    ended = [path.read_bytes() for path in home.rglob("*") if path.is_file()]
    haystack = b"\0".join([*running, *ended, log.read_bytes(), metrics, *errors])
    assert len(haystack) > 500_000, "there is something to search"
    written = {form: name for values in planted for name, value in values.items() for _, form in forms(value)}
    assert [written[form] for form in standing_in(haystack, list(written))] == []
    assert standing_in(b"x" + next(iter(written)), list(written)), "what is there is found"
    assert metrics.count(b"sordino_findings_total{") >= 6
    saw = "".join(str(request) for request in bot.seen)
    assert [v["iban"] for v in planted if v["iban"] in saw] == []


def standing_in(haystack: bytes, searched: list[bytes]) -> list[bytes]:
    """Return what of the searched stands in the haystack: by its first eight bytes, all at once, and then wholly."""
    begins = np.frombuffer(b"".join(each[:8] for each in searched), "u8")
    assert len(begins) == len(searched)
    order = np.sort(begins)
    there: set[int] = set()
    for offset in range(8):
        windows = np.frombuffer(haystack, "u8", (len(haystack) - offset) // 8, offset)
        places = np.searchsorted(order, windows).clip(max=len(order) - 1)
        there.update(windows[order[places] == windows].tolist())
    return [each for each, begin in zip(searched, begins.tolist(), strict=True) if begin in there and each in haystack]


async def _hold(client: aiohttp.ClientSession, public: str, planted: list[dict[str, str]]) -> list[bytes]:
    """Hold the conversations, eight at a time, each with some broken requests; return the error bodies."""
    errors: list[bytes] = []
    gate = asyncio.Semaphore(8)

    async def one(number: int, values: dict[str, str]) -> None:
        async with gate:
            session: dict[str, str] = {}
            history: list[dict[str, str]] = []
            for text in messages(values):
                history.append({"role": "user", "content": text})
                body = {"model": "m", "messages": history, "stream": bool(number % 2), "user": values["mail"]}
                async with client.post(f"{public}/v1/chat/completions", json=body, headers=session) as response:
                    assert response.status == 200
                    await response.read()
                    if "X-Sordino-Session" in response.headers:
                        session = {"X-Sordino-Session": response.headers["X-Sordino-Session"]}
                history.append({"role": "assistant", "content": "Gern geschehen."})
            broken = (
                '{"messages": "' + values["iban"] + '"',
                '{"messages": [{"role": "user", "content": {"x": "' + values["mail"] + '"}}',
            )
            for raw in broken:
                async with client.post(f"{public}/v1/chat/completions", data=raw.encode()) as response:
                    errors.append(await response.read())
            async with client.post(f"{public}/v1/{values['mail']}?q={values['phone']}", data=b"{}") as response:
                errors.append(await response.read())

    await asyncio.gather(*(one(number, values) for number, values in enumerate(planted)))
    assert all(errors)
    return errors

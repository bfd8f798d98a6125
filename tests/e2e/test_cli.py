"""The command line as a user meets it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sqlite3
import sys
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from tests.e2e.conftest import NOTICE, bot_server, clean_environment, serve, sordino
from tests.fakes import FakeBot, stream
from tests.ports import free_port


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_the_demo_plays_once_and_everything_is_as_the_notice_promises(home: Path) -> None:
    done = sordino("demo", "--once", "--json", home=home)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert {"bot_saw", "stored", "purposes", "expires_at", "metrics", "plaintext_found"} <= set(report)
    assert report["plaintext_found"] == []
    assert not home.exists(), "it leaves nothing behind"


def test_the_demo_in_words(home: Path) -> None:
    done = sordino("demo", "--once", home=home)
    assert done.returncode == 0, done.stderr
    assert "[IBAN]" in done.stdout


def test_a_notice_in_order_is_told_with_what_it_keeps(home: Path) -> None:
    done = sordino("check", str(NOTICE), home=home)
    assert done.returncode == 0, done.stderr
    assert "chatbot: transcript for improve-chatbot (A6-1-f): P30D from collection" in done.stdout


@pytest.mark.parametrize("command", [["check"], ["serve", "--notice"]])
def test_a_wrong_notice_is_named_by_line_and_field(home: Path, command: list[str]) -> None:
    text = NOTICE.read_text(encoding="utf-8").replace("period: P30D", "period: 30 days")
    path = home.parent / "wrong.yaml"
    path.write_text(text, encoding="utf-8")
    line = next(i for i, row in enumerate(text.splitlines(), 1) if "30 days" in row)
    done = sordino(*command, str(path), home=home)
    assert done.returncode == 2
    assert f"wrong.yaml:{line}: deletion_classes.chat-30-days.period" in done.stderr


def test_a_missing_key_file_is_said(home: Path) -> None:
    done = sordino("serve", "--notice", str(NOTICE), home=home)
    assert done.returncode == 2
    assert "sordino keys init" in done.stderr


async def test_a_wrong_key_file_is_said(home: Path) -> None:
    assert sordino("keys", "init", home=home).returncode == 0
    async with bot_server(FakeBot()) as bot:
        served = await serve(home, bot, home.parent / "log")
        served.process.terminate()
        assert await served.process.wait() == 0
    (home / "root.key").rename(home / "old.key")
    assert sordino("keys", "init", home=home).returncode == 0
    done = sordino("serve", "--notice", str(NOTICE), home=home)
    assert done.returncode == 2
    assert "key" in done.stderr
    (home / "root.key").chmod(0o644)
    assert "0600" in sordino("serve", "--notice", str(NOTICE), home=home).stderr


async def test_a_lost_key_of_the_ledger_is_said_and_replaced_by_command_only(home: Path) -> None:
    assert sordino("keys", "init", home=home).returncode == 0
    async with bot_server(FakeBot()) as bot:
        served = await serve(home, bot, home.parent / "log")
        served.process.terminate()
        assert await served.process.wait() == 0
    key, copy = home / "ledger.key", home.parent / "copy.key"
    key.rename(copy)
    for command in (["serve", "--notice", str(NOTICE)], ["demo"], ["sweep"], ["ledger", "verify"]):
        done = sordino(*command, home=home)
        assert done.returncode == 2, command
        assert done.stderr.startswith(f"sordino: {key}: the file of the ledger's key is missing"), command
    assert not key.exists()
    assert sordino("keys", "init", "--ledger", home=home).returncode == 0
    assert key.read_bytes() != copy.read_bytes()
    assert sordino("sweep", home=home).returncode == 0


def test_a_key_file_is_never_overwritten(home: Path) -> None:
    assert sordino("keys", "init", home=home).returncode == 0
    before = (home / "root.key").read_bytes()
    done = sordino("keys", "init", home=home)
    assert done.returncode == 2
    assert (home / "root.key").read_bytes() == before


def test_unknown_settings_are_told(home: Path) -> None:
    done = sordino("serve", "--notice", str(NOTICE), home=home, SORDINO_PROT="8080")
    assert done.returncode == 2
    assert "SORDINO_PROT" in done.stderr


async def test_a_port_in_use_is_told(home: Path) -> None:
    assert sordino("keys", "init", home=home).returncode == 0
    port = free_port()
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", port)
    async with server:
        done = await asyncio.to_thread(
            sordino, "serve", "--notice", str(NOTICE), home=home, SORDINO_PUBLIC_LISTEN=f"127.0.0.1:{port}",
            SORDINO_INTERNAL_LISTEN="127.0.0.1:0",
        )  # fmt: skip
    assert done.returncode == 2
    assert f"can't listen on 127.0.0.1:{port}: Address already in use; SORDINO_PUBLIC_LISTEN" in done.stderr


async def test_ctrl_c_ends_in_order(home: Path) -> None:
    environment = clean_environment(home, SORDINO_PUBLIC_LISTEN="127.0.0.1:0", SORDINO_INTERNAL_LISTEN="127.0.0.1:0")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", "demo", env=environment, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    seen = await asyncio.wait_for(process.stdout.readuntil(b"Ctrl-C"), 60)
    process.send_signal(2)
    assert await asyncio.wait_for(process.wait(), 60) == 0
    assert b"/chatbot/v1" in seen


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_second_signal_loses_nothing(home: Path, number: int) -> None:
    assert sordino("keys", "init", home=home).returncode == 0

    async def slowly(request: web.Request, _body: object) -> web.StreamResponse:
        return await stream(request, ["Wort "] * 20, pause=0.05)

    body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "Hallo"}]}
    async with bot_server(FakeBot(answering=slowly)) as bot, aiohttp.ClientSession() as client:
        served = await serve(home, bot, home.parent / "log", SORDINO_DRAIN_SECONDS="60")
        async with client.post(f"{served.public}/v1/chat/completions", json=body) as response:
            session = response.headers["X-Sordino-Session"].partition(".")[0]
            await response.content.readany()
            for _ in range(3):
                served.process.send_signal(number)
                await asyncio.sleep(0.1)
            assert b"[DONE]" in await response.read()
        assert await asyncio.wait_for(served.process.wait(), 60) == 0
        served = await serve(home, bot, home.parent / "log")
        url = f"{served.internal}/sessions/{session}?purpose=improve-chatbot"
        async with client.get(url, headers=served.bearer()) as response:
            turns = [turn["text"] for turn in (await response.json())["turns"]]
        served.process.terminate()
        await served.process.wait()
    assert turns == ["Hallo", "Wort " * 20]


def test_redact_is_a_filter(home: Path) -> None:
    done = sordino("redact", "--lang", "de", home=home, text="Mein Name ist Jana Petersen.\nBestellt am Montag.\n")
    assert done.stdout == "Mein Name ist [PERSON].\nBestellt am Montag.\n"


def test_redact_json_lines(home: Path) -> None:
    rows = [
        {"id": 1, "text": "Mein Name ist Jana Petersen 😀 0151 23984712", "lang": "de"},
        {"id": 2, "text": "\ud800 nichts", "previous": "Wie lautet Ihre Frage?", "channel": "call"},
    ]
    done = sordino("redact", "--jsonl", "--explain", home=home, text="".join(json.dumps(row) + "\n" for row in rows))
    first, second = (json.loads(line) for line in done.stdout.splitlines())
    found = {kind: first["text"][start:end] for start, end, kind, *_ in first["findings"]}
    assert found == {"PERSON": "Jana Petersen", "PHONE": "0151 23984712"}
    assert second["text"] == "\ud800 nichts"
    assert len(first["findings"][0]) == 5


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"id": 1}',
        '{"text": 3}',
        '{"text": "a", "lang": 5}',
        '{"text": "a", "previous": ["b"]}',
        '{"text": "a", "channel": {}}',
        '{"text": "a", "id": ' + "[" * 100_000 + "]" * 100_000 + "}",
    ],
)
def test_redact_names_a_line_that_is_wrong(home: Path, line: str) -> None:
    done = sordino("redact", "--jsonl", home=home, text='{"text": "a"}\n' + line + "\n")
    assert done.returncode == 2
    assert "line 2" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["redact", "--lang", "deutsch"], "must be one of de, en"),
        (["sweep", "--now", "x"], "must be a moment in ISO 8601"),
    ],
)
def test_a_wrong_argument_is_told(home: Path, arguments: list[str], told: str) -> None:
    done = sordino(*arguments, home=home, text="")
    assert done.returncode == 2
    assert told in done.stderr


@pytest.mark.parametrize("url", ["foo", "postgresql://db", "sqlite://"])
def test_a_wrong_database_url_is_told(home: Path, url: str) -> None:
    done = sordino("serve", "--notice", str(NOTICE), home=home, SORDINO_DATABASE_URL=url)
    assert done.returncode == 2
    assert done.stderr.startswith("sordino: SORDINO_DATABASE_URL: ")


def test_a_sweep_of_nothing_is_told(home: Path) -> None:
    assert sordino("keys", "init", home=home).returncode == 0
    done = sordino("sweep", home=home)
    assert done.returncode == 2
    assert "no store here yet" in done.stderr


async def test_sweep_erases_what_has_expired_with_receipts(home: Path) -> None:
    assert sordino("keys", "init", home=home).returncode == 0
    async with bot_server(FakeBot()) as bot:
        served = await serve(home, bot, home.parent / "log")
        body = {"model": "m", "messages": [{"role": "user", "content": "Hallo"}]}
        async with (
            aiohttp.ClientSession() as client,
            client.post(f"{served.public}/v1/chat/completions", json=body) as response,
        ):
            assert response.status == 200
        served.process.terminate()
        await served.process.wait()
    assert "0 parts would be erased" in sordino("sweep", "--dry-run", home=home).stdout
    dry = sordino("sweep", "--dry-run", "--now", "2100-01-01", home=home)
    assert "transcript" in dry.stdout, dry.stderr
    assert "2 parts would be erased" in dry.stdout
    done = sordino("sweep", "--now", "2100-01-01T00:00:00+00:00", home=home)
    assert done.stdout.count("receipt ") == 2, done.stderr
    assert "2 parts erased" in done.stdout
    assert "0 parts would be erased" in sordino("sweep", "--dry-run", "--now", "2100-01-01", home=home).stdout
    the_ledger_is_checked(home, done.stdout.split(" transcript ")[1].partition(",")[0])


def the_ledger_is_checked(home: Path, part: str) -> None:
    told = sordino("ledger", "receipt", part, home=home)
    assert told.returncode == 0, told.stderr
    receipt = json.loads(told.stdout)
    assert receipt["event"]["facts"]["part"] == part
    assert "no checkpoint covers this erasure yet" in told.stderr
    path = home.parent / "receipt.json"
    path.write_text(told.stdout, encoding="utf-8")
    unproven = sordino("ledger", "verify", "--receipt", str(path), home=home)
    assert (unproven.returncode, "no proof yet" in unproven.stdout) == (1, True)
    key = sordino("ledger", "key", home=home).stdout.strip()
    assert key == receipt["key"]
    elsewhere = home.parent / "elsewhere"
    path.write_text("[]", encoding="utf-8")
    other = sordino("ledger", "verify", "--receipt", str(path), "--key", key, home=elsewhere)
    assert (other.returncode, "not a receipt" in other.stderr) == (2, True)
    assert not elsewhere.exists()
    checked = sordino("ledger", "verify", home=home)
    assert (checked.returncode, "nothing was changed" in checked.stdout) == (0, True), checked.stdout
    with contextlib.closing(sqlite3.connect(home / "sessions.db")) as database, database:
        database.execute("UPDATE receipts SET actor = 'nobody'")
    altered = sordino("ledger", "verify", home=home)
    assert altered.returncode == 1
    assert f"receipt of part {part}: says something else than the log" in altered.stdout
    assert sordino("ledger", "receipt", "x", home=home).returncode == 2


def test_a_notice_is_rendered_and_compared(home: Path) -> None:
    told = sordino("render", str(NOTICE), "--as", "register", "--lang", "en", "--format", "html", home=home)
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("<!doctype html>")
    assert "Art. 30(1)" in told.stdout
    shorter = home.parent / "shorter.yaml"
    shorter.write_text(NOTICE.read_text(encoding="utf-8").replace("period: P30D", "period: P7D"), encoding="utf-8")
    compared = sordino("diff", str(NOTICE), str(shorter), "--lang", "en", home=home)
    assert compared.returncode == 0, compared.stderr
    assert "7 days from the first message instead of 30 days" in compared.stdout
    assert json.loads(sordino("diff", str(NOTICE), str(shorter), "--json", home=home).stdout)["sooner"]


def test_the_promises_are_proven_and_told(home: Path) -> None:
    assert sordino("keys", "init", home=home).returncode == 0
    done = sordino("prove", "--notice", str(NOTICE), "--lang", "en", home=home)
    assert done.returncode == 0, done.stderr
    assert "| Nothing is kept past its day. | kept | 0 | 0 |" in done.stdout
    report = home.parent / "report.json"
    report.write_text(sordino("prove", "--notice", str(NOTICE), "--format", "json", home=home).stdout)
    told = json.loads(report.read_text())
    assert told["kept"] is True
    assert told["promises"]["ai-disclosed"] == {"kept": True, "checked": 0, "broken": {}}
    key = sordino("ledger", "key", home=home).stdout.strip()
    assert sordino("prove", "--check", str(report), "--key", key, home=home).returncode == 0
    report.write_text(json.dumps(told | {"sessions": 5}))
    changed = sordino("prove", "--check", str(report), home=home)
    page = home / "report.html"
    page.write_text(sordino("prove", "--notice", str(NOTICE), "--format", "html", home=home).stdout, encoding="utf-8")
    assert "signed by" in sordino("prove", "--check", str(page), "--key", key, home=home).stdout
    said = page.read_text(encoding="utf-8")
    for other in (said.replace("<h1>", "<h1>All is well: "), said + "more", said.partition("<!--\n")[0]):
        page.write_text(other, encoding="utf-8")
        assert sordino("prove", "--check", str(page), "--key", key, home=home).returncode == 1
    assert (changed.returncode, changed.stdout) == (1, f"{report}: the document is not the one that was signed\n")


def test_without_a_gateway_health_says_so(home: Path) -> None:
    done = sordino("health", home=home, SORDINO_INTERNAL_LISTEN=f"0.0.0.0:{free_port()}")
    assert done.returncode == 1
    assert "no gateway answers" in done.stderr


async def test_a_gateway_that_runs_is_healthy_and_its_databases_up_to_date(home: Path) -> None:
    async with bot_server(FakeBot()) as bot:
        assert sordino("keys", "init", home=home).returncode == 0
        served = await serve(home, bot, home.parent / "log")
        try:
            listen = served.internal.removeprefix("http://")
            asked = await asyncio.to_thread(sordino, "health", home=home, SORDINO_INTERNAL_LISTEN=listen)
            assert (asked.returncode, json.loads(asked.stdout)["status"]) == (0, "ready")
        finally:
            served.kill()
            await served.process.wait()
    migrated = sordino("migrate", home=home)
    assert (migrated.returncode, migrated.stdout) == (0, "the databases are up to date\n"), migrated.stderr


async def test_jobs_alone_have_no_public_listener_and_end_in_order(home: Path) -> None:
    assert sordino("keys", "init", home=home).returncode == 0
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "gateway", "jobs", "--notice", str(NOTICE), stdout=asyncio.subprocess.PIPE,
        env=clean_environment(home, SORDINO_INTERNAL_LISTEN="127.0.0.1:0", SORDINO_LOG_LEVEL="error"),
    )  # fmt: skip
    assert process.stdout is not None
    said = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
    assert said.startswith("internal http://")
    async with aiohttp.ClientSession() as client, client.get(f"{said.split()[1]}/metrics") as response:
        metrics = await response.text()
    assert "sordino_leading 1.0" in metrics
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 30) == 0

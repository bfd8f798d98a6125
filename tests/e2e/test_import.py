"""Transcripts of another system, imported by the program itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from gateway.clock import SystemClock
from tests.e2e.conftest import NOTICE, bot_server, serve, sordino
from tests.fakes import FakeBot

NOW = SystemClock().now()


def _line(name: str, minute: int, speaker: str, text: str, days_ago: int) -> str:
    at = (NOW - timedelta(days=days_ago)).replace(hour=9, minute=minute, second=0, microsecond=0)
    return json.dumps({"conversation": name, "speaker": speaker, "text": text, "time": at.isoformat()})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "old.jsonl"
    lines = [
        _line("new", 0, "bot", "Wie ist Ihr Name?", 3),
        _line("new", 1, "user", "Kowalczyk", 3),
        _line("new", 2, "user", "Meine Mail ist jana@muster.example", 3),
        _line("old", 0, "user", "Ich heiße Jana Kowalczyk", 90),
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


async def test_it_is_redacted_dated_restartable_and_says_what_is_over(home: Path, file: Path) -> None:
    arguments = ("import", str(file), "--notice", str(NOTICE), "--channel", "chatbot", "--redact")
    assert sordino("keys", "init", home=home).returncode == 0
    looked = sordino(*arguments, "--dry-run", home=home)
    assert looked.returncode == 0, looked.stderr
    assert "kept: transcript for improve-chatbot: 1" in looked.stdout
    assert "would be erased at once, so left out: transcript for improve-chatbot: 1" in looked.stdout

    done = sordino(*arguments, home=home)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "1 stored, 0 stored before, 1 left out"
    assert sordino(*arguments, home=home).stdout.splitlines()[-1] == "0 stored, 1 stored before, 1 left out"

    async with bot_server(FakeBot()) as bot, aiohttp.ClientSession() as client:
        served = await serve(home, bot, home.parent / "log")
        async with client.get(f"{served.internal}/sessions", headers=served.bearer()) as response:
            (session,) = (await response.json())["sessions"]
        url = f"{served.internal}/sessions/{session['id']}"
        async with client.get(url, params={"purpose": "improve-chatbot"}, headers=served.bearer()) as response:
            read = await response.json()
        served.kill()
        await served.process.wait()
    assert [turn["text"] for turn in read["turns"]] == ["Wie ist Ihr Name?", "[PERSON]", "Meine Mail ist [EMAIL]"]
    expires = datetime.fromisoformat(read["expires_at"])
    assert timedelta(days=26) < expires - NOW.astimezone(UTC) < timedelta(days=28)


def test_a_file_that_is_wrong_changes_nothing(home: Path, file: Path) -> None:
    file.write_text(file.read_text() + "\nkaputt jana@muster.example", encoding="utf-8")
    assert sordino("keys", "init", home=home).returncode == 0
    done = sordino("import", str(file), "--notice", str(NOTICE), "--channel", "chatbot", home=home)
    assert done.returncode == 2
    assert done.stderr == f"sordino: {file}:5: is not JSON\n"
    assert not list(home.glob("*.db"))


def test_a_person_finds_what_was_imported_by_what_the_notice_indexes(home: Path, file: Path) -> None:
    notice = str(NOTICE.with_name("tonerstore.yaml"))
    lines = (
        _line("theirs", 0, "user", "Meine Mail ist jana@muster.example", 3),
        _line("another", 0, "bot", "Schreiben Sie an jana@muster.example", 3),
    )
    file.write_text("\n".join(lines), encoding="utf-8")
    assert sordino("keys", "init", home=home).returncode == 0
    assert sordino("import", str(file), "--notice", notice, "--channel", "contact", home=home).returncode == 0
    found = sordino("find", "--notice", notice, "--email", home=home, text="Jana@Muster.example\n")
    assert (found.returncode, len(found.stdout.splitlines())) == (0, 1), found.stderr


def test_what_a_file_has_nothing_for_is_not_said_to_be_kept(home: Path, file: Path) -> None:
    """The notice's hotline keeps evidence of consents, callers' numbers and recordings: no file brings them."""
    assert sordino("keys", "init", home=home).returncode == 0
    done = sordino("import", str(file), "--notice", str(NOTICE), "--channel", "hotline", "--redact", home=home)
    assert done.stdout.splitlines() == ["2 conversations with 4 turns", "0 stored, 0 stored before, 2 left out"]


def test_an_unknown_channel_is_named(home: Path, file: Path) -> None:
    done = sordino("import", str(file), "--notice", str(NOTICE), "--channel", "fax", home=home)
    assert done.returncode == 2
    assert "the notice has no channel 'fax'; it has: chatbot" in done.stderr

"""Holds, restrictions, the check of all days and a changed notice, from the command line beside a running gateway."""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest

from tests.e2e.conftest import NOTICE, bot_server, serve, sordino
from tests.fakes import FakeBot

# The command runs on the clock of this machine, so the test has to know it.
REVIEW = (datetime.now(UTC) + timedelta(days=60)).date().isoformat()  # noqa: TID251
HOLDING = ("--reason", "case-1", "--owner", "legal", "--review-at", REVIEW)


@pytest.fixture
async def session(tmp_path: Path) -> str:
    """Leave behind a store with one session; returns its id."""
    home = tmp_path / "home"
    assert sordino("keys", "init", home=home).returncode == 0
    async with bot_server(FakeBot()) as bot:
        served = await serve(home, bot, tmp_path / "log")
        body = {"model": "m", "messages": [{"role": "user", "content": "Hallo"}]}
        async with (
            aiohttp.ClientSession() as client,
            client.post(f"{served.public}/v1/chat/completions", json=body) as response,
        ):
            assert response.status == 200
            token = response.headers["X-Sordino-Session"]
        served.process.terminate()
        assert await served.process.wait() == 0
    return token.partition(".")[0]


def test_a_hold_from_its_placing_to_its_release(tmp_path: Path, session: str) -> None:
    home = tmp_path / "home"
    placed = sordino("hold", "place", session, *HOLDING, home=home)
    assert placed.returncode == 0, placed.stderr
    (hold,) = re.findall(r"^hold (\S+) on session", placed.stdout)
    assert "0 parts erased" in sordino("sweep", "--now", "2100-01-01", home=home).stdout
    listed = sordino("hold", "list", home=home)
    assert f"hold {hold} on session {session}: case-1, legal, review by {REVIEW}" in listed.stdout
    assert sordino("hold", "list", "--overdue", home=home).stdout == ""
    reviewed = sordino("hold", "review", session, hold, "--review-at", REVIEW, home=home)
    assert hold in reviewed.stdout
    assert sordino("hold", "release", session, hold, home=home).stdout == f"hold {hold} released\n"
    assert "parts erased" in sordino("sweep", "--now", "2100-01-01", home=home).stdout
    assert sordino("hold", "list", home=home).stdout == ""


def test_a_restriction_and_an_objection(tmp_path: Path, session: str) -> None:
    home, notice = tmp_path / "home", ("--notice", str(NOTICE))
    placed = sordino("restrict", session, "--ground", "18-1-c", *notice, home=home)
    (restriction,) = re.findall(r"^restriction (\S+) on session", placed.stdout)
    assert restriction in sordino("restrict", home=home).stdout
    assert "lifted" in sordino("restrict", session, "--lift", restriction, *notice, home=home).stdout
    entered = sordino("object", session, *notice, home=home)
    (objection,) = re.findall(r"^objection (\S+) on session", entered.stdout)
    decided = sordino("object", session, "--decide", objection, "upheld", *notice, home=home)
    assert f"objection {objection} upheld; 0 parts erased" in decided.stdout, "legal defence survives it"
    assert sordino("object", session, "--decide", objection, "dismissed", *notice, home=home).returncode == 2
    told = sqlite3.connect(home / "sessions.db").execute("SELECT count(*) FROM rights_messages").fetchone()
    assert told == (5,), "to one recipient: begun, ended, begun, erased, and ended for legal defence"


def test_a_row_that_was_changed_is_found(tmp_path: Path, session: str) -> None:
    home = tmp_path / "home"
    assert session
    right = sordino("sweep", "--verify", home=home)
    assert (right.returncode, right.stdout) == (0, "every day is as the rules say\n")
    database = sqlite3.connect(home / "sessions.db")
    with database:
        database.execute("UPDATE assignments SET delete_by = delete_by + 86400000000")
    database.close()
    wrong = sordino("sweep", "--verify", home=home)
    assert wrong.returncode == 1
    assert re.match(r"delete-by: \d+\npart-days: \d+\ndifferences found\n", wrong.stdout)


def test_a_shorter_notice_is_shown_and_then_applied(tmp_path: Path, session: str) -> None:
    home, new = tmp_path / "home", tmp_path / "new.yaml"
    text = NOTICE.read_text(encoding="utf-8")
    new.write_text(text.replace("period: P30D", "period: P60D"), encoding="utf-8")
    longer = sordino("sweep", "--notice", str(new), "--dry-run", home=home)
    assert ": 0 parts would be shortened" in longer.stdout, longer.stderr
    new.write_text(text.replace("period: P30D", "period: P5D"), encoding="utf-8")
    shown = sordino("sweep", "--notice", str(new), "--dry-run", home=home)
    assert re.search(r"^improve-chatbot: 2 parts end on \d{4}-\d\d-\d\d$", shown.stdout, re.MULTILINE), shown.stderr
    (plan,) = re.findall(r"--apply-plan (\w+)", shown.stdout)
    new.write_text(text.replace("period: P30D", "period: P4D"), encoding="utf-8")
    assert sordino("sweep", "--notice", str(new), "--apply-plan", plan, home=home).returncode == 2
    new.write_text(text.replace("period: P30D", "period: P5D"), encoding="utf-8")
    applied = sordino("sweep", "--notice", str(new), "--apply-plan", plan, home=home)
    assert f"plan {plan} applied: 2 parts" in applied.stdout, applied.stderr
    assert session in sordino("sweep", "--dry-run", "--now", _in_days(6), home=home).stdout
    assert sordino("sweep", "--verify", home=home).returncode == 0


def _in_days(days: int) -> str:
    return (datetime.now(UTC) + timedelta(days=days)).isoformat()  # noqa: TID251 - see above


UNKNOWN = "0198f5c2-0000-7000-8000-000000000000"
WRONG = [
    (["hold", "place", "x", *HOLDING], "must be an id"),
    (["hold", "place", UNKNOWN, *HOLDING], "there is no such session"),
    (["hold", "place", UNKNOWN, "--reason", "A B", "--owner", "o", "--review-at", REVIEW], "is a reference"),
    (["hold", "place", UNKNOWN, "--reason", "a", "--owner", "o", "--review-at", "2100-01-01"], "90 days"),
    (["restrict", UNKNOWN], "one of --ground and --lift"),
    (["restrict", "--ground", "18-1-a"], "name the session"),
    (["object", UNKNOWN, "--decide", "x", "upheld", "--notice", str(NOTICE)], "--decide takes"),
    (["object", UNKNOWN], "required: --notice"),
    (["restrict", UNKNOWN, "--ground", "18-1-a"], "give --notice"),
    (["sweep", "--notice", "x.yaml"], "--notice goes with"),
    (["sweep", "--apply-plan", "x"], "--apply-plan goes with"),
    (["sweep", "--verify", "--dry-run"], "--verify goes alone"),
]


def test_wrong_input_is_told(tmp_path: Path, session: str) -> None:
    assert session
    for command, told in WRONG:
        done = sordino(*command, home=tmp_path / "home")
        assert done.returncode == 2, command
        assert told in done.stderr

"""A person's sessions are found by what the notice lists, and no identifier stands in any column."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from tests.e2e.conftest import sordino
from tests.integration.conftest import NOTICE, MakeShop

INDEXED = NOTICE.replace(
    "    keep:\n", "    index: [PHONE, EMAIL, CUSTOMER_NO]\n    normalise: {CUSTOMER_NO: digits}\n    keep:\n"
)
PHONE, EMAIL, NUMBER = "+49 351 48157720", "Erika.Beispiel@Example.org", "KD-4711223"


async def found(home: Path, kind: str, value: str, notice: str = INDEXED) -> tuple[int, list[str]]:
    """Run `sordino find` beside the gateway, the identifier on its standard input."""
    path = home.parent / "find.yaml"
    path.write_text(notice, encoding="utf-8")
    done = await asyncio.to_thread(sordino, "find", "--notice", str(path), kind, home=home, text=value + "\n")
    assert value not in done.stdout + done.stderr
    return done.returncode, done.stdout.split()


async def test_sessions_are_found_by_the_customers_own_identifiers(make_shop: MakeShop) -> None:
    async with make_shop(INDEXED) as shop:
        async with shop.chat(f"Meine Nummer ist {PHONE}, meine Mail {EMAIL}") as response:
            assert response.status == 200, await response.text()
            one = response.headers["X-Sordino-Session"].partition(".")[0]
        shop.bot.says = "Rufen Sie uns an: 030 12345678."
        async with shop.chat(f"Meine Kundennummer ist {NUMBER}, Telefon 0351/48157720") as response:
            assert response.status == 200
            two = response.headers["X-Sordino-Session"].partition(".")[0]
        async with shop.chat("Guten Tag") as response:
            assert response.status == 200
        assert await found(shop.home, "--phone", "0351 / 481 577 20") == (0, sorted([one, two], reverse=True))
        assert await found(shop.home, "--email", "erika.beispiel@example.org") == (0, [one])
        assert await found(shop.home, "--customer-no", "4711223") == (0, [two])
        assert await found(shop.home, "--phone", "030 12345678") == (1, [])  # the bot said it
        assert await found(shop.home, "--phone", "hallo") == (2, [])
        assert await found(shop.home, "--phone", PHONE, NOTICE) == (2, [])
        planted = [PHONE, "48157720", "4815 7720", EMAIL, EMAIL.lower(), NUMBER, "4711223"]
        for table, column, value in everything(shop.home):
            for each in planted:
                assert each.encode() not in value, f"{table}.{column}"


async def test_what_the_notice_does_not_list_is_not_indexed(make_shop: MakeShop) -> None:
    async with make_shop(NOTICE) as shop:
        async with shop.chat(f"Meine Nummer ist {PHONE}") as response:
            assert response.status == 200
        assert [value for table, _, value in everything(shop.home) if table == "index_tokens"] == []


def everything(home: Path) -> list[tuple[str, str, bytes]]:
    """Return every value of every column of every table of both databases."""
    values = []
    for name in ("sessions.db", "keys.db"):
        database = sqlite3.connect(home / name)
        tables = [table for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            rows = database.execute(f'SELECT * FROM "{table}"')  # noqa: S608
            columns = [column for column, *_ in rows.description]
            for row in rows:
                for column, value in zip(columns, row, strict=True):
                    values.append((table, column, value if isinstance(value, bytes) else str(value).encode()))
        database.close()
    assert values
    return values

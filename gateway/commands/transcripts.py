"""`sordino import`: transcripts of another system into sealed sessions, redacted on the way."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import uvloop

from gateway.app import build_importer
from gateway.clock import SystemClock
from gateway.errors import SettingsError
from gateway.importing import Conversation, Importer, Outlook, read_transcripts
from gateway.notice.load import load_notice
from gateway.settings import ensure_home, load_settings
from gateway.stores import opened

_AT_ONCE: Final = 64  # conversations that share durable transactions


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    importing = commands.add_parser(
        "import", help="store transcripts of another system (JSON Lines or CSV), redacted, with their original dates"
    )
    importing.add_argument("file", type=Path, help="one turn a line: conversation, speaker, text, time")
    importing.add_argument("--notice", type=Path, required=True, help="the privacy notice (YAML)")
    importing.add_argument("--channel", required=True, help="the notice's channel that the transcripts belong to")
    importing.add_argument("--redact", action="store_true", help="said for clearness: nothing is stored unredacted")
    importing.add_argument("--dry-run", action="store_true", help="only say what would be kept, and what is over")
    importing.set_defaults(run=_import)


def _import(arguments: argparse.Namespace) -> int:
    settings, loaded, now = load_settings(), load_notice(arguments.notice), SystemClock().now()
    if arguments.channel not in loaded.notice.channels:
        names = ", ".join(loaded.notice.channels)
        raise SettingsError(f"the notice has no channel {arguments.channel!r}; it has: {names}")
    ensure_home(settings)

    def conversations() -> Iterable[Conversation]:
        return read_transcripts(arguments.file, loaded.notice.time_zone, now)

    async def run() -> None:
        async with opened(settings, SystemClock(), loaded.notice.notice) as store:
            importer = build_importer(loaded, arguments.channel, store, now)
            # The whole file is read before anything is stored: what is wrong in it changes nothing.
            outlook = importer.look(_counted(conversations()))
            print(_told(outlook))
            if arguments.dry_run:
                return
            await store.start()
            stored = await _store(importer, conversations(), outlook.conversations)
        left_out = outlook.nothing_left
        print(f"{stored} stored, {outlook.conversations - left_out - stored} stored before, {left_out} left out")

    uvloop.run(run())
    return 0


def _counted(conversations: Iterable[Conversation]) -> Iterator[Conversation]:
    """Show how many have been read: how many there are is known at the end."""
    for number, conversation in enumerate(conversations, 1):
        if number % _AT_ONCE == 0:
            _show(f"{number} read")
        yield conversation
    _show("")


async def _store(importer: Importer, conversations: Iterable[Conversation], whole: int) -> int:
    """Store all of them; what was broken off is repeated without harm."""
    rest, seen, stored = iter(conversations), 0, 0
    while batch := list(islice(rest, _AT_ONCE)):
        stored += sum(await asyncio.gather(*map(importer.add, batch)))
        seen += len(batch)
        done = round(30 * seen / whole)
        _show(f"[{'#' * done}{'.' * (30 - done)}] {seen} of {whole}")
    _show("")
    return stored


def _show(line: str) -> None:
    """Put a line in the place of the one before, on a terminal; nothing where nobody looks."""
    if sys.stderr.isatty():
        print(f"\r{line}\x1b[K", end="", file=sys.stderr, flush=True)


def _told(outlook: Outlook) -> str:
    lines = [f"{outlook.conversations} conversations with {outlook.turns} turns"]
    lines += [f"  kept: {kind.value} for {purpose}: {count}" for (kind, purpose), count in outlook.kept.items()]
    lines += [
        f"  would be erased at once, so left out: {kind.value} for {purpose}: {count}"
        for (kind, purpose), count in outlook.over.items()
    ]
    return "\n".join(lines)

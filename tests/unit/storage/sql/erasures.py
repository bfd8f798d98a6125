"""Sessions in which everything is kept, processes that stop at a step, and what of either is left."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

from storage import (
    Identifier,
)
from storage.audio import AudioCodec, AudioFormat, Frame
from storage.recordings import Recordings
from storage.sql import SqlStore, Step, key_tables
from tests.unit.storage.builders import (
    NOW,
    Customer,
    assignment,
    consent,
    files,
    plan,
    turn,
)

EVERYTHING = plan(
    transcript=assignment(),
    original=assignment(),
    pseudonyms=assignment(),
    connection=assignment(),
    consent=assignment(),
    facts=assignment(),
    recording=assignment(),
)


class StopError(Exception):
    """The process stops here."""


def stop_at(step: Step) -> Callable[[Step], None]:
    seen: set[Step] = set()

    def on_step(each: Step) -> None:
        seen.add(each)
        # A start empties the logs as well; that is not the step meant.
        if each is step and (each is not Step.LOGS_EMPTIED or Step.INTENT_COMMITTED in seen):
            raise StopError

    return on_step


async def full_session(store: SqlStore, name: str = "one") -> Customer:
    customer = Customer(name)
    identifiers = (
        Identifier("EMAIL", f"address-of-{name}@example.org"),
        Identifier("CUSTOMER_NO", f"number of {name}"),
    )
    said = turn(f"secret words of {name}", once="m1", original=f"original words of {name}", identifiers=identifiers)
    await store.write(
        customer.opening(
            EVERYTHING,
            turns=(said, turn("and more")),
            consents=consent(),
            pseudonyms=f"map of {name}".encode(),
            connection={"address": f"address of {name}"},
            ratings=True,
        )
    )
    recorder = await Recordings(store.recording_backend, store._blobs).open(
        customer.id, EVERYTHING, AudioFormat(AudioCodec.PCMU), NOW
    )
    recorder.append(Frame(0, 0, f"sound of the words of {name}".encode() * 20), NOW)
    await recorder.stop(NOW)
    return customer


def count(directory: Path, name: str) -> int:
    database = directory / ("keys.db" if name in key_tables.metadata.tables else "sessions.db")
    connection = sqlite3.connect(database)
    try:
        (number,) = connection.execute(f"SELECT count(*) FROM {name}").fetchone()  # noqa: S608
    finally:
        connection.close()
    return int(number)


def sealed_and_wrapped(directory: Path, customer: Customer) -> set[bytes]:
    """Return pieces of all that is sealed, hashed or wrapped for a session (pages cut long values)."""
    sessions, keys = sqlite3.connect(directory / "sessions.db"), sqlite3.connect(directory / "keys.db")
    of = (customer.id.bytes,)
    rows = [
        *sessions.execute("SELECT substr(sealed, 43, 32) FROM contents WHERE session_id = ?", of),
        *sessions.execute("SELECT digest FROM turns WHERE session_id = ?", of),
        *sessions.execute("SELECT once FROM turns WHERE session_id = ? AND once IS NOT NULL", of),
        *sessions.execute("SELECT token FROM locators WHERE session_id = ?", of),
        *sessions.execute("SELECT token_digest FROM sessions WHERE id = ?", of),
        *keys.execute("SELECT wrapped FROM session_keys WHERE session_id = ?", of),
    ]
    for (part_id,) in sessions.execute("SELECT id FROM parts WHERE session_id = ?", of):
        rows += keys.execute("SELECT wrapped FROM part_keys WHERE part_id = ?", (part_id,))
    for (digest,) in sessions.execute("SELECT digest FROM segments WHERE session_id = ?", of):
        sealed = [content for name, content in files(directory).items() if name.startswith("blobs/")]
        rows += [(each[42:74],) for each in sealed if hashlib.sha256(each).digest() == digest]
    sessions.close()
    keys.close()
    return {value for (value,) in rows}

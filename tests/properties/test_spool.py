"""Whatever comes in between, what was acknowledged is stored once and in its order; frames are whole or not there."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from storage import (
    ClassKind,
    Identifier,
    Locator,
    PartKind,
    RoundTo,
    SecretBytes,
    Session,
    Speaker,
    StartEvent,
    StorageError,
    StoreUnavailableError,
    Turn,
    Write,
    Written,
)
from storage.crypto.aead import PartSealer
from storage.digests import identity, words_digest
from storage.marks import TurnMarks
from storage.plans import prepare
from storage.records import TurnRef
from storage.spool import Journal, Spool
from storage.spool.backend import HeldPart, HeldSession
from storage.spool.contents import originals_to_bytes, turns_from_bytes, turns_to_bytes
from storage.spool.entries import KINDS, Entry, Section, entries_in, frame
from tests.fakes import FakeClock
from tests.unit.storage.builders import NOW, TENANT, TRANSCRIPT, Customer, assignment, deletion_class, plan, turn

KEY = SecretBytes(b"d" * 32)
PART = UUID(int=7)
ONE = Customer()
TEXTS = st.text(st.characters(codec=None, exclude_categories=()), max_size=40)


@dataclass
class FakeDatabases:
    """Keeps turns by what identifies them, in order; can be away, or store and lose its answer."""

    away: bool = False
    deaf: bool = False
    stored: list[str] = field(default_factory=list)
    refs: list[TurnRef] = field(default_factory=list)

    async def find(self, locator: Locator, now: datetime) -> Session | None:
        self._serve()
        same = locator == ONE.by_token()
        return Session(ONE.id, "chatbot", NOW, now, None, NOW, {}, tuple(self.refs), KEY) if same else None

    async def write(self, write: Write) -> Written:
        self._serve()
        written = self._add(write.turns)
        if self.deaf:
            raise StoreUnavailableError("the answer got lost")
        return written

    async def confirm(self) -> None:
        """Serve always."""

    async def probe(self) -> None:
        self._serve()

    async def restore(self, entries: Sequence[Entry]) -> Sequence[Written | StorageError]:
        self._serve()
        made: list[Written | StorageError] = []
        for entry in entries:
            (section,) = entry.sections
            sealer = self.sealer(PART).beside(KINDS[section.kind])
            _, turns = turns_from_bytes(sealer.open(entry.number, section.sealed), None)
            made.append(self._add(turns))
        if self.deaf:
            raise StoreUnavailableError("the answer got lost")
        return made

    def held(self, session_id: UUID) -> HeldSession | None:
        assert session_id == ONE.id
        key = (PartKind.TRANSCRIPT, prepare(TRANSCRIPT.assignments[PartKind.TRANSCRIPT]).fingerprint)
        return HeldSession({key: HeldPart(PART, NOW + timedelta(days=1))}, {}, frozenset(), len(self.refs))

    def digest_key(self, session_id: UUID) -> SecretBytes | None:
        assert session_id == ONE.id
        return KEY

    def sealer(self, part_id: UUID) -> PartSealer:
        return PartSealer(KEY, tenant=TENANT, session_id=ONE.id, kind=PartKind.TRANSCRIPT, part_id=part_id)

    def tokens(self, part_id: UUID, identifiers: Collection[Identifier]) -> frozenset[bytes] | None:
        assert (part_id, identifiers) == (PART, ())
        return frozenset()

    def _serve(self) -> None:
        if self.away:
            raise StoreUnavailableError("away")

    def _add(self, turns: Sequence[Turn]) -> Written:
        sequences: list[int | None] = []
        for each in turns:
            once = identity(KEY, each, sequences)
            assert once is not None
            if once in {ref.once for ref in self.refs}:
                sequences.append(None)
                continue
            sequences.append(len(self.refs))
            self.refs.append(TurnRef(len(self.refs), each.speaker, words_digest(KEY, each), once))
            self.stored.append(each.text)
        return Written(tuple(sequences))


STEPS = st.lists(
    st.sampled_from(["say", "say", "say", "go", "come", "deafen", "hear", "drain", "kill", "find"]), max_size=40
)


@given(steps=STEPS)
@settings(max_examples=60)
def test_what_was_acknowledged_is_stored_once_and_in_order(steps: list[str]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        asyncio.run(_live_through(steps, Path(directory)))


async def _live_through(steps: list[str], directory: Path) -> None:
    databases, said, acknowledged = FakeDatabases(), 0, list[str]()
    spool = await _started(databases, directory)
    await spool.find(ONE.by_token(), NOW)
    for step in [*steps, "come", "hear", "kill"]:
        match step:
            case "say":
                said += 1
                try:
                    written = await spool.write(ONE.write(TRANSCRIPT, turns=turn(f"{said}")))
                except StoreUnavailableError:
                    continue
                assert written.turns == (True,)
                acknowledged.append(f"{said}")
            case "go" | "come":
                databases.away = step == "go"
            case "deafen" | "hear":
                databases.deaf = step == "deafen"
            case "drain":
                await _drained(spool)
            case "kill":
                await spool._journal.close()
                databases.away = databases.deaf = False
                spool = await _started(databases, directory)
                await spool.find(ONE.by_token(), NOW)
            case _:
                session = await spool.find(ONE.by_token(), NOW)
                assert session is not None
                known = [ref.digest for ref in session.history]
                sent = [words_digest(KEY, turn(text)) for text in acknowledged]
                assert [digest for digest in known if digest in sent] == sent
    await spool.close()
    assert acknowledged == [text for text in databases.stored if text in acknowledged]
    assert len(set(databases.stored)) == len(databases.stored)
    assert not list(directory.rglob("*.spool"))  # noqa: ASYNC240 - a moment


async def _started(databases: FakeDatabases, directory: Path) -> Spool:
    spool = Spool(databases, Journal(directory, 1024 * 1024, segment_bytes=2048), FakeClock())
    await spool.start()
    return spool


async def _drained(spool: Spool) -> None:
    try:
        await spool.drain()
    except StoreUnavailableError:
        return


SECTIONS = st.builds(Section, st.sampled_from(sorted(KINDS)), st.uuids(), st.binary(max_size=40))
ENTRIES = st.lists(
    st.builds(
        Entry,
        number=st.just(0),
        at=st.just(NOW),
        session_id=st.uuids(),
        turns=st.integers(0, 9),
        sections=st.lists(
            st.builds(Section, st.sampled_from(sorted(KINDS)), st.uuids(), st.binary(max_size=40)),
            min_size=1,
            max_size=3,
        ).map(tuple),
    ),
    min_size=1,
    max_size=5,
).map(lambda made: [Entry(n, e.at, e.session_id, e.turns, e.sections) for n, e in enumerate(made)])


@given(entries=ENTRIES, data=st.data())
def test_a_file_cut_anywhere_holds_the_entries_that_are_whole(entries: list[Entry], data: st.DataObject) -> None:
    frames = [frame(entry) for entry in entries]
    content = b"".join(frames)
    cut = data.draw(st.integers(0, len(content)))
    whole = [e for n, e in enumerate(entries) if sum(map(len, frames[: n + 1])) <= cut]
    assert list(entries_in(content[:cut])) == whole
    zeros = content[:cut] + bytes(len(content) - cut)
    assert [entry for entry in entries_in(zeros) if entry is not None][: len(whole)] == whole


@given(entries=ENTRIES, data=st.data())
def test_an_altered_byte_costs_one_entry_and_is_seen(entries: list[Entry], data: st.DataObject) -> None:
    content = bytearray(b"".join(map(frame, entries)))
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= 1 << data.draw(st.integers(0, 7))
    found = list(entries_in(bytes(content)))
    assert None in found
    left = [entry for entry in found if entry is not None]
    assert len(left) == len(entries) - 1
    assert left == [entry for entry in entries if entry in left]


@given(entries=ENTRIES)
def test_entries_out_of_order_or_twice_are_not_taken(entries: list[Entry]) -> None:
    twice = b"".join(frame(entry) for entry in [*entries, entries[0], *entries[::-1]])
    assert [entry for entry in entries_in(twice) if entry is not None] == entries


SAID = st.tuples(TEXTS, TEXTS | st.none(), st.sampled_from(Speaker))


@given(said=st.lists(SAID, min_size=1, max_size=4))
def test_what_is_sealed_comes_back_as_it_was(said: list[tuple[str, str | None, Speaker]]) -> None:
    marks = TurnMarks(b"d" * 16, b"o" * 16, frozenset({b"t" * 32}), frozenset())
    turns = tuple(
        Turn(speaker, text, NOW + timedelta(microseconds=number), original=own, marks=marks)
        for number, (text, own, speaker) in enumerate(said)
    )
    statutory = deletion_class("P6Y", StartEvent.SESSION_END, kind=ClassKind.STATUTORY, round_to=RoundTo.YEAR_END)
    kept = plan(transcript=(assignment(), assignment("books", statutory)), facts=assignment(consent="training"))
    assert turns_from_bytes(turns_to_bytes(kept, turns), originals_to_bytes(turns)) == (kept, turns)


def named(directory: Path, pattern: str) -> list[Path]:
    return sorted(directory.rglob(pattern))


async def test_files_of_a_dead_process_are_taken_over_and_none_stands_in_for_another(tmp_path: Path) -> None:
    contents = {"0/000000000001.spool": b"", "0/000000000002.broken": b"a", "1/000000000001.spool": b""}
    contents |= {"1/000000000002.broken": b"bc", "1/notes.spool": b"no file of the spool's"}
    for number, (name, content) in enumerate(contents.items()):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content or frame(Entry(number, NOW, ONE.id, 1, (Section(PartKind.TRANSCRIPT, PART, b"x"),))))
    other = Journal(tmp_path, 1 << 20)
    await other.open()
    journal = Journal(tmp_path, 1 << 20)
    await journal.open()
    assert (journal.turns, journal.aside_bytes) == (0, 0)
    await journal.close()
    assert (other.turns, other.aside_bytes) == (2, 3)
    found = []
    while (first := await other.first()) is not None:
        segment, entries = first
        segment.broken = True
        found += [entry.number for entry in entries if entry is not None]
        await other.remove(segment)
    assert found == [0, 2]
    assert len(named(tmp_path, "*.broken")) == 4
    assert named(tmp_path, "*.spool") == [tmp_path / "1" / "notes.spool"]
    await other.close()

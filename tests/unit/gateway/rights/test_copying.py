"""The copy of a person's data: everything that is held, recordings too, with checksums."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import tracemalloc
import zipfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

from gateway.notice.load import load_notice
from gateway.notice.model import Notice
from gateway.rights import decisions
from gateway.rights.copying import Held, copied
from storage.audio import AudioCodec, AudioFormat, Frame
from storage.copies import SessionCopy
from storage.holds import Ground, HoldTerms
from storage.ids import uuid7
from storage.memory import MemoryStore
from storage.records import Speaker, StoredTurn
from tests.integration.rights_shop import RIGHTS
from tests.unit.storage.builders import NOW, Customer, assignment, plan, turn

KEPT = plan(
    transcript=assignment(), original=assignment(), recording=assignment(), pseudonyms=assignment(), facts=assignment()
)


async def _copy(store: MemoryStore, notice: Notice, customer: Customer) -> zipfile.ZipFile:
    async def sessions() -> AsyncIterator[SessionCopy]:
        yield await store.copies.of(customer.id, NOW)

    made = [piece async for piece in copied(store, Held(notice, {"right": "access"}, "en"), sessions(), NOW)]
    return zipfile.ZipFile(io.BytesIO(b"".join(made)))


def _rows(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))


async def test_what_is_restricted_withdrawn_and_held_is_in_it_with_what_article_15_lists(tmp_path: Path) -> None:
    path = tmp_path / "notice.yaml"
    path.write_text(RIGHTS, encoding="utf-8")
    notice, store, customer = load_notice(path).notice, MemoryStore(), Customer(channel="chat")
    kept = plan(recording=assignment("improve"), facts=assignment("improve"), connection=assignment("improve"))
    await store.write(customer.opening(kept, connection={"address": "192.0.2.1"}, ratings=(True,)))
    recorder = await store.recordings.open(customer.id, kept, AudioFormat(AudioCodec.PCMU), NOW, redact=True)
    recorder.append(Frame(0, 0, b"\x80" * 800), NOW)
    await recorder.stop(NOW)
    terms = HoldTerms("case-1", "legal", NOW + timedelta(days=30))
    await store.retention.place_hold(customer.id, terms, NOW)
    await store.retention.restrict(customer.id, Ground.ACCURACY, NOW)
    await store.retention.end_purpose(customer.id, "improve", NOW)
    archive = await _copy(store, notice, customer)
    (sound,) = (name for name in archive.namelist() if name.endswith(".wav"))
    assert len(archive.read(sound)) == 44 + 2 * 800
    assert {(each["part"], each["held"], each["state"]) for each in _rows(archive, "parts.csv")} == {
        (part, "yes", "ended") for part in ("recording", "facts", "connection")
    }
    assert {"what": "address", "value": "192.0.2.1"}.items() <= _rows(archive, "connections.csv")[0].items()
    figures = {each["figure"]: each["value"] for each in _rows(archive, "figures.csv")}
    assert (figures["ratings_positive"], figures["recorded_ms"]) == ("1", "100")
    quiet = next(each for each in _rows(archive, "recipients.csv") if each["name"] == "Quiet Ltd")
    assert (quiet["country"], quiet["safeguard"]) == ("Canada", "adequacy decision")
    told = json.loads(archive.read("data.json"))["information"]
    assert (told["authority"], told["origin"]) == ("Die Landesbeauftragte", "data-subject")
    assert {"16", "17", "18", "21"} <= set(told["rights"])
    assert told["purposes"]["improve"]["legal_basis"] == "A6-1-f"
    facts = decisions.facts(notice, [await store.copies.of(customer.id, NOW)], NOW)
    assert {(each.purpose, each.legal_basis, each.until) for each in facts} == {(None, "17-3-e", None)}


async def test_of_many_sessions_one_is_in_memory_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "notice.yaml"
    path.write_text(RIGHTS, encoding="utf-8")
    said = "Meine Waschmaschine pumpt nicht ab, und im Display steht ein Fehler, den ich nicht kenne. " * 11_000

    async def sessions() -> AsyncIterator[SessionCopy]:
        for number in range(40):
            turns = tuple(StoredTurn(at, Speaker.SUBJECT, f"{number}.{at} {said}", NOW) for at in range(2))
            yield SessionCopy(uuid7(NOW), "chat", NOW, "1", restricted=False, parts=(), turns=turns)

    held, size, peak = Held(load_notice(path).notice, {}, "de"), 0, 0
    tracemalloc.start()
    try:
        async for piece in copied(MemoryStore(), held, sessions(), NOW):
            size += len(piece)
            assert len(piece) <= 65_536
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert 40 * 2 * len(said) > 75_000_000
    assert peak < 25_000_000, "so many words of one session, in a few forms"
    assert size > 100_000


async def test_what_a_session_says_is_not_changed_by_how_it_is_laid_out(tmp_path: Path) -> None:
    path = tmp_path / "notice.yaml"
    path.write_text(RIGHTS, encoding="utf-8")
    said = "eins\nzwei\u2028drei\x85vier\r\n\tfünf \x1c {}"
    customer, store = Customer(channel="chat"), MemoryStore()
    await store.write(customer.opening(KEPT, turns=turn(said, original=said)))
    archive = await _copy(store, load_notice(path).notice, customer)
    assert archive.testzip() is None
    (session,) = json.loads(archive.read("data.json"))["sessions"]
    assert (session["turns"][0]["text"], session["turns"][0]["original"]) == (said, said)
    rows = csv.DictReader(io.StringIO(archive.read("turns.csv").decode("utf-8-sig"), newline=""))
    assert [row["text"] for row in rows] == [said]


async def test_without_a_session_it_is_a_copy_of_the_request(tmp_path: Path) -> None:
    path = tmp_path / "notice.yaml"
    path.write_text(RIGHTS, encoding="utf-8")

    async def nothing() -> AsyncIterator[SessionCopy]:
        for copy in tuple[SessionCopy, ...]():
            yield copy

    held = Held(load_notice(path).notice, {"right": "access"}, "en")
    made = b"".join([piece async for piece in copied(MemoryStore(), held, nothing(), NOW)])
    said = json.loads(zipfile.ZipFile(io.BytesIO(made)).read("data.json"))
    assert (said["sessions"], said["request"]) == ([], {"right": "access"})


async def test_originals_recordings_and_stand_ins_are_in_it(tmp_path: Path) -> None:
    path = tmp_path / "notice.yaml"
    path.write_text(RIGHTS, encoding="utf-8")
    notice = load_notice(path).notice
    store, customer = MemoryStore(), Customer(channel="chat")
    said = turn("=[PERSON]", original="=1+1 Erika")
    await store.write(customer.opening(KEPT, turns=said, pseudonyms=b'{"PERSON_1": "Erika"}'))
    recorder = await store.recordings.open(customer.id, KEPT, AudioFormat(AudioCodec.PCMU), NOW)
    recorder.append(Frame(0, 0, b"\x80" * 800), NOW)
    await recorder.stop(NOW)
    archive = await _copy(store, notice, customer)
    manifest = json.loads(archive.read("manifest.json"))
    assert {each["name"] for each in manifest["files"]} == set(archive.namelist()) - {"manifest.json"}
    for each in manifest["files"]:
        file = archive.read(each["name"])
        assert (len(file), hashlib.sha256(file).hexdigest()) == (each["bytes"], each["sha256"])
    (sound,) = (name for name in archive.namelist() if name.endswith(".wav"))
    assert archive.read(sound).startswith(b"RIFF")
    assert len(archive.read(sound)) == 44 + 2 * 800
    (session,) = json.loads(archive.read("data.json"))["sessions"]
    assert session["turns"][0]["original"] == "=1+1 Erika"
    assert session["stand_ins"] == ['{"PERSON_1": "Erika"}']
    # A spreadsheet must not take a customer's words for a formula.
    (row,) = csv.DictReader(io.StringIO(archive.read("turns.csv").decode("utf-8-sig")))
    assert (row["text"], row["original"]) == ("'=[PERSON]", "'=1+1 Erika")

"""The copy of a person's data: everything that is held, recordings too, with checksums."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path

from gateway.notice.load import load_notice
from gateway.notice.model import Notice
from gateway.rights import decisions
from gateway.rights.copying import Held, copied
from storage.audio import AudioCodec, AudioFormat, Frame
from storage.holds import Ground, HoldTerms
from storage.memory import MemoryStore
from tests.integration.rights_shop import RIGHTS
from tests.unit.storage.builders import NOW, Customer, assignment, plan, turn

KEPT = plan(
    transcript=assignment(), original=assignment(), recording=assignment(), pseudonyms=assignment(), facts=assignment()
)


async def _copy(store: MemoryStore, notice: Notice, customer: Customer) -> zipfile.ZipFile:
    held = Held(notice, [await store.copies.of(customer.id, NOW)], {"right": "access"}, "en")
    return zipfile.ZipFile(io.BytesIO(await copied(store, held, NOW)))


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

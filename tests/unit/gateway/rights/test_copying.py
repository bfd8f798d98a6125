"""The copy of a person's data: everything that is held, recordings too, with checksums."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from pathlib import Path

from gateway.notice.load import load_notice
from gateway.rights.copying import copied
from storage.audio import AudioCodec, AudioFormat, Frame
from storage.memory import MemoryStore
from tests.integration.rights_shop import RIGHTS
from tests.unit.storage.builders import NOW, Customer, assignment, plan, turn

KEPT = plan(
    transcript=assignment(), original=assignment(), recording=assignment(), pseudonyms=assignment(), facts=assignment()
)


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
    content = await copied(store, notice, [await store.copies.of(customer.id, NOW)], NOW)
    archive = zipfile.ZipFile(io.BytesIO(content))
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

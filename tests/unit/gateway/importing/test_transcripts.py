from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.importing import TranscriptError, read_transcripts
from storage.records import Speaker

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
LINE = {"conversation": "a", "speaker": "user", "text": "Hallo", "time": "2026-11-20T10:00:00+01:00"}


def _file(folder: Path, *lines: object, name: str = "old.jsonl") -> Path:
    path = folder / name
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return path


def test_lines_of_a_conversation_are_its_turns(tmp_path: Path) -> None:
    lines = [LINE, LINE | {"speaker": "Assistant", "text": "Guten Tag"}, LINE | {"conversation": 7}]
    first, second = read_transcripts(_file(tmp_path, *lines), "Europe/Berlin", NOW)
    assert [(turn.speaker, turn.text) for turn in first.turns] == [
        (Speaker.SUBJECT, "Hallo"),
        (Speaker.BOT, "Guten Tag"),
    ]
    assert (second.name, second.line) == ("7", 3)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_says_the_same(tmp_path: Path, separator: str) -> None:
    names = separator.join(["time", "speaker", "text", "conversation", "other"])
    rows = (names, separator.join(["2026-11-20 10:00", "customer", '"Zeile\nzwei, ""ja"""', "a", "x"]))
    (only,) = read_transcripts(_file(tmp_path, *rows, name="old.csv"), "Europe/Berlin", NOW)
    (turn,) = only.turns
    assert turn.text == 'Zeile\nzwei, "ja"'
    assert turn.at.isoformat() == "2026-11-20T10:00:00+01:00"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{geheim", "is not JSON"),
        ("[]", "is no JSON object"),
        (LINE | {"speaker": "geheim"}, "has a speaker that is none of"),
        (LINE | {"time": "geheim"}, "has a time that is not ISO 8601"),
        (LINE | {"text": None}, "has no text"),
        (LINE | {"conversation": " "}, "has no conversation"),
        (LINE | {"conversation": "c", "time": "2026-11-26T13:30:00"}, "in the future"),
        (LINE | {"conversation": "c", "time": "9999-12-31T23:59:59-14:00"}, "in the future"),
        (LINE | {"conversation": "c", "time": "0001-01-01T00:00:00+14:00"}, "before 1970"),
        (LINE, "continues a conversation whose other lines stand elsewhere"),
        (LINE | {"conversation": "b", "time": "2026-11-20T09:00:00+01:00"}, "times go backwards"),
    ],
)
def test_what_is_wrong_is_told_by_line_and_not_quoted(tmp_path: Path, line: object, told: str) -> None:
    path = _file(tmp_path, LINE, LINE | {"conversation": "b"}, line)
    with pytest.raises(TranscriptError) as caught:
        list(read_transcripts(path, "UTC", NOW))
    assert told in str(caught.value)
    assert "geheim" not in str(caught.value)
    assert f"{path}:{2 if 'backwards' in told else 3}:" in str(caught.value)


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(TranscriptError, match="can't be read: No such file"):
        list(read_transcripts(tmp_path / "none.jsonl", "UTC", NOW))
    path = tmp_path / "bytes.jsonl"
    path.write_bytes(json.dumps(LINE).encode() + b"\n\xff\xfe")
    with pytest.raises(TranscriptError, match=r"bytes\.jsonl:2: is not UTF-8"):
        list(read_transcripts(path, "UTC", NOW))


def test_missing_columns_are_named(tmp_path: Path) -> None:
    with pytest.raises(TranscriptError, match="missing: speaker, time"):
        list(read_transcripts(_file(tmp_path, "conversation,text", "a,b", name="old.csv"), "UTC", NOW))

"""On a terminal an import shows how far it is: what has been read, then what has been stored."""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.cli import main
from gateway.clock import SystemClock


@pytest.mark.parametrize("looks", [True, False])
def test_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *, looks: bool
) -> None:
    at = (SystemClock().now() - timedelta(days=1)).isoformat()
    file = tmp_path / "old.jsonl"
    said = {"speaker": "user", "text": "Wann kommt die Lieferung?", "time": at}
    file.write_text("\n".join(json.dumps({"conversation": str(one), **said}) for one in range(130)), encoding="utf-8")
    monkeypatch.setenv("SORDINO_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: looks)
    assert main(["keys", "init"]) == 0
    assert main(["import", str(file), "--notice", "notices/imtron.yaml", "--channel", "chatbot"]) == 0
    told = capsys.readouterr()
    assert told.out.splitlines()[-1] == "130 stored, 0 stored before, 0 left out"
    shown = [line.removesuffix("\x1b[K") for line in told.err.split("\r")[1:]]
    bars = [f"[{'#' * done}{'.' * (30 - done)}] {seen} of 130" for seen, done in ((64, 15), (128, 30), (130, 30))]
    assert shown == (["64 read", "128 read", "", *bars, ""] if looks else [])

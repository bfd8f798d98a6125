from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from storage.errors import KeyUnavailableError
from storage.ledger.signing import make_signing_key, signing_key


def test_a_key_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "ledger.key"
    make_signing_key(path)
    made = signing_key(path).private_bytes_raw()
    assert path.stat().st_mode & 0o777 == 0o600
    make_signing_key(path)
    assert signing_key(path).private_bytes_raw() == made
    assert [each.name for each in tmp_path.iterdir()] == ["ledger.key"]


def test_what_a_killed_process_has_left_is_in_nobodys_way(tmp_path: Path) -> None:
    path = tmp_path / "ledger.key"
    (tmp_path / f".{path.name}.{os.getpid()}").touch()  # in a container the next process has this number again
    make_signing_key(path)
    signing_key(path)


def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.key"
    make_signing_key(path)
    path.chmod(0o640)
    with pytest.raises(KeyUnavailableError, match="may be read by others"):
        signing_key(path)


@pytest.mark.parametrize(
    "content",
    ["", "{}", "[]", '{"format": "sordino-ledger-key-1"}', '{"format": "x", "ed25519": "' + "A" * 43 + '="}',
     json.dumps({"format": "sordino-ledger-key-1", "ed25519": "c2hvcnQ="})],
)  # fmt: skip
def test_what_is_no_key_is_refused_without_showing_it(tmp_path: Path, content: str) -> None:
    path = tmp_path / "ledger.key"
    path.touch(mode=0o600)
    path.write_text(content)
    with pytest.raises(KeyUnavailableError, match="not a key file") as refused:
        signing_key(path)
    assert "c2hvcnQ" not in str(refused.value)


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(KeyUnavailableError, match="can't be made"):
        make_signing_key(tmp_path / "nowhere" / "ledger.key")


def test_one_that_is_missing_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "ledger.key"
    with pytest.raises(KeyUnavailableError, match="sordino keys init --ledger"):
        signing_key(path)
    assert not path.exists()

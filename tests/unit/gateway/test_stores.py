from __future__ import annotations

from pathlib import Path

import pytest

from gateway.settings import Settings
from gateway.stores import create_root_key


@pytest.mark.parametrize("keys_url", ["", "sqlite:///{home}/elsewhere.db"])
def test_a_key_is_made_on_first_start_and_never_beside_a_key_database(tmp_path: Path, keys_url: str) -> None:
    settings = Settings.model_validate({"home": tmp_path, "keys_url": keys_url.format(home=tmp_path)})
    path = settings.root_key_path
    assert path is not None
    create_root_key(settings)
    made, ledger = path.read_bytes(), settings.ledger_key_path.read_bytes()
    create_root_key(settings)
    assert (path.read_bytes(), settings.ledger_key_path.read_bytes()) == (made, ledger)
    path.unlink()
    settings.ledger_key_path.unlink()
    (tmp_path / ("elsewhere.db" if keys_url else "keys.db")).touch()
    create_root_key(settings)
    assert not path.exists()
    assert not settings.ledger_key_path.exists()

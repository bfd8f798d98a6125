"""`sordino errands` as an operator meets it: a recording that a platform has, and that nobody can delete there."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from gateway.clock import SystemClock
from gateway.settings import Settings
from gateway.stores import create_root_key, open_store
from storage.errands import Errand
from tests.e2e.conftest import sordino

CONTENT = {"recording": "RE1", "account": "AC1", "call": "CA1", "session": "0190"}


async def _left_behind(home: Path) -> Errand:
    settings, clock = Settings.model_validate({"home": home}), SystemClock()
    create_root_key(settings)
    store = open_store(settings, clock, "imtron-customer-service")
    await store.start()
    errand = await store.errands.add("hotline", "RE1", CONTENT, clock.now())
    await store.close()
    return errand


async def test_what_can_not_be_done_is_listed_and_closed_with_a_reason(tmp_path: Path) -> None:
    home = tmp_path / "home"
    errand = await _left_behind(home)
    listed = sordino("errands", "list", home=home)
    assert listed.stdout == (
        f"errand {errand.id} of hotline, since {errand.at.isoformat()}: account AC1, recording RE1\n"
    )
    for reason, by in (("Anna Huber said so", "dpo"), ("case-1", "")):
        refused = sordino("errands", "close", str(errand.id), "--reason", reason, "--by", by, home=home)
        assert (refused.returncode, "references" in refused.stderr) == (2, True)
    unknown = sordino("errands", "close", str(uuid4()), "--reason", "case-1", "--by", "dpo", home=home)
    assert (unknown.returncode, unknown.stderr) == (1, "sordino: there is no such errand (any more)\n")
    closed = sordino("errands", "close", str(errand.id), "--reason", "account-closed", "--by", "dpo", home=home)
    assert (closed.returncode, closed.stdout) == (0, f"errand {errand.id} closed: account-closed\n")
    assert sordino("errands", "list", home=home).stdout == ""
    assert sordino("ledger", "verify", home=home).returncode == 0

"""A code goes to the very contact by which conversations are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.errors import RefusedError
from gateway.metrics import Metrics
from gateway.notice.load import load_notice
from gateway.rights.letters import Letter
from gateway.rights.office import Asked, Office
from storage.memory import MemoryStore
from storage.requests import Right
from tests.fakes import FakeClock
from tests.integration.rights_shop import RIGHTS, texts_of
from tests.unit.storage.builders import NOW

AUSTRIA = """
  austria:
    kind: chat
    connector: openai
    upstream: http://127.0.0.1:1
    region: AT
    index: [PHONE]
    keep:
      transcript: {improve: days-30}
rights:"""


class Telephones:
    """A hook of the controller's that reaches telephones."""

    def __init__(self) -> None:
        self.called = list[str]()

    def reaches(self, to: str) -> bool:
        return bool(to)

    async def send(self, letter: Letter) -> None:
        self.called.append(letter.to)


def _office(tmp_path: Path, notice: str) -> tuple[Office, Telephones]:
    path, hook = tmp_path / "notice.yaml", Telephones()
    path.write_text(notice, encoding="utf-8")
    loaded = load_notice(path)
    return Office(loaded, MemoryStore(), hook, texts_of(loaded), Metrics(), FakeClock(NOW)), hook


async def test_a_number_is_called_with_the_country_with_which_it_is_looked_for(tmp_path: Path) -> None:
    office, hook = _office(tmp_path, RIGHTS)
    for typed in ("0351 8157720", "+49 351 8157720", "0049 (351) 815-7720"):
        await office.ask(Asked(Right.ACCESS, "en", contact=typed))
    assert hook.called == ["+493518157720"] * 3


async def test_a_number_that_could_be_of_two_countries_proves_nothing(tmp_path: Path) -> None:
    office, hook = _office(tmp_path, RIGHTS.replace("\nrights:", AUSTRIA, 1))
    with pytest.raises(RefusedError) as refused:
        await office.ask(Asked(Right.ACCESS, "en", contact="0660 8157720"))
    assert (refused.value.reason, hook.called) == ("country_missing", [])
    await office.ask(Asked(Right.ACCESS, "en", contact="+43 660 8157720"))
    assert hook.called == ["+436608157720"]

"""`sordino survey` as an operator meets it: on a store that has answers of weeks ago."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from gateway.clock import SystemClock
from gateway.settings import Settings
from gateway.stores import create_root_key, open_store
from storage.surveys import SurveyTerms
from tests.e2e.conftest import sordino

TERMS = SurveyTerms("hotline", at_least=3)


async def test_what_enough_have_answered_is_printed(tmp_path: Path) -> None:
    home, clock = tmp_path / "home", SystemClock()
    settings = Settings.model_validate({"home": home})
    create_root_key(settings)
    store = open_store(settings, clock, "imtron-customer-service")
    await store.start()
    before = clock.now() - timedelta(weeks=2)
    for number in (5, 4, 5):
        await store.surveys.answer(TERMS, {"satisfied": number}, before)
    await store.surveys.answer(TERMS, {"satisfied": 1}, clock.now())
    await store.close()

    told = sordino("survey", home=home)
    assert (told.returncode, told.stderr) == (0, "")
    first, second = told.stdout.splitlines()
    assert first.startswith("hotline, 20")
    assert first.endswith(": 3 answers")
    assert second == "  satisfied: 4 (1 times), 5 (2 times)"
    lines = [json.loads(line) for line in sordino("survey", "hotline", "--json", home=home).stdout.splitlines()]
    assert sorted(line["answers"]["satisfied"] for line in lines) == [4, 5, 5]
    assert {tuple(sorted(line)) for line in lines} == {("answers", "first_week", "last_week", "survey")}
    assert "no answers are released yet" in sordino("survey", "another", home=home).stdout


def test_without_a_store_it_says_so(tmp_path: Path) -> None:
    told = sordino("survey", home=tmp_path / "home")
    assert told.returncode == 2
    assert told.stderr.startswith("sordino: ")

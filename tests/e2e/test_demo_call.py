"""`sordino demo --call` plays a call, finds nothing that is not as promised, and would see it."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.demo.call import broken
from tests.e2e.conftest import sordino


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    done = sordino("demo", "--call", "--json", home=tmp_path_factory.mktemp("demo") / "home")
    assert (done.returncode, done.stderr) == (0, "")
    played: dict[str, Any] = json.loads(done.stdout)
    return played


def test_no_byte_of_sound_was_kept_before_the_consent_or_after_the_stop(document: dict[str, Any]) -> None:
    sound = document["sound"]
    assert (sound["kept_before_consent_bytes"], sound["kept_after_stop_bytes"]) == (0, 0)
    assert min(sound["sent_before_consent_bytes"], sound["sent_after_stop_bytes"], sound["kept_bytes"]) > 0
    assert document["metrics"]['sordino_calls_stripped_total{channel="callbot",what="recording"}'] == 8
    assert list(broken(document)) == []


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        (("sound", "kept_before_consent_bytes"), 160, "sound was kept before"),
        (("sound", "kept_bytes"), 1, "is not what was kept"),
        (("sound", "sent_before_consent_bytes"), 0, "nothing is shown"),
        (("consents", 0, "state"), "refused", "not on record"),
        (("bot_saw", 0), "Katharina Brandhorst", "did not ask for"),
        (("bot_saw_numbers",), ["+4915123984712"], "did not ask for"),
        (("stored", "turns", 1, "text"), "0151 23984712", "should have been redacted"),
        (("answers", 0), "Guten Tag. Wie kann ich helfen?", "AI disclosure"),
        (("plaintext_found",), ["raw of value 0"], "kept in clear"),
    ],
)
def test_the_judge_sees_what_is_not_as_promised(
    document: dict[str, Any], place: tuple[Any, ...], value: object, told: str
) -> None:
    altered = copy.deepcopy(document)
    at: Any = altered
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    assert any(told in sentence for sentence in broken(altered))


def test_the_demos_notice_is_in_order(tmp_path: Path) -> None:
    path = Path(__file__).parents[2] / "gateway" / "demo" / "call.yaml"
    assert sordino("check", str(path), home=tmp_path / "home").returncode == 0

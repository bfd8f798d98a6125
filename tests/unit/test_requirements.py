"""The pins agree with each other: what is run, what is run with the extra, what is tested."""

from __future__ import annotations

from pathlib import Path

import pytest

PINS = Path(__file__).parents[2] / "requirements"


def pinned(name: str) -> set[str]:
    lines = (PINS / f"{name}.txt").read_text(encoding="ascii").splitlines()
    return {line.removesuffix(" \\") for line in lines if "==" in line}


@pytest.mark.parametrize("larger", ["otel", "dev", "fuzz", "train"])
def test_every_pin_of_what_is_run_is_in_the_larger_set(larger: str) -> None:
    assert pinned("run") - pinned(larger) == set(), "run `make pins`"


@pytest.mark.parametrize("path", sorted(PINS.glob("*.txt")), ids=lambda path: path.stem)
def test_pins_have_hashes_and_no_addresses(path: Path) -> None:
    text = path.read_text(encoding="ascii")
    assert "://" not in text
    assert text.count("==") <= text.count("--hash=sha256:")

"""The short run of the fuzz targets, without atheris: the seeds, and some hundred changes of them, always the same."""

import random  # noqa: TID251 - a seed makes a run repeatable
import re
from collections.abc import Iterator

import pytest

from fuzz.seeds import SEEDS
from fuzz.targets import TARGETS

ROUNDS = 300
TOKENS = re.compile(rb"\w+|\s+|.", re.DOTALL)


def changed(seeds: tuple[bytes, ...], rounds: int) -> Iterator[bytes]:
    """Yield each seed, and inputs in which bytes are flipped and tokens removed, repeated or taken from another."""
    yield from seeds
    dice = random.Random(len(seeds))  # noqa: S311
    tokens = [token for seed in seeds for token in TOKENS.findall(seed)]
    tokens += [b"\xff", b"\x00", b"1e999", b"9" * 30, b"-1", b"null", b"[", b"{", b'"', b"\\ud800", "\u2028".encode()]
    for _ in range(rounds):
        pieces = TOKENS.findall(dice.choice(seeds))
        for _ in range(dice.randint(1, 4)):
            at = dice.randrange(len(pieces))
            match dice.randrange(5):
                case 0:
                    pieces[at] = bytes(byte ^ 1 << dice.randrange(8) for byte in pieces[at])
                case 1:
                    pieces[at] = dice.choice(tokens)
                case 2:
                    pieces[at] *= dice.randint(2, 40)
                case 3:
                    pieces.insert(at, dice.choice(tokens))
                case _:
                    del pieces[at : at + dice.randint(1, 3)]
                    pieces = pieces or [b""]
        yield b"".join(pieces)


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_holds_for_its_seeds_and_changes_of_them(name: str) -> None:
    target = TARGETS[name]()
    for data in changed(SEEDS[name], ROUNDS):
        try:
            target(data)
        except Exception as error:
            error.add_note(f"the input was {data!r}")
            raise


def test_each_target_has_seeds() -> None:
    assert SEEDS.keys() == TARGETS.keys()
    assert all(SEEDS.values())


def test_the_changes_are_the_same_each_time() -> None:
    first = list(changed(SEEDS["twiml"], ROUNDS))
    assert first == list(changed(SEEDS["twiml"], ROUNDS))
    assert len(set(first)) > ROUNDS // 2

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage.errors import StoreUnavailableError
from storage.ledger.sinks import FileSink
from storage.ledger.sinks.chain import Chain, Place


def chain(directory: Path, origin: str = "sordino/shop/1") -> Chain:
    return Chain(FileSink(directory / "sink"), "erasures", origin)


def grown(directory: Path, count: int) -> tuple[Chain, list[Place]]:
    made = chain(directory)
    places = [made.begin()]
    for number in range(count):
        place = made.add(places[-1], [{"n": number}, {"text": "ü\n"}])
        assert place is not None
        places.append(place)
    return made, places


def objects(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if path.is_file())


def test_what_was_added_is_read_in_its_order(tmp_path: Path) -> None:
    made, places = grown(tmp_path, 3)
    links = list(chain(tmp_path).since(places[0]))
    assert [link.place for link in links] == places[1:]
    assert [list(link.records) for link in links] == [[{"n": n}, {"text": "ü\n"}] for n in range(3)]
    assert made.begin() == places[0]
    for place in places:
        made.check(place)


def test_a_number_is_taken_once(tmp_path: Path) -> None:
    made, places = grown(tmp_path, 1)
    assert made.add(places[0], [{"n": "other"}]) is None
    with ThreadPoolExecutor(8) as threads:
        took = list(threads.map(lambda n: made.add(places[1], [{"n": n}]), range(8)))
    assert len([place for place in took if place is not None]) == 1


def test_a_sink_of_another_store_is_refused(tmp_path: Path) -> None:
    grown(tmp_path, 1)
    with pytest.raises(StoreUnavailableError, match="belongs to another store"):
        chain(tmp_path, "sordino/shop/2").begin()


def test_a_sink_that_is_away_or_empty_is_refused(tmp_path: Path) -> None:
    made, places = grown(tmp_path, 1)
    (tmp_path / "sink").rename(tmp_path / "away")
    with pytest.raises(StoreUnavailableError, match="does not hold what this store has written"):
        made.check(places[1])
    with pytest.raises(StoreUnavailableError, match="does not hold what this store has written"):
        made.add(places[1], [{}])
    assert not (tmp_path / "sink").exists()


def test_every_changed_byte_is_found(tmp_path: Path) -> None:
    made, places = grown(tmp_path, 3)
    for number, path in enumerate(objects(tmp_path)):
        path.chmod(0o600)
        content = path.read_bytes()
        for at in range(len(content)):
            path.write_bytes(content[:at] + bytes((content[at] ^ 1,)) + content[at + 1 :])
            with pytest.raises(StoreUnavailableError):
                walk(made, places[-1], places[0])
        path.write_bytes(content)
        path.rename(tmp_path / "gone")
        with pytest.raises(StoreUnavailableError):
            walk(made, places[-1], places[0])
        (tmp_path / "gone").rename(path)
        assert number < 4
    walk(made, places[-1], places[0])


def walk(made: Chain, last: Place, first: Place) -> None:
    """Go from the beginning to what the database knows."""
    made.check(first)
    at = first
    for link in made.since(first):
        at = link.place
    made.check(at)
    if at != last:
        raise StoreUnavailableError("it ends elsewhere")


def test_objects_are_the_owners_and_are_not_written_again(tmp_path: Path) -> None:
    grown(tmp_path, 1)
    assert [path.stat().st_mode & 0o777 for path in objects(tmp_path)] == [0o400] * 2
    sink = FileSink(tmp_path / "sink")
    assert sink.create("a/b", b"one")
    assert not sink.create("a/b", b"two")
    assert sink.read("a/b") == b"one"
    assert sink.read("a/c") is None
    assert sink.read("a/b/c") is None
    assert not [path for path in objects(tmp_path) if path.name.startswith(".")]


def test_a_directory_that_cant_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "sink").write_text("a file")
    with pytest.raises(StoreUnavailableError, match=f"{tmp_path}/sink, can't be written"):
        chain(tmp_path).begin()

from __future__ import annotations

from datetime import timedelta

from storage import uuid7
from tests.unit.storage.builders import NOW


def test_an_id_is_a_uuid_of_version_7_with_its_time() -> None:
    made = uuid7(NOW)
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == NOW.timestamp() * 1000


def test_ids_sort_by_time() -> None:
    made = [uuid7(NOW + timedelta(milliseconds=number)) for number in range(100)]
    assert made == sorted(made)


def test_no_two_are_equal() -> None:
    assert len({uuid7(NOW) for _ in range(10_000)}) == 10_000

from datetime import UTC, datetime

import pytest

from gateway.tokens import new_token, parse_token

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


def test_a_token_survives_the_wire() -> None:
    token = new_token(NOW)
    assert parse_token(str(token)) == token
    assert token.id.version == 7
    assert len(token.secret) == 32


def test_a_token_does_not_print_its_secret() -> None:
    token = new_token(NOW)
    assert str(token).partition(".")[2] not in repr(token)


@pytest.mark.parametrize(
    "value", ["", ".", "x.y", "0198f5c2-0000-7000-8000-000000000000", "a" * 5000, "ü.ü", "\x00.\x00"]
)
def test_anything_else_is_no_token(value: str) -> None:
    assert parse_token(value) is None


def test_a_short_secret_is_no_token() -> None:
    assert parse_token(f"{new_token(NOW).id}.c2hvcnQ") is None

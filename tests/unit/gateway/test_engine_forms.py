from __future__ import annotations

import pytest

from gateway.connectors.openai import CONNECTOR
from gateway.engine import parse_request
from gateway.errors import BodyUnreadableError
from tests.unit.gateway.test_engine_body import texts, widget


def test_a_form_is_read_and_written_again() -> None:
    form = "application/x-www-form-urlencoded"
    raw = b"message=Gr%C3%BC%C3%9Fe%20%26+mehr&sender=a%2Bb&note=x&note=y&anna%40example.com="
    parsed = widget(raw, content_type=form, conversation="sender")
    assert parsed.conversation == "a+b"
    assert texts(parsed) == [
        ("subject", "Grüße & mehr"),
        (None, "x"),
        (None, "y"),
        (None, "anna@example.com"),
        (None, ""),
    ]
    assert parsed.rewrite({}) == raw
    assert parsed.rewrite({0: "a=b&c", 3: "[EMAIL]"}) == b"message=a%3Db%26c&sender=a%2Bb&note=x&note=y&%5BEMAIL%5D="


@pytest.mark.parametrize("raw", [b"message=%ff", b"message=\xff", b"message", b"a=1&" * 2000])
def test_a_form_that_is_none_is_refused(raw: bytes) -> None:
    with pytest.raises(BodyUnreadableError):
        widget(raw, content_type="application/x-www-form-urlencoded")


@pytest.mark.parametrize("name", ["sender", "mid"])
def test_a_form_with_an_id_twice_is_refused_since_the_bot_could_read_the_other(name: str) -> None:
    raw = f"message=hallo&sender=a&mid=1&{name}=b".encode()
    with pytest.raises(BodyUnreadableError, match="twice"):
        widget(raw, content_type="application/x-www-form-urlencoded", conversation="sender", message_id="mid")


def test_a_form_is_refused_where_the_protocol_has_none() -> None:
    with pytest.raises(BodyUnreadableError):
        parse_request(CONNECTOR, "application/x-www-form-urlencoded", b"a=b", path="v1/chat/completions", query={})

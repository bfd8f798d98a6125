from __future__ import annotations

import contextlib
import logging

import pytest

from gateway.crowds import Crowds
from gateway.errors import RefusedError


def test_a_client_s_network_has_so_many_open_and_others_are_not_touched(caplog: pytest.LogCaptureFixture) -> None:
    crowds = Crowds(2)
    with caplog.at_level(logging.WARNING), contextlib.ExitStack() as stack:
        stack.enter_context(crowds.one_more("9.9.9.1", "chat"))
        with crowds.one_more("9.9.9.2", "chat"), pytest.raises(RefusedError, match="Too many"):
            stack.enter_context(crowds.one_more("9.9.9.3", "chat"))
        stack.enter_context(crowds.one_more("9.9.9.3", "chat"))
        stack.enter_context(crowds.one_more("9.9.8.3", "chat"))
    assert {record.__dict__["client"] for record in caplog.records} == {"9.9.9.0/24"}
    assert not crowds._open, "nothing is remembered of who has left"


@pytest.mark.parametrize("address", ["10.0.0.1", "127.0.0.1", "fd00::1", "", "Jana"])
def test_who_speaks_for_many_is_not_counted(address: str) -> None:
    crowds = Crowds(1)
    with crowds.one_more(address, "chat"), crowds.one_more(address, "chat"):
        assert not crowds._open


def test_none_is_counted_where_any_number_is_allowed() -> None:
    crowds = Crowds(0)
    with crowds.one_more("9.9.9.1", "chat"), crowds.one_more("9.9.9.1", "chat"):
        assert not crowds._open

import io
import json
import logging
from collections.abc import Iterator

import pytest

from gateway.logs import LOGGER, set_up_logging


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    before = logging.getLogger().handlers[:]
    set_up_logging("debug", stream)
    yield stream
    logging.getLogger().handlers[:] = before


def test_fields_that_are_not_listed_are_not_logged(lines: io.StringIO) -> None:
    LOGGER.info("sweep erased parts", extra={"parts": 3, "text": "Katharina"})
    assert json.loads(lines.getvalue())["parts"] == 3
    assert "Katharina" not in lines.getvalue()


def test_foreign_loggers_can_not_quote_a_request(lines: io.StringIO) -> None:
    said = {"client": "Katharina", "reason": "Katharina"}  # names that our own fields have
    logging.getLogger("aiohttp.server").error("Error handling request from %s", "Katharina", extra=said)
    assert "Katharina" not in lines.getvalue()
    assert json.loads(lines.getvalue())["event"] == "aiohttp.server reported"


def test_an_exception_is_named_without_its_message(lines: io.StringIO) -> None:
    try:
        int("Katharina")
    except ValueError:
        LOGGER.exception("request failed")
    line = json.loads(lines.getvalue())
    assert line["error"] == "ValueError"
    assert line["where"].startswith("test_logs.py:")
    assert "Katharina" not in lines.getvalue()

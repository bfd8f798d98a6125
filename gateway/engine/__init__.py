"""Applies a connector to what passes: bodies and streams become texts, and are put together again.

paths        places -> a tree                  compiled   a connector, ready for use
strict       JSON without surprises            walk       a body -> slots; nothing is overlooked
markup       answers that are XML
put          new texts into a body             body       parse_request, parse_response, Parsed.rewrite
framing      bytes -> events (SSE, NDJSON)     json_text  JSON values that arrive in pieces
pieces       texts over many events            numerals   numbers that may be personal
json_pieces  documents over many events        events     EventStream
"""

from __future__ import annotations

from gateway.engine.body import Parsed, parse_request, parse_response
from gateway.engine.events import EventStream
from gateway.engine.numerals import Numbers, Numeral
from gateway.engine.walk import Slot

__all__ = ["EventStream", "Numbers", "Numeral", "Parsed", "Slot", "parse_request", "parse_response"]

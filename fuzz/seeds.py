"""Inputs to begin with: each format once, in order. All people and numbers are invented."""

from __future__ import annotations

from pathlib import Path
from typing import Final

NOTICES: Final = Path(__file__).parent.parent / "notices"
SEEDS: Final[dict[str, tuple[bytes, ...]]] = {
    "connector-engine": (
        b'j{"message": "a", "messages": [{"role": "user", "text": "b", "content": {"x": "c"}}], "list": ["d"]}',
        b'j{"model": "m", "stream": true, "messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}]}',
        (
            b'j{"choices": [{"message": {"role": "assistant", "content": "a", "tool_calls": [{"function": '
            b'{"name": "f", "arguments": "{\\"a\\": \\"b\\"}"}}]}}]}'
        ),
        b"fmessage=a+b&list=c&x=%C3%A4",
    ),
    "connector-streams": (
        b'\x10\x40\x80\xc0data: {"choices": [{"index": 0, "delta": {"content": "a"}}]}\n\ndata: [DONE]\n\n',
        b'\x10\x40\x80\xc0{"delta": "a"}\n{"delta": "b"}\n{"type": "end"}\n',
        b'\x10\x40\x80\xc0: x\r\nevent: e\r\ndata: {"delta":\r\ndata:  "a"}\r\n\r\n',
    ),
    "twiml": (
        b'<Response><Say language="de-DE">a</Say><Gather action="/next"><Say>b</Say></Gather></Response>',
        (
            b'<Response><Record action="http://bot:9000/app/r"/><Dial record="record-from-answer"><Number>1'
            b"</Number></Dial>"
            b"<Start><Recording/></Start><Play>https://elsewhere.example/a.mp3</Play></Response>"
        ),
    ),
    "call-sockets": (
        (
            b'{"event": "start", "start": {"callSid": "CA1"}}\n{"event": "media", "media": {"track": "inbound", '
            b'"timestamp": "20", "payload": "AAAA"}}\n{"event": "dtmf", "dtmf": {"digit": "1"}}\n{"event": "stop"}'
        ),
        b'{"id": "a", "type": "ping", "seq": 1e30, "parameters": {}}',
        (
            b'{"version": "2", "id": "a", "type": "open", "seq": 1, "parameters": {"conversationId": "c", '
            b'"organizationId": "o", "participant": {"ani": "+49", "dnis": "+43"}, "media": [{"type": "audio", '
            b'"format": "PCMU", "channels": ["external", "internal"], "rate": 8000}], "language": "de"}}\n'
            b'{"id": "a", "type": "discarded", "seq": 2, "parameters": {"start": "PT1.2S", "discarded": "PT3S"}}'
        ),
    ),
    "stream-redactor": (
        b"\x10\x40\x7f\x20Mein Name ist Jasper Lindqvist, Tel. 0171 5550199, DE89 3704 0044 0532 0130 00",
        "\x10\x40\x7f\x20jo punkt berg at webpost de, PIN: 4826, 91.64.118.207, M wie Martha Ü L L E R".encode(),
    ),
    "notice-loader": tuple(path.read_bytes() for path in sorted((NOTICES).glob("*.yaml"))),
}

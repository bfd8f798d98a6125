"""The demo's call bot: TwiML around the answers of the chat bot. It remembers what it was sent, for the report."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

from aiohttp import web

from gateway.demo.answers import Message, answer

GREETING: Final = "Guten Tag. Wie kann ich helfen?"
SEEN: Final = web.AppKey("seen", list[dict[str, str]])


def build_call_bot() -> web.Application:
    """Return the bot; it has one conversation, which is all that the demo plays."""
    app = web.Application()
    app[SEEN] = []
    said: list[Message] = []

    async def voice(request: web.Request) -> web.Response:
        fields = dict(parse_qsl((await request.read()).decode(), keep_blank_values=True))
        app[SEEN].append(fields)
        words = fields.get("SpeechResult")
        if words is None:
            return _twiml(GREETING)
        said.append(Message("user", words))
        said.append(Message("assistant", answer(said)))
        return _twiml(said[-1].text)

    async def status(_request: web.Request) -> web.Response:
        return web.Response(status=204)

    app.router.add_post("/voice", voice)
    app.router.add_post("/status", status)
    return app


def _twiml(text: str) -> web.Response:
    # It tries to record: that is taken out on the way.
    body = (
        '<Response><Start><Recording/></Start><Gather input="speech" action="/voice">'
        f"<Say>{escape(text)}</Say></Gather></Response>"
    )
    return web.Response(text=body, content_type="text/xml")

"""`/<channel>/sordino/survey`: where a call of Twilio's goes on instead of being hung up; the survey is talked through.

The call is over before the invitation is spoken: what is said here is in no recording and no transcript.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from gateway.calls.line import Line
from gateway.calls.survey_talk import Reply
from gateway.calls.twilio.edge import TwilioEdge
from gateway.calls.twilio.twiml import SURVEY_PATH, leave, question
from gateway.errors import RefusedError

_PAUSE_SECONDS: Final = 6
_XML: Final = "text/xml"


async def ask_survey(request: web.Request, line: Line, edge: TwilioEdge, fields: Mapping[str, str]) -> web.Response:
    """Take an answer and ask on; a call that nobody knows is hung up. Raises StorageError."""
    call, talks = fields["CallSid"], line.talks
    if talks is None:
        raise RefusedError("unknown_path", 404, "This channel's notice has no survey that is asked here")
    if line.knows(call):
        await line.end(line.find(call))
    try:
        step = talks.step(call)
        if request.query.get("step") == str(step.number):  # what comes again is no answer to the next question
            step = await talks.hear(call, Reply(fields.get("Digits") or None, fields.get("SpeechResult") or None))
    except RefusedError:  # it has been over for too long, or since before a restart
        return _twiml(leave(()))
    if step.over:
        return _twiml(leave(step.prompts))
    then = edge.links.to(SURVEY_PATH, urlencode({"step": step.number}))
    return _twiml(question(step.prompts, then, seconds=_PAUSE_SECONDS, most_keys=step.most_keys))


def _twiml(body: bytes) -> web.Response:
    return web.Response(body=body, content_type=_XML, headers={"Cache-Control": "no-store"})

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
from gateway.calls.surveying import into_survey, replied
from gateway.calls.twilio.edge import TwilioEdge
from gateway.calls.twilio.twiml import SURVEY_PATH, leave, question

_PAUSE_SECONDS: Final = 6
_XML: Final = "text/xml"


async def ask_survey(request: web.Request, line: Line, edge: TwilioEdge, fields: Mapping[str, str]) -> web.Response:
    """Take an answer and ask on; a call that nobody knows is hung up. Raises StorageError."""
    call = fields["CallSid"]
    step = await into_survey(line, call)
    if step is not None and request.query.get("step") == str(step.number):
        # What comes again is no answer to the next question.
        step = await replied(line, call, Reply(fields.get("Digits") or None, fields.get("SpeechResult") or None))
    if step is None or step.over:
        return _twiml(leave(step.prompts if step is not None else ()))
    then = edge.links.to(SURVEY_PATH, urlencode({"step": step.number}))
    return _twiml(question(step.prompts, then, seconds=_PAUSE_SECONDS, most_keys=step.most_keys))


def _twiml(body: bytes) -> web.Response:
    return web.Response(body=body, content_type=_XML, headers={"Cache-Control": "no-store"})

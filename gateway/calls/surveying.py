"""From a call into its survey: the call is over, with all that is kept of it, before the first question is spoken."""

from __future__ import annotations

from gateway.calls.line import Line
from gateway.calls.survey_talk import Reply, Step
from gateway.errors import RefusedError


async def into_survey(line: Line, call: str) -> Step | None:
    """End a call, if it goes on, and return what is to be spoken; None where nothing is. Raises StorageError."""
    if line.talks is None:
        return None
    if line.knows(call):
        await line.end(line.find(call), into_survey=True)
    try:
        return line.talks.step(call)
    except RefusedError:  # it has been over for too long, or since before a restart
        return None


async def replied(line: Line, call: str, reply: Reply) -> Step | None:
    """Take an answer, and return what is to be spoken then; None where nothing is. Raises StorageError."""
    if line.talks is None:
        return None
    try:
        return await line.talks.hear(call, reply)
    except RefusedError:
        return None

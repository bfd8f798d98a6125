"""What call platforms can record by themselves without a gateway hearing of it, so that people have to switch it off.

Twilio and VIER are asked what they have recorded of each call, and so is jambonz where the settings say how.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from gateway.notice.model import Notice

TO_SWITCH_OFF: Final[Mapping[str, str]] = {
    "audiocodes": "`autoCallRecording`, and the recording of all bots (SIPREC): no gateway hears of what they record",
    "audiohook": "the recording policies of its queues and flows: no gateway hears of what they record",
    "calls": "whatever it records by itself: no gateway hears of it",
    "jambonz": "the recording of all calls, of the account and of the application: it begins before anybody was asked"
    " (what it records is deleted only with SORDINO_PLATFORM_APIS and SORDINO_PLATFORM_API_KEYS)",
}


def to_switch_off(notice: Notice) -> Iterator[tuple[str, str]]:
    """Yield for each channel of calls what has to be switched off at its platform."""
    for name, channel in notice.channels.items():
        if channel.kind == "call" and channel.connector in TO_SWITCH_OFF:
            yield name, TO_SWITCH_OFF[channel.connector]

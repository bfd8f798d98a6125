"""The privacy notice as data.

source    YAML -> plain values with the line of each field
fields    the kinds of value, with the words that a wrong one gets
answers   how callers answer
channel   a channel and what it keeps          model   all other blocks, and the notice itself
problems  pydantic's errors in plain words     checks  what must hold between the blocks
load      load_notice(path) -> Loaded(notice, digest, path)
"""

from __future__ import annotations

from gateway.notice.answers import Answers, Words
from gateway.notice.channel import Channel, JsonPaths, Speakers, Tell
from gateway.notice.fields import Localised
from gateway.notice.load import Loaded, load_notice
from gateway.notice.model import (
    Consent,
    Controller,
    DeletionRule,
    Notice,
    Purpose,
    Recipient,
    Rights,
)

__all__ = [
    "Answers",
    "Channel",
    "Consent",
    "Controller",
    "DeletionRule",
    "JsonPaths",
    "Loaded",
    "Localised",
    "Notice",
    "Purpose",
    "Recipient",
    "Rights",
    "Speakers",
    "Tell",
    "Words",
    "load_notice",
]

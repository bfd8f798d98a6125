"""How callers answer what they are asked, by keys of the telephone and by words."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from gateway.notice.block import Block
from gateway.notice.fields import KeyPressed, Language, Text


class Words(Block):
    """Words of one language that answer a spoken question."""

    given: tuple[Text, ...] = Field(description="Words that mean yes.")
    refused: tuple[Text, ...] = Field(description="Words that mean no.")


class Answers(Block):
    """How a caller answers."""

    dtmf: dict[KeyPressed, Literal["given", "refused"]] = Field(default={}, description="Keys of the telephone.")
    words: dict[Language, Words] = Field(default={}, description="Spoken words, for each language.")

"""The API of calls as data: its bodies and operations, and the OpenAPI document made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from gateway.handlers.schemas import PROBLEM, refused, schemas_of
from gateway.tokens import SECRET_HEADER
from storage.audio import AudioCodec

CallId = Annotated[str, Field(pattern=r"^[A-Za-z0-9._~-]{1,128}$")]
_LANGUAGE: Final = r"^[a-z]{2}$"
_CONFIDENCE: Final = "What the speech recognition says of itself, 0 to 1."


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class StartBody(_Body):
    """A call that begins."""

    call: CallId | None = Field(None, description="The platform's own id of the call; without one it gets one.")
    caller: str | None = Field(None, max_length=100, description="The caller's number.")
    line: str | None = Field(None, max_length=100, description="The number that was called.")
    language: str | None = Field(None, pattern=_LANGUAGE, description="The caller's language, two letters.")
    agent: bool = Field(default=False, description="Whether a person of the service answers, not a bot.")


class KeysBody(_Body):
    """Keys of the telephone."""

    keys: str = Field(pattern=r"^[0-9*#]{1,32}$", description="The keys in order.")


class ConsentBody(_Body):
    """An answer, or that none came: exactly one of `words`, `silence`, `caller` and `agent`."""

    words: str | None = Field(None, max_length=2000, description="What the caller said, as it was recognised.")
    confidence: float | None = Field(None, ge=0, le=1, description=_CONFIDENCE)
    silence: Literal[True] | None = Field(None, description="Nothing came in the time for an answer.")
    caller: Literal["given", "refused"] | None = Field(
        None, description="What the caller has answered the person at the desk, who has put the question."
    )
    agent: Literal["given", "refused"] | None = Field(None, description="The consent of the person at the desk.")
    reference: str | None = Field(None, max_length=100, description="Which person at the desk, as the platform says.")


class WordBody(_Body):
    """A word and when it was spoken, in the count of `offset_ms`."""

    text: str = Field(min_length=1, max_length=200, description="The word, as it stands in the turn's text.")
    start_ms: int = Field(ge=0, le=86_400_000, description="Where in the call it begins.")
    end_ms: int = Field(ge=0, le=86_400_000, description="Where in the call it ends.")

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if self.end_ms < self.start_ms:
            msg = "a word ends after it begins"
            raise ValueError(msg)
        return self


class TurnBody(_Body):
    """Something that was said."""

    text: str = Field(min_length=1, description="The words.")
    speaker: Literal["subject", "agent", "bot"] = Field(
        "subject", description="The caller, a person of the service, or a bot that the platform runs itself."
    )
    final: bool = Field(default=True, description="False while it may still change: it is never stored.")
    confidence: float | None = Field(None, ge=0, le=1, description=_CONFIDENCE)
    id: str | None = Field(None, max_length=128, description="An id that a repeated turn has again.")
    words: list[WordBody] | None = Field(
        None,
        max_length=5000,
        description="All words of a final turn in order: what is found is silenced by their times.",
    )


class SpokenBody(_Body):
    """When the bot's answer was spoken."""

    text: str = Field(min_length=1, description="The answer, as it came.")
    words: list[WordBody] = Field(min_length=1, max_length=5000, description="Its words that were spoken, in order.")
    broken_off: bool = Field(default=False, description="Whether it was not spoken to its end.")


class TransferBody(_Body):
    """Somebody comes into the call, or it goes to somebody else."""

    agent: bool = Field(default=True, description="Whether it is a person of the service.")


class SurveyBody(_Body):
    """What the caller did (`keys`, `words` or `silence`), for the gateway to understand; or what it was understood as.

    `agreed` says whether they want to be asked, `answers` what they answered: exactly one of the five.
    """

    keys: str | None = Field(None, pattern=r"^[0-9*#]{1,32}$", description="The keys that were pressed.")
    words: str | None = Field(None, max_length=2000, description="What the caller said, as it was recognised.")
    silence: Literal[True] | None = Field(None, description="Nothing came in the time for an answer.")

    agreed: bool | None = Field(None, description="Whether the caller wants to be asked.")
    answers: dict[str, int] | None = Field(None, max_length=20, description="Question -> the number that was answered.")


class AudioQuery(_Body):
    """What a piece of audio is."""

    codec: AudioCodec = Field(AudioCodec.PCMU, description="G.711 mu-law or A-law, or linear 16 bits, little endian.")
    rate: Literal[8000, 16000] = Field(8000, description="Samples a second.")
    channels: Literal[1, 2] = Field(1, description="Two: the caller's and the other side's samples in turn.")
    offset_ms: float | None = Field(
        None, ge=0, le=86_400_000, description="Where in the call it begins; without it one piece follows the other."
    )

    @field_validator("rate", "channels", mode="before")
    @classmethod
    def _number(cls, value: object) -> object:
        return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value


class PromptDocument(BaseModel):
    """Something to be spoken to the caller now."""

    kind: Literal["question", "notice"] = Field(description="A question waits for an answer.")
    text: str
    language: str


class CallDocument(BaseModel):
    """Where a call stands."""

    call: str = Field(description="The call's id.")
    state: Literal["offered", "asked", "given", "refused", "armed", "paused", "ended"]
    recording: bool = Field(description="Whether audio may be kept now; a platform that records by itself goes by it.")
    prompts: list[PromptDocument] = Field(description="What is to be spoken now, in order, before anything else.")
    text: str | None = Field(None, description="What the bot says, where it was asked.")


class QuestionDocument(BaseModel):
    """A question of the survey."""

    id: str
    text: str
    lowest: int = Field(description="The lowest number that answers it.")
    highest: int = Field(description="The highest number that answers it.")


class SurveyDocument(BaseModel):
    """Where the survey of a call stands."""

    state: Literal["offered", "agreed", "declined", "answered"]
    invite: str = Field(description="What is to be asked first.")
    questions: list[QuestionDocument] = Field(description="What is to be asked, once the caller has agreed.")
    prompts: list[PromptDocument] = Field(description="What is to be spoken now, where the gateway asks; then hang up.")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation: its path behind the channel, its body, its status when it is well, and others."""

    name: str
    method: Literal["GET", "POST"]
    path: str
    about: str
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    status: int = 200
    problems: tuple[int, ...] = (403, 404)
    answer: type[BaseModel] = CallDocument


OPERATIONS: Final = (
    Operation(
        "start", "POST", "/calls", "Begin a call; the answer holds the question to be put.", StartBody, status=201,
        problems=(400, 403, 503),
    ),
    Operation("show", "GET", "/calls/{call}", "Say where a call stands."),
    Operation(
        "keys", "POST", "/calls/{call}/keys", "Keys of the telephone, at any time.", KeysBody,
        problems=(400, 403, 404),
    ),
    Operation(
        "consent", "POST", "/calls/{call}/consent", "An answer in words, silence, or the agent's own consent.",
        ConsentBody, problems=(400, 403, 404),
    ),
    Operation(
        "turn", "POST", "/calls/{call}/turns", "Something that was said; the bot's answer comes back.", TurnBody,
        problems=(400, 403, 404, 413, 428, 502, 503, 504),
    ),
    Operation(
        "spoken", "POST", "/calls/{call}/spoken", "When the bot's answer was spoken, for what is silent.", SpokenBody,
        problems=(400, 403, 404),
    ),
    Operation(
        "audio", "POST", "/calls/{call}/audio", "A piece of audio, as bytes; kept only while everybody has agreed.",
        query=AudioQuery, problems=(400, 403, 404, 413),
    ),
    Operation(
        "stream", "GET", "/calls/{call}/stream", "A WebSocket: audio as binary messages, all else as JSON.",
        query=AudioQuery, status=101, problems=(400, 403, 404),
    ),
    Operation("stop", "POST", "/calls/{call}/stop", "Stop the recording for good."),
    Operation("pause", "POST", "/calls/{call}/pause", "Neither record nor write down: card data are coming."),
    Operation("resume", "POST", "/calls/{call}/resume", "Go on after a pause."),
    Operation(
        "transfer", "POST", "/calls/{call}/transfer", "Somebody comes in: the caller is asked anew.", TransferBody,
        problems=(400, 403, 404),
    ),
    Operation("end", "POST", "/calls/{call}/end", "The call is over.", problems=(403, 404, 503)),
    Operation(
        "withdraw", "POST", "/calls/{call}/withdraw", "Take the caller's consent back, also after the call.",
        status=204, problems=(403, 404, 409, 503),
    ),
    Operation(
        "show_survey", "GET", "/calls/{call}/survey", "What is to be asked after the call.", answer=SurveyDocument
    ),
    Operation(
        "survey", "POST", "/calls/{call}/survey", "The caller's answers to the survey, as they came or understood.",
        SurveyBody, problems=(400, 403, 404, 409, 503), answer=SurveyDocument,
    ),
)  # fmt: skip


def openapi(channel: str, version: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of a channel's calls."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(f"/{channel}{operation.path}", {})[operation.method.lower()] = _described(operation)
    models = [operation.body for operation in OPERATIONS if operation.body is not None]
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Calls of the channel {channel}", "version": version},
        "paths": paths,
        "security": [{"channelSecret": []}],
        "components": {
            "securitySchemes": {"channelSecret": {"type": "apiKey", "in": "header", "name": SECRET_HEADER}},
            "schemas": schemas_of(*models, CallDocument, SurveyDocument) | {"Problem": PROBLEM},
        },
    }


_WITHOUT_CONTENT: Final = frozenset({101, 204})


def _described(operation: Operation) -> dict[str, Any]:
    well: dict[str, Any] = {"description": operation.about}
    if operation.status not in _WITHOUT_CONTENT:
        reference = {"$ref": f"#/components/schemas/{operation.answer.__name__}"}
        well["content"] = {"application/json": {"schema": reference}}
    answers: dict[str, Any] = {str(operation.status): well}
    answers |= refused(operation.problems)
    described: dict[str, Any] = {"operationId": operation.name, "summary": operation.about, "responses": answers}
    if "{call}" in operation.path:
        schema = {"type": "string", "pattern": r"^[A-Za-z0-9._~-]{1,128}$"}
        described["parameters"] = [{"name": "call", "in": "path", "required": True, "schema": schema}]
    if operation.query is not None:
        fields = operation.query.model_json_schema()
        described["parameters"] += [
            {"name": name, "in": "query", "schema": _inlined(schema, fields.get("$defs", {}))}
            for name, schema in fields["properties"].items()
        ]
    if operation.method == "POST" and operation.query is not None:
        binary = {"schema": {"type": "string", "format": "binary"}}
        described["requestBody"] = {"required": True, "content": {"application/octet-stream": binary}}
    if operation.body is not None:
        reference = {"$ref": f"#/components/schemas/{operation.body.__name__}"}
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": reference}}}
    return described


def _inlined(schema: dict[str, Any], definitions: Mapping[str, Any]) -> dict[str, Any]:
    """Return a field's schema with what it refers to in place."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    return definitions[name] | {key: value for key, value in schema.items() if key != "$ref"} if name else schema

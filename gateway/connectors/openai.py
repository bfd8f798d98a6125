"""OpenAI Chat Completions, as the API and its many look-alikes speak it.

Source: https://platform.openai.com/docs/api-reference/chat (create, object, streaming); Azure's path after
https://learn.microsoft.com/azure/ai-foundry/openai/reference. `reasoning_content` and the like are what
vLLM, DeepSeek and others add to a delta.

    request   messages[*].content, a string or a list of parts; arguments of tool calls, JSON in a string (or, with some
              look-alikes, an object)
    answer    choices[*].message.content; arguments of tool calls
    stream    SSE, choices[*].delta, ends with a finish_reason for each choice and `[DONE]`

System prompts, tools' results, names and the prediction are context. What the tools are (`tools`) goes on
as it is: it is the front end's program, not a customer's words. Other parts of the API (embeddings,
responses, files, audio) are not handled here, and therefore refused.
"""

from __future__ import annotations

from typing import Final

from gateway.connector import OWN_TEXT, Body, Connector, Endpoint, EndRule, Example, Own, PartRule, TextRule
from storage.records import Speaker

_USER: Final = {"messages[*].role": ("user",)}
_ASSISTANT: Final = {"messages[*].role": ("assistant",)}
_TOOL: Final = {"messages[*].role": ("tool", "function")}
_TEXT_PARTS: Final = frozenset({"text", "input_text", "output_text", "refusal"})
_OTHER_PARTS: Final = {
    "image_url": "image",
    "input_image": "image",
    "input_audio": "audio",
    "file": "file",
    "input_file": "file",
}

_REQUEST: Final = Body(
    texts=(
        TextRule("messages[*].content", Speaker.SUBJECT, when=_USER),
        TextRule("messages[*].content", Speaker.BOT, when=_ASSISTANT),
        TextRule("messages[*].content[*]", Speaker.SUBJECT, when=_USER),
        TextRule("messages[*].content[*]", Speaker.BOT, when=_ASSISTANT),
        TextRule("messages[*].content[*]", when=_TOOL, result=True),
        TextRule("messages[*].content[*].text", Speaker.SUBJECT, when=_USER),
        TextRule("messages[*].content[*].text", Speaker.BOT, when=_ASSISTANT),
        TextRule("messages[*].content[*].refusal", Speaker.BOT, when=_ASSISTANT),
        TextRule("messages[*].refusal", Speaker.BOT, when=_ASSISTANT),
        TextRule("messages[*].content", when=_TOOL, result=True),
        TextRule("messages[*].content[*].text", when=_TOOL, result=True),
        TextRule("messages[*].name", form="identifier"),
        TextRule("messages[*].tool_calls[*].function.arguments", form="json"),
        TextRule("messages[*].function_call.arguments", form="json"),
    ),
    passes=(
        "model",
        "messages[*].role",
        "messages[*].audio.id",
        "messages[*].tool_call_id",
        "messages[*].content[*].type",
        "messages[*].tool_calls[*].id",
        "messages[*].tool_calls[*].type",
        "messages[*].tool_calls[*].function.name",
        "messages[*].tool_calls[*].custom.name",
        "messages[*].function_call.name",
        "metadata.conversation_id",
        "prediction.type",
        "audio",
        "function_call",
        "functions",
        "logit_bias",
        "modalities",
        "prompt_cache_retention",
        "reasoning_effort",
        "response_format",
        "service_tier",
        "stream_options",
        "tool_choice",
        "tools",
        "verbosity",
    ),
    parts=(
        PartRule("messages[*].content[*]", "type", _TEXT_PARTS, _OTHER_PARTS),
        PartRule("prediction.content[*]", "type", _TEXT_PARTS, _OTHER_PARTS),
    ),
    requires=("messages",),
)

_HEAD: Final = (
    "id",
    "object",
    "model",
    "provider",
    "service_tier",
    "system_fingerprint",
    "prompt_filter_results",
    "choices[*].finish_reason",
    "choices[*].native_finish_reason",
    "choices[*].stop_reason",
    "choices[*].content_filter_results",
    "error.type",
    "error.code",
    "error.param",
)

_RESPONSE: Final = Body(
    texts=(
        TextRule("choices[*].message.content", Speaker.BOT),
        TextRule("choices[*].message.content[*].text", Speaker.BOT),
        TextRule("choices[*].message.refusal", Speaker.BOT),
        TextRule("choices[*].message.tool_calls[*].function.arguments", form="json"),
        TextRule("choices[*].message.function_call.arguments", form="json"),
    ),
    passes=(
        *_HEAD,
        "choices[*].message.role",
        "choices[*].message.content[*].type",
        "choices[*].message.tool_calls[*].id",
        "choices[*].message.tool_calls[*].type",
        "choices[*].message.tool_calls[*].function.name",
        "choices[*].message.tool_calls[*].custom.name",
        "choices[*].message.function_call.name",
    ),
    drops=("choices[*].logprobs",),
    attachments={"choices[*].message.audio": "audio"},
)

_CHOICE: Final = ("choices[*].index",)
_CALL: Final = ("choices[*].index", "choices[*].delta.tool_calls[*].index")

_EVENT: Final = Body(
    texts=(
        TextRule("choices[*].delta.content", Speaker.BOT, name="content", key=_CHOICE),
        TextRule("choices[*].delta.refusal", Speaker.BOT, name="refusal", key=_CHOICE),
        TextRule("choices[*].delta.tool_calls[*].function.arguments", form="json", name="arguments", key=_CALL),
        TextRule("choices[*].delta.tool_calls[*].custom.input", name="input", key=_CALL),
        TextRule("choices[*].delta.function_call.arguments", form="json", name="function_call", key=_CHOICE),
        TextRule("choices[*].delta.reasoning_content", name="reasoning_content", key=_CHOICE),
        TextRule("choices[*].delta.reasoning", name="reasoning", key=_CHOICE),
    ),
    passes=(
        *_HEAD,
        "choices[*].delta.role",
        "choices[*].delta.tool_calls[*].id",
        "choices[*].delta.tool_calls[*].type",
        "choices[*].delta.tool_calls[*].function.name",
        "choices[*].delta.tool_calls[*].custom.name",
        "choices[*].delta.function_call.name",
    ),
    drops=("choices[*].logprobs", "obfuscation"),
    attachments={"choices[*].delta.audio": "audio"},
)

_OWN_HEAD: Final = {"id": "chatcmpl-sordino", "created": 0, "model": "sordino"}
_OWN: Final = Own(
    answer={
        **_OWN_HEAD,
        "object": "chat.completion",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": OWN_TEXT}, "finish_reason": "stop"}],
    },
    events=tuple(
        {
            **_OWN_HEAD,
            "object": "chat.completion.chunk",
            "choices": [{"index": 0, "delta": delta, "finish_reason": end}],
        }
        for delta, end in (({"role": "assistant", "content": OWN_TEXT}, None), ({}, "stop"))
    ),
)

CONNECTOR: Final = Connector(
    name="openai",
    endpoints=(
        Endpoint("POST", "/v1/chat/completions"),
        Endpoint("POST", "/chat/completions"),
        Endpoint("POST", "/openai/deployments/{deployment}/chat/completions"),
        Endpoint("GET", "/v1/models", passes=True),
        Endpoint("GET", "/models", passes=True),
        Endpoint("GET", "/v1/models/{model}", passes=True),
        Endpoint("GET", "/models/{model}", passes=True),
    ),
    request=_REQUEST,
    response=_RESPONSE,
    event=_EVENT,
    conversation=("metadata.conversation_id",),
    asks_stream="stream",
    history=True,
    choices=True,
    query=("api-version",),
    end_marks=("[DONE]",),
    ends=(EndRule("choices[*].finish_reason", key=_CHOICE),),
    own=_OWN,
)

EXAMPLES: Final = (
    Example(
        "a conversation with a tool call, its result, and a message in parts",
        CONNECTOR,
        "request",
        rb"""{"model": "gpt-4.1", "user": "customer-17", "metadata": {"conversation_id": "web-17"}, "messages": [
  {"role": "developer", "content": "You help with TV sets."},
  {"role": "user", "name": "Anna", "content": "Wo ist meine Bestellung?"},
  {"role": "assistant", "content": null, "tool_calls": [{"id": "call_1", "type": "function", "function":
    {"name": "find_order", "arguments": "{\"order\": {\"name\": \"Anna M\\u00fcller\"}, \"limit\": 3}"}}]},
  {"role": "tool", "tool_call_id": "call_1", "content": "unterwegs"},
  {"role": "assistant", "content": "Sie ist unterwegs."},
  {"role": "user", "content": [{"type": "text", "text": "Danke."}, {"type": "text", "text": "Und wann?"}]}],
  "tools": [{"type": "function", "function": {"name": "find_order", "description": "Finds an order."}}]}""",
        (
            (None, "customer-17"),
            (None, "You help with TV sets."),
            (None, "Anna"),
            (Speaker.SUBJECT, "Wo ist meine Bestellung?"),
            (None, "Anna Müller"),
            (None, "unterwegs"),
            (Speaker.BOT, "Sie ist unterwegs."),
            (Speaker.SUBJECT, "Danke."),
            (Speaker.SUBJECT, "Und wann?"),
        ),
        path="v1/chat/completions",
        conversation="web-17",
    ),
    Example(
        "an answer with a refusal and log probabilities",
        CONNECTOR,
        "response",
        b'{"id":"chatcmpl-1","object":"chat.completion","created":1764000000,"model":"gpt-4.1","choices":[{"index":0,'
        b'"message":{"role":"assistant","content":"Guten Tag.","refusal":"Das geht nicht.","annotations":[]},'
        b'"logprobs":{"content":[{"token":"Guten Tag.","logprob":-0.1}]},"finish_reason":"stop"}],'
        b'"usage":{"prompt_tokens":9,"completion_tokens":3,"total_tokens":12},"system_fingerprint":"fp_1"}',
        ((Speaker.BOT, "Guten Tag."), (Speaker.BOT, "Das geht nicht.")),
    ),
    Example(
        "a streamed answer with usage behind its end",
        CONNECTOR,
        "stream",
        b'data: {"id":"1","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}\n\n'
        b'data: {"id":"1","choices":[{"index":0,"delta":{"content":"Guten"},"finish_reason":null}]}\n\n'
        b": keep-alive\n\n"
        b'data: {"id":"1","choices":[{"index":0,"delta":{"content":" Tag \xf0\x9f\x91\x8b"},"finish_reason":null}]}\n\n'
        b'data: {"id":"1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
        b'data: {"id":"1","choices":[],"usage":{"total_tokens":12}}\n\n'
        b"data: [DONE]\n\n",
        ((Speaker.BOT, "Guten Tag 👋"),),
        content_type="text/event-stream",
    ),
    Example(
        "a streamed tool call, its arguments cut anywhere",
        CONNECTOR,
        "stream",
        b'data: {"choices":[{"index":0,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,'
        b'"id":"call_1","type":"function","function":{"name":"find_order","arguments":""}}]},"finish_reason":null}]}\r\n\r\n'
        b'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,'
        b'"function":{"arguments":"{\\"name\\":\\"An"}}]}}]}\r\n\r\n'
        b'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,'
        b'"function":{"arguments":"na M\\\\u00"}}]}}]}\r\n\r\n'
        b'data: {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,'
        b'"function":{"arguments":"fcller\\"}"}}]}}]}\r\n\r\n'
        b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}\r\n\r\n'
        b"data: [DONE]\r\n\r\n",
        (),
        content_type="text/event-stream; charset=utf-8",
    ),
)

from __future__ import annotations

import pytest

from gateway.demo.answers import Message, answer, tool_call
from gateway.demo.bot import tokens

TOOL = {
    "type": "function",
    "function": {
        "name": "repair_state",
        "parameters": {"type": "object", "properties": {"serial_number": {"type": "string"}, "question": {}}},
    },
}


def said(*texts: str) -> tuple[Message, ...]:
    return tuple(Message("user", text) for text in texts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Guten Tag, mein Name ist Katharina Brandhorst.", "Guten Tag, Katharina Brandhorst!"),
        ("Guten Tag, mein Name ist <PERSON_1>.", "Guten Tag, <PERSON_1>!"),
        ("Guten Tag, mein Name ist [PERSON].", "Guten Tag, [PERSON]!"),
        ("Hello, my name is John Smith.", "Hello, John Smith!"),
        ("Die Seriennummer ist VX20-719B-4418K.", "Ich habe Ihre Seriennummer VX20-719B-4418K notiert."),
        ("Die Seriennummer ist [DEVICE_ID].", "Ich habe Ihre Seriennummer [DEVICE_ID] notiert."),
        ("The serial number is <DEVICE_ID_2>, please.", "I have noted your serial number <DEVICE_ID_2>."),
        ("Meine IBAN lautet DE44 5001 0517 5407 3249 31.", "auf das Konto DE44 5001 0517 5407 3249 31."),
        ("Rufen Sie mich bitte unter 0151 23984712 an.", "Wir rufen Sie unter 0151 23984712 an."),
        ("Mein Staubsauger ist kaputt.", "Für eine Reparatur brauche ich die Seriennummer"),
        ("Wann haben Sie geöffnet?", "von 10 bis 20 Uhr"),
        ("When are you open?", "from 10 am to 8 pm"),
        ("Can I return the phone?", "within 14 days"),
        ("hallo", "Guten Tag! Was kann ich für Sie tun?"),
        ("xyzzy", "Das habe ich leider nicht verstanden."),
    ],
)
def test_answers_in_the_language_of_the_message_and_repeats_what_it_saw(text: str, expected: str) -> None:
    assert expected in answer(said(text))


def test_remembers_name_and_serial_number_from_the_history() -> None:
    reply = answer(
        said("Mein Name ist [PERSON], Seriennummer: [DEVICE_ID].", "Mein Sauger ist kaputt, bitte an a@b.de")
    )
    assert "Vielen Dank, [PERSON]." in reply
    assert "Ihre Reparatur ist angelegt." in reply


def test_the_same_history_gets_the_same_answer() -> None:
    history = said("Guten Tag, ich möchte etwas zurückgeben.")
    assert answer(history) == answer(history)


def test_calls_the_first_tool_when_asked_for_a_state() -> None:
    call = tool_call(said("Seriennummer: <DEVICE_ID_1>", "Wie ist der Stand?"), [TOOL])
    assert call is not None
    assert call.name == "repair_state"
    assert call.arguments == {"serial_number": "<DEVICE_ID_1>", "question": "Wie ist der Stand?"}


@pytest.mark.parametrize("text", ["Guten Tag!", "Wann haben Sie geöffnet?"])
def test_calls_no_tool_otherwise(text: str) -> None:
    assert tool_call(said(text), [TOOL]) is None
    assert tool_call(said("Wie ist der Stand?"), []) is None


def test_answers_from_the_tool_s_result() -> None:
    history = (
        *said("Wie ist der Stand?"),
        Message("assistant", ""),
        Message("tool", '{"Stand": "in Arbeit", "Tag": 5}'),
    )
    assert answer(history) == "Ich habe nachgesehen: Stand: in Arbeit, Tag: 5."


@pytest.mark.parametrize(
    "text", ["Ihre Seriennummer [DEVICE_ID] ist\n\nnotiert – danke!  ", "a", "", "DE44 5001 <X_1>"]
)
def test_tokens_are_small_and_lose_nothing(text: str) -> None:
    assert "".join(tokens(text)) == text
    assert all(1 <= len(token) <= 6 for token in tokens(text))

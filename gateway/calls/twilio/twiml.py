"""TwiML: what a bot answers is made safe before Twilio acts on it, and the question is put in it.

Source: https://www.twilio.com/docs/voice/twiml. Twilio must not record by itself: it would record before a yes, after
a stop, and in pauses. So whatever starts a recording is taken out of a bot's answer, and so is what is not known to be
harmless, such as an assistant that hears the call without the gateway. Once everybody has agreed, a `<Stream>` to the
gateway takes the recording's place, which the gateway can stop in the instant. Addresses of the bot lead through the
gateway, and those that lead elsewhere are taken out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.etree import ElementTree as ET

from gateway.calls.links import Links
from gateway.calls.live import Prompt
from gateway.calls.locales import locale_of
from gateway.engine.markup import read_markup, write_markup

_RECORDS: Final = frozenset({"Record", "Recording", "Siprec", "Transcription"})
_ENDED: Final = frozenset({"Recording", "Siprec", "Transcription"})
_DIALS: Final = frozenset({"Dial", "Enqueue", "Refer"})
_SOURCES: Final = frozenset({"Play"})
_SPOKEN: Final = ("break", "emphasis", "lang", "p", "phoneme", "prosody", "s", "say-as", "sub", "w")
_KNOWN: Final = _DIALS | _SOURCES | {
    "Client", "Conference", "Connect", "ConversationRelay", "Echo", "Gather", "Hangup", "Header", "Headers", "Identity",
    "Language", "Leave", "Number", "Parameter", "Pause", "Pay", "Prompt", "Queue", "Redirect", "Reject", "ReferSip",
    "Say", "Sim", "Sip", "Start", "Stop", "Stream", "Task", "Uri", "WhatsApp", *_SPOKEN,
}  # fmt: skip
_ON_A_LEG: Final = frozenset({"Client", "Number", "Queue", "Sip", "WhatsApp"})
ANSWER_PATH: Final = "sordino/answer"
MEDIA_PATH: Final = "sordino/media"
SURVEY_PATH: Final = "sordino/survey"
ASIDE_PATH: Final = "sordino/aside/"
"""Before a path of the bot's whose answer is heard beside the call: while somebody waits, or on a person's leg."""
STREAM_NAME: Final = "sordino"


@dataclass(slots=True)
class Guarded:
    """A bot's answer made safe.

    `stripped` counts what was taken out: `recording`, `address`, and `verb` (what is not known to be harmless).
    `dials`: somebody else is put into the call.
    `listens`: a stream to the gateway was put in.
    """

    body: bytes = field(repr=False)
    stripped: Counter[str]
    dials: bool
    listens: bool


def guard(raw: bytes, links: Links, path: str, *, listen: bool, aside: bool = False) -> Guarded:
    """Make a bot's answer to a request at `path` safe; `listen`: the gateway is to hear the call from now on.

    `aside`: it is heard beside the call, and so is what it leads to. Raises BodyUnreadableError.
    """
    root = read_markup(raw)
    stripped = Counter[str]()
    _no_recording(root, stripped)
    for element in root.iter():
        _attributes(element, links, path, stripped, aside=aside)
    _texts(root, links, path, stripped, aside=aside)
    for emptied in [child for child in root if child.tag in {"Connect", "Start", "Stop"} and not len(child)]:
        _take_out(root, emptied)
    tags = {element.tag for element in root.iter()}
    listens = listen and root.tag == "Response" and "Stream" not in tags
    if listens:
        root.insert(0, _listening(links))
    return Guarded(write_markup(root), stripped, dials=not tags.isdisjoint(_DIALS), listens=listens)


def survey_at_end(raw: bytes, then: str) -> bytes:
    """Have the call go on at `then` where a bot's answer, made safe, would end it: at a hang-up, or at its own end."""
    root = read_markup(raw)
    tags = [child.tag for child in root]
    if root.tag != "Response" or "Reject" in tags:
        return raw
    ends = next((at for at, tag in enumerate(tags) if tag in {"Hangup", "Redirect"}), len(tags))
    if ends < len(tags) and tags[ends] == "Redirect":
        return raw
    for child in list(root)[ends:]:
        root.remove(child)
    ET.SubElement(root, "Redirect", {"method": "POST"}).text = then
    return write_markup(root)


def spoken_first(raw: bytes, prompts: Sequence[Prompt]) -> bytes:
    """Have prompts spoken before a bot's answer that was made safe."""
    if not prompts:
        return raw
    root = read_markup(raw)
    for at, prompt in enumerate(prompts):
        said = ET.Element("Say", {"language": locale_of(prompt.language)})
        said.text = prompt.text
        root.insert(at, said)
    return write_markup(root)


def leave(prompts: Sequence[Prompt]) -> bytes:
    """Return the TwiML that speaks what is to be told and hangs up."""
    root = ET.Element("Response")
    for prompt in prompts:
        _say(root, prompt.text, locale_of(prompt.language))
    ET.SubElement(root, "Hangup")
    return write_markup(root)


def question(prompts: Sequence[Prompt], then: str, *, seconds: int, most_keys: int = 1) -> bytes:
    """Return the TwiML that speaks prompts and, after a question, waits for an answer, which goes to `then`."""
    root = ET.Element("Response")
    for prompt in prompts:
        language = locale_of(prompt.language)
        if prompt.kind == "question":
            attributes = {
                "input": "dtmf speech", "numDigits": str(most_keys), "timeout": str(seconds), "speechTimeout": "auto",
                "language": language, "actionOnEmptyResult": "true", "method": "POST", "action": then,
            }  # fmt: skip
            _say(ET.SubElement(root, "Gather", attributes), prompt.text, language)
        else:
            _say(root, prompt.text, language)
    ET.SubElement(root, "Redirect", {"method": "POST"}).text = then
    return write_markup(root)


def go_on(prompts: Sequence[Prompt], url: str) -> bytes:
    """Return the TwiML that speaks what is to be told and goes on at an address."""
    root = ET.Element("Response")
    for prompt in prompts:
        _say(root, prompt.text, locale_of(prompt.language))
    ET.SubElement(root, "Redirect", {"method": "POST"}).text = url
    return write_markup(root)


def _say(above: ET.Element, text: str, language: str) -> None:
    ET.SubElement(above, "Say", {"language": language}).text = text


def _listening(links: Links) -> ET.Element:
    start = ET.Element("Start")
    url = links.to(MEDIA_PATH, socket=True)
    ET.SubElement(start, "Stream", {"name": STREAM_NAME, "url": url, "track": "both_tracks"})
    return start


def _no_recording(above: ET.Element, stripped: Counter[str]) -> None:
    for child in list(above):
        if child.tag not in _KNOWN and not (above.tag == "Stop" and child.tag in _ENDED):
            _take_out(above, child)
            stripped["recording" if child.tag in _RECORDS else "verb"] += 1
        else:
            _no_recording(child, stripped)
    if above.attrib.pop("record", "do-not-record") not in {"do-not-record", "false"}:
        stripped["recording"] += 1
    for name in [name for name in above.attrib if name.lower().startswith(("recording", "transcribe"))]:
        del above.attrib[name]


def _attributes(element: ET.Element, links: Links, path: str, stripped: Counter[str], *, aside: bool) -> None:
    for name in [name for name in element.attrib if _is_address(name)]:
        beside = aside or name == "waitUrl" or (name == "url" and element.tag in _ON_A_LEG)
        through = links.through(element.attrib[name], path, under=ASIDE_PATH if beside else "")
        if through is not None:
            element.set(name, through)
        else:
            del element.attrib[name]
            stripped["address"] += 1


def _texts(above: ET.Element, links: Links, path: str, stripped: Counter[str], *, aside: bool) -> None:
    for child in list(above):
        _texts(child, links, path, stripped, aside=aside)
        if child.tag == "Redirect" or (child.tag in _SOURCES and not (child.text or "").strip().startswith("https:")):
            through = links.through(child.text or "", path, under=ASIDE_PATH if aside else "")
            if through is None:
                _take_out(above, child)
                stripped["address"] += 1
            elif child.tag == "Redirect":
                child.text = through
        elif child.tag in {"Stream", "ConversationRelay"} and "url" not in child.attrib:
            _take_out(above, child)


def _is_address(name: str) -> bool:
    return name in {"action", "url"} or name.lower().endswith(("url", "callback"))


def _take_out(above: ET.Element, child: ET.Element) -> None:
    """Take an element out; the text behind it stays."""
    before = list(above).index(child)
    if child.tail and before:
        sibling = above[before - 1]
        sibling.tail = (sibling.tail or "") + child.tail
    elif child.tail:
        above.text = (above.text or "") + child.tail
    above.remove(child)

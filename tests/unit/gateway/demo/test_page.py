"""What can be shown of the chat page without a browser: policy, wording, contrast."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import gateway.demo

PAGE = Path(gateway.demo.__file__).parent / "page"
AA_TEXT, AA_SHAPE = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11
PAIRS = [
    ("text", "page", AA_TEXT),
    ("text", "card", AA_TEXT),
    ("muted", "page", AA_TEXT),
    ("muted", "card", AA_TEXT),
    ("on-accent", "accent", AA_TEXT),
    ("on-note", "note", AA_TEXT),
    ("on-own", "own", AA_TEXT),
    ("on-danger", "danger", AA_TEXT),
    ("line", "page", AA_SHAPE),
    ("line", "card", AA_SHAPE),
    ("focus", "page", AA_SHAPE),
    ("focus", "card", AA_SHAPE),
]


class Elements(HTMLParser):
    """Collects every element's attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def read(name: str) -> str:
    return (PAGE / name).read_text(encoding="utf-8")


def elements() -> list[tuple[str, dict[str, str | None]]]:
    parser = Elements()
    parser.feed(read("index.html"))
    return parser.found


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def wordings(language: str) -> dict[str, str]:
    block = re.search(rf"^  {language}: {{\n(.*?)^  }},", read("texts.js"), re.DOTALL | re.MULTILINE)
    assert block is not None
    return dict(re.findall(r'^ +"?([\w-]+)"?: "(.*)",$', block[1], re.MULTILINE))


@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_colours_contrast_as_wcag_asks(scheme: int, front: str, back: str, least: float) -> None:
    blocks = re.findall(r":root \{(.*?)\}", read("chat.css"), re.DOTALL)
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", blocks[scheme]))
    lighter, darker = sorted((luminance(colours[front]), luminance(colours[back])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= least


def test_nothing_that_a_strict_content_policy_forbids() -> None:
    for tag, attributes in elements():
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href"):
            target = attributes.get(name)
            assert target is None or (PAGE / target).is_file()
        assert tag != "style"
        assert tag != "script" or attributes.get("src")
    for name in ("chat.js", "gateway.js", "texts.js", "chat.css"):
        assert not re.search(r"https?://(?!chat\.example)|\beval\b|innerHTML|url\(", read(name))


def test_every_field_has_a_label_and_the_log_is_announced() -> None:
    labelled = {attributes.get("for") for tag, attributes in elements() if tag == "label"}
    fields = {attributes.get("id") for tag, attributes in elements() if tag in {"textarea", "input", "select"}}
    assert fields <= labelled
    log = next(attributes for _, attributes in elements() if attributes.get("role") == "log")
    assert log["aria-live"] == "polite"
    assert log["tabindex"] == "0"


def test_both_languages_say_everything() -> None:
    german, english = wordings("de"), wordings("en")
    assert german.keys() == english.keys()
    assert all(german[key] != english[key] for key in german.keys() - {"bot"})
    for key, sentence in german.items():
        assert set(re.findall(r"\{\w+\}", sentence)) == set(re.findall(r"\{\w+\}", english[key]))


def test_every_wording_that_is_used_exists_and_the_page_starts_with_it() -> None:
    german = wordings("de")
    used = re.findall(r'(?:text|say)\("([\w-]+)"|key: "([\w-]+)"', read("chat.js"))
    assert {first or second for first, second in used} <= german.keys()
    for _, attributes in elements():
        for name in ("data-text", "data-label"):
            assert attributes.get(name, "title") in german


def test_every_element_that_the_script_asks_for_is_there() -> None:
    present = {attributes.get("id") for _, attributes in elements()}
    assert set(re.findall(r'byId\("([\w-]+)"\)', read("chat.js"))) <= present

from __future__ import annotations

import pytest

from redaction.markup import Tag, apart, before_marks, held, read, values


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<b>Jo</b> Berg", "Jo Berg"),
        ("0171 <i>5550</i>199", "0171 5550199"),
        ("<td>Jo</td><td>Berg</td>", "Jo Berg"),
        ("Jo<br/>\nBerg", "Jo\nBerg"),
        ("Jo&nbsp;M&uuml;ller &#64; x&#x2E;de", "Jo\xa0Müller @ x.de"),
        ("Ich bin **Jo** _Berg_, `jo`", "Ich bin Jo Berg, jo"),
        ('Name:"Jo Berg"', "Name: Jo Berg"),
        ('<a href="x">"Jo"</a>', "Jo"),
        ("**Jo*n", "Jo*n"),
        ("jo<!-- -->@x.de<!--z-->", "jo@x.de"),
        ("jo&amp;#64;x&amp;amp;period;de", "jo@x.de"),
        ("jo&#00064;x&#x0000002E;de", "jo@x.de"),
        ("a&ZeroWidthSpace;b&amp;nbsp;c", "a\u200bb\xa0c"),
        ("R&amp;D", "R&D"),
        ("jo%2540x%252Ede M%25C3%25BCller", "jo@x.de Müller"),
        ("01%E2%80%8B71%0A55", "01\u200b71\n55"),
        (r"jo\u0040x\\u002ede M\u00fcller", "jo@x.de Müller"),
        (r"jo\_b\@x\.de \+49\-171", "jo_b@x.de +49-171"),
    ],
)
def test_reads_what_a_reader_sees(text: str, plain: str) -> None:
    found = read(text)
    assert found is not None
    assert found.text == plain
    assert len(found.starts) == len(found.ends) == len(plain)


@pytest.mark.parametrize(
    "text",
    [
        "a < b und b > c",
        "<jo@berg.example>",
        "<PERSON_ab12>",
        "<Jo Berg>",
        "<b Jo Berg>",
        '55" breit',
        "a*b*c",
        "a_b",
        "R&D;",
        "100 % und 5% mehr",
        r"C:\Users\name",
        r"\unit \u12",
        "<!-- offen",
        "&#0;",
    ],
)
def test_leaves_what_is_no_markup(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "upto"),
    [
        ("Jo <b", 3),
        ("Jo <", 3),
        ('Jo </b><a href="x', 7),
        ("Jo &nbs", 3),
        ("Jo <foo bar", 11),
        ("a < b", 5),
        ("<b>", 3),
        ("<foo &am", 5),
        ("Jo &amp;", 3),
        ("Jo &amp;#000", 3),
        ("Jo <!", 3),
        ("Jo <!-- x -", 3),
        ("Jo %E2%80", 3),
        ("Jo %25", 3),
        ("Jo \\", 3),
        ("Jo \\u00", 3),
    ],
)
def test_holds_what_may_become_markup(text: str, upto: int) -> None:
    assert held(text) == upto


def test_what_is_cut_at_the_end_is_bounded() -> None:
    text = "<a " + "x" * 600
    assert held(text) == len(text)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("0171 <i>5550</i>199", ["0171 <i>5550</i>199"]),
        ("Jo</b> Berg", ["Jo", "Berg"]),
        ("Jo</td><td>Berg", ["Jo", "Berg"]),
        ("<td>Jo</td>", ["Jo"]),
        ('12b", "01099', ["12b", "01099"]),
        ("a<wbr>b", ["a<wbr>b"]),
    ],
)
def test_a_span_is_parted_at_tags_that_it_does_not_hold_whole(text: str, parts: list[str]) -> None:
    found = read(f'"{text}' if '"' in text else text)
    assert found is not None
    shift = text.count('"') > 0
    tags = [tag._replace(start=tag.start - shift, end=tag.end - shift) for tag in found.tags if tag.start >= shift]
    assert [text[start:end] for start, end in apart(0, len(text), tags, text)] == parts


def test_attributes_are_texts_of_their_own() -> None:
    text = """<a href="mailto:jo@berg.example" title='Jo Berg' class="wide" style="color:#336699" width="600">"""
    found = read(text)
    assert found is not None
    assert [(text[v.start : v.end], v.looks) for v in values(text, found.tags[0])] == [
        ("mailto:jo@berg.example", False),
        ("Jo Berg", False),
        ("color:#336699", True),
    ]


@pytest.mark.parametrize(("place", "begin"), [(4, 4), (5, 4), (6, 4), (7, 7)])
def test_nothing_is_settled_within_a_mark(place: int, begin: int) -> None:
    assert before_marks(place, (Tag(4, 6, "**", closing=False),)) == begin

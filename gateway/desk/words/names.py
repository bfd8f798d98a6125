"""What is kept as a word of this program, such as `identity-pending`, in the words of the desk's readers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.desk.words import de_names, en_names
from gateway.rendering.words import all_words

_NAMES: Final = {"de": de_names.NAMES, "en": en_names.NAMES}


def name(language: str, group: str, word: str) -> str:
    """Return a word of a group, as a reader calls it; a word that has no name stays as it is."""
    return names(language)[group].get(word, word)


def names(language: str) -> Mapping[str, Mapping[str, str]]:
    """Return the names of all groups; what notices call by a name is called so here as well."""
    notices = all_words()[language]
    return _NAMES[language] | {"promise": notices.proof.sentences, "type": notices.types}

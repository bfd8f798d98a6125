"""Languages as speech recognition and speech synthesis name them: the language with a country."""

from __future__ import annotations

from typing import Final

_LOCALES: Final = {"de": "de-DE", "en": "en-GB", "nl": "nl-NL", "fr": "fr-FR", "it": "it-IT", "es": "es-ES",
                   "pt": "pt-PT", "pl": "pl-PL", "ro": "ro-RO", "tr": "tr-TR"}  # fmt: skip


def locale_of(language: str) -> str:
    """Return the BCP 47 tag of a language of two letters; as it is where no country is known for it."""
    return _LOCALES.get(language, language)

"""What is said of a password or a user name and is none: "mein Passwort ist falsch", "my username is locked"."""

from __future__ import annotations

from typing import Final

STATES: Final = frozenset(
    (
        *("falsch", "weg", "abgelaufen", "gesperrt", "ungultig", "ungueltig", "vergessen", "richtig"),
        *("korrekt", "neu", "alt", "unbekannt", "leider", "geandert", "geaendert", "zu", "sicher", "unsicher"),
        *("nirgends", "irgendwas", "irgendwie", "irgendein", "jetzt", "immer", "abgeschrieben", "wrong"),
        *("correct", "invalid", "expired", "incorrect", "rejected", "not", "changed", "printed", "something"),
        *("saved", "reset", "stored", "locked", "too", "never", "always", "set", "required", "case", "lost"),
        *("gone", "weak", "strong", "hidden", "fout", "verlopen", "onjuist", "gewijzigd", "verkeerd"),
        *("geblokkeerd", "vergeten", "altijd", "nooit", "ergens", "iets", "niet", "goed", "juist", "sbagliata"),
        *("errata", "scaduta", "bloque", "expire", "faux", "incorrecta", "errada", "invalida", "bledne"),
        *("nieprawidlowe", "yanlis", "groses", "grosses", "gros", "gross", "capital", "hoofdletter", "kleines"),
        *("small", "lower", "upper", "all"),
    ),
)

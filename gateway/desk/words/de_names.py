"""German names of what is kept as words of this program, by group."""

from __future__ import annotations

from typing import Final

NAMES: Final = {
    "right": {
        "access": "Auskunft",
        "rectification": "Berichtigung",
        "erasure": "Löschung",
        "restriction": "Einschränkung",
        "portability": "Datenübertragbarkeit",
        "objection": "Widerspruch",
        "withdrawal": "Widerruf einer Einwilligung",
    },
    "request": {
        "received": "eingegangen",
        "identity-pending": "wartet auf den Nachweis der Identität",
        "open": "in Bearbeitung",
        "extended": "verlängert",
        "answered": "beantwortet",
        "refused": "abgelehnt",
    },
    "proof": {"token": "aus der eigenen Sitzung", "code": "mit einem Code", "desk": "von zwei Personen geprüft"},
    "event": {
        "received": "eingegangen",
        "code-sent": "Code versandt",
        "code-wrong": "falscher Code",
        "identity-proven": "Identität mit dem Code nachgewiesen",
        "attested": "Identität als nachgewiesen festgestellt",
        "announced": "Empfänger werden informiert",
        "carried-out": "ausgeführt",
        "lifted": "Einschränkung aufgehoben",
        "linked-decided": "über verknüpfte Sitzungen entschieden",
        "answered": "beantwortet",
        "extended": "verlängert",
        "refused": "abgelehnt",
    },
    "message": {
        "waiting": "wartet auf Zustellung",
        "told": "zugestellt",
        "acknowledged": "bestätigt",
        "given-up": "nicht zustellbar",
    },
    "part": {
        "transcript": "Verlauf",
        "original": "Wortlaut",
        "recording": "Aufzeichnung",
        "pseudonyms": "Platzhalter",
        "connection": "Verbindungsdaten",
        "consent": "Einwilligungsnachweis",
        "facts": "Kennzahlen",
    },
    "consent": {
        "requested": "gefragt",
        "given": "erteilt",
        "refused": "verweigert",
        "withdrawn": "widerrufen",
    },
    "erasure": {
        "expired": "abgelaufen",
        "withdrawn": "Einwilligung widerrufen",
        "requested": "auf Antrag",
        "objected": "Widerspruch",
        "ended": "Zweck beendet",
        "admin": "auf Anweisung",
    },
    "ground": {
        "18-1-a": "Richtigkeit wird bestritten (a)",
        "18-1-b": "unrechtmäßig, Löschung abgelehnt (b)",
        "18-1-c": "für Rechtsansprüche gebraucht (c)",
        "18-1-d": "Widerspruch (d)",
    },
    "role": {
        "agent": "Sachbearbeitung (agent)",
        "auditor": "Prüfung (auditor)",
        "admin": "Verwaltung (admin)",
        "dpo": "Datenschutz (dpo)",
    },
    "fact": {
        "session": "Sitzung",
        "hold": "Sperre",
        "restriction": "Einschränkung",
        "purpose": "Zweck",
        "plan": "Plan",
        "version": "Fassung",
        "digest": "SHA-256",
    },
}

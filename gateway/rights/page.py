"""The plain page for requests: no script, no asset of others, the reader's language. Pure: values in, HTML out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from gateway.notice.model import Notice, Recipient
from gateway.rendering.information import transfer
from gateway.rendering.phrases import basis
from gateway.rendering.words import all_words
from gateway.rendering.words.model import NoticeWords
from gateway.rights.correspondence import remedies_in
from gateway.rights.office import View
from gateway.rights.words import RightsWords, rights_words
from storage.records import PartKind
from storage.requests import RequestState, Right
from storage.retention import OBJECTABLE_BASES

_TEMPLATES: Final = Path(__file__).parent / "templates"
_ENVIRONMENT: Final = Environment(
    loader=FileSystemLoader(_TEMPLATES),
    autoescape=select_autoescape(default=True),
    undefined=StrictUndefined,
    trim_blocks=True,
)
STYLE: Final = (_TEMPLATES / "rights.css").read_text(encoding="utf-8")
POLICY: Final = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_NAMES: Final = {"de": "Deutsch", "en": "English", "nl": "Nederlands"}
FIELDS: Final = ("right", "contact", "phone", "customer_no", "statement", "scope")
_WRONG: Final = {
    "right_missing": "right", "contact_missing": "contact", "contact_wrong": "contact", "country_missing": "contact",
    "scope_unknown": "scope",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of a controller at a path, in a language."""

    notice: Notice
    words: RightsWords
    path: str

    def form(self, typed: Mapping[str, str], error: str | None = None, *, known: bool = False) -> str:
        """Return the form with what was typed, and what is wrong with it."""
        kept = {name: typed.get(name, "") for name in FIELDS}
        wrong = _WRONG.get(error or "", "")
        return self._render("form.html", error, typed=kept, known=known, scopes=self._scopes(), wrong=wrong)

    def _scopes(self) -> dict[str, dict[str, str]]:
        """Return what a request may be about, in the reader's words, by the right that it goes with."""
        notice, words = self.notice, self.words
        open_to = [name for name, each in notice.purposes.items() if each.legal_basis in OBJECTABLE_BASES]
        asked = {each.consent for each in notice.purposes.values()}
        return {
            words.scope_purposes: {name: self._purpose(name) for name in open_to},
            words.scope_consents: {
                name: notice.wording(each.ask, words.language)
                for name, each in notice.consents.items()
                if name in asked
            },
            words.scope_grounds: {ground.value: label for ground, label in words.grounds.items()},
        }

    def code(self, reference: str, error: str | None = None, *, sends: bool = True) -> str:
        """Return the page that asks for the code, or says that people will look at the request."""
        return self._render("code.html", error, reference=reference, sends=sends, wrong=error is not None)

    def answer(self, view: View, reference: str) -> str:
        """Return a request and its answer."""
        return self._render(
            "answer.html",
            None,
            view=view,
            reference=reference,
            sentences=self._sentences(view),
            facts=self._facts(view),
            may=self.words.may.format(contact=self.notice.rights.contact),
            gone=[f"{self._part(kind)}: {count}" for kind, count in view.erasure.gone.items()],
            blocked=self._blocked(view),
            decisions=self._decisions(view),
            day=self._day,
        )

    def error(self, error: str) -> str:
        """Return what went wrong, with the empty form."""
        return self.form({}, error)

    def _render(self, template: str, error: str | None, **said: object) -> str:
        return _ENVIRONMENT.get_template(template).render(
            words=self.words,
            title=self.words.title.format(controller=self.notice.controller.name),
            path=self.path,
            languages=[(code, _NAMES.get(code, code)) for code in rights_words()],
            authority=self._authority(),
            error=self.words.errors.get(error, error) if error else None,
            **said,
        )

    def _sentences(self, view: View) -> list[str]:
        words, request = self.words, view.request
        if request.state is RequestState.REFUSED:
            return [remedies_in(self.notice, words)]
        if request.proof is None:
            return []
        if not view.found and not view.receipts:
            return [words.nothing, *([words.linked] if view.linked else [])]
        said = {
            Right.RECTIFICATION: words.rectification,
            Right.RESTRICTION: words.restricted if view.restricted else words.lifted,
            Right.OBJECTION: words.objection,
            Right.WITHDRAWAL: words.withdrawn if view.withdrew else words.commands.nothing_to_withdraw,
        }
        waits = request.right not in {Right.RECTIFICATION, Right.OBJECTION} or request.answered_at is None
        found = [said[request.right]] if request.right in said and waits else []
        if view.erasure.backups_clean_by is not None:
            found.append(words.clean_by.format(until=self._day(view.erasure.backups_clean_by)))
        return [*found, *([words.linked] if view.linked else [])]

    def _facts(self, view: View) -> list[tuple[str, ...]]:
        names = all_words().get(self.words.language, all_words()["en"])
        return [
            (
                f"{self._channel(fact.channel, names)}, {self._day(fact.started_at)}",
                names.parts[fact.kind],
                self.words.held if fact.purpose is None else self._purpose(fact.purpose),
                self.words.held_basis if fact.purpose is None else basis(fact.legal_basis, names),
                self.words.while_it_lasts if fact.until is None else self._day(fact.until),
                "; ".join(self._recipient(each, names) for each in fact.recipients) or self.words.none,
            )
            for fact in view.facts
        ]

    def _blocked(self, view: View) -> list[str]:
        words, lines = self.words, []
        for each in view.erasure.blocked:
            part = self._part(each.kind)
            if each.until is None or each.purpose is None:
                lines.append(words.blocked_open.format(part=part))
            else:
                purpose, until = self._purpose(each.purpose), self._day(each.until)
                lines.append(words.blocked_until.format(part=part, purpose=purpose, until=until))
        return list(dict.fromkeys(lines))

    def _decisions(self, view: View) -> tuple[str, str] | None:
        """Return what Art. 15(1)(h) asks for, under its heading, where the notice says it."""
        said = self.notice.automated_decisions
        if said is None or view.request.right is not Right.ACCESS or not view.facts:
            return None
        names = all_words().get(self.words.language, all_words()["en"])
        return names.information.automated_decisions, self.notice.wording(said, self.words.language)

    def _channel(self, name: str, words: NoticeWords) -> str:
        channel = self.notice.channels.get(name)
        return name if channel is None else words.information.channel[channel.kind].format(name)

    def _recipient(self, recipient: Recipient, words: NoticeWords) -> str:
        """Return its name, and what a transfer to it rests on (Art. 15(2))."""
        name = self.notice.wording(recipient.name, self.words.language)
        abroad = transfer(recipient, self.notice, words)
        return f"{name} ({abroad})" if abroad else name

    def _authority(self) -> str | None:
        authority = self.notice.rights.authority
        return None if authority is None else self.notice.wording(authority, self.words.language)

    def _part(self, kind: PartKind) -> str:
        return all_words().get(self.words.language, all_words()["en"]).parts[kind]

    def _purpose(self, name: str) -> str:
        purpose = self.notice.purposes.get(name)
        if purpose is None or purpose.description is None:
            return name
        return self.notice.wording(purpose.description, self.words.language)

    def _day(self, moment: datetime) -> str:
        return moment.astimezone(ZoneInfo(self.notice.time_zone)).strftime("%Y-%m-%d %H:%M")

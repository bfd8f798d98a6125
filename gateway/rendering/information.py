"""What customers are told before data are collected (GDPR Article 13), from the notice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from gateway.notice.call import SurveyRules
from gateway.notice.channel import Channel
from gateway.notice.load import Loaded
from gateway.notice.model import Notice, Recipient
from gateway.notice.webhook_checks import WEBHOOK_CONNECTORS
from gateway.rendering.documents import Block, Document, Items, Paragraph, Section, Table
from gateway.rendering.phrases import (
    basis,
    consents_of,
    kept_requests,
    kept_rows,
    length,
    named_uses,
    purpose_name,
    wording,
)
from gateway.rendering.words.model import NoticeWords
from redaction.findings import EntityType
from storage.records import PartKind

_OBJECTION_BASES = ("A6-1-e", "A6-1-f")


def information(loaded: Loaded, words: NoticeWords) -> Document:
    """Return the Art. 13 text in the language of `words`.

    The notice's own wordings (AI disclosure, questions for consent, text) stand in it word for word; where
    the notice has none in that language, they stand in its own.
    """
    notice, said = loaded.notice, words.information
    sections = [
        Section("controller", said.controller, _controller(notice, words)),
        *_words("about", said.about, notice.text, notice, words),
        Section("purposes", said.purposes, tuple(_purposes(notice, words))),
        *(_channel(name, channel, notice, words) for name, channel in notice.channels.items()),
        Section("recipients", said.recipients, (_recipients(notice, words),)),
        *_words("provision", said.provision, notice.provision, notice, words),
        *_words("automated-decisions", said.automated_decisions, notice.automated_decisions, notice, words),
        Section("rights", said.rights, tuple(_rights(notice, words))),
    ]
    return Document(
        title=said.title.format(controller=notice.controller.name),
        language=words.language,
        notice=notice.notice,
        version=notice.version,
        digest=loaded.digest,
        sections=tuple(sections),
        foot=words.foot.format(notice=notice.notice, version=notice.version, digest=loaded.digest),
    )


def recipient_line(recipient: Recipient, notice: Notice, words: NoticeWords) -> str:
    """Return one recipient with role, purposes, categories of data and, outside the EEA, country and safeguard."""
    said = words.information
    line = f"{wording(recipient.name, notice, words)} ({words.roles[recipient.role]})"
    if recipient.purposes:
        line += ": " + ", ".join(purpose_name(name, notice, words) for name in recipient.purposes)
    if recipient.categories is not None:
        line += "; " + said.gets.format(wording(recipient.categories, notice, words))
    abroad = transfer(recipient, notice, words)
    return f"{line}; {abroad}" if abroad else line


def transfer(recipient: Recipient, notice: Notice, words: NoticeWords) -> str:
    """Return where outside the EEA a recipient processes data, and what that rests on; nothing if it does not."""
    if recipient.country is None:
        return ""
    country, safeguard = (wording(each, notice, words) for each in (recipient.country, recipient.safeguard))
    said = words.information.transfer if safeguard else words.information.transfer_bare
    return said.format(country=country, safeguard=safeguard)


def controller_lines(notice: Notice, words: NoticeWords) -> tuple[str, ...]:
    """Return name, address, ways of contact and the data protection officer."""
    who = notice.controller
    lines = [", ".join(part for part in (who.name, who.address, who.email, who.phone) if part)]
    if who.data_protection_officer is not None:
        lines.append(words.information.officer.format(who.data_protection_officer))
    return tuple(lines)


def _controller(notice: Notice, words: NoticeWords) -> tuple[Block, ...]:
    return tuple(Paragraph(line) for line in controller_lines(notice, words))


def _words(
    name: str, title: str, said: Mapping[str, str] | None, notice: Notice, words: NoticeWords
) -> Iterator[Section]:
    """Yield a section of the notice's own words, if it has any."""
    text = wording(said, notice, words)
    if text:
        paragraphs = tuple(Paragraph(each.strip(), quoted=True) for each in text.split("\n\n") if each.strip())
        yield Section(name, title, paragraphs)


def _purposes(notice: Notice, words: NoticeWords) -> Iterator[Block]:
    said = words.information
    for name, purpose in notice.purposes.items():
        text = f"{purpose_name(name, notice, words)}: {basis(purpose.legal_basis, words)}."
        interest = wording(purpose.interest, notice, words)
        yield Paragraph(f"{text} {said.interest.format(interest)}" if interest else text)
    if notice.not_for:
        yield Paragraph(said.ruled_out.format(named_uses(notice.not_for, words)))


def told_and_asked(channel: Channel, notice: Notice, words: NoticeWords) -> list[Block]:
    """Return what a channel's customers and agents are told and asked, word for word."""
    said = words.information
    blocks: list[Block] = []
    if channel.tell is not None:
        blocks += [
            Paragraph(said.disclosed),
            Paragraph(wording(channel.tell.ai_disclosure, notice, words), quoted=True),
        ]
    for consent in consents_of(channel, notice):
        asked = notice.consents[consent]
        blocks += [Paragraph(said.asked), Paragraph(wording(asked.ask, notice, words), quoted=True)]
        if asked.required:
            blocks.append(Paragraph(said.needed))
    if channel.call is not None and channel.call.agent is not None:
        theirs = notice.consents[channel.call.agent]
        blocks += [Paragraph(said.asked_of_agents), Paragraph(wording(theirs.ask, notice, words), quoted=True)]
    return blocks


def _channel(name: str, channel: Channel, notice: Notice, words: NoticeWords) -> Section:
    said = words.information
    blocks = [*told_and_asked(channel, notice, words), *_treated(channel, words)]
    rows = kept_rows(channel, notice, words)
    head = (said.part, said.purpose, said.basis, said.period)
    blocks += [Paragraph(said.kept), Table(head, rows)] if rows else [Paragraph(said.nothing_kept)]
    if channel.index:
        blocks.append(Paragraph(said.found_by.format(_types(channel.index, words))))
    if channel.call is not None and channel.call.survey is not None:
        blocks += _survey(channel.call.survey, notice, words)
    return Section(f"channel-{name}", said.channel[channel.kind].format(name), tuple(blocks))


def _treated(channel: Channel, words: NoticeWords) -> Iterator[Block]:
    """Yield what is asked for, what of it stays readable, and what becomes of the rest."""
    said = words.information
    if channel.asks_for:
        yield Paragraph(said.asks_for.format(_types(channel.asks_for, words)))
    if channel.keep_types and PartKind.TRANSCRIPT in channel.keep:
        yield Paragraph(said.readable.format(_types(channel.keep_types, words)))
    if channel.connector in WEBHOOK_CONNECTORS:  # it has the words before the gateway has them
        yield Paragraph(said.platform)
    if channel.upstream is not None:  # without one nothing goes on
        yield Paragraph(said.forward[channel.forward])


def _types(kinds: Iterable[EntityType], words: NoticeWords) -> str:
    return ", ".join(words.types[kind.value] for kind in kinds)


def _survey(survey: SurveyRules, notice: Notice, words: NoticeWords) -> Iterator[Block]:
    yield Paragraph(words.information.survey.format(length(survey.period, words)))
    for asked in (survey.invite, *(each.ask for each in survey.questions.values())):
        yield Paragraph(wording(asked, notice, words), quoted=True)


def _recipients(notice: Notice, words: NoticeWords) -> Block:
    if not notice.recipients:
        return Paragraph(words.information.no_recipients)
    return Items(tuple(recipient_line(each, notice, words) for each in notice.recipients))


def _rights(notice: Notice, words: NoticeWords) -> Iterator[Block]:
    said = words.information
    yield Items(tuple(words.articles[article] for article in notice.rights.articles))
    bases = {purpose.legal_basis for purpose in notice.purposes.values()}
    if bases & {"A6-1-a", "A9-2-a"}:
        yield Paragraph(said.withdrawal)
    if bases & set(_OBJECTION_BASES):
        yield Paragraph(said.objection)
    yield Paragraph(said.contact.format(notice.rights.contact))
    if notice.rights.authority is not None:
        yield Paragraph(said.authority.format(wording(notice.rights.authority, notice, words)))
    if kept := kept_requests(notice, words):
        yield Paragraph(said.requests_kept.format(kept))

"""The controller's record of processing activities (GDPR Article 30(1)), from the notice.

Each channel is an activity. The fields (a) to (g) of the article: controller and officer, purposes,
categories of data subjects and data, recipients, transfers with their safeguards, time limits, measures.
"""

from __future__ import annotations

from gateway.notice.load import Loaded
from gateway.notice.model import Notice
from gateway.rendering.documents import Block, Document, Items, Paragraph, Section, Table
from gateway.rendering.information import controller_lines, recipient_line, told_and_asked
from gateway.rendering.phrases import basis, kept_requests, kept_rows, kinds_of, limit_rows
from gateway.rendering.words.model import NoticeWords


def register(loaded: Loaded, words: NoticeWords) -> Document:
    """Return the register in the language of `words`."""
    notice, said = loaded.notice, words.register
    sections = (
        Section("controller", words.information.controller, (Items(controller_lines(notice, words)),)),
        Section("activities", said.activities, (_activities(notice, words),)),
        Section("wordings", said.wordings, _wordings(notice, words)),
        Section("subjects", said.subjects, (Paragraph(said.subjects_text),)),
        Section(
            "categories",
            said.categories,
            (Items(_categories(notice, words)),),
        ),
        Section("recipients", said.recipients, (_recipients(notice, words, abroad=False),)),
        Section("transfers", said.transfers, (_recipients(notice, words, abroad=True),)),
        Section("limits", said.limits, (_limits(notice, words),)),
        Section("measures", said.measures, (Items(said.measures_text),)),
    )
    return Document(
        title=said.title.format(controller=notice.controller.name),
        language=words.language,
        notice=notice.notice,
        version=notice.version,
        digest=loaded.digest,
        sections=sections,
        foot=words.foot.format(notice=notice.notice, version=notice.version, digest=loaded.digest),
    )


def _activities(notice: Notice, words: NoticeWords) -> Block:
    said = words.information
    rows = [
        (said.channel[channel.kind].format(name), purpose, legal_basis)
        for name, channel in notice.channels.items()
        for purpose, legal_basis in dict.fromkeys((row[1], row[2]) for row in kept_rows(channel, notice, words))
    ]
    if kept_requests(notice, words):
        rows.append((words.register.requests, words.register.requests_for, basis("A6-1-c", words)))
    return Table((words.register.activity, said.purpose, said.basis), tuple(rows))


def _wordings(notice: Notice, words: NoticeWords) -> tuple[Block, ...]:
    """Return what is told and asked in each channel, under its name."""
    blocks: list[Block] = []
    for name, channel in notice.channels.items():
        if found := told_and_asked(channel, notice, words):
            blocks += [Paragraph(words.information.channel[channel.kind].format(name)), *found]
    return tuple(blocks) or (Paragraph(words.register.none),)


def _categories(notice: Notice, words: NoticeWords) -> tuple[str, ...]:
    kinds = [kind for channel in notice.channels.values() for kind in kinds_of(channel, words)]
    if kept_requests(notice, words):
        kinds.append(words.register.requests_part)
    return tuple(dict.fromkeys(kinds))


def _recipients(notice: Notice, words: NoticeWords, *, abroad: bool) -> Block:
    found = tuple(
        recipient_line(each, notice, words) for each in notice.recipients if not abroad or each.country is not None
    )
    return Items(found) if found else Paragraph(words.register.none)


def _limits(notice: Notice, words: NoticeWords) -> Block:
    said = words.information
    return Table((words.register.activity, said.part, said.purpose, said.period), limit_rows(notice, words))

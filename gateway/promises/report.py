"""A proof as a document that a data protection officer files."""

from __future__ import annotations

from gateway.promises.checks import Outcome
from gateway.promises.prover import Proof
from gateway.rendering.documents import Document, Paragraph, Section, Table
from gateway.rendering.phrases import kept_rows
from gateway.rendering.words.model import NoticeWords


def report(proof: Proof, words: NoticeWords) -> Document:
    """Return the proof in the language of `words`: a table of the promises, and the sentences they stand for."""
    said, notice = words.proof, proof.loaded.notice
    verdict = said.all_kept if proof.kept else said.some_broken
    summary = Paragraph(verdict.format(at=proof.at.isoformat(timespec="seconds"), sessions=proof.sessions))
    head = (said.promise, said.state, said.checked, said.broken)
    rows = tuple(_row(outcome, words) for outcome in proof.outcomes)
    sections = [
        Section("summary", said.summary, (summary,)),
        Section("promises", said.promises, (Table(head, rows),)),
        Section("limits", words.register.limits, (Table(*_limits(proof, words)),)),
    ]
    if proof.doubtful:
        counts = ", ".join(f"{kind} {count}" for kind, count in sorted(proof.doubtful.items()))
        sections.append(Section("doubtful", said.doubtful, (Paragraph(said.doubtful_text.format(counts)),)))
    return Document(
        title=said.title.format(controller=notice.controller.name),
        language=words.language,
        notice=notice.notice,
        version=notice.version,
        digest=proof.loaded.digest,
        sections=tuple(sections),
        foot=words.foot.format(notice=notice.notice, version=notice.version, digest=proof.loaded.digest),
    )


def _row(outcome: Outcome, words: NoticeWords) -> tuple[str, str, str, str]:
    said = words.proof
    of_what = ", ".join(f"{what}: {count}" for what, count in outcome.of_what.items())
    state = said.kept if outcome.kept else said.not_kept
    return said.sentences[outcome.promise.value], state, str(outcome.checked), of_what or "0"


def _limits(proof: Proof, words: NoticeWords) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    said, notice = words.information, proof.loaded.notice
    rows = tuple(
        (said.channel[channel.kind].format(name), part, purpose, limit)
        for name, channel in notice.channels.items()
        for part, purpose, _, limit in kept_rows(channel, notice, words)
    )
    return (words.register.activity, said.part, said.purpose, said.period), rows

"""A proof as a document that a data protection officer files, and as JSON that is signed with the ledger's key."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from gateway.promises.checks import Outcome
from gateway.promises.prover import Proof
from gateway.rendering.documents import Document, Items, Paragraph, Section, Table
from gateway.rendering.phrases import limit_rows
from gateway.rendering.words.model import NoticeWords


def facts(proof: Proof) -> Mapping[str, object]:
    """Return the proof in no language; `signed_bytes` of it are what is signed."""
    loaded = proof.loaded
    return {
        "notice": {"id": loaded.notice.notice, "version": loaded.notice.version, "digest": loaded.digest},
        "at": proof.at.isoformat(),
        "kept": proof.kept,
        "sessions": proof.sessions,
        "promises": {
            each.promise.value: {"kept": each.kept, "checked": each.checked, "broken": dict(each.of_what)}
            for each in proof.outcomes
        },
        "doubtful": dict(proof.doubtful),
    }


def signed_bytes(told: Mapping[str, object]) -> bytes:
    """Return the facts as they are signed: JSON without blanks, the names sorted."""
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS)


def report(proof: Proof, words: NoticeWords, attestation: str) -> Document:
    """Return the proof in the language of `words`: the promises, the sentences they stand for, and the signature."""
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
    sections.append(Section("signature", said.signed, (Items(tuple(filter(None, attestation.splitlines()))),)))
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
    said = words.information
    return (words.register.activity, said.part, said.purpose, said.period), limit_rows(proof.loaded.notice, words)

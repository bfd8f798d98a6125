"""One training run: data, vocabulary, network, and its running average.

The rate falls as a cosine; the weights that count are a running average over the last few hundred steps. Each epoch
sees new variants of every message, some of them joined, and a sample of the public ones. Where there are teachers
(larger networks, trained before), the network learns what they make of each word, too, and also of messages under a
question that was never asked of them, which nobody has marked.
"""

from __future__ import annotations

import copy
import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch.nn import functional

from redaction.names.features import features_of
from redaction.names.words import echoes, last_sentence, split_words
from training import augment, gazetteer, public
from training.messages import CHANNELS, LANGUAGES, Message
from training.network import Tagger
from training.samples import TAGS, Sample, Vocabulary, sample_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_BATCH_WORDS = 2600
_MOST_CACHED = 200_000
_JOINED_ONE_IN = 12
_HIDDEN_FROM_GAZETTEER = 0.12
_NO_LONG_AFFIXES = 0.1
_NO_SITUATION = 0.2
_TAUGHT = 0.7
_STRANGE_ONE_IN = 5
_MOST_ROWS = 64_000
"""So that weights and gazetteer stay under 4 MB."""
_UNMARKED = -1
_FORM, _WORD, _LONG_AFFIX, _OTHER = range(4)


@dataclass(frozen=True)
class Plan:
    """What a run can be told."""

    epochs: int = 14
    width: int = 72
    embedding: int = 48
    rate: float = 3e-3
    dropout: float = 0.15
    word_dropout: float = 0.15
    lexical_dropout: float = 0.03
    public: Path | None = None
    public_percent: int = 12
    teachers: int = 1
    seed: int = 1
    threads: int = 1


class Run:
    """One training: data, vocabulary, network and its running average."""

    def __init__(
        self, plan: Plan, messages: list[Message], teachers: Sequence[Run] = (), network: type[Tagger] = Tagger
    ) -> None:
        """Read the lists, collect the features of `messages`, and make a network of random weights."""
        torch.set_num_threads(plan.threads)
        torch.manual_seed(plan.seed)
        self.plan = plan
        self.teachers = teachers
        self.rng = Random(plan.seed)
        self.messages = messages
        self.public = public.read(plan.public, self.rng) if plan.public else []
        table = gazetteer.read()
        self.stock = augment.Stock(**gazetteer.read_surfaces(), gazetteer=table)
        self.stock.collect(self.messages)
        self.vocabulary = Vocabulary(_feature_rows(self.messages, self.stock, table, self.rng), table)
        self.groups = torch.tensor([_group(f) for f in self.vocabulary.rows])
        counts = (len(self.vocabulary.rows), TAGS, len(CHANNELS), len(LANGUAGES))
        self.net = network(counts, plan.embedding, plan.width)
        self.net.dropout.p = plan.dropout
        self.average = copy.deepcopy(self.net).eval()
        say(f"{len(self.messages)} messages, {len(self.vocabulary.rows)} feature rows")

    def go_on(self, state: dict[str, torch.Tensor], rows: list[str]) -> None:
        """Begin with the weights of an earlier run; features that it did not know begin with random rows."""
        known = {feature: place for place, feature in enumerate(rows)}
        pairs = [(at, known[feature]) for feature, at in self.vocabulary.rows.items() if feature in known]
        mine, theirs = (torch.tensor(side) for side in zip(*pairs, strict=True))
        begun = {**state, "rows": self.net.state_dict()["rows"].clone()}
        begun["rows"][mine] = state["rows"][theirs]
        self.net.load_state_dict(begun)
        self.average = copy.deepcopy(self.net).eval()

    def train(self) -> None:
        """Run all epochs with a cosine-falling rate; `average` follows the weights."""
        plan = self.plan
        rows = [self.net.rows]
        rest = [p for n, p in self.net.named_parameters() if n != "rows"]
        optimizer = torch.optim.AdamW(
            [{"params": rows, "weight_decay": 0.0}, {"params": rest, "weight_decay": 0.01}], lr=plan.rate,
            betas=(0.9, 0.98),
        )  # fmt: skip
        step, steps, began = 0, 0, time.monotonic()
        for epoch in range(plan.epochs):
            total = 0.0
            self.net.train()
            batches = self._batches()
            steps = plan.epochs * len(batches)
            for batch in batches:
                progress = min(1.0, step / steps)
                rate = plan.rate * min(1.0, (step + 1) / 150) * (0.5 + 0.5 * np.cos(np.pi * progress) + 0.01)
                for group in optimizer.param_groups:
                    group["lr"] = rate
                loss = self._loss(batch)
                optimizer.zero_grad(set_to_none=True)
                loss.backward()
                torch.nn.utils.clip_grad_norm_(rest, 2.0)
                optimizer.step()
                self._follow(step)
                total += loss.item()
                step += 1
            say(f"epoch {epoch + 1} step {step}/{steps} loss {total:.1f} {time.monotonic() - began:.0f}s")

    @torch.no_grad()
    def predict(self, samples: list[Sample]) -> list[np.ndarray]:
        """Return words x tags scores of the averaged network for each sample."""
        found: dict[int, np.ndarray] = {}
        order = sorted(range(len(samples)), key=lambda i: len(samples[i].words))
        for start in range(0, len(order), 64):
            chosen = order[start : start + 64]
            batch = [samples[i] for i in chosen]
            x, is_previous, mask, _ = self._arrays(batch, self.average, drop=False)
            scores = self.average(x, is_previous, mask).numpy()
            for row, i in enumerate(chosen):
                s = samples[i]
                before = len(s.previous) + 1 if s.previous else 0
                found[i] = scores[row, before : before + len(s.words)]
        return [found[i] for i in range(len(samples))]

    def _batches(self) -> list[list[Sample]]:
        varied = [augment.vary(m, self.stock, self.rng) for m in self.messages]
        extra = []
        by_language: dict[str, list[Message]] = {}
        for m in varied:
            by_language.setdefault(m.language, []).append(m)
        for messages in by_language.values():
            chosen = self.rng.sample(messages, len(messages) // _JOINED_ONE_IN)
            extra += [augment.join(first, self.rng.choice(messages), self.rng) for first in chosen]
        extra += [
            augment.vary(m, self.stock, self.rng)
            for m in self.rng.sample(self.public, min(len(self.public), len(varied) * self.plan.public_percent // 100))
        ]
        samples = [sample_of(m) for m in varied + extra]
        if self.teachers:
            samples += self._strange(by_language)
        samples = [s for s in samples if s.words]
        samples.sort(key=lambda s: len(s.words) + len(s.previous) + self.rng.random() * 6)
        batches, batch, longest = [], [], 0
        for s in samples:
            longest = max(longest, len(s.words) + len(s.previous) + 1)
            if batch and longest * (len(batch) + 1) > _BATCH_WORDS:
                batches.append(batch)
                batch, longest = [], len(s.words) + len(s.previous) + 1
            batch.append(s)
        batches.append(batch)
        self.rng.shuffle(batches)
        if len(self.vocabulary.cache) > _MOST_CACHED:
            self.vocabulary.cache.clear()
        return batches

    def _strange(self, by_language: dict[str, list[Message]]) -> list[Sample]:
        """Return messages under the question of another one: only the teachers can say what is personal there."""
        found = []
        for messages in by_language.values():
            for message in self.rng.sample(messages, len(messages) // _STRANGE_ONE_IN):
                question = self.rng.choice(messages).previous
                sample = sample_of(replace(message, previous=question))
                found.append(replace(sample, tags=[_UNMARKED] * len(sample.tags)))
        return found

    def _loss(self, batch: list[Sample]) -> torch.Tensor:
        x, is_previous, mask, tags = self._arrays(batch, self.net, drop=True)
        scores = self.net(x, is_previous, mask)
        marked = (tags != _UNMARKED).sum()
        told = functional.cross_entropy(
            scores.flatten(0, 1), tags.flatten(), ignore_index=_UNMARKED, label_smoothing=0.03, reduction="sum"
        ) / marked.clamp(min=1)  # fmt: skip
        if not self.teachers:
            return told
        said, flat = self._taught(batch), tags.flatten()
        # Where the teachers err, the mark counts alone.
        right = ((flat == _UNMARKED) | (said.argmax(-1) == flat)) & ((mask - is_previous).flatten() > 0)
        taught = functional.cross_entropy(scores.flatten(0, 1)[right], said[right])
        return (1 - _TAUGHT) * told + _TAUGHT * taught

    @torch.no_grad()
    def _taught(self, batch: list[Sample]) -> torch.Tensor:
        """Return the probabilities of each word's tags, as the teachers see them on average."""
        seen = []
        for teacher in self.teachers:
            x, is_previous, mask, _ = teacher._arrays(batch, teacher.average, drop=False)  # noqa: SLF001 - a run, too
            seen.append(functional.softmax(teacher.average(x, is_previous, mask).flatten(0, 1), dim=-1))
        return torch.stack(seen).mean(0)

    def _arrays(
        self, batch: list[Sample], net: Tagger, *, drop: bool
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        longest = max(len(s.words) + (len(s.previous) + 1 if s.previous else 0) for s in batch)
        where = np.zeros((len(batch), longest), dtype=np.int64)
        is_previous = np.zeros((len(batch), longest), dtype=np.float32)
        echo = np.zeros((len(batch), longest, 1), dtype=np.float32)
        said = np.zeros((len(batch), longest, 2), dtype=np.float32)
        tags = np.full((len(batch), longest), _UNMARKED, dtype=np.int64)
        words: dict[str, int] = {}
        for i, s in enumerate(batch):
            at = 0
            if s.previous:
                for word in s.previous:
                    where[i, at] = words.setdefault(word, len(words)) + 2
                    at += 1
                where[i, at] = 1
                at += 1
                is_previous[i, :at] = 1.0
                said[i, :at, 0] = 1.0
                said[i, last_sentence(s.previous) : at, 1] = 1.0
            if s.previous:
                echo[i, [at + e for e in echoes(s.previous, s.words)]] = 1.0
            for word, tag in zip(s.words, s.tags, strict=True):
                where[i, at] = words.setdefault(word, len(words)) + 2
                tags[i, at] = tag
                at += 1
        present = (where > 0).astype(np.float32)
        looked_up = [self.vocabulary.rows_of(w) for w in words]
        if drop:
            hidden = np.random.default_rng(self.rng.randrange(1 << 30)).random(len(words)) < _HIDDEN_FROM_GAZETTEER
            lists = [bare if h else full for (full, bare), h in zip(looked_up, hidden, strict=True)]
        else:
            lists = [full for full, _ in looked_up]
        flat = torch.from_numpy(np.concatenate(lists))
        sizes = np.array([len(a) for a in lists])
        offsets = torch.from_numpy(np.concatenate(([0], np.cumsum(sizes)[:-1])))
        weight = self._feature_weights(flat, sizes) if drop else None
        sums = functional.embedding_bag(flat, net.rows, offsets, mode="sum", per_sample_weights=weight)
        table = torch.cat([torch.zeros(1, sums.shape[1]), net.separator[None], sums])
        where_t = torch.from_numpy(where)
        x = table[where_t] + torch.from_numpy(echo) * net.echo + torch.from_numpy(said) @ net.said
        known = np.array([[1 + LANGUAGES.index(s.language) if s.language in LANGUAGES else 0,
                           1 + CHANNELS.index(s.channel)] for s in batch])  # fmt: skip
        if drop:
            known[np.random.default_rng(self.rng.randrange(1 << 30)).random(known.shape) < _NO_SITUATION] = 0
        known_t = torch.from_numpy(known)
        x = x + (net.language[known_t[:, 0]] + net.channel[known_t[:, 1]])[:, None, :]
        return x, torch.from_numpy(is_previous), torch.from_numpy(present), torch.from_numpy(tags)

    def _feature_weights(self, flat: torch.Tensor, sizes: np.ndarray) -> torch.Tensor:
        """Drop whole groups of features of a word: its own row, its long beginnings and endings."""
        of_word = torch.repeat_interleave(torch.arange(len(sizes)), torch.from_numpy(sizes))
        group = self.groups[flat]
        no_word = torch.rand(len(sizes)) < self.plan.word_dropout
        no_affix = torch.rand(len(sizes)) < _NO_LONG_AFFIXES
        keep = torch.ones(len(flat))
        keep[no_word[of_word] & (group == _WORD)] = 0.0
        keep[no_affix[of_word] & (group == _LONG_AFFIX)] = 0.0
        no_letters = torch.rand(len(sizes)) < self.plan.lexical_dropout
        keep[no_letters[of_word] & (group != _FORM)] = 0.0
        return keep * (torch.rand(len(flat)) > 0.03)

    def _follow(self, step: int) -> None:
        decay = min(0.998, (step + 1) / (step + 20))
        with torch.no_grad():
            for slow, fast in zip(self.average.parameters(), self.net.parameters(), strict=True):
                slow.lerp_(fast, 1 - decay)


def _group(feature: str) -> int:
    name = feature.partition("=")[0]
    if name == "w":
        return _WORD
    if name in ("p4", "p5", "s4", "s5", "s6"):
        return _LONG_AFFIX
    return _OTHER if name in ("p2", "p3", "s2", "s3", "gaz", "l") else _FORM


def _feature_rows(messages: list[Message], stock: augment.Stock, table: dict[str, int], rng: Random) -> dict[str, int]:
    """Return a row for every feature that is seen often enough to learn it."""
    own: Counter[str] = Counter()
    for m in messages:
        own.update(split_words(m.text))
        own.update(split_words(m.previous))
    varied: Counter[str] = Counter()
    for _ in range(2):
        for m in messages:
            varied.update(sample_of(augment.vary(m, stock, rng)).words)
    counts: Counter[str] = Counter()
    for word, n in own.items():
        for f in features_of(word, table, gazetteer.KINDS):
            counts[f] += 2 * n
    for word, n in varied.items():
        for f in features_of(word, table, gazetteer.KINDS):
            if not f.startswith("w="):
                counts[f] += n
    least = {"w=": 4, "p5": 20, "s5": 20, "s6": 20, "p4": 15, "s4": 15}
    kept = [f for f, n in counts.most_common() if n >= least.get(f[:2], 9)]
    return {f: i for i, f in enumerate(kept[:_MOST_ROWS])}


def say(line: str) -> None:
    """Print one line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()

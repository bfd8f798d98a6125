"""Makes the weights of the names model with one command.

    python -m training.train [--public DIR] [--epochs N] [--full]

Reads training/conversations/*.jsonl and the gazetteer; with `--public` the gazetteer is built anew first. Without
`--full` one block in eight is held out and scored; with it every line is trained on, as for the weights that ship.
"""

from __future__ import annotations

import argparse
import copy
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

import numpy as np
import torch
from torch.nn import functional

from redaction.names.features import features_of
from training import augment, gazetteer
from training.messages import CHANNELS, CONVERSATIONS, LANGUAGES, Message, read_folder, split
from training.network import Tagger
from training.samples import TAGS, Sample, Vocabulary, sample_of

_BATCH_WORDS = 2600


def main() -> None:
    """Train, score on the held-out blocks, and save the torch weights for `training.export`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--public", type=Path)
    parser.add_argument("--epochs", type=int, default=14)
    parser.add_argument("--embedding", type=int, default=64)
    parser.add_argument("--width", type=int, default=96)
    parser.add_argument("--rate", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("/tmp/names.pt"))
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    if args.public:
        gazetteer.write(args.public)
    run = Run(args)
    run.train()
    run.save()


class Run:
    """One training: data, vocabulary, network and its running average."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.rng = Random(args.seed)
        files = read_folder(CONVERSATIONS)
        train, held = split(files)
        self.held = held
        self.messages = train + held if args.full else train
        table = gazetteer.read()
        self.stock = augment.Stock(**gazetteer.read_surfaces(), gazetteer=table)
        self.vocabulary = Vocabulary(_feature_rows(self.messages, self.stock, table, self.rng), table)
        self.groups = torch.tensor([_group(f) for f in self.vocabulary.rows])
        self.net = Tagger(len(self.vocabulary.rows), TAGS, len(CHANNELS), len(LANGUAGES), args.embedding, args.width)
        self.average = copy.deepcopy(self.net).eval()
        say(f"{len(self.messages)} messages, {len(self.vocabulary.rows)} feature rows, {len(held)} held out")

    def train(self) -> None:
        """Run all epochs with a cosine-falling rate; `average` follows the weights."""
        args = self.args
        rows = [self.net.rows]
        rest = [p for n, p in self.net.named_parameters() if n != "rows"]
        optimizer = torch.optim.AdamW(
            [{"params": rows, "weight_decay": 0.0}, {"params": rest, "weight_decay": 0.01}], lr=args.rate,
            betas=(0.9, 0.98),
        )  # fmt: skip
        words = sum(len(m.text) // 5 + min(24, len(m.previous) // 5) for m in self.messages)
        steps = int(args.epochs * words * 1.15 / _BATCH_WORDS)
        step, began = 0, time.monotonic()
        for epoch in range(args.epochs):
            total = 0.0
            self.net.train()
            for batch in self._batches():
                progress = min(1.0, step / steps)
                rate = args.rate * min(1.0, (step + 1) / 150) * (0.5 + 0.5 * np.cos(np.pi * progress) + 0.01)
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
            if (not args.full and (epoch + 1) % 7 == 0) or epoch + 1 == args.epochs:
                self.score()

    def score(self) -> None:
        """Print the figures of the averaged network on the held-out blocks."""
        from training.evaluate import Tally, spans_of  # noqa: PLC0415

        outputs = self.predict([sample_of(m) for m in self.held])
        for caution in (-0.7, 0.0, 1.0, 2.0):
            tally = Tally()
            for message, scores in zip(self.held, outputs, strict=True):
                tally.add(message, spans_of(message.text, scores, caution))
            say(f"  held out, caution {caution:+.1f}: {tally.line('all')}")
            if caution == 0:
                for group in ("lang=de", "lang=nl", "lang=en", "channel=chat", "channel=call", "channel=mail"):
                    say(f"    {group:13} {tally.line(group)}")
                other = [k for k in tally.groups if k.startswith("other")]
                for group in other:
                    say(f"    {group:13} {tally.line(group)}")

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

    def save(self) -> None:
        """Write weights and feature names for `training.export`."""
        state = {"state": self.average.state_dict(), "rows": list(self.vocabulary.rows)}
        torch.save(state, self.args.out)
        say(f"wrote {self.args.out}")

    def _batches(self) -> list[list[Sample]]:
        varied = [augment.vary(m, self.stock, self.rng) for m in self.messages]
        extra = []
        by_language: dict[str, list[Message]] = {}
        for m in varied:
            by_language.setdefault(m.language, []).append(m)
        for messages in by_language.values():
            for first in self.rng.sample(messages, len(messages) // 12):
                extra.append(augment.join(first, self.rng.choice(messages), self.rng))
        samples = [sample_of(m) for m in varied + extra]
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
        return batches

    def _loss(self, batch: list[Sample]) -> torch.Tensor:
        x, is_previous, mask, tags = self._arrays(batch, self.net, drop=True)
        scores = self.net(x, is_previous, mask)
        return functional.cross_entropy(scores.flatten(0, 1), tags.flatten(), ignore_index=-1, label_smoothing=0.03)

    def _arrays(
        self, batch: list[Sample], net: Tagger, *, drop: bool
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        longest = max(len(s.words) + (len(s.previous) + 1 if s.previous else 0) for s in batch)
        where = np.zeros((len(batch), longest), dtype=np.int64)
        is_previous = np.zeros((len(batch), longest), dtype=np.float32)
        tags = np.full((len(batch), longest), -1, dtype=np.int64)
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
            for word, tag in zip(s.words, s.tags, strict=True):
                where[i, at] = words.setdefault(word, len(words)) + 2
                tags[i, at] = tag
                at += 1
        looked_up = [self.vocabulary.rows_of(w) for w in words]
        if drop:
            hidden = np.random.default_rng(self.rng.randrange(1 << 30)).random(len(words)) < 0.12
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
        x = table[where_t]
        known = np.array([[1 + LANGUAGES.index(s.language) if s.language in LANGUAGES else 0,
                           1 + CHANNELS.index(s.channel)] for s in batch])  # fmt: skip
        if drop:
            known[np.random.default_rng(self.rng.randrange(1 << 30)).random(known.shape) < 0.2] = 0
        known_t = torch.from_numpy(known)
        x = x + (net.language[known_t[:, 0]] + net.channel[known_t[:, 1]])[:, None, :]
        return x, torch.from_numpy(is_previous), (where_t > 0).float(), torch.from_numpy(tags)

    def _feature_weights(self, flat: torch.Tensor, sizes: np.ndarray) -> torch.Tensor:
        """Drop whole groups of features of a word: its own row, its long beginnings and endings."""
        of_word = torch.repeat_interleave(torch.arange(len(sizes)), torch.from_numpy(sizes))
        group = self.groups[flat]
        no_word = torch.rand(len(sizes)) < 0.15
        no_affix = torch.rand(len(sizes)) < 0.1
        keep = torch.ones(len(flat))
        keep[no_word[of_word] & (group == 1)] = 0.0
        keep[no_affix[of_word] & (group == 2)] = 0.0
        return keep * (torch.rand(len(flat)) > 0.03)

    def _follow(self, step: int) -> None:
        decay = min(0.998, (step + 1) / (step + 20))
        with torch.no_grad():
            for slow, fast in zip(self.average.parameters(), self.net.parameters(), strict=True):
                slow.lerp_(fast, 1 - decay)


def _group(feature: str) -> int:
    if feature.startswith("w="):
        return 1
    return 2 if feature[:3] in ("p4=", "p5=", "s4=", "s5=", "s6=") else 0


def _feature_rows(messages: list[Message], stock: augment.Stock, table: dict[str, int], rng: Random) -> dict[str, int]:
    """Return a row for every feature that is seen often enough to learn it."""
    own: Counter[str] = Counter()
    for m in messages:
        own.update(
            w for text in (m.text, m.previous) for w in sample_of(Message("", "", "", "", ((text, None),))).words
        )
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
    least = {"w=": 4, "p5": 10, "s5": 10, "s6": 10, "p4": 8, "s4": 8}
    kept = [f for f, n in counts.most_common() if n >= least.get(f[:2], 6)]
    return {f: i for i, f in enumerate(kept)}


def say(line: str) -> None:
    """Print one line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()

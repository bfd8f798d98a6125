"""The network in torch; `redaction.names.network` runs the same arithmetic in numpy."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from redaction.names.network import TAPS

Counts = tuple[int, int, int, int]
"""How many features, tags, channels and languages there are."""


class Tagger(nn.Module):
    """Summed feature rows, convolutions with the taps of `TAPS`, one score per tag."""

    def __init__(self, counts: Counts, embedding: int, width: int) -> None:
        """Make a network of random weights; `embedding` and `width` are the sizes of a word's vector."""
        features, tags, channels, languages = counts
        super().__init__()
        self.rows = nn.Parameter(torch.randn(features, embedding) * 0.03)
        self.said = nn.Parameter(torch.zeros(2, embedding))
        self.echo = nn.Parameter(torch.zeros(embedding))
        self.separator = nn.Parameter(torch.zeros(embedding))
        self.channel = nn.Parameter(torch.zeros(channels + 1, embedding))
        self.language = nn.Parameter(torch.zeros(languages + 1, embedding))
        self.question = nn.Linear(2 * width, 2 * width)
        widths = [embedding] + [width] * len(TAPS)
        self.layers = nn.ModuleList(
            nn.Linear(len(taps) * before, after) for taps, before, after in zip(TAPS, widths, widths[1:], strict=False)
        )
        self.out = nn.Linear(width + embedding, tags)
        self.dropout = nn.Dropout(0.15)

    def forward(self, x: Tensor, is_previous: Tensor, mask: Tensor) -> Tensor:
        """Return the score of each tag for each word.

        Args:
            x: summed feature rows, batch x words x embedding, separator and channel added already.
            is_previous: 1.0 for words of the previous turn.
            mask: 1.0 for words, 0.0 for padding.
        """
        m = mask.unsqueeze(-1)
        x = x * m
        return self.out(torch.cat([self._understood(x, is_previous, m), x], dim=-1))

    def _understood(self, x: Tensor, is_previous: Tensor, m: Tensor) -> Tensor:
        h = self.dropout(x)
        for i, (layer, taps) in enumerate(zip(self.layers, TAPS, strict=True)):
            new = functional.relu(layer(torch.cat([shift(h, tap) for tap in taps], dim=-1)))
            h = new if i == 0 else h + new
            h = h * m
            if i == 1:
                h = self._in_the_light_of(h, is_previous) * m
            h = self.dropout(h)
        return h

    def _in_the_light_of(self, h: Tensor, is_previous: Tensor) -> Tensor:
        p = is_previous.unsqueeze(-1)
        count = p.sum(1, keepdim=True)
        mean = (h * p).sum(1, keepdim=True) / count.clamp(min=1)
        top = (h * p).amax(1, keepdim=True)
        factor, added = self.question(torch.cat([mean, top], dim=-1)).chunk(2, dim=-1)
        there = (1 - p) * (count > 0)
        return h * (1 + torch.tanh(factor) * there) + added * there


class Reader(Tagger):
    """The tagger with a recurrent layer that reads the whole message both ways: better, and far too slow to ship.

    It teaches the tagger that ships (`Run`): what it makes of a word weighs more than the mark alone.
    """

    def __init__(self, counts: Counts, embedding: int, width: int) -> None:
        """Make a network of random weights."""
        super().__init__(counts, embedding, width)
        self.both_ways = nn.GRU(width, width, batch_first=True, bidirectional=True)
        self.mix = nn.Linear(2 * width, width)

    def _understood(self, x: Tensor, is_previous: Tensor, m: Tensor) -> Tensor:
        h = super()._understood(x, is_previous, m)
        read, _ = self.both_ways(h)
        return (h + self.mix(self.dropout(read))) * m


def shift(h: Tensor, tap: int) -> Tensor:
    """Return `h` so that word t holds what stood at t + tap, zeros outside."""
    if tap == 0:
        return h
    if abs(tap) >= h.shape[1]:
        return torch.zeros_like(h)
    if tap > 0:
        return functional.pad(h[:, tap:], (0, 0, 0, tap))
    return functional.pad(h[:, :tap], (0, 0, -tap, 0))

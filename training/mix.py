"""Averages networks of one descent: what was trained further, and what it was trained from.

python -m training.mix WEIGHTS WEIGHTS [WEIGHTS ...] --save MIXED.pt     (torch weights, or a weights.npz)

Averaged weights lie between those of the runs and do better than each of them, as long as the runs began with the same
weights (Wortsman et al. 2022, "Model soups", arXiv:2203.05482). Rows of features that a network lacks are averaged over
those that have them; the features are those of the last network.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from training import export


def main() -> None:
    """Average, and keep the result for `training.export`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("weights", type=Path, nargs="+")
    parser.add_argument("--save", type=Path, required=True)
    args = parser.parse_args()
    networks = [export.read(path) for path in args.weights]
    last, features = networks[-1]
    state = {
        name: torch.stack([network[name].float() for network, _ in networks]).mean(0) for name in last if name != "rows"
    }
    state["rows"] = _rows(networks, features)
    torch.save({"state": state, "rows": features}, args.save)


def _rows(networks: list[export.Network], features: list[str]) -> torch.Tensor:
    places = {feature: place for place, feature in enumerate(features)}
    total = torch.zeros_like(networks[-1][0]["rows"])
    count = torch.zeros(len(features), 1)
    for network, known in networks:
        pairs = [(places[feature], at) for at, feature in enumerate(known) if feature in places]
        mine, theirs = (torch.tensor(side) for side in zip(*pairs, strict=True))
        total[mine] += network["rows"][theirs]
        count[mine] += 1
    return total / count


if __name__ == "__main__":
    main()

"""Writes the weights that ship: redaction/names/weights.npz and its SHA-256 in digest.py.

python -m training.export WEIGHTS.pt [WEIGHTS.pt ...]
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
from pathlib import Path

import numpy as np
import torch

from redaction.names import network
from training import gazetteer
from training.messages import CHANNELS, LANGUAGES
from training.samples import TYPES

Network = tuple[dict[str, torch.Tensor], list[str]]
"""The arrays of a network by name, and the features that its rows stand for."""
TARGET = Path(network.__file__).with_name("weights.npz")


def main() -> None:
    """Export one trained network that `training.train --save` kept."""
    sys.stdout.write(write(pack(*read(Path(sys.argv[1])), gazetteer.read())) + "\n")


def read(path: Path) -> Network:
    """Return state and features of the torch weights that a run kept, or of a weights.npz."""
    if path.suffix == ".npz":
        return _unpack(path)
    saved = torch.load(path)
    return saved["state"], saved["rows"]


def write(content: bytes) -> str:
    """Put the weights and their digest into the package; return a line that says what was written."""
    TARGET.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    TARGET.with_name("digest.py").write_text(
        f'"""Written by `make train` together with weights.npz."""\n\nWEIGHTS_SHA256 = "{digest}"\n',
        encoding="utf-8",
    )
    return f"{TARGET}: {len(content):,} bytes, sha256 {digest}"


def pack(state: dict[str, torch.Tensor], rows: list[str], table: dict[str, int]) -> bytes:
    """Return the bytes of a weights file."""
    arrays = {name: tensor.numpy() for name, tensor in state.items()}
    scales = (np.abs(arrays["rows"]).max(1) / 127 + 1e-9).astype(np.float16)
    layers = [name for name in arrays if name.startswith("layers.") and name.endswith(".weight")]
    width = arrays["layers.0.bias"].shape[0]
    about = {
        "types": TYPES,
        "channels": ["", *CHANNELS],
        "languages": ["", *LANGUAGES],
        "kinds": gazetteer.KINDS,
        "layers": layers,
        "version": 1,
    }
    words = sorted(table)
    packed = {
        "about": _bytes(json.dumps(about)),
        "features": _bytes("\n".join(rows)),
        "gazetteer_words": _bytes("\n".join(words)),
        "gazetteer_bits": np.array([table[w] for w in words], dtype=np.uint32),
        "rows": np.clip(np.round(arrays["rows"] / scales.astype(np.float32)[:, None]), -127, 127).astype(np.int8),
        "row_scales": scales,
        "said": arrays["said"].astype(np.float16),
        "echo": arrays["echo"].astype(np.float16),
        "separator": arrays["separator"].astype(np.float16),
        "channels": arrays["channel"].astype(np.float16),
        "languages": arrays["language"].astype(np.float16),
        "question": arrays["question.weight"].T.astype(np.float16),
        "question_bias": arrays["question.bias"].astype(np.float16),
        "out_hidden": arrays["out.weight"].T[:width].astype(np.float16),
        "out_rows": arrays["out.weight"].T[width:].astype(np.float16),
        "out_bias": arrays["out.bias"].astype(np.float16),
    }
    for i in range(len(layers)):
        packed[f"layer{i}"] = arrays[f"layers.{i}.weight"].T.astype(np.float16)
        packed[f"layer{i}_bias"] = arrays[f"layers.{i}.bias"].astype(np.float16)
    out = io.BytesIO()
    np.savez_compressed(out, **packed)
    return out.getvalue()


def _unpack(path: Path) -> Network:
    """Return state and features as far as the eight and sixteen bits of a weights file go."""
    arrays = np.load(path, allow_pickle=False)
    told = {
        "rows": arrays["rows"] * arrays["row_scales"].astype(np.float32)[:, None],
        "said": arrays["said"],
        "echo": arrays["echo"],
        "separator": arrays["separator"],
        "channel": arrays["channels"],
        "language": arrays["languages"],
        "question.weight": arrays["question"].T,
        "question.bias": arrays["question_bias"],
        "out.weight": np.vstack((arrays["out_hidden"], arrays["out_rows"])).T,
        "out.bias": arrays["out_bias"],
    }
    for i in range(len(network.TAPS)):
        told[f"layers.{i}.weight"], told[f"layers.{i}.bias"] = arrays[f"layer{i}"].T, arrays[f"layer{i}_bias"]
    state = {name: torch.from_numpy(np.array(array, dtype=np.float32)) for name, array in told.items()}
    return state, arrays["features"].tobytes().decode().split("\n")


def _bytes(text: str) -> np.ndarray:
    return np.frombuffer(text.encode(), dtype=np.uint8)


if __name__ == "__main__":
    main()

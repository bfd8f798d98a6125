"""The statistical model: personal data that only its surroundings give away.

    words.py      text -> words, with what stands between them
    features.py   word -> feature strings (its letters, shape, gazetteer)
    rows.py       feature strings -> one vector per word
    network.py    vectors -> a score per tag; looks a fixed number of words ahead
    decode.py     scores -> spans of words
    model.py      NamesModel: all of it, over the weights in weights.npz
    blas.py       one thread for numpy
    digest.py     SHA-256 of the weights, written by `make train` together with them

`training/` makes the weights; its MODEL_CARD.md says from what, and how good they are.
"""

import redaction.names.blas  # noqa: F401 - before numpy
from redaction.names.model import Candidate, NamesModel, package_model
from redaction.names.network import LEFT_CONTEXT_WORDS, RIGHT_CONTEXT_WORDS

__all__ = ["LEFT_CONTEXT_WORDS", "RIGHT_CONTEXT_WORDS", "Candidate", "NamesModel", "package_model"]

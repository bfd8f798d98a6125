from __future__ import annotations

import base64
import pickle

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from storage.errors import LedgerBrokenError
from storage.ledger.checkpoints import Checkpoint, open_checkpoint
from storage.ledger.notes import PublicKey, Signer, open_note
from storage.ledger.tree import leaf_hash

SIGNER = Signer("sordino/shop/1", Ed25519PrivateKey.from_private_bytes(b"k" * 32))
OTHER = Signer("sordino/shop/1", Ed25519PrivateKey.from_private_bytes(b"o" * 32))
CHECKPOINT = Checkpoint("sordino/shop/1", 7, leaf_hash(b"root"))
# The example of Go's golang.org/x/mod/sumdb/note, a key and a note that another program has made.
PETER_NEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
ITS_NOTE = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""


def test_a_note_of_another_program_is_understood() -> None:
    key = PublicKey.parse(PETER_NEUMANN)
    assert str(key) == PETER_NEUMANN
    assert open_note(ITS_NOTE, key).startswith("If you think")
    with pytest.raises(LedgerBrokenError, match="does not fit"):
        open_note(ITS_NOTE.replace("answer", "Answer"), key)


def test_a_checkpoint_has_the_form_of_the_standard() -> None:
    lines = CHECKPOINT.signed(SIGNER).split("\n")
    assert lines[:4] == ["sordino/shop/1", "7", base64.b64encode(CHECKPOINT.root).decode(), ""]
    dash, name, signature = lines[4].split(" ")
    assert (dash, name, lines[5:]) == ("—", "sordino/shop/1", [""])
    assert base64.b64decode(signature)[:4] == SIGNER.public.id
    assert len(base64.b64decode(signature)) == 68
    assert open_checkpoint(CHECKPOINT.signed(SIGNER), PublicKey.parse(str(SIGNER.public))) == CHECKPOINT


def test_every_changed_character_is_found() -> None:
    note = CHECKPOINT.signed(SIGNER)
    for at, character in enumerate(note):
        for other in ("A", "1", "\n", chr(ord(character) ^ 1)):
            if other != character:
                with pytest.raises(LedgerBrokenError):
                    open_checkpoint(note[:at] + other + note[at + 1 :], SIGNER.public)
        with pytest.raises(LedgerBrokenError):
            open_checkpoint(note[:at], SIGNER.public)


def test_signatures_of_others_are_passed_over_and_do_not_count() -> None:
    note = CHECKPOINT.signed(SIGNER)
    witness = OTHER.sign("x\n").split("\n")[-2]
    assert open_checkpoint(f"{note}{witness}\n", SIGNER.public) == CHECKPOINT
    with pytest.raises(LedgerBrokenError, match="not signed by"):
        open_checkpoint(CHECKPOINT.signed(OTHER), SIGNER.public)


@pytest.mark.parametrize(
    "text",
    ["sordino/shop/1\n7\n", "sordino/shop/1\n07\n{root}\n", "sordino/shop/1\n7\n{root}\nmore\n", "other\n7\n{root}\n"],
)
def test_a_signed_note_that_is_no_checkpoint_of_this_log(text: str) -> None:
    note = SIGNER.sign(text.format(root=base64.b64encode(CHECKPOINT.root).decode()))
    with pytest.raises(LedgerBrokenError, match=r"checkpoint"):
        open_checkpoint(note, SIGNER.public)


@pytest.mark.parametrize("text", ["", "a", "a+b", "a+00000000+AQ==", str(SIGNER.public)[1:], str(SIGNER.public) + "A"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(LedgerBrokenError):
        PublicKey.parse(text)


def test_a_private_key_is_not_shown() -> None:
    assert "k" * 8 not in repr(SIGNER)
    with pytest.raises(TypeError):
        pickle.dumps(SIGNER)

"""Written by `make train` together with weights.npz."""

WEIGHTS_SHA256 = "9809b13a01217ac56fbf9c9a3b162b2e8db0859d50a2b63660aa0b8d640c2b15"

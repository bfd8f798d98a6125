"""Written by `make train` together with weights.npz."""

WEIGHTS_SHA256 = "a59513851d2919cc8765cab1962e5ba19633027a2b595bb65274e9e33428a05c"

"""Written by `make train` together with weights.npz."""

WEIGHTS_SHA256 = "881acc324f94c9ad09e6425c2c3fc608c1272e4d7330c550b54c8d03f4fb1f01"

"""Written by `make train` together with weights.npz."""

WEIGHTS_SHA256 = "d2f102fec91d0b139432ca8a1ca1a5d44a21e14e569b27030b7dc70d93325b05"

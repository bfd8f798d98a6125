"""Written by `make train` together with weights.npz."""

WEIGHTS_SHA256 = "38470cd4fa891bb8588d55e021eddb8d0e6920aeedb6f9805ee7910d5ee4e220"

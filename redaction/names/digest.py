"""Written by `make train` together with weights.npz."""

WEIGHTS_SHA256 = "5998714b48fa1602132329e8cb4fde5f4e4ee53bb62cc26f26bfe71c78c83493"

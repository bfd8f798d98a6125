"""Written by `make train` together with weights.npz."""

WEIGHTS_SHA256 = "41fab3e564ef2ea2fef782a5867aef5e89cc6c08174cedd8a94b1301c957215b"

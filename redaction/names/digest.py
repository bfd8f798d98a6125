"""Written by `make train` together with weights.npz."""

WEIGHTS_SHA256 = "9a71d7e7a7e766f4d93ee26b0c88308a8fdafdc563f9bb0970b0161c03c0c03f"

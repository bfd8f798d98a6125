"""Written by `make train` together with weights.npz."""

WEIGHTS_SHA256 = "e09c5282624a87b96fced1c85b85e99f296f8ea9adcb0e8cee066da8b816c703"

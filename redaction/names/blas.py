"""One thread for numpy, unless `OPENBLAS_NUM_THREADS` says otherwise; imported before numpy is.

The network is many small products: threads only cost there, and take the cores that other messages need.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

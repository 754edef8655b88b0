"""The seed of this run that random lives take beside their fixed ones. It is in their tests' names.

`ALBA_TEST_SEED=<seed> scripts/setup/brownie.sh test tests/contracts/test_x.py` repeats a run.
"""

from __future__ import annotations

import os

#: Set by scripts/setup/brownie_run.py for all workers of a run.
FRESH_SEED = int(os.environ["ALBA_TEST_SEED"])

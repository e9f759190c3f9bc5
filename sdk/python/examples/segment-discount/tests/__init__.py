"""Native tests, run by `python -m unittest`. They find the SDK here, without an installation."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

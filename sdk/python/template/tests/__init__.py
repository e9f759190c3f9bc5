"""Native tests, run by `python -m unittest`. They find the vendored SDK here."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "vendor/crossdock/sdk/python"))

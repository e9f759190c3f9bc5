"""Tests of the SDK itself, run by `python -m unittest` in this folder's parent."""

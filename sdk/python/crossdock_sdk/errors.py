"""Errors: what a plugin raises when it cannot decide, and what it catches when the host refuses an edit."""

from __future__ import annotations


class HookError(Exception):
    """Why a plugin could not decide; the operator's failure policy applies. Raise one of its three kinds from a hook."""


class SettingsError(HookError):
    """A setting of this plugin is missing or wrong: name it and say what is expected."""


class Unsupported(HookError):
    """The record has a shape that this plugin cannot handle."""


class Failed(HookError):
    """Anything else."""


class EditError(Exception):
    """Why the host refused an edit; nothing of the refused call was applied. Uncaught, it becomes the hook's error.

    `kind` is `no-such-line`, `read-only`, `out-of-range`, `invalid` or `not-allowed`.
    """

    def __init__(self, kind: str, text: str):
        super().__init__(text)
        self.kind = kind

    @staticmethod
    def no_such_line(line: int) -> EditError:
        return EditError("no-such-line", f"there is no line {line}")

    @staticmethod
    def read_only() -> EditError:
        return EditError("read-only", "the record may not be edited in this hook")

    @staticmethod
    def out_of_range(path: str) -> EditError:
        return EditError("out-of-range", f"{path}: at most 4 decimals and below 10^11")

"""The plugin's own log, kept with the run and shown to the operator. Lines and bytes are capped per call.

Never log names, addresses or payment data.
"""

from ._backing import write_log


def debug(message: object) -> None:
    """For the author of the plugin."""
    write_log("debug", str(message))


def info(message: object) -> None:
    """Worth knowing."""
    write_log("info", str(message))


def warn(message: object) -> None:
    """Something unexpected, with nothing lost."""
    write_log("warn", str(message))


def error(message: object) -> None:
    """Something that a person must repair."""
    write_log("error", str(message))

"""This plugin's own settings: the table `[plugins.NAME.settings]` of the operator's file.

Nested tables are flattened with dots (`breaks.10`), lists with their index (`countries.0`), and every value is text.
What is wrong raises a SettingsError that names the setting.
"""

from __future__ import annotations

from typing import overload

from ._backing import all_settings, one_setting
from .decimals import Decimal
from .errors import SettingsError


@overload
def get(key: str) -> str | None: ...
@overload
def get(key: str, default: str) -> str: ...
def get(key: str, default: str | None = None) -> str | None:
    """One setting; the default when it is not set."""
    value = one_setting(key)
    return default if value is None else value


def required(key: str) -> str:
    """One setting that must be set."""
    value = get(key)
    if value is None:
        raise SettingsError(f"`{key}` is missing")
    return value


@overload
def decimal(key: str) -> Decimal | None: ...
@overload
def decimal(key: str, default: Decimal | int) -> Decimal: ...
def decimal(key: str, default: Decimal | int | None = None) -> Decimal | None:
    """One setting as a number; the default when it is not set."""
    value = get(key)
    if value is None:
        return None if default is None else Decimal(default)
    return _number(key, value)


def flag(key: str) -> bool | None:
    """One setting as yes or no; None when it is not set."""
    value = get(key)
    if value not in (None, "true", "false"):
        raise wrong(key, "true or false")
    return None if value is None else value == "true"


def with_prefix(prefix: str) -> list[tuple[str, str]]:
    """All settings below a prefix, sorted by key, each key without the prefix: `with_prefix("terms.")`."""
    return [(key.removeprefix(prefix), value) for key, value in all_settings() if key.startswith(prefix)]


def decimals(prefix: str) -> list[tuple[str, Decimal]]:
    """All settings below a prefix as numbers."""
    return [(key, _number(f"{prefix}{key}", value)) for key, value in with_prefix(prefix)]


def wrong(key: str, expected: str) -> SettingsError:
    """The error for a setting that is wrong. It does not repeat the value: settings can be confidential."""
    return SettingsError(f"`{key}` is wrong: expected {expected}")


def _number(key: str, value: str) -> Decimal:
    try:
        return Decimal(value)
    except ValueError:
        raise wrong(key, "a number such as 19.99") from None

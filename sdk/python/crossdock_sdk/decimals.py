"""Exact decimals for money, quantities and rates: never a float, never rounded but where you say so.

Not the standard library's `decimal`, which rounds to its context without a word: what does not fit 18 digits exactly is
refused here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import total_ordering

MAX_SCALE = 18
"""Digits after the point that a `Decimal` can hold. The host takes fewer: see `EditError`."""

_MAX_UNITS = 2**63 - 1
_MIN_UNITS = -(2**63)
_NUMBER = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]+))?")


@total_ordering
class Decimal:
    """An exact decimal, `units × 10^-scale`: `Decimal("19.99")`, `Decimal(5)`. It never changes.

    `+`, `-` and `*` are exact or raise an OverflowError. Equality and order look at the value, so 1.5 equals 1.50; the text
    shows the digits as they are. A float is refused with a TypeError.
    """

    __slots__ = ("units", "scale")
    units: int
    scale: int

    def __init__(self, value: Decimal | int | str):
        if isinstance(value, Decimal):
            units, scale = value.units, value.scale
        elif isinstance(value, int) and not isinstance(value, bool):
            units, scale = _fit(value, 0)
        elif isinstance(value, str):
            units, scale = _parse(value)
        else:
            raise TypeError(f'{value!r} is not exact: write it as text, Decimal("19.99")')
        object.__setattr__(self, "units", units)
        object.__setattr__(self, "scale", scale)

    @classmethod
    def new(cls, units: int, scale: int) -> Decimal:
        """`units × 10^-scale`: `Decimal.new(1999, 2)` is 19.99."""
        number = cls.__new__(cls)
        object.__setattr__(number, "units", units)
        object.__setattr__(number, "scale", scale)
        return number

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a Decimal never changes")

    def __add__(self, other: Decimal | int) -> Decimal:
        if (number := _operand(other)) is None:
            return NotImplemented
        a, b, scale = _aligned(self, number)
        return Decimal.new(*_fit(a + b, scale))

    def __sub__(self, other: Decimal | int) -> Decimal:
        if (number := _operand(other)) is None:
            return NotImplemented
        a, b, scale = _aligned(self, number)
        return Decimal.new(*_fit(a - b, scale))

    def __mul__(self, other: Decimal | int) -> Decimal:
        if (number := _operand(other)) is None:
            return NotImplemented
        return Decimal.new(*_fit(self.units * number.units, self.scale + number.scale))

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: int) -> Decimal:
        if (number := _operand(other)) is None:
            return NotImplemented
        return number - self

    def __neg__(self) -> Decimal:
        return Decimal.new(*_fit(-self.units, self.scale))

    def __abs__(self) -> Decimal:
        return -self if self.units < 0 else self

    def divided_by(self, other: Decimal | int, digits: int) -> Decimal:
        """The quotient, rounded to so many digits, half away from zero."""
        divisor = Decimal(other)
        if divisor.units == 0:
            raise ZeroDivisionError("a number is divided by zero")
        shift = _digits(digits) + divisor.scale - self.scale
        above, below = self.units * 10 ** max(shift, 0), divisor.units * 10 ** max(-shift, 0)
        units = _divide(above, below)
        if not _MIN_UNITS <= units <= _MAX_UNITS:
            raise _too_long()
        return Decimal.new(units, digits)

    def percent(self, percent: Decimal | int) -> Decimal:
        """So many per cent of it, exact: `Decimal(200).percent(Decimal("7.5"))` is 15."""
        return self * percent * Decimal.new(1, 2)

    def percent_off(self, percent: Decimal | int) -> Decimal:
        """It, less so many per cent, exact: round it to the currency afterwards."""
        return self.percent(100 - Decimal(percent))

    def round(self, digits: int) -> Decimal:
        """Rounded to so many digits after the point, half away from zero. Shorter numbers stay as they are."""
        if self.scale <= _digits(digits):
            return self
        return Decimal.new(_divide(self.units, 10 ** (self.scale - digits)), digits)

    def normalize(self) -> Decimal:
        """The same value without trailing zeros after the point."""
        units, scale = self.units, self.scale
        while scale > 0 and units % 10 == 0:
            units //= 10
            scale -= 1
        return Decimal.new(units, scale)

    def __eq__(self, other: object) -> bool:
        number = _operand(other)
        if number is None:
            return NotImplemented
        a, b, _ = _aligned(self, number)
        return a == b

    def __lt__(self, other: Decimal | int) -> bool:
        number = _operand(other)
        if number is None:
            return NotImplemented
        a, b, _ = _aligned(self, number)
        return a < b

    def __hash__(self) -> int:
        short = self.normalize()
        return hash(short.units) if short.scale == 0 else hash((short.units, short.scale))

    def __bool__(self) -> bool:
        return self.units != 0

    def __str__(self) -> str:
        digits = str(abs(self.units)).rjust(self.scale + 1, "0")
        if self.scale > 0:
            digits = f"{digits[: -self.scale]}.{digits[-self.scale :]}"
        return f"-{digits}" if self.units < 0 else digits

    def __repr__(self) -> str:
        return f'Decimal("{self}")'


def total(numbers: Iterable[Decimal]) -> Decimal:
    """The exact sum of many."""
    return sum(numbers, start=Decimal(0))


def _operand(value: object) -> Decimal | None:
    if isinstance(value, Decimal):
        return value
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _aligned(a: Decimal, b: Decimal) -> tuple[int, int, int]:
    scale = max(a.scale, b.scale)
    return a.units * 10 ** (scale - a.scale), b.units * 10 ** (scale - b.scale), scale


def _fit(units: int, scale: int) -> tuple[int, int]:
    """Drops trailing zeros until it fits; refuses when digits that count would be lost."""
    while scale > MAX_SCALE or not _MIN_UNITS <= units <= _MAX_UNITS:
        if scale == 0 or units % 10 != 0:
            raise _too_long()
        units //= 10
        scale -= 1
    return units, scale


def _too_long() -> OverflowError:
    return OverflowError("a number does not fit 18 digits: round before you multiply on")


def _divide(above: int, below: int) -> int:
    """Half away from zero: `//` and `%` of Python round down, so they are given no signs."""
    whole, rest = divmod(abs(above), abs(below))
    if 2 * rest >= abs(below):
        whole += 1
    return whole if (above < 0) == (below < 0) else -whole


def _digits(digits: int) -> int:
    if not 0 <= digits <= MAX_SCALE:
        raise ValueError("digits are a whole number from 0 to 18")
    return digits


def _parse(text: str) -> tuple[int, int]:
    found = _NUMBER.fullmatch(text)
    if found is not None:
        sign, whole, fraction = found[1], found[2], found[3] or ""
        if whole + fraction and len(fraction) <= MAX_SCALE and len((whole + fraction).lstrip("0")) < 20:
            units = int(whole + fraction)
            if units <= _MAX_UNITS:
                return (-units if sign == "-" else units), len(fraction)
    raise ValueError("expected a number such as 19.99")

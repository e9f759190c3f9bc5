"""The plain values of the contract. Addresses and payments do not show their content, so that it cannot slip into a log."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from .decimals import Decimal
from .errors import EditError

Value = str | Decimal | bool | None
"""The value of a custom field or of a document field: text, a number, yes or no, or nothing."""

_MOST = 2**53 - 1
_MAX_SCALE = 9


@dataclass(frozen=True)
class Instant:
    """A point in time, and the offset from UTC at which the sender wrote it."""

    unix_ms: int
    offset_minutes: int = 0

    def plus_minutes(self, minutes: int) -> Instant:
        """So many minutes later."""
        return replace(self, unix_ms=self.unix_ms + minutes * 60_000)


@dataclass(frozen=True)
class Context:
    """What the host says about this call. It is the same when the same attempt is repeated."""

    integration: str
    event_id: str
    attempt: int
    now: Instant


@dataclass(frozen=True)
class Field:
    """A named value."""

    name: str
    value: Value


@dataclass(frozen=True)
class Header:
    """What is true of the whole order."""

    number: str
    status: str
    currency: str
    currency_digits: int
    ordered_at: Instant
    customer_id: str
    segment: str
    subtotal: Decimal
    discount: Decimal
    shipping: Decimal
    tax: Decimal
    total: Decimal


@dataclass(frozen=True)
class Address:
    """A postal address. Unknown parts are empty."""

    name: str = field(default="", repr=False)
    company: str = field(default="", repr=False)
    line1: str = field(default="", repr=False)
    line2: str = field(default="", repr=False)
    city: str = field(default="", repr=False)
    region: str = ""
    postal_code: str = field(default="", repr=False)
    country: str = ""
    phone: str = field(default="", repr=False)
    email: str = field(default="", repr=False)


@dataclass(frozen=True)
class Payment:
    """How the customer pays."""

    method: str
    status: str
    transaction_id: str = field(repr=False)
    amount: Decimal = field(repr=False)


@dataclass(frozen=True)
class Warehouse:
    """A warehouse that may ship."""

    id: str
    country: str
    region: str
    product_types: tuple[str, ...] = ()

    def carries(self, product_type: str) -> bool:
        """Whether it carries this product type. A warehouse without a list carries all."""
        return not self.product_types or product_type in self.product_types


@dataclass(frozen=True)
class Column:
    """Numbers that share one scale, as they cross the boundary."""

    scale: int
    units: list[int]

    def __getitem__(self, row: int) -> Decimal:
        return Decimal.new(self.units[row], self.scale).normalize()


def crossing(number: Decimal | int | str, path: str) -> Decimal:
    """The number in its shortest form; one that cannot cross is refused as the host would refuse it, naming the path."""
    short = Decimal(number).normalize()
    if short.scale > _MAX_SCALE or abs(short.units) > _MOST:
        raise EditError.out_of_range(path)
    return short


def field_value(value: Value | int, path: str) -> Value:
    """What a field can be set to; a float is refused."""
    if value is None or isinstance(value, (str, bool)):
        return value
    return crossing(value, path)

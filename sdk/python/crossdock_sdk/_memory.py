"""Outside of the component: orders, documents and candidates held in memory, for an author's native tests.

They stand in for the host's resources and follow its rules for edits. Not the host: no guardrails, no limits.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field, replace
from typing import Any

from .decimals import Decimal, total
from .errors import EditError, HookError
from .values import Address, Column, Field, Header, Payment, Value, Warehouse

_LIMIT = Decimal(100_000_000_000)

held_settings: dict[str, str] = {}
held_log: list[tuple[str, str]] = []


def one_setting(key: str) -> str | None:
    return held_settings.get(key)


def all_settings() -> list[tuple[str, str]]:
    return sorted(held_settings.items())


def write_log(level: str, message: str) -> None:
    held_log.append((level, message))


def opened(context: Any, *records: Any) -> tuple[Any, ...]:
    return context, *records


def verdict(answer: Any) -> Any:
    return answer


def route(answer: Any) -> Any:
    return answer


def refused(error: HookError) -> HookError:
    return error


@dataclass(frozen=True)
class Change:
    """One edit, as the host records it."""

    path: str
    """`lines[3].unit-price`, `lines[3].discount`, `shipping.amount`, `fields.NAME`, `lines[3].fields.NAME` or `tags`."""
    before: Value
    after: Value
    reason: str


@dataclass
class MemoryLine:
    """One line of an order in memory."""

    texts: tuple[str, str, str, str]
    quantity: Decimal
    unit_price: Decimal
    discount: Decimal
    tax_rate: Decimal
    tax: Decimal = Decimal(0)
    fields: list[Field] = field(default_factory=list)

    def worth(self, digits: int) -> Decimal:
        return (self.quantity * self.unit_price).round(digits)

    def total(self, digits: int) -> Decimal:
        return self.worth(digits) - self.discount


@dataclass
class MemoryOrder:
    """Stands in for the resource `order`. The sums of its header are computed when they are asked for."""

    order_header: Header
    lines: list[MemoryLine]
    shipping_rate: Decimal
    billing: Address
    shipping: Address
    paid: Payment
    custom: list[Field]
    known_tags: list[str]
    changes: list[Change] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    """Lines whose price or discount was set: their tax is shared out anew, together."""

    def header(self) -> Header:
        self._share_tax()
        header, digits = self.order_header, self.order_header.currency_digits
        subtotal = total(line.total(digits) for line in self.lines)
        tax = total(line.tax for line in self.lines) + (header.shipping * self.shipping_rate).round(digits)
        owed = subtotal - header.discount + header.shipping + tax
        return replace(header, subtotal=subtotal.normalize(), tax=tax.normalize(), total=owed.normalize())

    def line_count(self) -> int:
        return len(self.lines)

    def line_amounts(self) -> dict[str, Column]:
        self._share_tax()
        digits = self.order_header.currency_digits
        names = ("quantity", "unit_price", "discount", "tax_rate", "tax")
        columns = {name: column([getattr(line, name) for line in self.lines]) for name in names}
        return columns | {"total": column([line.total(digits) for line in self.lines])}

    def line_texts(self) -> list[str]:
        return [text for line in self.lines for text in line.texts]

    def billing_address(self) -> Address:
        return self.billing

    def shipping_address(self) -> Address:
        return self.shipping

    def payment(self) -> Payment:
        return self.paid

    def fields(self) -> list[Field]:
        return list(self.custom)

    def field(self, name: str) -> Value:
        return find(self.custom, name)

    def line_field(self, line: int, name: str) -> Value:
        return find(self.lines[line].fields, name) if 0 <= line < len(self.lines) else None

    def tags(self) -> list[str]:
        return list(self.known_tags)

    def set_unit_price(self, index: int, price: Decimal, reason: str) -> None:
        path = f"lines[{index}].unit-price"
        line = self._line(index)
        price = _fit(price, path)
        if price < 0:
            raise EditError("invalid", f"{path}: the price is negative")
        worth = (line.quantity * price).round(self.order_header.currency_digits)
        if worth >= _LIMIT:
            raise EditError("out-of-range", f"lines[{index}].total: quantity × price is too large")
        if worth < line.discount:
            raise EditError("invalid", f"{path}: the line would be worth less than its discount")
        self.touched.add(index)
        note(self.changes, path, line.unit_price, price, reason)
        line.unit_price = price

    def set_discount(self, index: int, discount: Decimal, reason: str) -> None:
        path = f"lines[{index}].discount"
        line = self._line(index)
        discount = _fit(discount, path)
        worth = line.worth(self.order_header.currency_digits)
        if not 0 <= discount <= worth:
            raise EditError("invalid", f"{path}: the discount must lie between 0 and the line's worth of {worth}")
        self._whole(discount, path)
        self.touched.add(index)
        note(self.changes, path, line.discount, discount, reason)
        line.discount = discount

    def set_shipping(self, amount: Decimal, reason: str) -> None:
        path = "shipping.amount"
        amount = _fit(amount, path)
        if amount < 0:
            raise EditError("invalid", f"{path}: the price is negative")
        self._whole(amount, path)
        self.changes.append(Change(path, self.order_header.shipping, amount, reason))
        self.order_header = replace(self.order_header, shipping=amount)

    def set_field(self, name: str, value: Value, reason: str) -> None:
        _check_field(name, value)
        note(self.changes, f"fields.{name}", put(self.custom, name, value), value, reason)

    def set_line_field(self, index: int, name: str, value: Value, reason: str) -> None:
        _check_field(name, value)
        before = put(self._line(index).fields, name, value)
        note(self.changes, f"lines[{index}].fields.{name}", before, value, reason)

    def add_tag(self, tag: str, reason: str) -> None:
        _check_name(tag)
        if tag not in self.known_tags:
            self.known_tags = sorted([*self.known_tags, tag])
            self.changes.append(Change("tags", None, tag, reason))

    def _line(self, index: int) -> MemoryLine:
        if not 0 <= index < len(self.lines):
            raise EditError.no_such_line(index)
        return self.lines[index]

    def _whole(self, amount: Decimal, path: str) -> None:
        currency, digits = self.order_header.currency, self.order_header.currency_digits
        if amount.round(digits) != amount:
            raise EditError("invalid", f"{path}: {currency} has {digits} decimals")

    def _share_tax(self) -> None:
        """Tax of the touched lines: exact per rate, shared out by largest remainder."""
        digits = self.order_header.currency_digits
        rates: dict[Decimal, list[MemoryLine]] = {}
        for index in sorted(self.touched):
            rates.setdefault(self.lines[index].tax_rate, []).append(self.lines[index])
        for rate, sharing in rates.items():
            totals = [line.total(digits) for line in sharing]
            for line, share in zip(sharing, allocate(total(totals) * rate, totals, digits)):
                line.tax = share


@dataclass
class MemoryDocument:
    """Stands in for the resource `document`."""

    natural_key: str
    shipping_warehouse: str
    header_fields: list[Field]
    lines: list[list[Field]]
    locked: frozenset[str]
    """Names of fields that carry money, quantity or identity."""
    changes: list[Change] = field(default_factory=list)

    def key(self) -> str:
        return self.natural_key

    def warehouse(self) -> str:
        return self.shipping_warehouse

    def fields(self) -> list[Field]:
        return list(self.header_fields)

    def field(self, name: str) -> Value:
        return find(self.header_fields, name)

    def line_count(self) -> int:
        return len(self.lines)

    def line_fields(self, line: int) -> list[Field]:
        return list(self.lines[line]) if 0 <= line < len(self.lines) else []

    def column(self, name: str) -> list[Value]:
        return [find(fields, name) for fields in self.lines]

    def set_field(self, name: str, value: Value, reason: str) -> None:
        self._check(name, value)
        note(self.changes, f"fields.{name}", put(self.header_fields, name, value), value, reason)

    def set_line_field(self, line: int, name: str, value: Value, reason: str) -> None:
        self._check(name, value)
        if not 0 <= line < len(self.lines):
            raise EditError.no_such_line(line)
        self._put_line(line, name, value, reason)

    def set_column(self, name: str, values: list[Value], reason: str) -> None:
        if len(values) != len(self.lines):
            raise EditError("invalid", f"{len(self.lines)} lines, but {len(values)} values")
        for value in values:
            self._check(name, value)
        for line, value in enumerate(values):
            self._put_line(line, name, value, reason)

    def _put_line(self, line: int, name: str, value: Value, reason: str) -> None:
        note(self.changes, f"lines[{line}].fields.{name}", put(self.lines[line], name, value), value, reason)

    def _check(self, name: str, value: Value) -> None:
        _check_field(name, value)
        if name in self.locked:
            carries = "carries money, quantity or identity: change it in pre-map, so that the sums stay right"
            raise EditError("not-allowed", f"`{name}` {carries}")


@dataclass
class MemoryCandidates:
    """Stands in for the resource `candidates`; the stock is row by row, all lines of the first warehouse first."""

    known: list[Warehouse]
    units: list[Decimal]

    def warehouses(self) -> list[Warehouse]:
        return list(self.known)

    def stock(self) -> Column:
        return column(self.units)


def allocate(amount: Decimal, weights: list[Decimal], digits: int) -> list[Decimal]:
    """Shares a total out by weights, in whole units of so many digits.

    Each share is rounded down, then the units left go to the largest remainders, the earlier one first on a tie.
    """
    parts = column(weights).units
    units = amount.round(digits).units * 10 ** (digits - amount.round(digits).scale)
    everything = sum(parts)
    if everything == 0:
        return [Decimal.new(units if place == 0 else 0, digits) for place in range(len(weights))]
    shares = [units * part // everything for part in parts]
    by_rest = sorted(range(len(parts)), key=lambda place: -(units * parts[place] % everything))
    for place in by_rest[: units - sum(shares)]:
        shares[place] += 1
    return [Decimal.new(share, digits) for share in shares]


def column(numbers: list[Decimal]) -> Column:
    """Numbers as a column: one scale for all."""
    short = [number.normalize() for number in numbers]
    scale = max((number.scale for number in short), default=0)
    return Column(scale, [number.units * 10 ** (scale - number.scale) for number in short])


def find(fields: list[Field], name: str) -> Value:
    return next((field.value for field in fields if field.name == name), None)


def put(fields: list[Field], name: str, value: Value) -> Value:
    """Sets, adds or (with None) removes a field; answers what was there before."""
    for place, known in enumerate(fields):
        if known.name == name:
            fields[place : place + 1] = [] if value is None else [Field(name, value)]
            return known.value
    if value is not None:
        fields.append(Field(name, value))
    return None


def note(changes: list[Change], path: str, before: Value, after: Value, reason: str) -> None:
    """Writes a change down, unless nothing changed."""
    if type(before) is not type(after) or before != after:
        changes.append(Change(path, before, after, reason))


def _fit(number: Decimal, path: str) -> Decimal:
    """The number, if it may stand in an order: at most 4 decimals and below 10^11."""
    short = number.normalize()
    if short.scale > 4 or abs(short) >= _LIMIT:
        raise EditError.out_of_range(path)
    return short


def _check_name(name: str) -> None:
    control = any(unicodedata.category(character) == "Cc" for character in name)
    if not 1 <= len(name.encode()) <= 64 or control:
        raise EditError("invalid", "a name has 1 to 64 bytes and no control characters")


def _check_field(name: str, value: Value) -> None:
    _check_name(name)
    if isinstance(value, str) and len(value.encode()) > 4096:
        raise EditError("invalid", f"`{name}`: a text has at most 4096 bytes")
    if isinstance(value, Decimal):
        _fit(value, f"fields.{name}")

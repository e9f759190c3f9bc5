"""The order as a plain Python object: read lazily and by columns, edited at once.

Where the data lies (the host's resource, or memory in native tests) is not its matter.
"""

from __future__ import annotations

from typing import Any

from .decimals import Decimal
from .values import Address, Field, Header, Payment, Value, crossing, field_value

Number = Decimal | int | str
"""Whatever stands for an exact decimal: `Decimal("19.99")`, `"19.99"` or 5."""


class Order:
    """The canonical order. Every edit takes a reason: one short sentence. A refused edit raises an EditError."""

    def __init__(self, record: Any):
        self.record = record
        self._header: Header | None = None
        self._lines: list[Line] | None = None
        self._texts: list[str] | None = None
        self._amounts: dict[str, Any] | None = None
        self._edited: dict[tuple[str, int], Decimal] = {}

    @property
    def header(self) -> Header:
        """What is true of the whole order; its sums hold the edits made so far."""
        if self._header is None:
            self._header = self.record.header()
        return self._header

    @property
    def lines(self) -> list[Line]:
        """The lines, in the shop's order."""
        if self._lines is None:
            self._lines = [Line(self, index) for index in range(self.record.line_count())]
        return self._lines

    @property
    def billing_address(self) -> Address:
        """Where the invoice goes."""
        return self.record.billing_address()

    @property
    def shipping_address(self) -> Address:
        """Where the goods go."""
        return self.record.shipping_address()

    @property
    def payment(self) -> Payment:
        """How the customer pays."""
        return self.record.payment()

    @property
    def fields(self) -> list[Field]:
        """The custom fields, in the shop's order."""
        return self.record.fields()

    @property
    def tags(self) -> list[str]:
        """The tags, sorted."""
        return self.record.tags()

    def field(self, name: str) -> Value:
        """One custom field; None when there is none of this name."""
        return self.record.field(name)

    def line_field(self, line: int, name: str) -> Value:
        """One custom field of one line; None when there is no such line or field."""
        return self.record.line_field(line, name)

    def set_unit_price(self, line: int, price: Number, reason: str) -> None:
        """Sets the unit price of one line, zero or more, at most 4 decimals. Total, tax and the order's sums follow."""
        value = crossing(price, f"lines[{line}].unit-price")
        self.record.set_unit_price(line, value, reason)
        self._edit("unit_price", line, value)

    def set_discount(self, line: int, discount: Number, reason: str) -> None:
        """Sets the discount on one line: an amount for the whole line, from zero to quantity × unit price."""
        value = crossing(discount, f"lines[{line}].discount")
        self.record.set_discount(line, value, reason)
        self._edit("discount", line, value)

    def set_shipping(self, amount: Number, reason: str) -> None:
        """Sets the price of shipping without tax, zero or more; its tax follows at its own rate."""
        self.record.set_shipping(crossing(amount, "shipping.amount"), reason)
        self._header = None

    def set_field(self, name: str, value: Value | int, reason: str) -> None:
        """Sets or adds a custom field; None removes it."""
        self.record.set_field(name, field_value(value, f"fields.{name}"), reason)

    def set_line_field(self, line: int, name: str, value: Value | int, reason: str) -> None:
        """Sets or adds a custom field of one line; None removes it."""
        self.record.set_line_field(line, name, field_value(value, f"lines[{line}].fields.{name}"), reason)

    def add_tag(self, tag: str, reason: str) -> None:
        """Adds a tag; adding one that is there changes nothing."""
        self.record.add_tag(tag, reason)

    def _amount(self, column: str, line: int) -> Decimal:
        if self._amounts is None or (self._edited and column in ("tax", "total")):
            self._amounts = self.record.line_amounts()
            self._edited.clear()
        # What was set is what is read back, without reading all columns anew; taxes and totals are old after an edit.
        edited = self._edited.get((column, line))
        return self._amounts[column][line] if edited is None else edited

    def _edit(self, column: str, line: int, value: Decimal) -> None:
        self._header = None
        if self._amounts is not None:
            self._edited[column, line] = value

    def _text(self, line: int, place: int) -> str:
        if self._texts is None:
            self._texts = self.record.line_texts()
        return self._texts[line * 4 + place]


class Line:
    """One line of an order."""

    def __init__(self, order: Order, index: int):
        self._order = order
        self.index = index
        """Its index, from 0."""

    @property
    def id(self) -> str:
        """The shop's id of the line."""
        return self._order._text(self.index, 0)

    @property
    def sku(self) -> str:
        """Stock keeping unit: the shop's code of the article."""
        return self._order._text(self.index, 1)

    @property
    def name(self) -> str:
        """The article's name."""
        return self._order._text(self.index, 2)

    @property
    def product_type(self) -> str:
        """For example `apparel` or `hazmat`; empty when the shop sends none."""
        return self._order._text(self.index, 3)

    @property
    def quantity(self) -> Decimal:
        """Units ordered, more than zero."""
        return self._order._amount("quantity", self.index)

    @property
    def unit_price(self) -> Decimal:
        """Price of one unit without tax, before the line's discount."""
        return self._order._amount("unit_price", self.index)

    @property
    def discount(self) -> Decimal:
        """Discount on the whole line, zero or more."""
        return self._order._amount("discount", self.index)

    @property
    def tax_rate(self) -> Decimal:
        """Tax rate as a fraction: 0.13 is 13 %."""
        return self._order._amount("tax_rate", self.index)

    @property
    def tax(self) -> Decimal:
        """Tax of the line, with the edits made so far."""
        return self._order._amount("tax", self.index)

    @property
    def total(self) -> Decimal:
        """quantity × unit price, rounded to the currency, − discount; with the edits made so far."""
        return self._order._amount("total", self.index)

    def field(self, name: str) -> Value:
        """One custom field of the line."""
        return self._order.line_field(self.index, name)

    def set_unit_price(self, price: Number, reason: str) -> None:
        """As `Order.set_unit_price`."""
        self._order.set_unit_price(self.index, price, reason)

    def set_discount(self, discount: Number, reason: str) -> None:
        """As `Order.set_discount`."""
        self._order.set_discount(self.index, discount, reason)

    def set_field(self, name: str, value: Value | int, reason: str) -> None:
        """As `Order.set_line_field`."""
        self._order.set_line_field(self.index, name, value, reason)

"""Orders, documents, candidates and settings for an author's native tests. It has no place in a component.

Amounts are passed as whole numbers or as text: 5, "19.99".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from . import _memory
from ._memory import Change, MemoryCandidates, MemoryDocument, MemoryLine, MemoryOrder
from .answers import Route, Verdict
from .decimals import Decimal
from .document import Document
from .hooks import PostMap, PreMap, RouteOrder
from .order import Number, Order
from .routing import Candidates
from .values import Address, Context, Field, Header, Instant, Payment, Value, Warehouse, field_value

__all__ = [
    "Change",
    "candidates",
    "changes",
    "context",
    "document",
    "line",
    "logged",
    "order",
    "post_map",
    "pre_map",
    "route_order",
    "settings",
    "warehouse",
]

_ADDRESS = Address(
    name="Sam Sample",
    company="Sample Supplies",
    line1="1 Example Street",
    city="Toronto",
    region="ON",
    postal_code="M5V 1A1",
    country="CA",
    phone="+1 416 555 0100",
    email="sam@example.com",
)
_TAX_RATE = Decimal("0.13")
_LOCKED = frozenset(("PurchaseOrderNo", "TotalAmount", "ItemCode", "Quantity", "UnitPrice", "TaxAmount"))


def context() -> Context:
    """A context whose time is fixed."""
    return Context("sample", "evt-sample", 1, Instant(1_772_000_000_000))


def settings(values: Mapping[str, str]) -> None:
    """Sets the plugin's settings, replacing those set before. Keys are flattened: `{"breaks.10": "5"}`."""
    _memory.held_settings.clear()
    _memory.held_settings.update(values)


def logged() -> list[tuple[str, str]]:
    """Takes what was logged so far: level and message."""
    taken = list(_memory.held_log)
    _memory.held_log.clear()
    return taken


def pre_map(hook: type[PreMap], order: Order) -> Verdict:
    """Runs a plugin's `PreMap` as the host does; answers the verdict, raises the HookError."""
    return hook().run(context(), order.record)


def route_order(hook: type[RouteOrder], order: Order, candidates: Candidates) -> Route:
    """Runs a plugin's `RouteOrder`."""
    return hook().run(context(), order.record, candidates.record)


def post_map(hook: type[PostMap], order: Order, document: Document) -> Verdict:
    """Runs a plugin's `PostMap`."""
    return hook().run(context(), order.record, document.record)


def changes(edited: Order | Document) -> list[Change]:
    """What was edited in an order or a document so far, in order."""
    return list(edited.record.changes)


def line(
    sku: str,
    quantity: Number,
    unit_price: Number,
    *,
    name: str | None = None,
    product_type: str = "",
    discount: Number = 0,
    tax_rate: Number = _TAX_RATE,
    fields: Mapping[str, Value | int] | None = None,
) -> MemoryLine:
    """A line for `order`; its name is its SKU unless said otherwise."""
    texts = ("", sku, sku if name is None else name, product_type)
    amounts = Decimal(quantity), Decimal(unit_price), Decimal(discount), Decimal(tax_rate)
    return MemoryLine(texts, *amounts, Decimal(0), _fields(fields or {}))


def order(
    *lines: MemoryLine,
    segment: str = "",
    currency: str = "CAD",
    currency_digits: int = 2,
    number: str = "SAMPLE-1",
    customer_id: str = "C10042",
    shipping: Number = 0,
    discount: Number = 0,
    fields: Mapping[str, Value | int] | None = None,
    tags: Iterable[str] = (),
    billing_address: Address = _ADDRESS,
    shipping_address: Address = _ADDRESS,
    payment: Payment | None = None,
) -> Order:
    """A sample order: placed in Canadian dollars, from and to Ontario, 13 % tax, on account."""
    zero = Decimal(0)
    amounts = (zero, Decimal(discount), Decimal(shipping), zero, zero)
    header = Header(number, "placed", currency, currency_digits, context().now, customer_id, segment, *amounts)
    for index, one in enumerate(lines):
        one.texts = (f"L{index + 1}", *one.texts[1:])
        one.tax = (one.total(currency_digits) * one.tax_rate).round(currency_digits)
    paid = payment or Payment("on-account", "pending", "", zero)
    record = MemoryOrder(
        header, list(lines), _TAX_RATE, billing_address, shipping_address, paid, _fields(fields or {}), sorted(tags)
    )
    if payment is None:
        record.paid = replace(paid, amount=record.header().total)
    return Order(record)


def warehouse(
    id: str,
    stock: Mapping[str, Number] | None = None,
    *,
    country: str = "CA",
    region: str = "",
    product_types: Sequence[str] = (),
) -> tuple[Warehouse, Mapping[str, Number]]:
    """A warehouse for `candidates`, with what it has of a SKU. Without product types, it carries all."""
    return Warehouse(id, country, region, tuple(product_types)), stock or {}


def candidates(order: Order, *warehouses: tuple[Warehouse, Mapping[str, Number]]) -> Candidates:
    """The candidates for an order, made of `warehouse`s; nothing in stock where nothing is said."""
    skus = [one.sku for one in order.lines]
    units = [Decimal(stock.get(sku, 0)) for _, stock in warehouses for sku in skus]
    return Candidates(MemoryCandidates([known for known, _ in warehouses], units))


def document(order: Order, warehouse: str = "TOR") -> Document:
    """A document for the whole order, with fields as in the shipped template.

    `CustomerNo`, and locked `PurchaseOrderNo` and `TotalAmount`, and per line `ItemCode`, `Quantity`, `UnitPrice` and
    `TaxAmount`.
    """
    header = order.header
    identity = {"PurchaseOrderNo": header.number, "CustomerNo": header.customer_id}
    lines: list[dict[str, Any]] = [
        {"ItemCode": one.sku, "Quantity": one.quantity, "UnitPrice": one.unit_price, "TaxAmount": one.tax}
        for one in order.lines
    ]
    record = MemoryDocument(
        header.number,
        warehouse,
        _fields({**identity, "TotalAmount": header.total}),
        [_fields(one) for one in lines],
        _LOCKED,
    )
    return Document(record)


def _fields(given: Mapping[str, Value | int]) -> list[Field]:
    return [Field(name, field_value(value, name)) for name, value in given.items()]

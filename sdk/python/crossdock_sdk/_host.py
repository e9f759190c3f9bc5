"""Inside the component: the host's resources and functions, in the SDK's values.

`wit_world` is what componentize-py makes of the contract while it builds; it is found nowhere else. A sandbox has no files,
so everything is imported while building, and what belongs to a hook that the plugin does not answer is not there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from componentize_py_types import Err
from wit_world.imports import log, types
from wit_world.imports import settings as host_settings

try:
    from wit_world.exports import route_order
except ImportError:
    route_order = None

from . import answers, errors
from .decimals import Decimal
from .values import Address, Column, Context, Field, Header, Instant, Payment, Value, Warehouse, crossing

one_setting = host_settings.get
all_settings = host_settings.all


def write_log(level: str, message: str) -> None:
    log.write(log.Level[level.upper()], message)


def opened(context: Any, *records: Any) -> tuple[Any, ...]:
    """The arguments of a hook: the context, and the records for the SDK's objects."""
    known = {"Order": HostOrder, "Document": HostDocument, "Candidates": HostCandidates}
    said = Context(context.integration, context.event_id, context.attempt, _instant(context.now))
    return said, *(known[type(record).__name__](record) for record in records)


def verdict(answer: answers.Verdict) -> Any:
    """A verdict in the contract's form."""
    if isinstance(answer, answers.Hold):
        return types.Verdict_Hold(_hold(answer))
    if isinstance(answer, answers.Reject):
        return types.Verdict_Reject(answer.reason)
    return types.Verdict_Proceed()


def route(answer: answers.Route) -> Any:
    """A route in the contract's form."""
    if isinstance(answer, answers.Hold):
        return route_order.Route_Hold(_hold(answer))
    if isinstance(answer, answers.Reject):
        return route_order.Route_Reject(answer.reason)
    return route_order.Route_Ship([_shipment(shipment) for shipment in answer.shipments])


def refused(error: errors.HookError) -> Exception:
    """A hook's error in the contract's form."""
    if isinstance(error, errors.SettingsError):
        return Err(types.HookError_Settings(str(error)))
    if isinstance(error, errors.Unsupported):
        return Err(types.HookError_Unsupported(str(error)))
    return Err(types.HookError_Failed(str(error)))


class HostOrder:
    """The resource `order`."""

    def __init__(self, order: Any):
        self._order = order

    def header(self) -> Header:
        header = self._order.header()
        return Header(
            header.number,
            header.status,
            header.currency,
            header.currency_digits,
            _instant(header.ordered_at),
            header.customer_id,
            header.segment,
            *(_number(sum) for sum in (header.subtotal, header.discount, header.shipping, header.tax, header.total)),
        )

    def line_count(self) -> int:
        return self._order.line_count()

    def line_amounts(self) -> dict[str, Column]:
        return {name: Column(column.scale, column.units) for name, column in vars(self._order.line_amounts()).items()}

    def line_texts(self) -> list[str]:
        texts = self._order.line_texts()
        pool = texts.pool.encode()
        starts = [0, *texts.ends]
        return [pool[start:end].decode() for start, end in zip(starts, texts.ends)]

    def billing_address(self) -> Address:
        return Address(**vars(self._order.billing_address()))

    def shipping_address(self) -> Address:
        return Address(**vars(self._order.shipping_address()))

    def payment(self) -> Payment:
        payment = self._order.payment()
        return Payment(payment.method, payment.status, payment.transaction_id, _number(payment.amount))

    def fields(self) -> list[Field]:
        return _fields(self._order.fields())

    def field(self, name: str) -> Value:
        return _value(self._order.field(name))

    def line_field(self, line: int, name: str) -> Value:
        return _value(self._order.line_field(line, name))

    def tags(self) -> list[str]:
        return self._order.tags()

    def set_unit_price(self, line: int, price: Decimal, reason: str) -> None:
        _edit(self._order.set_unit_price, line, _decimal(price), reason)

    def set_discount(self, line: int, discount: Decimal, reason: str) -> None:
        _edit(self._order.set_discount, line, _decimal(discount), reason)

    def set_shipping(self, amount: Decimal, reason: str) -> None:
        _edit(self._order.set_shipping, _decimal(amount), reason)

    def set_field(self, name: str, value: Value, reason: str) -> None:
        _edit(self._order.set_field, name, _host_value(value), reason)

    def set_line_field(self, line: int, name: str, value: Value, reason: str) -> None:
        _edit(self._order.set_line_field, line, name, _host_value(value), reason)

    def add_tag(self, tag: str, reason: str) -> None:
        _edit(self._order.add_tag, tag, reason)


class HostDocument:
    """The resource `document`."""

    def __init__(self, document: Any):
        self._document = document

    def key(self) -> str:
        return self._document.key()

    def warehouse(self) -> str:
        return self._document.warehouse()

    def fields(self) -> list[Field]:
        return _fields(self._document.fields())

    def field(self, name: str) -> Value:
        return _value(self._document.field(name))

    def line_count(self) -> int:
        return self._document.line_count()

    def line_fields(self, line: int) -> list[Field]:
        return _fields(self._document.line_fields(line))

    def column(self, name: str) -> list[Value]:
        return [_value(value) for value in self._document.column(name)]

    def set_field(self, name: str, value: Value, reason: str) -> None:
        _edit(self._document.set_field, name, _host_value(value), reason)

    def set_line_field(self, line: int, name: str, value: Value, reason: str) -> None:
        _edit(self._document.set_line_field, line, name, _host_value(value), reason)

    def set_column(self, name: str, values: list[Value], reason: str) -> None:
        _edit(self._document.set_column, name, [_host_value(value) for value in values], reason)


class HostCandidates:
    """The resource `candidates`."""

    def __init__(self, candidates: Any):
        self._candidates = candidates

    def warehouses(self) -> list[Warehouse]:
        found = self._candidates.warehouses()
        return [Warehouse(one.id, one.country, one.region, tuple(one.product_types)) for one in found]

    def stock(self) -> Column:
        stock = self._candidates.stock()
        return Column(stock.scale, stock.units)


def _edit(edit: Callable[..., None], *given: Any) -> None:
    try:
        edit(*given)
    except Err as refusal:
        raise _edit_error(refusal.value) from None


def _edit_error(refusal: Any) -> errors.EditError:
    if isinstance(refusal, types.EditError_NoSuchLine):
        return errors.EditError.no_such_line(refusal.value)
    if isinstance(refusal, types.EditError_ReadOnly):
        return errors.EditError.read_only()
    kinds = {
        types.EditError_OutOfRange: "out-of-range",
        types.EditError_Invalid: "invalid",
        types.EditError_NotAllowed: "not-allowed",
    }
    return errors.EditError(kinds[type(refusal)], refusal.value)


def _number(number: Any) -> Decimal:
    return Decimal.new(number.units, number.scale).normalize()


def _decimal(number: Decimal) -> Any:
    return types.Decimal(number.units, number.scale)


def _instant(instant: Any) -> Instant:
    return Instant(instant.unix_ms, instant.offset_minutes)


def _value(value: Any) -> Value:
    if value is None or isinstance(value, types.Value_Empty):
        return None
    return _number(value.value) if isinstance(value, types.Value_Number) else value.value


def _host_value(value: Value) -> Any:
    if value is None:
        return types.Value_Empty()
    if isinstance(value, bool):
        return types.Value_Flag(value)
    return types.Value_Text(value) if isinstance(value, str) else types.Value_Number(_decimal(value))


def _fields(fields: list[Any]) -> list[Field]:
    return [Field(field.name, _value(field.value)) for field in fields]


def _hold(hold: answers.Hold) -> Any:
    until = None if hold.until is None else types.Instant(hold.until.unix_ms, hold.until.offset_minutes)
    return types.Hold(hold.reason, until)


def _shipment(shipment: answers.Shipment) -> Any:
    lines = [
        route_order.ShipmentLine(one.line, _decimal(crossing(one.quantity, f"the quantity of line {one.line}")))
        for one in shipment.lines
    ]
    return route_order.Shipment(shipment.warehouse, lines)

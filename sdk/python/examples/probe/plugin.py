"""The conformance probe: asks for everything that the contract has, and says what it got.

sdk/conformance/README.md says what each step does. Not an example to copy: segment-discount is.
"""

import re
from collections.abc import Callable

import crossdock_sdk as crossdock
from crossdock_sdk import (
    MAX_SCALE,
    Address,
    Candidates,
    Context,
    Decimal,
    Document,
    EditError,
    Failed,
    Hold,
    Instant,
    Order,
    Proceed,
    Reject,
    Route,
    SettingsError,
    Ship,
    Shipment,
    ShipmentLine,
    Unsupported,
    Value,
    Verdict,
    log,
    settings,
)


class PreMap(crossdock.PreMap):
    def decide(self, context: Context, order: Order) -> Verdict:
        return answer(PRE_MAP, [], context, order) or Proceed()


class RouteOrder(crossdock.RouteOrder):
    def decide(self, context: Context, order: Order, candidates: Candidates) -> Route:
        return answer(ROUTE_ORDER, ["route"], context, order, candidates)


class PostMap(crossdock.PostMap):
    def decide(self, context: Context, order: Order, document: Document) -> Verdict:
        return answer(POST_MAP, ["document"], context, order, document) or Proceed()


def answer(own: dict[str, Callable], without: list[str], *given):
    """Does the steps of `act` that are this hook's to answer; those that only other hooks have are passed over."""
    others = {**PRE_MAP, **ROUTE_ORDER, **POST_MAP}
    steps = [step for step in settings.get("act", "").split("+") if step and (step in own or step not in others)]
    answered = None
    for step in steps or without:
        if step not in own:
            raise SettingsError(f"setting `act` is unknown: {step}")
        answered = own[step](*given)
    return answered


def fail(kind: type[Exception]):
    raise kind("probe says so")


def describe(context: Context, order: Order) -> None:
    log.info(
        f"context integration={context.integration} event={context.event_id} attempt={context.attempt}"
        f" now={instant(context.now)}"
    )
    header = order.header
    log.info(
        f"header number={header.number} status={header.status} currency={header.currency} digits={header.currency_digits}"
        f" ordered-at={instant(header.ordered_at)} customer={header.customer_id} segment={header.segment}"
        f" subtotal={short(header.subtotal)} discount={short(header.discount)} shipping={short(header.shipping)}"
        f" tax={short(header.tax)} total={short(header.total)}"
    )
    log.info(f"billing {address(order.billing_address)}")
    log.info(f"shipping {address(order.shipping_address)}")
    payment = order.payment
    log.info(
        f"payment method={payment.method} status={payment.status} transaction={payment.transaction_id}"
        f" amount={short(payment.amount)}"
    )
    for line in order.lines:
        grade = line.field("grade")
        log.info(
            f"line {line.index} id={line.id} sku={line.sku} name={line.name} type={line.product_type}"
            f" quantity={short(line.quantity)} price={short(line.unit_price)} discount={short(line.discount)}"
            f" rate={short(line.tax_rate)} tax={short(line.tax)} total={short(line.total)}"
            f" grade={'none' if grade is None else written(grade)}"
        )
    for field in order.fields:
        log.info(f"field {field.name}={written(field.value)}")
    log.info(f"tags {','.join(order.tags)}")


def say_settings(_context: Context, _order: Order) -> None:
    for key, value in settings.with_prefix(""):
        log.info(f"{key}={value}")


def levels(_context: Context, _order: Order) -> None:
    log.debug("one")
    log.info("two")
    log.warn("three")
    log.error("four")


def edit(_context: Context, order: Order) -> None:
    digits = order.header.currency_digits
    for line in order.lines:
        line.set_unit_price(line.unit_price.percent_off(5).round(digits), "5 % off")
    order.set_discount(0, 1, "one off")
    order.set_shipping("7.5", "flat")
    order.set_field("note", "checked ✓", "noted")
    order.set_field("score", Decimal("12.50"), "noted")
    order.set_field("gift", True, "noted")
    order.set_field("po-reference", None, "noted")
    order.set_line_field(0, "grade", "A", "graded")
    order.add_tag("probed", "seen")


def sums(_context: Context, order: Order) -> None:
    order.set_unit_price(0, 1, "one")
    header = order.header
    log.info(f"sums subtotal={short(header.subtotal)} tax={short(header.tax)} total={short(header.total)}")


def refused(_context: Context, order: Order) -> None:
    tried(lambda: order.set_unit_price(99, 1, "try"))
    tried(lambda: order.set_unit_price(0, -1, "try"))
    tried(lambda: order.set_unit_price(0, "0.00001", "try"))
    tried(lambda: order.set_discount(0, 1_000_000, "try"))
    tried(lambda: order.set_shipping(-1, "try"))
    tried(lambda: order.set_field("", "x", "try"))
    tried(lambda: order.set_line_field(99, "of-line", "x", "try"))
    tried(lambda: order.set_unit_price(0, 3, "try"))


def tried(edit: Callable[[], None]) -> None:
    try:
        edit()
        log.info("taken")
    except EditError as error:
        log.info(f"refused {error.kind}")


def arithmetic(_context: Context, _order: Order) -> None:
    for key, value in settings.with_prefix(""):
        if key.startswith("sum."):
            log.info(f"{key} {result(value.split(' '))}")


def result(words: list[str]) -> str:
    if len(words) != (4 if words[1:2] == ["/"] else 3):
        return "bad"
    operator = words[1]
    try:
        a, b = Decimal(words[0]), Decimal(words[2])
    except ValueError:
        return "bad"
    places = words[3] if operator == "/" else words[2] if operator == "r" else "0"
    if not re.fullmatch(r"[0-9]{1,2}", places) or int(places) > MAX_SCALE:
        return "bad"
    results: dict[str, Callable[[], Decimal]] = {
        "+": lambda: a + b,
        "-": lambda: a - b,
        "*": lambda: a * b,
        "/": lambda: a.divided_by(b, int(places)),
        "%": lambda: a.percent_off(b),
        "r": lambda: a.round(int(places)),
    }
    if operator == "c":
        return "less" if a < b else "more" if a > b else "equal"
    if operator not in results:
        return "bad"
    try:
        return short(results[operator]())
    except ArithmeticError:
        return "no"


def loop(_context: Context, _order: Order) -> None:
    while True:
        pass


def route(_context: Context, order: Order, candidates: Candidates) -> Route:
    lines = order.lines
    parts: list[list[ShipmentLine]] = []
    for place, warehouse in enumerate(candidates.warehouses):
        stock = ",".join(short(candidates.stock(place, line.index)) for line in lines)
        log.info(
            f"warehouse {warehouse.id} country={warehouse.country} region={warehouse.region}"
            f" types={','.join(warehouse.product_types)} stock={stock}"
        )
        parts.append([])
    for line in lines:
        for place, part in enumerate(parts):
            if candidates.stock(place, line.index) >= line.quantity:
                part.append(ShipmentLine(line.index, line.quantity))
                break
    return Ship([Shipment(one.id, part) for one, part in zip(candidates.warehouses, parts) if part])


def halves(_context: Context, order: Order, candidates: Candidates) -> Route:
    quantity = order.lines[0].quantity
    half = Decimal(quantity.units // (2 * 10**quantity.scale))
    parts = zip(candidates.warehouses, (half, quantity - half))
    return Ship([Shipment(one.id, [ShipmentLine(0, part)]) for one, part in parts if part])


def describe_document(_context: Context, _order: Order, document: Document) -> None:
    log.info(f"document key={document.key} warehouse={document.warehouse}")
    for field in document.fields:
        log.info(f"field {field.name}={written(field.value)}")
    for line in range(document.line_count):
        log.info(f"line {line}{''.join(f' {field.name}={written(field.value)}' for field in document.line_fields(line))}")
    log.info(f"column Quantity={','.join(written(value) for value in document.column('Quantity'))}")
    document.set_field("Comment", "probed", "noted")
    document.set_line_field(0, "GLCode", "4000", "coded")
    document.set_column("Site", [f"S{line}" for line in range(document.line_count)], "sited")


def locked(_context: Context, _order: Order, document: Document) -> None:
    tried(lambda: document.set_field("TotalAmount", 1, "try"))


def short(number: Decimal) -> str:
    return str(number.normalize())


def instant(at: Instant) -> str:
    return f"{at.unix_ms}@{at.offset_minutes}"


def written(value: Value) -> str:
    if value is None:
        return "-"
    if isinstance(value, str):
        return f"text:{value}"
    return f"flag:{str(value).lower()}" if isinstance(value, bool) else f"number:{short(value)}"


def address(of: Address) -> str:
    return (
        f"name={of.name}|company={of.company}|line1={of.line1}|line2={of.line2}|city={of.city}|region={of.region}"
        f"|postal-code={of.postal_code}|country={of.country}|phone={of.phone}|email={of.email}"
    )


EVERYWHERE: dict[str, Callable] = {
    "hold": lambda *_: Hold("waiting"),
    "reject": lambda *_: Reject("not this one"),
    "error-failed": lambda *_: fail(Failed),
}
PRE_MAP: dict[str, Callable] = {
    **EVERYWHERE,
    "describe": describe,
    "settings": say_settings,
    "levels": levels,
    "edit": edit,
    "sums": sums,
    "refused": refused,
    "arithmetic": arithmetic,
    "hold-until": lambda context, _: Hold("later", context.now.plus_minutes(90)),
    "error-settings": lambda *_: fail(SettingsError),
    "error-unsupported": lambda *_: fail(Unsupported),
    "panic": lambda *_: fail(RuntimeError),
    "loop": loop,
}
ROUTE_ORDER: dict[str, Callable] = {**EVERYWHERE, "route": route, "halves": halves}
POST_MAP: dict[str, Callable] = {**EVERYWHERE, "document": describe_document, "locked": locked}

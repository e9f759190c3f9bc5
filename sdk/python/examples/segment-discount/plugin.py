"""Price breaks by quantity for one customer segment, at `pre-map`.

Settings: `segment` (by default "wholesale"), and `breaks.10 = "5"`: from 10 units of a line, 5 % off its unit price.
The largest break that a line reaches counts. Prices are rounded to the currency's digits; a list price that is finer
(a screw at 0.0425) keeps four.
"""

from dataclasses import dataclass

import crossdock_sdk as crossdock
from crossdock_sdk import Context, Decimal, Order, Proceed, Verdict, settings


@dataclass
class Break:
    """From so many units of a line, so many per cent off."""

    units: Decimal
    percent: Decimal
    reason: str


class PreMap(crossdock.PreMap):
    def decide(self, context: Context, order: Order) -> Verdict:
        header = order.header
        segment = settings.get("segment", "wholesale")
        if header.segment != segment:
            return Proceed()
        breaks = read_breaks(segment)
        for line in order.lines:
            reached = next((one for one in breaks if one.units <= line.quantity), None)
            if reached is not None:
                price = line.unit_price
                digits = 4 if price.normalize().scale > header.currency_digits else header.currency_digits
                line.set_unit_price(price.percent_off(reached.percent).round(digits), reached.reason)
        return Proceed()


def read_breaks(segment: str) -> list[Break]:
    """The breaks of the settings, the largest first."""
    breaks = []
    for key, percent in settings.decimals("breaks."):
        units = quantity(key)
        if not 0 <= percent <= 100:
            raise settings.wrong(f"breaks.{key}", "0 to 100 per cent")
        breaks.append(Break(units, percent, f"{segment}: {units} or more, {percent} % off"))
    return sorted(breaks, key=lambda one: one.units, reverse=True)


def quantity(key: str) -> Decimal:
    try:
        return Decimal(key)
    except ValueError:
        raise settings.wrong(f"breaks.{key}", "a quantity after the point, such as breaks.10") from None

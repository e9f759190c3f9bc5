"""{{name}}: what this plugin decides. The host checks and records every edit; the sums follow."""

import crossdock_sdk as crossdock
# @hook pre-map


class PreMap(crossdock.PreMap):
    """Takes `percent` (5) off all prices for customers of the segment `segment` (wholesale)."""

    def decide(self, context: crossdock.Context, order: crossdock.Order) -> crossdock.Verdict:
        segment = crossdock.settings.get("segment", "wholesale")
        percent = crossdock.settings.decimal("percent", 5)
        header = order.header
        if header.segment == segment:
            for line in order.lines:
                price = line.unit_price.percent_off(percent).round(header.currency_digits)
                line.set_unit_price(price, f"{segment}: {percent} % off")
        return crossdock.Proceed()
# @end
# @hook route-order


class RouteOrder(crossdock.RouteOrder):
    """Ships everything from the first warehouse that has everything."""

    def decide(
        self,
        context: crossdock.Context,
        order: crossdock.Order,
        candidates: crossdock.Candidates,
    ) -> crossdock.Route:
        for place, warehouse in enumerate(candidates.warehouses):
            if all(candidates.stock(place, line.index) >= line.quantity for line in order.lines):
                lines = [crossdock.ShipmentLine(line.index, line.quantity) for line in order.lines]
                return crossdock.Ship([crossdock.Shipment(warehouse.id, lines)])
        return crossdock.Hold("no warehouse has everything")
# @end
# @hook post-map


class PostMap(crossdock.PostMap):
    """Writes the setting `payment-terms` (NET30) into the ERP's document."""

    def decide(
        self,
        context: crossdock.Context,
        order: crossdock.Order,
        document: crossdock.Document,
    ) -> crossdock.Verdict:
        terms = crossdock.settings.get("payment-terms", "NET30")
        document.set_field("PaymentTerms", terms, "terms of the settings")
        return crossdock.Proceed()
# @end

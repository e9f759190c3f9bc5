"""The rules of {{name}}, tested natively."""

import unittest

from crossdock_sdk import sample

import plugin
# @hook pre-map


class PreMap(unittest.TestCase):
    def test_the_segment_gets_its_percentage(self):
        sample.settings({"percent": "10"})
        order = sample.order(sample.line("LAMP", 2, "49.95"), segment="wholesale")
        sample.pre_map(plugin.PreMap, order)
        self.assertEqual(str(order.lines[0].unit_price), "44.96")
        self.assertEqual(sample.changes(order)[0].reason, "wholesale: 10 % off")

    def test_others_pay_the_list_price(self):
        order = sample.order(sample.line("LAMP", 2, "49.95"), segment="retail")
        sample.pre_map(plugin.PreMap, order)
        self.assertEqual(sample.changes(order), [])
# @end
# @hook route-order


class RouteOrder(unittest.TestCase):
    def test_the_first_warehouse_that_has_everything_ships(self):
        order = sample.order(sample.line("LAMP", 2, 10), sample.line("BULB", 5, 1))
        candidates = sample.candidates(
            order,
            sample.warehouse("TOR", {"LAMP": 9}),
            sample.warehouse("VAN", {"LAMP": 2, "BULB": 5}),
        )
        route = sample.route_order(plugin.RouteOrder, order, candidates)
        [shipment] = route.shipments
        self.assertEqual(shipment.warehouse, "VAN")
        self.assertEqual([(one.line, one.quantity) for one in shipment.lines], [(0, 2), (1, 5)])

    def test_without_stock_the_order_waits(self):
        order = sample.order(sample.line("LAMP", 2, 10))
        candidates = sample.candidates(order, sample.warehouse("TOR"))
        route = sample.route_order(plugin.RouteOrder, order, candidates)
        self.assertEqual(route.reason, "no warehouse has everything")
# @end
# @hook post-map


class PostMap(unittest.TestCase):
    def test_the_terms_of_the_settings_are_written(self):
        sample.settings({"payment-terms": "NET45"})
        order = sample.order(sample.line("LAMP", 2, 10))
        document = sample.document(order)
        sample.post_map(plugin.PostMap, order, document)
        self.assertEqual(document.field("PaymentTerms"), "NET45")
# @end

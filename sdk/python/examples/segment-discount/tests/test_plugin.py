"""The rule of this plugin, tested natively."""

import unittest

from plugin import PreMap

from crossdock_sdk import Decimal, Proceed, SettingsError, sample


class SegmentDiscount(unittest.TestCase):
    def test_the_largest_break_reached_counts(self):
        sample.settings({"breaks.10": "5", "breaks.50": "10"})
        lines = sample.line("A", 9, 10), sample.line("B", 10, "19.99"), sample.line("C", 60, 8)
        order = sample.order(*lines, segment="wholesale")
        self.assertEqual(sample.pre_map(PreMap, order), Proceed())
        prices = [line.unit_price for line in order.lines]
        self.assertEqual(prices, [Decimal(10), Decimal("18.99"), Decimal("7.20")])
        self.assertEqual(sample.changes(order)[0].reason, "wholesale: 10 or more, 5 % off")

    def test_a_fine_list_price_stays_fine(self):
        sample.settings({"breaks.10": "5"})
        order = sample.order(sample.line("SCREW", 200, "0.0425"), segment="wholesale")
        sample.pre_map(PreMap, order)
        self.assertEqual(order.lines[0].unit_price, Decimal("0.0404"))

    def test_other_segments_pay_the_list_price(self):
        sample.settings({"breaks.1": "50"})
        order = sample.order(sample.line("A", 10, 10), segment="retail")
        sample.pre_map(PreMap, order)
        self.assertEqual(sample.changes(order), [])

    def test_a_wrong_setting_is_named(self):
        order = sample.order(sample.line("A", 10, 10), segment="wholesale")
        for key, value, expected in [
            ("breaks.10", "five", "`breaks.10` is wrong: expected a number such as 19.99"),
            ("breaks.ten", "5", "such as breaks.10"),
            ("breaks.10", "101", "0 to 100 per cent"),
        ]:
            sample.settings({key: value})
            with self.assertRaisesRegex(SettingsError, expected):
                sample.pre_map(PreMap, order)


if __name__ == "__main__":
    unittest.main()

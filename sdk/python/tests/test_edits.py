"""Edits on orders and documents in memory: read back, summed up and refused as the host does it."""

import unittest

import crossdock_sdk as crossdock
from crossdock_sdk import Decimal, EditError, Failed, Field, Hold, Proceed, SettingsError, log, sample, settings


def texts(numbers):
    return [str(number.normalize()) for number in numbers]


class Orders(unittest.TestCase):
    def refused(self, kind, edit, *given):
        with self.assertRaises(EditError) as caught:
            edit(*given)
        self.assertEqual(caught.exception.kind, kind)

    def test_what_was_set_is_read_back_and_sums_follow(self):
        order = sample.order(sample.line("A", 3, 10), sample.line("B", 1, "5.55"), shipping="7.50")
        before = order.header
        for line in order.lines:
            line.set_unit_price(line.unit_price.percent_off(10), "ten")
        self.assertEqual(texts(line.unit_price for line in order.lines), ["9", "4.995"])
        self.assertEqual(texts(line.total for line in order.lines), ["27", "5"])
        self.assertEqual(before.subtotal, Decimal("35.55"))  # a snapshot stays as it was
        after = order.header
        self.assertEqual(texts([after.subtotal, after.tax, after.total]), ["32", "5.14", "44.64"])  # 4.16 and 0.98 tax

    def test_a_price_set_before_anything_was_read_is_read_back(self):
        order = sample.order(sample.line("A", 2, 10))
        order.set_unit_price(0, 8, "less")
        self.assertEqual(texts([order.lines[0].unit_price, order.lines[0].total]), ["8", "16"])

    def test_tax_of_touched_lines_is_shared_by_largest_remainder(self):
        # Three lines of 0.50 at 5 %: 0.075 of tax together, so 0.08, shared 0.03, 0.03, 0.02; alone each would have 0.03.
        order = sample.order(*(sample.line(sku, 1, 1, tax_rate="0.05") for sku in "ABC"))
        for line in order.lines:
            line.set_discount("0.5", "half")
        self.assertEqual(texts(line.tax for line in order.lines), ["0.03", "0.03", "0.02"])

    def test_untouched_lines_keep_their_tax(self):
        order = sample.order(*(sample.line(sku, 1, "0.50", tax_rate="0.05") for sku in "AB"))
        order.lines[1].set_unit_price("0.3", "less")
        self.assertEqual(texts(line.tax for line in order.lines), ["0.03", "0.02"])  # 0.025 and 0.015, away from zero

    def test_taxes_are_whole_in_a_currency_without_digits(self):
        lines = [sample.line(sku, 1, 10, tax_rate="0.05") for sku in "AB"]
        order = sample.order(*lines, currency="JPY", currency_digits=0)
        for line in order.lines:
            line.set_unit_price(line.unit_price + 1, "one more")
        self.assertEqual(texts(line.tax for line in order.lines), ["1", "0"])  # 1.1 together

    def test_the_hosts_rules_for_numbers_hold(self):
        order = sample.order(sample.line("A", 2, 10))
        [line] = order.lines
        line.set_unit_price("10.00000000", "the same")
        self.refused("out-of-range", line.set_unit_price, "1.00001", "r")
        self.refused("out-of-range", line.set_unit_price, "100000000000", "r")
        self.refused("out-of-range", line.set_unit_price, "99999999999", "r")  # twice that is too large
        self.refused("out-of-range", line.set_unit_price, "0.0000000001", "r")  # cannot even cross
        self.refused("out-of-range", line.set_unit_price, 2**60, "r")
        self.refused("invalid", line.set_unit_price, "-0.01", "r")
        self.refused("invalid", line.set_discount, "20.01", "r")
        self.refused("invalid", line.set_discount, "0.001", "r")
        self.refused("invalid", order.set_shipping, "1.005", "r")
        self.refused("no-such-line", order.set_line_field, 7, "x", True, "r")
        self.refused("no-such-line", order.set_unit_price, -1, 1, "r")
        self.refused("invalid", order.set_field, "", True, "r")
        self.refused("invalid", order.set_field, "x", "é" * 2049, "r")
        self.refused("invalid", order.set_field, "é" * 33, "x", "r")
        self.refused("invalid", order.add_tag, "a\nb", "r")
        self.assertEqual(sample.changes(order), [])
        line.set_discount(20, "all of it")
        self.refused("invalid", line.set_unit_price, "9.99", "r")
        with self.assertRaises(TypeError):
            order.set_field("x", 0.1, "r")

    def test_fields_tags_and_shipping_are_edited_and_recorded(self):
        order = sample.order(sample.line("A", 1, 100, fields={"gift": True}), fields={"po": "7"}, tags=["b"])
        order.set_field("po", None, "gone")
        order.set_field("new", Decimal("2.50"), "why not")
        order.add_tag("a", "first")
        order.add_tag("b", "there already")
        order.set_shipping(10, "flat")
        order.set_line_field(0, "gift", True, "the same")
        self.assertIsNone(order.field("po"))
        self.assertEqual(order.fields, [Field("new", Decimal("2.5"))])
        self.assertIs(order.lines[0].field("gift"), True)
        self.assertEqual(order.tags, ["a", "b"])
        self.assertEqual(order.header.total, Decimal("124.30"))
        paths = [change.path for change in sample.changes(order)]
        self.assertEqual(paths, ["fields.po", "fields.new", "tags", "shipping.amount"])

    def test_candidates_know_stock_by_warehouse_and_line(self):
        order = sample.order(sample.line("A", 1, 1), sample.line("B", 1, 1))
        apparel = sample.warehouse("VAN", product_types=["apparel"])
        candidates = sample.candidates(order, sample.warehouse("TOR", {"B": "2.5"}), apparel)
        places = [(0, 0), (0, 1), (1, 1), (2, 0), (-1, 0), (0, -1)]
        self.assertEqual(texts(candidates.stock(*place) for place in places), ["0", "2.5", "0", "0", "0", "0"])
        self.assertEqual([warehouse.carries("hazmat") for warehouse in candidates.warehouses], [True, False])

    def test_addresses_and_payments_do_not_show(self):
        order = sample.order(sample.line("A", 1, 10))
        shown = f"{order.shipping_address} {order.payment} {order}"
        for secret in ["Sam", "Example", "M5V", "11.3"]:
            self.assertNotIn(secret, shown)


class Documents(unittest.TestCase):
    def test_documents_refuse_money_and_take_the_rest(self):
        document = sample.document(sample.order(sample.line("A", 1, 100), sample.line("B", 1, 1)))
        for kind, edit in [
            ("not-allowed", lambda: document.set_field("TotalAmount", 1, "r")),
            ("not-allowed", lambda: document.set_line_field(0, "UnitPrice", 1, "r")),
            ("invalid", lambda: document.set_column("GLCode", ["1"], "r")),
            ("no-such-line", lambda: document.set_line_field(2, "GLCode", "1", "r")),
        ]:
            with self.assertRaises(EditError) as caught:
                edit()
            self.assertEqual(caught.exception.kind, kind)
        self.assertEqual(document.column("GLCode"), [None, None])
        document.set_column("GLCode", ["1", "2"], "r")
        document.set_line_field(1, "GLCode", "3", "r")
        self.assertEqual(document.column("GLCode"), ["1", "3"])
        self.assertEqual(document.line_field(0, "UnitPrice"), 100)
        self.assertEqual((document.key, document.warehouse), ("SAMPLE-1", "TOR"))
        self.assertEqual(len(sample.changes(document)), 3)


class Hooks(unittest.TestCase):
    def test_a_refusal_that_nobody_handled_fails_the_hook(self):
        class PreMap(crossdock.PreMap):
            def decide(self, context, order):
                log.info("here")
                order.set_unit_price(0, -1, "oops")
                return Proceed()

        sample.logged()
        message = "^an edit was refused: lines\\[0\\].unit-price: the price is negative$"
        with self.assertRaisesRegex(Failed, message):
            sample.pre_map(PreMap, sample.order(sample.line("A", 1, 10)))
        self.assertEqual(sample.logged(), [("info", "here")])

    def test_a_hook_without_an_answer_is_an_error(self):
        class PreMap(crossdock.PreMap):
            def decide(self, context, order):
                Hold("forgotten")

        with self.assertRaisesRegex(TypeError, "is a `return` missing"):
            sample.pre_map(PreMap, sample.order())


class Settings(unittest.TestCase):
    def test_settings_are_found_by_key_and_prefix_and_wrong_ones_are_named(self):
        sample.settings({"b.2": "20", "b.1": "10", "a": "x", "yes": "true"})
        self.assertEqual(settings.with_prefix("b."), [("1", "10"), ("2", "20")])
        self.assertEqual(settings.decimals("b.")[1], ("2", Decimal(20)))
        found = settings.required("a"), settings.get("c"), settings.flag("yes"), settings.decimal("c")
        self.assertEqual(found, ("x", None, True, None))
        self.assertEqual((settings.get("a", "y"), settings.get("c", "y"), settings.decimal("b.1", 5)), ("x", "y", 10))
        self.assertEqual(settings.decimal("c", 5), 5)
        for asked, text in [
            (lambda: settings.required("c"), "`c` is missing"),
            (lambda: settings.decimal("a"), "`a` is wrong: expected a number such as 19.99"),
            (lambda: settings.flag("a"), "`a` is wrong: expected true or false"),
        ]:
            with self.assertRaises(SettingsError) as caught:
                asked()
            self.assertEqual(str(caught.exception), text)


if __name__ == "__main__":
    unittest.main()

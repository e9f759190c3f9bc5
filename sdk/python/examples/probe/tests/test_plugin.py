"""That the probe answers each hook. What it says is compared by the conformance cases, in the real sandbox."""

import unittest

from plugin import PostMap, PreMap, RouteOrder

from crossdock_sdk import Hold, Order, Proceed, SettingsError, Ship, sample


def order() -> Order:
    return sample.order(sample.line("A", 5, "19.99"), shipping=15, fields={"po-reference": "PO-1"})


def texts() -> list[str]:
    return [text for _, text in sample.logged()]


class Probe(unittest.TestCase):
    def setUp(self):
        sample.logged()

    def test_edits_are_seen_in_the_sums_and_refusals_are_told_apart(self):
        sample.settings({"act": "edit+sums+refused"})
        self.assertEqual(sample.pre_map(PreMap, order()), Proceed())
        sums, *tries = texts()
        self.assertEqual(sums, "sums subtotal=4 tax=1.5 total=13")
        kinds = ["no-such-line", "invalid", "out-of-range", "invalid", "invalid", "invalid", "no-such-line"]
        self.assertEqual(tries, [*(f"refused {kind}" for kind in kinds), "taken"])

    def test_results_that_do_not_fit_are_told_from_text_that_is_no_number(self):
        sums = {
            "1 / 3 4": "0.3333",
            "1 / 0 2": "no",
            "9223372036854775807 + 1": "no",
            "x + 1": "bad",
            "1 + 1 1": "bad",
            "1.5 r 0.5": "bad",
            "1.5 c 1.50": "equal",
            "-2.5 r 0": "-3",
        }
        sample.settings({"act": "arithmetic"} | {f"sum.{index}": text for index, text in enumerate(sums)})
        sample.pre_map(PreMap, order())
        self.assertEqual(texts(), [f"sum.{index} {result}" for index, result in enumerate(sums.values())])

    def test_it_routes_by_stock_and_halves(self):
        one = order()
        candidates = sample.candidates(one, sample.warehouse("TOR", {"A": 4}), sample.warehouse("VAN", {"A": 5}))
        sample.settings({})
        route = sample.route_order(RouteOrder, one, candidates)
        self.assertEqual([shipment.warehouse for shipment in route.shipments], ["VAN"])
        sample.settings({"act": "halves"})
        route = sample.route_order(RouteOrder, one, candidates)
        self.assertEqual([str(shipment.lines[0].quantity) for shipment in route.shipments], ["2", "3"])

    def test_it_edits_the_document_but_no_money(self):
        document = sample.document(order())
        sample.settings({})
        sample.post_map(PostMap, order(), document)
        edited = document.field("Comment"), document.line_field(0, "GLCode"), document.line_field(0, "Site")
        self.assertEqual(edited, ("probed", "4000", "S0"))
        texts()
        sample.settings({"act": "locked"})
        sample.post_map(PostMap, order(), document)
        self.assertEqual(texts(), ["refused not-allowed"])

    def test_every_hook_does_its_own_steps_and_the_last_ones_answer_counts(self):
        sample.settings({"act": "levels+hold+halves+document+locked"})
        self.assertEqual(sample.pre_map(PreMap, order()), Hold("waiting"))
        self.assertEqual(texts(), ["one", "two", "three", "four"])
        candidates = sample.candidates(order(), sample.warehouse("TOR", {"A": 4}))
        self.assertIsInstance(sample.route_order(RouteOrder, order(), candidates), Ship)
        self.assertEqual(sample.post_map(PostMap, order(), sample.document(order())), Proceed())
        self.assertEqual(texts()[-1], "refused not-allowed")

    def test_an_unknown_step_is_named(self):
        sample.settings({"act": "dance"})
        with self.assertRaisesRegex(SettingsError, "^setting `act` is unknown: dance$"):
            sample.pre_map(PreMap, order())


if __name__ == "__main__":
    unittest.main()

"""The SDK's decimal: exact, or refused."""

import unittest
from fractions import Fraction

from crossdock_sdk import Decimal, total

MOST = "9223372036854775807"


class Decimals(unittest.TestCase):
    def test_text_goes_there_and_back_digits_as_they_are(self):
        for text in ["0", "1.50", "-0.05", "19.99", "0.000000000000000001", MOST, f"-{MOST}"]:
            self.assertEqual(str(Decimal(text)), text)
        self.assertEqual(str(Decimal("+.5")), "0.5")
        self.assertEqual(repr(Decimal("1.50")), 'Decimal("1.50")')

    def test_text_that_is_no_exact_number_is_refused(self):
        too_long = ["9223372036854775808", "0.1234567890123456789", "9" * 5000]
        for text in ["", "-", ".", "1.", "1,5", "1e5", "0x1", " 1", "1_000", "1.2.3", "1\n", "٣", "NaN", *too_long]:
            with self.assertRaises(ValueError, msg=text):
                Decimal(text)

    def test_floats_are_refused(self):
        for wrong in [0.1, 1.0, float("nan"), True, None]:
            with self.assertRaises(TypeError):
                Decimal(wrong)
        for result in [lambda: Decimal(1) + 0.5, lambda: 0.5 * Decimal(1), lambda: Decimal(1) < 1.5]:
            with self.assertRaises(TypeError):
                result()
        self.assertNotEqual(Decimal("0.5"), 0.5)

    def test_rounding_is_half_away_from_zero(self):
        for text, digits, rounded in [
            ("2.5", 0, "3"),
            ("-2.5", 0, "-3"),
            ("2.4999", 0, "2"),
            ("0.005", 2, "0.01"),
            ("-0.005", 2, "-0.01"),
            ("0.0049", 2, "0.00"),
            ("1.005", 2, "1.01"),  # 1.00 where floats count
            ("2.675", 2, "2.68"),  # 2.67 where floats count
            ("-1.005", 2, "-1.01"),
            ("18.9905", 2, "18.99"),
            ("0.040375", 4, "0.0404"),
            ("999.995", 2, "1000.00"),
            ("1.5", 3, "1.5"),
            ("0.999999999999999999", 0, "1"),
        ]:
            self.assertEqual(str(Decimal(text).round(digits)), rounded, text)

    def test_sums_differences_products_and_percentages_are_exact(self):
        texts = ["0", "0.1", "-0.2", "19.99", "-123.4567", "100000"]
        for a in texts:
            for b in texts:
                x, y = Fraction(a), Fraction(b)
                results = [
                    (Decimal(a) + Decimal(b), x + y),
                    (Decimal(a) - Decimal(b), x - y),
                    (Decimal(a) * Decimal(b), x * y),
                ]
                results.append((Decimal(a).percent_off(Decimal(b)), x * (100 - y) / 100))
                for ours, exact in results:
                    self.assertEqual(Fraction(ours.units, 10**ours.scale), exact, (a, b))
        self.assertEqual(str(Decimal("19.99") * 3), "59.97")
        self.assertEqual(1 - Decimal("1.005"), Decimal("-0.005"))
        self.assertEqual(Decimal(200).percent(Decimal("7.5")), 15)
        self.assertEqual(str(Decimal("19.99").percent_off(5).round(2)), "18.99")
        self.assertEqual(total([Decimal("0.1"), Decimal("0.2")]), Decimal("0.3"))

    def test_quotients_are_rounded_half_away_from_zero(self):
        for a, b, digits, quotient in [
            ("1", "3", 4, "0.3333"),
            ("2", "3", 4, "0.6667"),
            ("-1", "8", 2, "-0.13"),
            ("1", "-8", 2, "-0.13"),
            ("-1", "-8", 2, "0.13"),
            ("0.0001", "1000", 2, "0.00"),
            ("1", "0.0004", 0, "2500"),
        ]:
            self.assertEqual(str(Decimal(a).divided_by(Decimal(b), digits)), quotient, (a, b))

    def test_results_that_do_not_fit_are_refused(self):
        most, tiny = Decimal(MOST), Decimal("0.000000000000000001")
        for result in [
            lambda: most + 1,
            lambda: -most - 2,
            lambda: most * Decimal("1.5"),
            lambda: most * 10,
            lambda: tiny * Decimal("0.1"),
            lambda: most.divided_by(1, 2),
            lambda: Decimal(2**63),
            lambda: Decimal(1).divided_by(0, 2),
        ]:
            with self.assertRaises(ArithmeticError):
                result()
        for result in [lambda: tiny.round(19), lambda: tiny.round(-1), lambda: tiny.divided_by(1, 19)]:
            with self.assertRaises(ValueError):
                result()
        # 20 zeros after the point, but they do not count.
        self.assertEqual(str((tiny * 10) * Decimal("1.0000")), "0.000000000000000010")

    def test_order_equality_and_hash_look_at_the_value(self):
        self.assertEqual(len({Decimal("1.50"), Decimal("1.5"), Decimal("1.5000")}), 1)
        self.assertEqual(len({Decimal("2.0"), 2}), 1)
        self.assertEqual([str(one) for one in sorted(map(Decimal, ["10", "9", "-1", "9.5"]))], ["-1", "9", "9.5", "10"])
        self.assertTrue(Decimal("-2") < Decimal("-1.99") and Decimal("0.01") > 0 and not Decimal("-0.00"))
        self.assertEqual(abs(Decimal("-3")), 3)

    def test_a_decimal_never_changes(self):
        with self.assertRaises(AttributeError):
            Decimal(1).units = 2


if __name__ == "__main__":
    unittest.main()

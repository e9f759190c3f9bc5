// Package tests holds the tests of the SDK, apart from it, so that projects do not vendor them.
package tests

import (
	"crossdock"
	"math"
	"testing"
)

func TestTextGoesThereAndBack(t *testing.T) {
	for _, text := range []string{"0", "0.00", "-0.5", "1.50", "19.99", "-0.01", "100000", "0.000000000000000001", "9223372036854775807"} {
		if back := crossdock.Dec(text).String(); back != text {
			t.Errorf("%s became %s", text, back)
		}
	}
	if half := crossdock.Dec("+.5").String(); half != "0.5" {
		t.Errorf("+.5 became %s", half)
	}
	if least := crossdock.Int(math.MinInt64).String(); least != "-9223372036854775808" {
		t.Errorf("the least became %s", least)
	}
}

func TestTextThatIsNoExactNumberIsRefused(t *testing.T) {
	for _, text := range []string{"", "-", ".", "1.", "1,5", "1e5", "0x1", " 1", "1_000", "1.2.3", "--1", "-+1", "9223372036854775808", "0.1234567890123456789"} {
		if number, err := crossdock.Parse(text); err == nil {
			t.Errorf("%q was read as %s", text, number)
		}
	}
}

func TestRoundingIsHalfAwayFromZero(t *testing.T) {
	for _, row := range []struct {
		number  string
		digits  uint8
		rounded string
	}{
		{"2.345", 2, "2.35"},
		{"-2.345", 2, "-2.35"},
		{"2.344999", 2, "2.34"},
		{"1.005", 2, "1.01"},
		{"0.5", 0, "1"},
		{"-0.5", 0, "-1"},
		{"1.5", 0, "2"},
		{"2.5", 0, "3"},
		{"0.49999", 0, "0"},
		{"999.995", 2, "1000.00"},
		{"-0.004", 2, "0.00"},
		{"18.9905", 3, "18.991"},
		{"0.0403750", 4, "0.0404"},
		{"1.5", 4, "1.5"},
		{"8.999999999999999995", 17, "9.00000000000000000"},
	} {
		if rounded := crossdock.Dec(row.number).Round(row.digits).String(); rounded != row.rounded {
			t.Errorf("%s at %d digits: %s, not %s", row.number, row.digits, rounded, row.rounded)
		}
	}
}

func TestSumsAndProductsAreExact(t *testing.T) {
	dec := crossdock.Dec
	for _, row := range []struct {
		found    crossdock.Decimal
		expected string
	}{
		{dec("0.1").Add(dec("0.20")), "0.30"},
		{dec("1").Sub(dec("1.005")), "-0.005"},
		{dec("19.99").Mul(dec("3")), "59.97"},
		{dec("-1.10").Mul(dec("1.1")), "-1.210"},
		{dec("200").Percent(dec("7.5")).Normalize(), "15"},
		{dec("19.99").PercentOff(dec("5")).Round(2), "18.99"},
		// 20 zeros behind the point, but they do not count.
		{crossdock.New(10, 18).Mul(crossdock.New(100, 2)).Normalize(), "0.00000000000000001"},
		// The sum fits once its zeros are dropped, though it does not at the larger scale.
		{dec("9000000000000000000").Add(dec("0.0")), "9000000000000000000"},
	} {
		if row.found.String() != row.expected {
			t.Errorf("found %s, expected %s", row.found, row.expected)
		}
	}
}

func TestResultsThatDoNotFitAreRefused(t *testing.T) {
	most, dec := crossdock.Int(math.MaxInt64), crossdock.Dec
	refused := func(number crossdock.Decimal, fits bool) {
		t.Helper()
		if fits {
			t.Errorf("answered %s", number)
		}
	}
	refused(most.CheckedAdd(dec("1")))
	refused(crossdock.Int(-math.MaxInt64).CheckedSub(dec("2")))
	refused(most.CheckedMul(dec("1.5")))
	refused(crossdock.New(1, 18).CheckedMul(dec("0.1")))
	refused(dec("1").CheckedDiv(crossdock.Int(0), 2))
	refused(dec("100").CheckedDiv(dec("1"), 18))
	defer func() {
		if recover() == nil {
			t.Error("a product that does not fit did not panic")
		}
	}()
	most.Mul(dec("3"))
}

func TestQuotientsAreRounded(t *testing.T) {
	for _, row := range []struct {
		a, b     string
		digits   uint8
		quotient string
	}{
		{"10", "3", 4, "3.3333"},
		{"2", "3", 2, "0.67"},
		{"-2", "3", 2, "-0.67"},
		{"1", "8", 2, "0.13"},
		{"-1", "8", 2, "-0.13"},
		{"1", "-0.0008", 0, "-1250"},
		{"0.0000000001", "2", 10, "0.0000000001"},
	} {
		quotient, fits := crossdock.Dec(row.a).CheckedDiv(crossdock.Dec(row.b), row.digits)
		if !fits || quotient.String() != row.quotient {
			t.Errorf("%s / %s at %d digits: %s, not %s", row.a, row.b, row.digits, quotient, row.quotient)
		}
	}
}

func TestOrderLooksAtTheValue(t *testing.T) {
	dec := crossdock.Dec
	if !dec("1.5").Equal(dec("1.50")) || dec("-1.5").Cmp(dec("-1.49")) != -1 || crossdock.Int(math.MaxInt64).Cmp(crossdock.New(1, 18)) != 1 {
		t.Error("numbers are not compared by value")
	}
}

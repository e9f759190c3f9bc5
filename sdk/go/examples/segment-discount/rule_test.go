// The rule alone, natively: go test.

package rule

import (
	"crossdock"
	"crossdock/sample"
	"testing"
)

func wholesale() *sample.Order { return sample.NewOrder().Segment("wholesale") }

func TestTheLargestBreakReachedCounts(t *testing.T) {
	sample.Settings(map[string]string{"breaks.10": "5", "breaks.50": "10"})
	order := wholesale().Line("A", "9", "10").Line("B", "10", "19.99").Line("C", "60", "8")
	if _, err := PreMap(sample.Context(), order.Order); err != nil {
		t.Fatal(err)
	}
	for i, price := range []string{"10", "18.99", "7.20"} {
		if found := order.Lines()[i].UnitPrice; !found.Equal(crossdock.Dec(price)) {
			t.Errorf("line %d: %s, not %s", i, found, price)
		}
	}
	if reason := order.Changes()[0].Reason; reason != "wholesale: 10 or more, 5 % off" {
		t.Error(reason)
	}
}

func TestAFineListPriceStaysFine(t *testing.T) {
	sample.Settings(map[string]string{"breaks.10": "5"})
	order := wholesale().Line("SCREW", "200", "0.0425")
	if _, err := PreMap(sample.Context(), order.Order); err != nil {
		t.Fatal(err)
	}
	if price := order.Lines()[0].UnitPrice.String(); price != "0.0404" {
		t.Error(price)
	}
}

func TestOtherSegmentsPayTheListPrice(t *testing.T) {
	sample.Settings(map[string]string{"breaks.1": "50"})
	order := sample.NewOrder().Segment("retail").Line("A", "10", "10")
	if _, err := PreMap(sample.Context(), order.Order); err != nil || len(order.Changes()) > 0 {
		t.Error(err, order.Changes())
	}
}

func TestAWrongSettingIsNamed(t *testing.T) {
	for _, row := range []struct{ key, value, expected string }{
		{"breaks.10", "five", "`breaks.10` is wrong: expected a number such as 19.99"},
		{"breaks.ten", "5", "`breaks.ten` is wrong: expected a quantity after the point, such as breaks.10"},
		{"breaks.10", "101", "`breaks.10` is wrong: expected 0 to 100 per cent"},
	} {
		sample.Settings(map[string]string{row.key: row.value})
		_, err := PreMap(sample.Context(), wholesale().Line("A", "10", "10").Order)
		if err == nil || err.Error() != row.expected || crossdock.AsHookError(err).Kind != crossdock.WrongSettings {
			t.Errorf("%v, not %s", err, row.expected)
		}
	}
}

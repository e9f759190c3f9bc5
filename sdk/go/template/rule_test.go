// The rule alone, without WebAssembly: go test.

package rule

import (
	"crossdock"
	"crossdock/sample"
	"testing"
)
// @hook pre-map

func TestTheSegmentGetsItsPercentage(t *testing.T) {
	sample.Settings(map[string]string{"percent": "10"})
	order := sample.NewOrder().Segment("wholesale").Line("LAMP", "2", "49.95")
	if _, err := PreMap(sample.Context(), order.Order); err != nil {
		t.Fatal(err)
	}
	if price := order.Lines()[0].UnitPrice; !price.Equal(crossdock.Dec("44.96")) {
		t.Errorf("the price is %s", price)
	}
	if reason := order.Changes()[0].Reason; reason != "wholesale: 10 % off" {
		t.Errorf("the reason is %q", reason)
	}
}

func TestOthersPayTheListPrice(t *testing.T) {
	sample.Settings(nil)
	order := sample.NewOrder().Segment("retail").Line("LAMP", "2", "49.95")
	if _, err := PreMap(sample.Context(), order.Order); err != nil || len(order.Changes()) > 0 {
		t.Errorf("%v, changes %v", err, order.Changes())
	}
}
// @end
// @hook route-order

func TestTheFirstWarehouseThatHasEverythingShips(t *testing.T) {
	sample.Settings(nil)
	order := sample.NewOrder().Line("LAMP", "2", "10").Line("BULB", "5", "1")
	candidates := sample.NewCandidates(order).
		Warehouse("TOR", "CA", "ON").Stock("LAMP", "9").
		Warehouse("VAN", "CA", "BC").Stock("LAMP", "2").Stock("BULB", "5")
	route, err := RouteOrder(sample.Context(), order.Order, candidates.Build())
	if err != nil || route.Kind != crossdock.RouteShips || len(route.Shipments) != 1 {
		t.Fatal(route, err)
	}
	if shipment := route.Shipments[0]; shipment.Warehouse != "VAN" || len(shipment.Lines) != 2 {
		t.Errorf("the shipment is %v", shipment)
	}
}

func TestWithoutStockTheOrderWaits(t *testing.T) {
	sample.Settings(nil)
	order := sample.NewOrder().Line("LAMP", "2", "10")
	candidates := sample.NewCandidates(order).Warehouse("TOR", "CA", "ON")
	route, err := RouteOrder(sample.Context(), order.Order, candidates.Build())
	if err != nil || route.Kind != crossdock.RouteHolds {
		t.Error(route, err)
	}
}
// @end
// @hook post-map

func TestTheTermsOfTheSettingsAreWritten(t *testing.T) {
	sample.Settings(map[string]string{"payment-terms": "NET45"})
	order := sample.NewOrder().Line("LAMP", "2", "10")
	document := sample.NewDocument(order)
	if _, err := PostMap(sample.Context(), order.Order, document.Document); err != nil {
		t.Fatal(err)
	}
	if terms, _ := document.Field("PaymentTerms"); terms != crossdock.Text("NET45") {
		t.Errorf("the terms are %v", terms)
	}
}
// @end

// Package rule is {{name}}: what this plugin decides. The host checks and records every edit; the sums follow.
package rule

import (
	"crossdock"
	"crossdock/settings"
)
// @hook pre-map

// PreMap takes the setting percent (5) off all prices for customers of the setting segment (wholesale).
func PreMap(_ crossdock.Context, order *crossdock.Order) (crossdock.Verdict, error) {
	segment := settings.Or("segment", "wholesale")
	percent, err := settings.Decimal("percent", crossdock.Dec("5"))
	if err != nil {
		return crossdock.Verdict{}, err
	}
	header := order.Header()
	if header.Segment != segment {
		return crossdock.Proceed(), nil
	}
	reason := segment + ": " + percent.String() + " % off"
	for i, line := range order.Lines() {
		price := line.UnitPrice.PercentOff(percent).Round(header.CurrencyDigits)
		if err := order.SetUnitPrice(i, price, reason); err != nil {
			return crossdock.Verdict{}, err
		}
	}
	return crossdock.Proceed(), nil
}
// @end
// @hook route-order

// RouteOrder ships everything from the first warehouse that has everything. When none has, the order waits, with the
// setting no-stock as the reason.
func RouteOrder(_ crossdock.Context, order *crossdock.Order, candidates *crossdock.Candidates) (crossdock.Route, error) {
	for at, warehouse := range candidates.Warehouses() {
		shipment := crossdock.Shipment{Warehouse: warehouse.ID}
		for i, line := range order.Lines() {
			if candidates.Stock(at, i).Cmp(line.Quantity) >= 0 {
				shipment.Add(i, line.Quantity)
			}
		}
		if len(shipment.Lines) == len(order.Lines()) {
			return crossdock.Ship(shipment), nil
		}
	}
	return crossdock.HoldRoute(settings.Or("no-stock", "no warehouse has everything")), nil
}
// @end
// @hook post-map

// PostMap writes the setting payment-terms (NET30) into the ERP's document.
func PostMap(_ crossdock.Context, _ *crossdock.Order, document *crossdock.Document) (crossdock.Verdict, error) {
	terms := crossdock.Text(settings.Or("payment-terms", "NET30"))
	return crossdock.Proceed(), document.SetField("PaymentTerms", terms, "terms of the settings")
}
// @end

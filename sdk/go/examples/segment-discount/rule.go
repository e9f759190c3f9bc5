// Package rule gives price breaks by quantity for one customer segment, at pre-map.
//
//	[plugins.segment-discount.settings]
//	segment = "wholesale"     # the default
//	breaks.10 = "5"           # from 10 units of a line: 5 % off its unit price
//	breaks.50 = "10"          # from 50 units: 10 % off
//
// The largest break that a line reaches counts. Prices are rounded to the currency's digits; a list price that is finer (a
// screw at 0.0425) keeps four.
package rule

import (
	"crossdock"
	"crossdock/settings"
	"slices"
)

// priceBreak: from so many units of a line, so many per cent off.
type priceBreak struct {
	units, percent crossdock.Decimal
	reason         string
}

// PreMap edits the prices.
func PreMap(_ crossdock.Context, order *crossdock.Order) (crossdock.Verdict, error) {
	header := order.Header()
	segment := settings.Or("segment", "wholesale")
	if header.Segment != segment {
		return crossdock.Proceed(), nil
	}
	breaks, err := readBreaks(segment)
	if err != nil {
		return crossdock.Verdict{}, err
	}
	for i, line := range order.Lines() {
		reaches := func(one priceBreak) bool { return one.units.Cmp(line.Quantity) <= 0 }
		at := slices.IndexFunc(breaks, reaches)
		if at < 0 {
			continue
		}
		digits := header.CurrencyDigits
		if line.UnitPrice.Normalize().Scale() > digits {
			digits = 4
		}
		price := line.UnitPrice.PercentOff(breaks[at].percent).Round(digits)
		if err := order.SetUnitPrice(i, price, breaks[at].reason); err != nil {
			return crossdock.Verdict{}, err
		}
	}
	return crossdock.Proceed(), nil
}

// readBreaks are the breaks of the settings, the largest first.
func readBreaks(segment string) ([]priceBreak, error) {
	percentages, err := settings.DecimalsBelow("breaks.")
	if err != nil {
		return nil, err
	}
	var breaks []priceBreak
	for _, setting := range percentages {
		key, percent := "breaks."+setting.Key, setting.Value
		units, err := crossdock.Parse(setting.Key)
		if err != nil {
			return nil, settings.Wrong(key, "a quantity after the point, such as breaks.10")
		}
		if percent.Sign() < 0 || percent.Cmp(crossdock.Int(100)) > 0 {
			return nil, settings.Wrong(key, "0 to 100 per cent")
		}
		reason := segment + ": " + units.String() + " or more, " + percent.String() + " % off"
		breaks = append(breaks, priceBreak{units, percent, reason})
	}
	slices.SortStableFunc(breaks, func(a, b priceBreak) int { return b.units.Cmp(a.units) })
	return breaks, nil
}

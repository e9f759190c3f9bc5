// Where an order can be shipped from, and what a routing rule puts together.

package crossdock

import "slices"

// Warehouse is one that may ship.
type Warehouse struct {
	ID           string
	Country      string
	Region       string
	ProductTypes []string // none means all
}

// Carries says whether it carries a product type. A warehouse without a list carries all.
func (w Warehouse) Carries(productType string) bool {
	return len(w.ProductTypes) == 0 || slices.Contains(w.ProductTypes, productType)
}

// ShipmentLine is a part of one line in one shipment.
type ShipmentLine struct {
	Line     uint32
	Quantity Decimal
}

// Shipment is what one warehouse ships. One ERP document is made of each.
type Shipment struct {
	Warehouse string
	Lines     []ShipmentLine // a line at most once
}

// Add adds so many units of a line.
func (s *Shipment) Add(line int, quantity Decimal) {
	s.Lines = append(s.Lines, ShipmentLine{index(line), quantity})
}

// CandidatesRecord is where candidates really lie. Authors use [Candidates].
type CandidatesRecord interface {
	Warehouses() []Warehouse
	Stock() []Decimal // row by row: all lines of the first warehouse, then all lines of the second …
}

// Candidates are the warehouses that an order can be shipped from, and what they have.
type Candidates struct {
	record     CandidatesRecord
	warehouses []Warehouse
	stock      []Decimal
}

// NewCandidates is for backings.
func NewCandidates(record CandidatesRecord) *Candidates {
	return &Candidates{record, record.Warehouses(), nil}
}

// Warehouses are in the operator's order of preference.
func (c *Candidates) Warehouses() []Warehouse { return c.warehouses }

// Stock is what a warehouse, by its place, has of a line's SKU; 0 when there is no such place or line.
func (c *Candidates) Stock(warehouse, line int) Decimal {
	if c.stock == nil {
		c.stock = c.record.Stock()
	}
	lines := len(c.stock) / max(len(c.warehouses), 1)
	if warehouse < 0 || warehouse >= len(c.warehouses) || line < 0 || line >= lines {
		return Decimal{}
	}
	return c.stock[warehouse*lines+line]
}

// Package sample holds orders, documents, candidates and settings in memory, for an author's native tests: `go test`, no
// WebAssembly. Edits follow the host's rules: sums and taxes follow, what the host refuses is refused. There is nothing of
// it in a component. Settings and log belong to the whole test program: no t.Parallel.
//
// Numbers are passed as text ("19.99"); text that is none panics.
package sample

import (
	"crossdock"
	"slices"
	"strconv"
	"strings"
)

// Logged is a line of the log.
type Logged struct {
	Level crossdock.Level
	Text  string
}

type place struct {
	settings []crossdock.Setting
	log      []Logged
}

var here = &place{}

func init() { crossdock.Use(here) }

func (p *place) Setting(key string) (string, bool) {
	for _, setting := range p.settings {
		if setting.Key == key {
			return setting.Value, true
		}
	}
	return "", false
}

func (p *place) Settings() []crossdock.Setting { return p.settings }

func (p *place) Log(level crossdock.Level, message string) {
	p.log = append(p.log, Logged{level, message})
}

// Settings sets the plugin's settings, replacing those set before. Keys are flattened: breaks.10.
func Settings(settings map[string]string) {
	here.settings = nil
	for key, value := range settings {
		here.settings = append(here.settings, crossdock.Setting{Key: key, Value: value})
	}
	slices.SortFunc(here.settings, func(a, b crossdock.Setting) int { return strings.Compare(a.Key, b.Key) })
}

// TakeLog takes what was logged so far.
func TakeLog() []Logged {
	log := here.log
	here.log = nil
	return log
}

// Context is one whose time is fixed.
func Context() crossdock.Context {
	now := crossdock.Instant{UnixMs: 1_772_000_000_000}
	return crossdock.Context{Integration: "sample", EventID: "evt-sample", Attempt: 1, Now: now}
}

// Order is an order with what a test asks of it: see [NewOrder].
type Order struct {
	*crossdock.Order

	memory *memory
}

// NewOrder begins a sample order: placed in Canadian dollars, from and to Ontario, paid on account, 13 % tax on shipping,
// no lines yet. What it is made of is added first, then hooks run on it.
func NewOrder() *Order {
	address := crossdock.Address{
		Name:       "Sam Sample",
		Company:    "Sample Supplies",
		Line1:      "1 Example Street",
		City:       "Toronto",
		Region:     "ON",
		PostalCode: "M5V 1A1",
		Country:    "CA",
		Phone:      "+1 416 555 0100",
		Email:      "sam@example.com",
	}
	header := crossdock.Header{
		Number:         "SAMPLE-1",
		Status:         "placed",
		Currency:       "CAD",
		CurrencyDigits: 2,
		OrderedAt:      Context().Now,
		CustomerID:     "C10042",
	}
	memory := &memory{
		header:       header,
		shippingRate: crossdock.Dec("0.13"),
		billing:      address,
		shipping:     address,
		payment:      crossdock.Payment{Method: "on-account", Status: "pending"},
	}
	return &Order{crossdock.NewOrder(memory), memory}
}

// with changes what the order is made of, and computes taxes and sums.
func (o *Order) with(change func(*memory)) *Order {
	m := o.memory
	change(m)
	for i := range m.lines {
		line := &m.lines[i]
		line.Tax = line.worth(m.header.CurrencyDigits).Sub(line.Discount).Mul(line.TaxRate).Round(m.header.CurrencyDigits)
	}
	m.sum()
	m.payment.Amount = m.header.Total
	o.Order = crossdock.NewOrder(m) // one that has read nothing yet
	return o
}

func (o *Order) withLast(change func(*line)) *Order {
	return o.with(func(m *memory) {
		if len(m.lines) == 0 {
			panic("add a line first")
		}
		change(&m.lines[len(m.lines)-1])
	})
}

// Segment is the customer's segment.
func (o *Order) Segment(segment string) *Order {
	return o.with(func(m *memory) { m.header.Segment = segment })
}

// Currency is the currency and its digits: ("JPY", 0).
func (o *Order) Currency(code string, digits uint8) *Order {
	return o.with(func(m *memory) { m.header.Currency, m.header.CurrencyDigits = code, digits })
}

// ShippingPrice is the price of shipping, taxed with 13 %.
func (o *Order) ShippingPrice(amount string) *Order {
	return o.with(func(m *memory) { m.header.Shipping = crossdock.Dec(amount) })
}

// Discount is the discount on the whole order.
func (o *Order) Discount(amount string) *Order {
	return o.with(func(m *memory) { m.header.Discount = crossdock.Dec(amount) })
}

// BillTo is the country and region that the invoice goes to: ("CA", "ON").
func (o *Order) BillTo(country, region string) *Order {
	return o.with(func(m *memory) { m.billing.Country, m.billing.Region = country, region })
}

// ShipTo is the country and region that the goods go to: ("US", "NY").
func (o *Order) ShipTo(country, region string) *Order {
	return o.with(func(m *memory) { m.shipping.Country, m.shipping.Region = country, region })
}

// WithField has a custom field.
func (o *Order) WithField(name string, value crossdock.Value) *Order {
	return o.with(func(m *memory) { put(&m.fields, name, value) })
}

// WithTag has a tag.
func (o *Order) WithTag(tag string) *Order {
	return o.with(func(m *memory) {
		m.tags = append(m.tags, tag)
		slices.Sort(m.tags)
	})
}

// Line adds a line with 13 % tax; its name is its SKU.
func (o *Order) Line(sku, quantity, unitPrice string) *Order {
	return o.with(func(m *memory) {
		m.lines = append(m.lines, line{Line: crossdock.Line{
			ID:        "L" + strconv.Itoa(len(m.lines)+1),
			SKU:       sku,
			Name:      sku,
			Quantity:  crossdock.Dec(quantity),
			UnitPrice: crossdock.Dec(unitPrice),
			TaxRate:   crossdock.Dec("0.13"),
		}})
	})
}

// ProductType is that of the line added last.
func (o *Order) ProductType(productType string) *Order {
	return o.withLast(func(l *line) { l.Line.ProductType = productType })
}

// TaxRate is that of the line added last, as a fraction: "0.05".
func (o *Order) TaxRate(rate string) *Order {
	return o.withLast(func(l *line) { l.Line.TaxRate = crossdock.Dec(rate) })
}

// LineDiscount is the discount on the line added last.
func (o *Order) LineDiscount(amount string) *Order {
	return o.withLast(func(l *line) { l.Line.Discount = crossdock.Dec(amount) })
}

// WithLineField has a custom field on the line added last.
func (o *Order) WithLineField(name string, value crossdock.Value) *Order {
	return o.withLast(func(l *line) { put(&l.fields, name, value) })
}

// Changes are the edits made so far, in order.
func (o *Order) Changes() []Change { return slices.Clone(o.memory.changes) }

// Candidates are candidates with what a test adds to them.
type Candidates struct {
	order      *Order
	warehouses []crossdock.Warehouse
	stock      []crossdock.Decimal
}

type candidates struct{ of *Candidates }

func (c candidates) Warehouses() []crossdock.Warehouse { return c.of.warehouses }

func (c candidates) Stock() []crossdock.Decimal { return c.of.stock }

// NewCandidates begins the candidates for an order: no warehouses yet.
func NewCandidates(order *Order) *Candidates { return &Candidates{order: order} }

// Warehouse adds one that carries everything and has nothing. What follows speaks of the warehouse added last.
func (c *Candidates) Warehouse(id, country, region string) *Candidates {
	c.warehouses = append(c.warehouses, crossdock.Warehouse{ID: id, Country: country, Region: region})
	c.stock = append(c.stock, make([]crossdock.Decimal, len(c.order.memory.lines))...)
	return c
}

// Carries are the product types that it carries.
func (c *Candidates) Carries(productTypes ...string) *Candidates {
	c.warehouses[len(c.warehouses)-1].ProductTypes = productTypes
	return c
}

// Stock is what it has of a SKU.
func (c *Candidates) Stock(sku, units string) *Candidates {
	row := c.stock[len(c.stock)-len(c.order.memory.lines):]
	for i, line := range c.order.memory.lines {
		if line.SKU == sku {
			row[i] = crossdock.Dec(units)
		}
	}
	return c
}

// Build gives the candidates to a hook.
func (c *Candidates) Build() *crossdock.Candidates { return crossdock.NewCandidates(candidates{c}) }

// Document is a document with what a test asks of it.
type Document struct {
	*crossdock.Document

	paper *paper
}

// NewDocument is a document for the whole order from warehouse TOR, with fields as in the shipped template: those that
// carry money, quantity or identity.
func NewDocument(order *Order) *Document {
	header := order.Header()
	paper := &paper{key: header.Number, warehouse: "TOR"}
	paper.fields = []crossdock.Field{
		{Name: "PurchaseOrderNo", Value: crossdock.Text(header.Number)},
		{Name: "CustomerNo", Value: crossdock.Text(header.CustomerID)},
		{Name: "TotalAmount", Value: crossdock.Number(header.Total)},
	}
	for _, line := range order.Lines() {
		paper.lines = append(paper.lines, []crossdock.Field{
			{Name: "ItemCode", Value: crossdock.Text(line.SKU)},
			{Name: "Quantity", Value: crossdock.Number(line.Quantity)},
			{Name: "UnitPrice", Value: crossdock.Number(line.UnitPrice)},
			{Name: "TaxAmount", Value: crossdock.Number(line.Tax)},
		})
	}
	return &Document{crossdock.NewDocument(paper), paper}
}

// Changes are the edits made so far, in order.
func (d *Document) Changes() []Change { return slices.Clone(d.paper.changes) }

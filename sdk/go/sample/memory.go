// An order held in memory, with the host's rules for edits, sums and taxes.

package sample

import (
	"crossdock"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Change is one edit, as the host records it.
type Change struct {
	Path   string // lines[3].unit-price, shipping.amount, fields.NAME, lines[3].fields.NAME, tags …
	Before crossdock.Value
	After  crossdock.Value
	Reason string
}

type line struct {
	crossdock.Line

	fields  []crossdock.Field
	touched bool // its price or discount changed: its tax is shared out anew with the others that changed
}

// memory is an order held in memory. Edits follow the host's rules, so that what a test takes the host takes. Not the
// host: no guardrails, no limits.
type memory struct {
	header            crossdock.Header
	lines             []line
	shippingRate      crossdock.Decimal
	billing, shipping crossdock.Address
	payment           crossdock.Payment
	fields            []crossdock.Field
	tags              []string
	changes           []Change
}

func (l *line) worth(digits uint8) crossdock.Decimal {
	return l.Quantity.Mul(l.UnitPrice).Round(digits)
}

// sum brings the taxes of touched lines and the sums of the header up to date.
func (m *memory) sum() {
	digits := m.header.CurrencyDigits
	var rates []crossdock.Decimal
	for i := range m.lines {
		line := &m.lines[i]
		line.Total = line.worth(digits).Sub(line.Discount)
		if line.touched && !slices.ContainsFunc(rates, line.TaxRate.Equal) {
			rates = append(rates, line.TaxRate)
		}
	}
	for _, rate := range rates {
		m.shareTax(rate)
	}
	header := &m.header
	header.Subtotal = crossdock.Decimal{}
	header.Tax = header.Shipping.Mul(m.shippingRate).Round(digits)
	for _, line := range m.lines {
		header.Subtotal = header.Subtotal.Add(line.Total)
		header.Tax = header.Tax.Add(line.Tax)
	}
	header.Total = header.Subtotal.Sub(header.Discount).Add(header.Shipping).Add(header.Tax)
}

// shareTax shares the tax of the touched lines of one rate out by their totals, in whole units of the currency: each share
// rounded down, then the units left to the largest remainders, the earlier line first on a tie.
func (m *memory) shareTax(rate crossdock.Decimal) {
	digits := m.header.CurrencyDigits
	var sharing []*line
	var worth crossdock.Decimal
	for i := range m.lines {
		if line := &m.lines[i]; line.touched && line.TaxRate.Equal(rate) {
			sharing = append(sharing, line)
			worth = worth.Add(line.Total)
		}
	}
	sum, tax := units(worth, digits), units(worth.Mul(rate).Round(digits), digits)
	left := tax
	remainders := make(map[*line]*big.Int, len(sharing))
	for i, line := range sharing {
		share, remainder := big.NewInt(0), big.NewInt(0)
		if sum != 0 {
			part := new(big.Int).Mul(big.NewInt(tax), big.NewInt(units(line.Total, digits)))
			share.QuoRem(part, big.NewInt(sum), remainder)
		} else if i == 0 {
			share.SetInt64(tax)
		}
		remainders[line] = remainder
		line.Tax = crossdock.New(share.Int64(), digits)
		left -= share.Int64()
	}
	slices.SortStableFunc(sharing, func(a, b *line) int { return remainders[b].Cmp(remainders[a]) })
	for _, line := range sharing[:max(left, 0)] {
		line.Tax = line.Tax.Add(crossdock.New(1, digits))
	}
}

// units are the units of an amount at so many digits, which it does not exceed.
func units(amount crossdock.Decimal, digits uint8) int64 {
	return amount.Add(crossdock.New(0, digits)).Units()
}

func (m *memory) Header() crossdock.Header {
	m.sum()
	return m.header
}

func (m *memory) Lines() []crossdock.Line {
	m.sum()
	lines := make([]crossdock.Line, len(m.lines))
	for i, line := range m.lines {
		lines[i] = line.Line
	}
	return lines
}

func (m *memory) BillingAddress() crossdock.Address { return m.billing }

func (m *memory) ShippingAddress() crossdock.Address { return m.shipping }

func (m *memory) Payment() crossdock.Payment { return m.payment }

func (m *memory) Fields() []crossdock.Field { return slices.Clone(m.fields) }

func (m *memory) Field(name string) (crossdock.Value, bool) { return find(m.fields, name) }

func (m *memory) LineField(at uint32, name string) (crossdock.Value, bool) {
	if int(at) >= len(m.lines) {
		return crossdock.Empty, false
	}
	return find(m.lines[at].fields, name)
}

func (m *memory) Tags() []string { return slices.Clone(m.tags) }

func (m *memory) record(path string, before, after crossdock.Value, reason string) {
	m.changes = append(m.changes, Change{path, before, after, reason})
}

func (m *memory) SetUnitPrice(at uint32, price crossdock.Decimal, reason string) *crossdock.EditError {
	path := linePath(at, "unit-price")
	if int(at) >= len(m.lines) {
		return noSuchLine(at)
	}
	edited := &m.lines[at]
	price, refused := canonical(price, path)
	if refused != nil {
		return refused
	}
	if price.Sign() < 0 {
		return invalid(path + ": the price is negative")
	}
	worth, fits := edited.Quantity.CheckedMul(price)
	if worth = worth.Round(m.header.CurrencyDigits); !fits || worth.Cmp(most) >= 0 {
		return outOfRange(linePath(at, "total") + ": quantity × price is too large")
	}
	if worth.Cmp(edited.Discount) < 0 {
		return invalid(path + ": the line would be worth less than its discount")
	}
	m.record(path, crossdock.Number(edited.UnitPrice), crossdock.Number(price), reason)
	edited.UnitPrice, edited.touched = price, true
	return nil
}

func (m *memory) SetDiscount(at uint32, discount crossdock.Decimal, reason string) *crossdock.EditError {
	path := linePath(at, "discount")
	if int(at) >= len(m.lines) {
		return noSuchLine(at)
	}
	edited := &m.lines[at]
	discount, refused := canonical(discount, path)
	if refused != nil {
		return refused
	}
	worth := edited.worth(m.header.CurrencyDigits)
	if discount.Sign() < 0 || discount.Cmp(worth) > 0 {
		return invalid(path + ": the discount must lie between 0 and the line's worth of " + worth.String())
	}
	if refused := m.whole(discount, path); refused != nil {
		return refused
	}
	m.record(path, crossdock.Number(edited.Discount), crossdock.Number(discount), reason)
	edited.Discount, edited.touched = discount, true
	return nil
}

func (m *memory) SetShipping(amount crossdock.Decimal, reason string) *crossdock.EditError {
	const path = "shipping.amount"
	amount, refused := canonical(amount, path)
	if refused != nil {
		return refused
	}
	if amount.Sign() < 0 {
		return invalid(path + ": the price is negative")
	}
	if refused := m.whole(amount, path); refused != nil {
		return refused
	}
	m.record(path, crossdock.Number(m.header.Shipping), crossdock.Number(amount), reason)
	m.header.Shipping = amount
	return nil
}

func (m *memory) SetField(name string, value crossdock.Value, reason string) *crossdock.EditError {
	if refused := fieldAllowed(name, value); refused != nil {
		return refused
	}
	m.record("fields."+name, put(&m.fields, name, value), value, reason)
	return nil
}

func (m *memory) SetLineField(at uint32, name string, value crossdock.Value, reason string) *crossdock.EditError {
	if refused := fieldAllowed(name, value); refused != nil {
		return refused
	}
	if int(at) >= len(m.lines) {
		return noSuchLine(at)
	}
	m.record(linePath(at, "fields."+name), put(&m.lines[at].fields, name, value), value, reason)
	return nil
}

func (m *memory) AddTag(tag, reason string) *crossdock.EditError {
	if refused := nameAllowed(tag); refused != nil {
		return refused
	}
	if place, there := slices.BinarySearch(m.tags, tag); !there {
		m.tags = slices.Insert(m.tags, place, tag)
		m.record("tags", crossdock.Empty, crossdock.Text(tag), reason)
	}
	return nil
}

func (m *memory) whole(amount crossdock.Decimal, path string) *crossdock.EditError {
	digits := m.header.CurrencyDigits
	if !amount.Round(digits).Equal(amount) {
		return invalid(path + ": " + m.header.Currency + " has " + strconv.Itoa(int(digits)) + " decimals")
	}
	return nil
}

var most = crossdock.Int(100_000_000_000)

// canonical is the number in its shortest form, if it may stand in an order.
func canonical(number crossdock.Decimal, path string) (crossdock.Decimal, *crossdock.EditError) {
	short := number.Normalize()
	if short.Scale() > 4 || short.Cmp(most) >= 0 || short.Cmp(crossdock.Int(0).Sub(most)) <= 0 {
		return short, outOfRange(path + ": at most 4 decimals and below 10^11")
	}
	return short, nil
}

func nameAllowed(name string) *crossdock.EditError {
	if name == "" || len(name) > 64 || strings.ContainsFunc(name, unicode.IsControl) {
		return invalid("a name has 1 to 64 bytes and no control characters")
	}
	return nil
}

func fieldAllowed(name string, value crossdock.Value) *crossdock.EditError {
	if refused := nameAllowed(name); refused != nil {
		return refused
	}
	if value.Kind == crossdock.KindText && len(value.Text) > 4096 {
		return invalid("`" + name + "`: a text has at most 4096 bytes")
	}
	if value.Kind == crossdock.KindNumber {
		_, refused := canonical(value.Number, "fields."+name)
		return refused
	}
	return nil
}

func linePath(at uint32, what string) string {
	return "lines[" + strconv.FormatUint(uint64(at), 10) + "]." + what
}

func noSuchLine(at uint32) *crossdock.EditError {
	return &crossdock.EditError{Kind: crossdock.NoSuchLine, Line: at}
}

func invalid(text string) *crossdock.EditError {
	return &crossdock.EditError{Kind: crossdock.Invalid, Text: text}
}

func outOfRange(text string) *crossdock.EditError {
	return &crossdock.EditError{Kind: crossdock.OutOfRange, Text: text}
}

func find(fields []crossdock.Field, name string) (crossdock.Value, bool) {
	for _, field := range fields {
		if field.Name == name {
			return field.Value, true
		}
	}
	return crossdock.Empty, false
}

// put sets, adds or, with an empty value, removes a field; it answers what was there before.
func put(fields *[]crossdock.Field, name string, value crossdock.Value) crossdock.Value {
	at := slices.IndexFunc(*fields, func(field crossdock.Field) bool { return field.Name == name })
	switch {
	case at < 0 && value.Kind == crossdock.KindEmpty:
		return crossdock.Empty
	case at < 0:
		*fields = append(*fields, crossdock.Field{Name: name, Value: value})
		return crossdock.Empty
	}
	before := (*fields)[at].Value
	if value.Kind == crossdock.KindEmpty {
		*fields = slices.Delete(*fields, at, at+1)
	} else {
		(*fields)[at].Value = value
	}
	return before
}

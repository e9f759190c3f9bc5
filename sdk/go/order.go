// The canonical order as authors see it, over a record that lies at the host or in memory.

package crossdock

// Header is what is true of the whole order.
type Header struct {
	Number         string
	Status         string
	Currency       string // ISO 4217
	CurrencyDigits uint8
	OrderedAt      Instant
	CustomerID     string
	Segment        string  // empty when the shop sends none
	Subtotal       Decimal // of the lines, before order discount, shipping and tax
	Discount       Decimal
	Shipping       Decimal
	Tax            Decimal
	Total          Decimal
}

// Address is a postal address. Unknown parts are empty. Never log it.
type Address struct {
	Name, Company, Line1, Line2, City, Region, PostalCode string

	Country      string // ISO 3166-1 alpha-2, upper case
	Phone, Email string
}

// Payment is how the customer pays.
type Payment struct {
	Method, Status, TransactionID string

	Amount Decimal
}

// Line is one line of an order.
type Line struct {
	ID, SKU, Name string

	ProductType string // empty when the shop sends none
	Quantity    Decimal
	UnitPrice   Decimal // without tax, before the line's discount
	Discount    Decimal // on the whole line
	TaxRate     Decimal // 0.13 is 13 %
	Tax         Decimal
	Total       Decimal // quantity × unit price, rounded to the currency, − discount
}

// OrderRecord is where an order really lies: at the host, or in memory. Authors use [Order].
type OrderRecord interface {
	Header() Header
	Lines() []Line
	BillingAddress() Address
	ShippingAddress() Address
	Payment() Payment
	Fields() []Field
	Field(name string) (Value, bool)
	LineField(line uint32, name string) (Value, bool)
	Tags() []string
	SetUnitPrice(line uint32, price Decimal, reason string) *EditError
	SetDiscount(line uint32, discount Decimal, reason string) *EditError
	SetShipping(amount Decimal, reason string) *EditError
	SetField(name string, value Value, reason string) *EditError
	SetLineField(line uint32, name string, value Value, reason string) *EditError
	AddTag(tag, reason string) *EditError
}

// Order is the canonical order: edited in PreMap, read-only in the other hooks. Edits answer an [*EditError] when the
// host refuses them; the reason is what the merchant's staff reads.
type Order struct {
	record OrderRecord
	header *Header // nil when it is not read yet, or old
	lines  []Line
}

// NewOrder is for backings.
func NewOrder(record OrderRecord) *Order { return &Order{record: record} }

// Header has the sums with the edits made so far.
func (o *Order) Header() Header {
	if o.header == nil {
		header := o.record.Header()
		o.header = &header
	}
	return *o.header
}

// Lines is a snapshot: it stays as it is while the order is edited. Ask again for new totals and taxes.
func (o *Order) Lines() []Line {
	if o.lines == nil {
		o.lines = o.record.Lines()
	}
	return o.lines
}

// BillingAddress is where the invoice goes.
func (o *Order) BillingAddress() Address { return o.record.BillingAddress() }

// ShippingAddress is where the goods go.
func (o *Order) ShippingAddress() Address { return o.record.ShippingAddress() }

// Payment is how the customer pays.
func (o *Order) Payment() Payment { return o.record.Payment() }

// Fields are the custom fields.
func (o *Order) Fields() []Field { return o.record.Fields() }

// Field is one custom field; false when there is none of this name.
func (o *Order) Field(name string) (Value, bool) { return o.record.Field(name) }

// LineField is one custom field of a line; false when there is no such line or field.
func (o *Order) LineField(line int, name string) (Value, bool) {
	return o.record.LineField(index(line), name)
}

// Tags are sorted.
func (o *Order) Tags() []string { return o.record.Tags() }

// SetUnitPrice sets the unit price of a line: zero or more, at most 4 decimals. Total, tax and the order's sums follow.
func (o *Order) SetUnitPrice(line int, price Decimal, reason string) error {
	o.touch()
	return edited(o.record.SetUnitPrice(index(line), price.Normalize(), reason))
}

// SetDiscount sets the discount on a whole line: from zero to quantity × unit price, in whole cents.
func (o *Order) SetDiscount(line int, discount Decimal, reason string) error {
	o.touch()
	return edited(o.record.SetDiscount(index(line), discount.Normalize(), reason))
}

// SetShipping sets the price of shipping without tax: zero or more; its tax follows.
func (o *Order) SetShipping(amount Decimal, reason string) error {
	o.touch()
	return edited(o.record.SetShipping(amount.Normalize(), reason))
}

// SetField sets or adds a custom field; [Empty] removes it.
func (o *Order) SetField(name string, value Value, reason string) error {
	return edited(o.record.SetField(name, value, reason))
}

// SetLineField sets or adds a custom field of a line; [Empty] removes it.
func (o *Order) SetLineField(line int, name string, value Value, reason string) error {
	return edited(o.record.SetLineField(index(line), name, value, reason))
}

// AddTag adds a tag; adding one that is there changes nothing.
func (o *Order) AddTag(tag, reason string) error { return edited(o.record.AddTag(tag, reason)) }

func (o *Order) touch() { o.header, o.lines = nil, nil }

// index of a line; one that cannot be a line becomes one that no order has.
func index(line int) uint32 {
	if line < 0 || line > 1<<31-1 {
		return 1<<31 - 1
	}
	return uint32(line)
}

// edited keeps a nil refusal from becoming an error that is not nil.
func edited(refused *EditError) error {
	if refused == nil {
		return nil
	}
	return refused
}

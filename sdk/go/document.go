// The ERP document of one shipment as authors see it, over a record that lies at the host or in memory.

package crossdock

// DocumentRecord is where a document really lies. Authors use [Document].
type DocumentRecord interface {
	Key() string
	Warehouse() string
	Fields() []Field
	Field(name string) (Value, bool)
	LineCount() int
	LineFields(line uint32) []Field
	Column(name string) []Value
	SetField(name string, value Value, reason string) *EditError
	SetLineField(line uint32, name string, value Value, reason string) *EditError
	SetColumn(name string, values []Value, reason string) *EditError
}

// Document is the ERP document of one shipment after mapping. Money, quantities, keys and item codes cannot be set here
// ([NotAllowed]): prices are changed in PreMap, so that the sums stay right.
type Document struct{ record DocumentRecord }

// NewDocument is for backings.
func NewDocument(record DocumentRecord) *Document { return &Document{record} }

// Key is the web order number that the ERP keeps as purchase-order number.
func (d *Document) Key() string { return d.record.Key() }

// Warehouse is the one that ships this document.
func (d *Document) Warehouse() string { return d.record.Warehouse() }

// Fields are the header fields, in the template's order.
func (d *Document) Fields() []Field { return d.record.Fields() }

// Field is one header field; false when there is none of this name.
func (d *Document) Field(name string) (Value, bool) { return d.record.Field(name) }

// LineCount is how many lines there are.
func (d *Document) LineCount() int { return d.record.LineCount() }

// LineFields are the fields of one line, in the template's order; none when there is no such line.
func (d *Document) LineFields(line int) []Field { return d.record.LineFields(index(line)) }

// Column is one field over all lines; [Empty] where a line has none of this name.
func (d *Document) Column(name string) []Value { return d.record.Column(name) }

// SetField sets or adds a header field; [Empty] removes it.
func (d *Document) SetField(name string, value Value, reason string) error {
	return edited(d.record.SetField(name, value, reason))
}

// SetLineField sets or adds a field of one line; [Empty] removes it.
func (d *Document) SetLineField(line int, name string, value Value, reason string) error {
	return edited(d.record.SetLineField(index(line), name, value, reason))
}

// SetColumn sets one field of every line, one value per line: all or none.
func (d *Document) SetColumn(name string, values []Value, reason string) error {
	return edited(d.record.SetColumn(name, values, reason))
}

// A document held in memory, with the host's rules for edits.

package sample

import (
	"crossdock"
	"slices"
	"strconv"
)

// Names of fields that carry money, quantity or identity.
var locked = []string{
	"PurchaseOrderNo", "TotalAmount", "ItemCode", "Quantity", "UnitPrice", "TaxAmount",
}

// paper is a document held in memory, with the host's rules for edits.
type paper struct {
	key, warehouse string
	fields         []crossdock.Field
	lines          [][]crossdock.Field
	changes        []Change
}

func (p *paper) Key() string { return p.key }

func (p *paper) Warehouse() string { return p.warehouse }

func (p *paper) Fields() []crossdock.Field { return slices.Clone(p.fields) }

func (p *paper) Field(name string) (crossdock.Value, bool) { return find(p.fields, name) }

func (p *paper) LineCount() int { return len(p.lines) }

func (p *paper) LineFields(at uint32) []crossdock.Field {
	if int(at) >= len(p.lines) {
		return nil
	}
	return slices.Clone(p.lines[at])
}

func (p *paper) Column(name string) []crossdock.Value {
	column := make([]crossdock.Value, len(p.lines))
	for i, fields := range p.lines {
		column[i], _ = find(fields, name)
	}
	return column
}

func allowed(name string, value crossdock.Value) *crossdock.EditError {
	if refused := fieldAllowed(name, value); refused != nil {
		return refused
	}
	if slices.Contains(locked, name) {
		text := "`" + name + "` carries money, quantity or identity: change it in pre-map, so that the sums stay right"
		return &crossdock.EditError{Kind: crossdock.NotAllowed, Text: text}
	}
	return nil
}

func (p *paper) SetField(name string, value crossdock.Value, reason string) *crossdock.EditError {
	if refused := allowed(name, value); refused != nil {
		return refused
	}
	before := put(&p.fields, name, value)
	p.changes = append(p.changes, Change{"fields." + name, before, value, reason})
	return nil
}

func (p *paper) putLine(at int, name string, value crossdock.Value, reason string) {
	before := put(&p.lines[at], name, value)
	p.changes = append(p.changes, Change{linePath(uint32(at), "fields."+name), before, value, reason})
}

func (p *paper) SetLineField(at uint32, name string, value crossdock.Value, reason string) *crossdock.EditError {
	if refused := allowed(name, value); refused != nil {
		return refused
	}
	if int(at) >= len(p.lines) {
		return noSuchLine(at)
	}
	p.putLine(int(at), name, value, reason)
	return nil
}

func (p *paper) SetColumn(name string, values []crossdock.Value, reason string) *crossdock.EditError {
	if len(values) != len(p.lines) {
		return invalid(strconv.Itoa(len(p.lines)) + " lines, but " + strconv.Itoa(len(values)) + " values")
	}
	for _, value := range values {
		if refused := allowed(name, value); refused != nil {
			return refused
		}
	}
	for at, value := range values {
		p.putLine(at, name, value, reason)
	}
	return nil
}

// Package export_crossdock_plugin_post_map is the hook post-map as the generated export calls it.
package export_crossdock_plugin_post_map

import (
	"crossdock"
	"rule"
	host "wit_component/crossdock_host"
	"wit_component/crossdock_plugin_documents"
	"wit_component/crossdock_plugin_orders"
	wit "wit_component/crossdock_plugin_types"

	witTypes "go.bytecodealliance.org/pkg/wit/types"
)

// Run calls the author's PostMap.
func Run(context wit.Context, order *crossdock_plugin_orders.Order, lent *crossdock_plugin_documents.Document) witTypes.Result[wit.Verdict, wit.HookError] {
	defer order.Drop()
	defer lent.Drop()
	defer host.TellPanics()
	return host.VerdictOut(rule.PostMap(host.Begin(context), host.OrderIn(order), crossdock.NewDocument(document{lent})))
}

type document struct {
	lent *crossdock_plugin_documents.Document
}

func (d document) Key() string { return d.lent.Key() }

func (d document) Warehouse() string { return d.lent.Warehouse() }

func (d document) Fields() []crossdock.Field { return host.FieldsIn(d.lent.Fields()) }

func (d document) Field(name string) (crossdock.Value, bool) {
	return host.OptionIn(d.lent.Field(name))
}

func (d document) LineCount() int { return int(d.lent.LineCount()) }

func (d document) LineFields(line uint32) []crossdock.Field {
	return host.FieldsIn(d.lent.LineFields(line))
}

func (d document) Column(name string) []crossdock.Value {
	in := d.lent.Column(name)
	column := make([]crossdock.Value, len(in))
	for row, value := range in {
		column[row] = host.ValueIn(value)
	}
	return column
}

func (d document) SetField(name string, value crossdock.Value, reason string) *crossdock.EditError {
	return host.Edited(d.lent.SetField(name, host.ValueOut(value), reason))
}

func (d document) SetLineField(line uint32, name string, value crossdock.Value, reason string) *crossdock.EditError {
	return host.Edited(d.lent.SetLineField(line, name, host.ValueOut(value), reason))
}

func (d document) SetColumn(name string, values []crossdock.Value, reason string) *crossdock.EditError {
	column := make([]wit.Value, len(values))
	for row, value := range values {
		column[row] = host.ValueOut(value)
	}
	return host.Edited(d.lent.SetColumn(name, column, reason))
}

// Package export_crossdock_plugin_pre_map is the hook pre-map as the generated export calls it.
package export_crossdock_plugin_pre_map

import (
	"rule"
	host "wit_component/crossdock_host"
	"wit_component/crossdock_plugin_orders"
	wit "wit_component/crossdock_plugin_types"

	witTypes "go.bytecodealliance.org/pkg/wit/types"
)

// Run calls the author's PreMap.
func Run(context wit.Context, order *crossdock_plugin_orders.Order) witTypes.Result[wit.Verdict, wit.HookError] {
	defer order.Drop()
	defer host.TellPanics()
	return host.VerdictOut(rule.PreMap(host.Begin(context), host.OrderIn(order)))
}

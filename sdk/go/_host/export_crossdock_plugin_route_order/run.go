// Package export_crossdock_plugin_route_order is the hook route-order as the generated export calls it.
package export_crossdock_plugin_route_order

import (
	"crossdock"
	"rule"
	host "wit_component/crossdock_host"
	"wit_component/crossdock_plugin_orders"
	"wit_component/crossdock_plugin_route_order"
	"wit_component/crossdock_plugin_routing"
	wit "wit_component/crossdock_plugin_types"

	witTypes "go.bytecodealliance.org/pkg/wit/types"
)

type answer = witTypes.Result[crossdock_plugin_route_order.Route, wit.HookError]

// Run calls the author's RouteOrder.
func Run(context wit.Context, order *crossdock_plugin_orders.Order, lent *crossdock_plugin_routing.Candidates) answer {
	defer order.Drop()
	defer lent.Drop()
	defer host.TellPanics()
	route, err := rule.RouteOrder(host.Begin(context), host.OrderIn(order), crossdock.NewCandidates(candidates{lent}))
	if err != nil {
		return witTypes.Err[crossdock_plugin_route_order.Route](host.ErrorOut(err))
	}
	return witTypes.Ok[crossdock_plugin_route_order.Route, wit.HookError](routeOut(route))
}

func routeOut(route crossdock.Route) crossdock_plugin_route_order.Route {
	switch route.Kind {
	case crossdock.RouteHolds:
		return crossdock_plugin_route_order.MakeRouteHold(host.HoldOut(route.Reason, route.Until))
	case crossdock.RouteRejects:
		return crossdock_plugin_route_order.MakeRouteReject(route.Reason)
	}
	shipments := make([]crossdock_plugin_route_order.Shipment, len(route.Shipments))
	for i, shipment := range route.Shipments {
		shipments[i].Warehouse = shipment.Warehouse
		for _, line := range shipment.Lines {
			out := crossdock_plugin_route_order.ShipmentLine{
				Line:     line.Line,
				Quantity: host.DecimalOut(line.Quantity.Normalize()),
			}
			shipments[i].Lines = append(shipments[i].Lines, out)
		}
	}
	return crossdock_plugin_route_order.MakeRouteShip(shipments)
}

type candidates struct {
	lent *crossdock_plugin_routing.Candidates
}

func (c candidates) Warehouses() []crossdock.Warehouse {
	in := c.lent.Warehouses()
	warehouses := make([]crossdock.Warehouse, len(in))
	for i, warehouse := range in {
		warehouses[i] = crossdock.Warehouse{
			ID:           warehouse.Id,
			Country:      warehouse.Country,
			Region:       warehouse.Region,
			ProductTypes: warehouse.ProductTypes,
		}
	}
	return warehouses
}

func (c candidates) Stock() []crossdock.Decimal { return host.ColumnIn(c.lent.Stock()) }

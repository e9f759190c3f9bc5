// Inside the sandbox: the candidates as the host lends them, and the hook route-order.
#ifdef CROSSDOCK_ROUTE_ORDER
#include "host.h"
#include <stdlib.h>

struct cd_candidates {
    crossdock_plugin_routing_borrow_candidates_t handle;
    cd_warehouses warehouses;
    bool warehouses_read;
    crossdock_plugin_types_decimals_t stock;
    bool stock_read;
};

cd_warehouses cd_candidates_warehouses(cd_candidates *candidates) {
    if (!candidates->warehouses_read) {
        crossdock_plugin_routing_list_warehouse_t in;
        crossdock_plugin_routing_method_candidates_warehouses(candidates->handle, &in);
        cd_warehouse *warehouses = CD_NEW(cd_warehouse, in.len);
        for (size_t i = 0; i < in.len; i++) {
            warehouses[i] =
                (cd_warehouse){.id = cd_text_in(in.ptr[i].id),
                               .country = cd_text_in(in.ptr[i].country),
                               .region = cd_text_in(in.ptr[i].region),
                               .product_types = cd_texts_in(in.ptr[i].product_types.ptr, in.ptr[i].product_types.len)};
        }
        candidates->warehouses = (cd_warehouses){warehouses, (uint32_t)in.len};
        candidates->warehouses_read = true;
    }
    return candidates->warehouses;
}

cd_decimal cd_candidates_stock(cd_candidates *candidates, uint32_t warehouse, uint32_t line) {
    uint32_t warehouses = cd_candidates_warehouses(candidates).count;
    if (!candidates->stock_read) {
        crossdock_plugin_routing_method_candidates_stock(candidates->handle, &candidates->stock);
        candidates->stock_read = true;
    }
    size_t lines = warehouses ? candidates->stock.units.len / warehouses : 0;
    if (warehouse >= warehouses || line >= lines) {
        return cd_int(0);
    }
    return (cd_decimal){candidates->stock.units.ptr[warehouse * lines + line], candidates->stock.scale};
}

static exports_crossdock_plugin_route_order_shipment_t shipment_out(const cd_shipment *shipment) {
    exports_crossdock_plugin_route_order_shipment_t out;
    plugin_string_dup(&out.warehouse, shipment->warehouse);
    out.lines.len = shipment->count;
    out.lines.ptr = malloc(shipment->count * sizeof *out.lines.ptr + 1);
    for (uint32_t i = 0; i < shipment->count; i++) {
        out.lines.ptr[i].line = shipment->lines[i].line;
        out.lines.ptr[i].quantity = cd_decimal_out(cd_normalize(shipment->lines[i].quantity));
    }
    return out;
}

bool exports_crossdock_plugin_route_order_run(crossdock_plugin_types_context_t *context,
                                              crossdock_plugin_orders_borrow_order_t order_handle,
                                              crossdock_plugin_routing_borrow_candidates_t candidates_handle,
                                              exports_crossdock_plugin_route_order_route_t *route,
                                              crossdock_plugin_types_hook_error_t *error) {
    cd_begin();
    cd_context now = cd_context_in(context);
    cd_order order = {.handle = order_handle};
    cd_candidates candidates = {.handle = candidates_handle};
    cd_answer answer = cd_conclude(route_order(&now, &order, &candidates), true);
    switch (answer.kind) {
    case CD_SHIP:
        route->tag = EXPORTS_CROSSDOCK_PLUGIN_ROUTE_ORDER_ROUTE_SHIP;
        route->val.ship.len = answer.shipment_count;
        route->val.ship.ptr = malloc(answer.shipment_count * sizeof *route->val.ship.ptr + 1);
        for (uint32_t i = 0; i < answer.shipment_count; i++) {
            route->val.ship.ptr[i] = shipment_out(&answer.shipments[i]);
        }
        return true;
    case CD_HOLD:
        route->tag = EXPORTS_CROSSDOCK_PLUGIN_ROUTE_ORDER_ROUTE_HOLD;
        route->val.hold = cd_hold_out(answer);
        return true;
    case CD_REJECT:
        route->tag = EXPORTS_CROSSDOCK_PLUGIN_ROUTE_ORDER_ROUTE_REJECT;
        route->val.reject = cd_answer_text_out(answer);
        return true;
    default:
        *error = cd_error_out(answer);
        return false;
    }
}
#endif

// {{name}}: what this plugin decides. The host checks and records every edit; the sums follow.
#include <crossdock.h>
// @hook pre-map
#include <string.h>

// Takes `percent` (5) off all prices for customers of the segment `segment` (wholesale).
cd_answer pre_map(const cd_context *context, cd_order *order) {
    (void)context;
    const char *segment = cd_setting_or("segment", "wholesale");
    cd_decimal percent = cd_setting_decimal("percent", cd_dec("5"));
    const cd_header *header = cd_order_header(order);
    if (strcmp(header->segment, segment) == 0) {
        const char *reason = cd_format("%s: %s %% off", segment, cd_text(percent));
        cd_lines lines = cd_order_lines(order);
        for (uint32_t i = 0; i < lines.count; i++) {
            cd_decimal price = cd_percent_off(lines.at[i].unit_price, percent);
            cd_order_set_unit_price(order, i, cd_round(price, header->currency_digits), reason);
        }
    }
    return cd_proceed();
}
// @end
// @hook route-order

// Whether a warehouse, by its place, has enough for every line.
static bool has_everything(cd_order *order, cd_candidates *candidates, uint32_t warehouse) {
    cd_lines lines = cd_order_lines(order);
    for (uint32_t i = 0; i < lines.count; i++) {
        if (cd_compare(cd_candidates_stock(candidates, warehouse, i), lines.at[i].quantity) < 0) {
            return false;
        }
    }
    return true;
}

// Ships everything from the first warehouse that has everything.
cd_answer route_order(const cd_context *context, cd_order *order, cd_candidates *candidates) {
    (void)context;
    cd_lines lines = cd_order_lines(order);
    cd_warehouses warehouses = cd_candidates_warehouses(candidates);
    for (uint32_t at = 0; at < warehouses.count; at++) {
        if (has_everything(order, candidates, at)) {
            cd_shipment *shipment = cd_alloc(sizeof *shipment);
            *shipment = cd_shipment_from(warehouses.at[at].id);
            for (uint32_t i = 0; i < lines.count; i++) {
                cd_shipment_add(shipment, i, lines.at[i].quantity);
            }
            return cd_ship(shipment, 1);
        }
    }
    return cd_hold("no warehouse has everything");
}
// @end
// @hook post-map

// Writes the setting `payment-terms` (NET30) into the ERP's document.
cd_answer post_map(const cd_context *context, cd_order *order, cd_document *document) {
    (void)context;
    (void)order;
    const char *terms = cd_setting_or("payment-terms", "NET30");
    cd_document_set_field(document, "PaymentTerms", cd_value_text(terms), "terms of the settings");
    return cd_proceed();
}
// @end

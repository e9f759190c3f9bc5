// The rule alone, natively: `make test`.
#include <crossdock_sample.h>
// @hook pre-map

static void the_segment_gets_its_percentage(void) {
    cd_sample_begin();
    cd_sample_setting("percent", "10");
    cd_order *order = cd_sample_order();
    cd_sample_segment(order, "wholesale");
    cd_sample_line(order, "LAMP", "2", "49.95");
    CD_CHECK(cd_sample_pre_map(pre_map, order).kind == CD_PROCEED);
    CD_CHECK_NUMBER(cd_order_lines(order).at[0].unit_price, "44.96");
    CD_CHECK_TEXT(cd_sample_changes(order).at[0].reason, "wholesale: 10 % off");
}

static void others_pay_the_list_price(void) {
    cd_sample_begin();
    cd_order *order = cd_sample_order();
    cd_sample_segment(order, "retail");
    cd_sample_line(order, "LAMP", "2", "49.95");
    CD_CHECK(cd_sample_pre_map(pre_map, order).kind == CD_PROCEED);
    CD_CHECK(cd_sample_changes(order).count == 0);
}
// @end
// @hook route-order

static void the_first_warehouse_that_has_everything_ships(void) {
    cd_sample_begin();
    cd_order *order = cd_sample_order();
    cd_sample_line(order, "LAMP", "2", "10");
    cd_sample_line(order, "BULB", "5", "1");
    cd_candidates *candidates = cd_sample_candidates(order);
    cd_sample_warehouse(candidates, "TOR", "CA", "ON");
    cd_sample_stock(candidates, "LAMP", "9");
    cd_sample_warehouse(candidates, "VAN", "CA", "BC");
    cd_sample_stock(candidates, "LAMP", "2");
    cd_sample_stock(candidates, "BULB", "5");
    cd_answer answer = cd_sample_route_order(route_order, order, candidates);
    CD_CHECK(answer.kind == CD_SHIP && answer.shipment_count == 1);
    CD_CHECK_TEXT(answer.shipments[0].warehouse, "VAN");
    CD_CHECK_NUMBER(answer.shipments[0].lines[1].quantity, "5");
}

static void without_stock_the_order_waits(void) {
    cd_sample_begin();
    cd_order *order = cd_sample_order();
    cd_sample_line(order, "LAMP", "2", "10");
    cd_candidates *candidates = cd_sample_candidates(order);
    cd_sample_warehouse(candidates, "TOR", "CA", "ON");
    CD_CHECK(cd_sample_route_order(route_order, order, candidates).kind == CD_HOLD);
}
// @end
// @hook post-map

static void the_terms_of_the_settings_are_written(void) {
    cd_sample_begin();
    cd_sample_setting("payment-terms", "NET45");
    cd_order *order = cd_sample_order();
    cd_sample_line(order, "LAMP", "2", "10");
    cd_document *document = cd_sample_document(order);
    CD_CHECK(cd_sample_post_map(post_map, order, document).kind == CD_PROCEED);
    cd_value terms = cd_value_empty();
    CD_CHECK(cd_document_field(document, "PaymentTerms", &terms));
    CD_CHECK_TEXT(terms.text, "NET45");
}
// @end

int main(void) {
    // @hook pre-map
    the_segment_gets_its_percentage();
    others_pay_the_list_price();
    // @end
    // @hook route-order
    the_first_warehouse_that_has_everything_ships();
    without_stock_the_order_waits();
    // @end
    // @hook post-map
    the_terms_of_the_settings_are_written();
    // @end
    return cd_checked();
}

// Edits on orders and documents in memory: taken, summed up and refused as the host does it; and what becomes an
// answer.
#include <crossdock_sample.h>
#include <string.h>

static bool refused(cd_refusal_kind kind) {
    cd_refusal refusal;
    return cd_take_refusal(&refusal) && refusal.kind == kind;
}

static void sums_follow_and_snapshots_stay(void) {
    cd_order *order = cd_sample_order();
    cd_sample_line(order, "A", "3", "10");
    cd_sample_line(order, "B", "1", "5.55");
    cd_sample_shipping(order, "7.50");
    const cd_header *before = cd_order_header(order);
    cd_lines lines = cd_order_lines(order);
    for (uint32_t i = 0; i < lines.count; i++) {
        cd_order_set_unit_price(order, i, cd_percent_off(lines.at[i].unit_price, cd_int(10)), "ten");
    }
    CD_CHECK_NUMBER(lines.at[1].unit_price, "5.55");
    CD_CHECK_NUMBER(before->subtotal, "35.55");
    lines = cd_order_lines(order);
    CD_CHECK_NUMBER(lines.at[0].total, "27");
    CD_CHECK_NUMBER(lines.at[1].unit_price, "4.995");
    CD_CHECK_NUMBER(lines.at[1].total, "5");
    const cd_header *after = cd_order_header(order);
    CD_CHECK_NUMBER(after->subtotal, "32");
    CD_CHECK_NUMBER(after->tax, "5.14"); // 4.16 and 0.98
    CD_CHECK_NUMBER(after->total, "44.64");
}

static void tax_of_touched_lines_is_shared_by_largest_remainder(void) {
    // Three lines of 0.50 at 5 %: 0.075 of tax together, so 0.08, shared 0.03, 0.03, 0.02; alone each would have 0.03.
    cd_order *order = cd_sample_order();
    for (int i = 0; i < 3; i++) {
        cd_sample_line(order, "A", "1", "1");
        cd_sample_tax_rate(order, "0.05");
    }
    for (uint32_t i = 0; i < 3; i++) {
        cd_order_set_discount(order, i, cd_dec("0.5"), "half");
    }
    cd_lines lines = cd_order_lines(order);
    CD_CHECK_NUMBER(lines.at[0].tax, "0.03");
    CD_CHECK_NUMBER(lines.at[1].tax, "0.03");
    CD_CHECK_NUMBER(lines.at[2].tax, "0.02");
}

static void untouched_lines_keep_their_tax(void) {
    cd_order *order = cd_sample_order();
    for (int i = 0; i < 2; i++) {
        cd_sample_line(order, "A", "1", "0.50");
        cd_sample_tax_rate(order, "0.05");
    }
    cd_order_set_unit_price(order, 1, cd_dec("0.3"), "less");
    cd_lines lines = cd_order_lines(order);
    CD_CHECK_NUMBER(lines.at[0].tax, "0.03"); // 0.025 and 0.015, each rounded away from zero
    CD_CHECK_NUMBER(lines.at[1].tax, "0.02");
}

static void the_hosts_rules_for_numbers_hold(void) {
    cd_order *order = cd_sample_order();
    cd_sample_line(order, "A", "2", "10");
    cd_sample_begin();
    CD_CHECK(!cd_order_set_unit_price(order, 0, cd_dec("1.00001"), "r") && refused(CD_OUT_OF_RANGE));
    CD_CHECK(!cd_order_set_unit_price(order, 0, cd_dec("100000000000"), "r") && refused(CD_OUT_OF_RANGE));
    CD_CHECK(!cd_order_set_unit_price(order, 0, cd_dec("99999999999"), "r") && refused(CD_OUT_OF_RANGE));
    CD_CHECK(!cd_order_set_unit_price(order, 0, cd_dec("-0.01"), "r") && refused(CD_INVALID));
    CD_CHECK(!cd_order_set_unit_price(order, 9, cd_dec("1"), "r") && refused(CD_NO_SUCH_LINE));
    CD_CHECK(!cd_order_set_discount(order, 0, cd_dec("20.01"), "r") && refused(CD_INVALID));
    CD_CHECK(!cd_order_set_discount(order, 0, cd_dec("0.001"), "r") && refused(CD_INVALID));
    CD_CHECK(!cd_order_set_shipping(order, cd_dec("1.005"), "r") && refused(CD_INVALID));
    CD_CHECK(!cd_order_set_line_field(order, 7, "x", cd_value_flag(true), "r") && refused(CD_NO_SUCH_LINE));
    CD_CHECK(!cd_order_set_field(order, "", cd_value_flag(true), "r") && refused(CD_INVALID));
    CD_CHECK(!cd_order_set_field(order, "x", cd_value_number(cd_dec("0.00001")), "r") && refused(CD_OUT_OF_RANGE));
    CD_CHECK(cd_sample_changes(order).count == 0);
    CD_CHECK(cd_order_set_unit_price(order, 0, cd_dec("1.50000000"), "r"));
    CD_CHECK(cd_order_set_discount(order, 0, cd_dec("3"), "r"));
    CD_CHECK(!cd_order_set_unit_price(order, 0, cd_dec("1.4"), "r") && refused(CD_INVALID)); // below its discount
    CD_CHECK(cd_sample_changes(order).count == 2);
}

static void fields_tags_and_shipping_are_edited_and_recorded(void) {
    cd_order *order = cd_sample_order();
    cd_sample_line(order, "A", "1", "100");
    cd_sample_line_field(order, "gift", cd_value_flag(true));
    cd_sample_field(order, "po", cd_value_text("7"));
    cd_sample_tag(order, "b");
    cd_order_set_field(order, "po", cd_value_empty(), "gone");
    cd_order_set_field(order, "new", cd_value_number(cd_dec("2.5")), "why not");
    cd_order_add_tag(order, "a", "first");
    cd_order_add_tag(order, "b", "there already");
    cd_order_set_shipping(order, cd_int(10), "flat");
    cd_value value;
    CD_CHECK(!cd_order_field(order, "po", &value));
    CD_CHECK(cd_order_field(order, "new", &value) && value.kind == CD_NUMBER);
    CD_CHECK_NUMBER(value.number, "2.5");
    CD_CHECK(cd_order_line_field(order, 0, "gift", &value) && value.flag);
    cd_texts tags = cd_order_tags(order);
    CD_CHECK(tags.count == 2 && strcmp(tags.at[0], "a") == 0);
    CD_CHECK_NUMBER(cd_order_header(order)->total, "124.30");
    static const char *const PATHS[] = {"fields.po", "fields.new", "tags", "shipping.amount"};
    cd_changes changes = cd_sample_changes(order);
    CD_CHECK(changes.count == 4);
    for (uint32_t i = 0; i < changes.count; i++) {
        CD_CHECK_TEXT(changes.at[i].path, PATHS[i]);
    }
}

static void documents_refuse_money_and_take_the_rest(void) {
    cd_order *order = cd_sample_order();
    cd_sample_line(order, "A", "1", "100");
    cd_sample_line(order, "B", "1", "1");
    cd_document *document = cd_sample_document(order);
    cd_value one = cd_value_number(cd_int(1)), codes[] = {cd_value_text("1"), cd_value_text("2")};
    cd_sample_begin();
    CD_CHECK(!cd_document_set_field(document, "TotalAmount", one, "r") && refused(CD_NOT_ALLOWED));
    CD_CHECK(!cd_document_set_line_field(document, 0, "UnitPrice", one, "r") && refused(CD_NOT_ALLOWED));
    CD_CHECK(!cd_document_set_column(document, "GLCode", codes, 1, "r") && refused(CD_INVALID));
    CD_CHECK(cd_document_column(document, "GLCode").at[1].kind == CD_EMPTY);
    CD_CHECK(cd_document_set_column(document, "GLCode", codes, 2, "r"));
    CD_CHECK(cd_document_set_line_field(document, 1, "GLCode", cd_value_text("3"), "r"));
    CD_CHECK_TEXT(cd_document_column(document, "GLCode").at[0].text, "1");
    CD_CHECK_TEXT(cd_document_column(document, "GLCode").at[1].text, "3");
    CD_CHECK_TEXT(cd_document_key(document), "SAMPLE-1");
    CD_CHECK(cd_document_line_fields(document, 0).count == 5 && cd_document_line_fields(document, 2).count == 0);
    CD_CHECK(cd_sample_document_changes(document).count == 3);
}

static cd_answer careless(const cd_context *context, cd_order *order) {
    (void)context;
    cd_order_set_unit_price(order, 0, cd_int(-1), "oops");
    cd_log_info("done");
    return cd_setting_flag("hold", false) ? cd_hold("wait") : cd_proceed();
}

static void what_nobody_handled_is_the_answer(void) {
    cd_order *order = cd_sample_order();
    cd_sample_line(order, "A", "1", "10");
    cd_sample_begin();
    cd_answer answer = cd_sample_pre_map(careless, order);
    CD_CHECK(answer.kind == CD_ERROR_FAILED);
    CD_CHECK_TEXT(answer.text, "an edit was refused: lines[0].unit-price: the price is negative");
    CD_CHECK_TEXT(cd_sample_logged().at[0].text, "done");
    cd_sample_setting("hold", "true"); // edits are discarded on hold, so a bad one does no harm
    CD_CHECK(cd_sample_pre_map(careless, order).kind == CD_HOLD);
    cd_sample_begin();
    cd_sample_setting("hold", "perhaps");
    answer = cd_sample_pre_map(careless, order);
    CD_CHECK(answer.kind == CD_ERROR_SETTINGS);
    CD_CHECK_TEXT(answer.text, "`hold` is wrong: expected true or false");
}

static void settings_are_found_by_key_and_prefix(void) {
    cd_sample_begin();
    cd_sample_setting("b.2", "20");
    cd_sample_setting("b.1", "10");
    cd_sample_setting("a", "x");
    cd_setting_numbers below = cd_setting_numbers_below("b.");
    CD_CHECK(below.count == 2);
    CD_CHECK_TEXT(below.at[1].key, "2");
    CD_CHECK_NUMBER(below.at[1].number, "20");
    CD_CHECK_TEXT(cd_setting_required("a"), "x");
    CD_CHECK(cd_setting("c") == NULL && cd_settings_ok());
    CD_CHECK_TEXT(cd_setting_required("c"), "");
    CD_CHECK(!cd_settings_ok());
}

static cd_answer ship_all(const cd_context *context, cd_order *order, cd_candidates *candidates) {
    (void)context;
    cd_lines lines = cd_order_lines(order);
    cd_shipment *shipment = cd_alloc(sizeof *shipment);
    *shipment = cd_shipment_from(cd_candidates_warehouses(candidates).at[1].id);
    for (uint32_t i = 0; i < lines.count; i++) {
        cd_shipment_add(shipment, i, cd_candidates_stock(candidates, 1, i));
    }
    return cd_ship(shipment, 1);
}

static void candidates_say_what_they_have(void) {
    cd_order *order = cd_sample_order();
    cd_sample_line(order, "A", "1", "1");
    cd_sample_line(order, "B", "1", "1");
    cd_sample_line(order, "A", "1", "1");
    cd_candidates *candidates = cd_sample_candidates(order);
    cd_sample_warehouse(candidates, "TOR", "CA", "ON");
    cd_sample_warehouse(candidates, "VAN", "CA", "BC");
    cd_sample_carries(candidates, "hazmat");
    cd_sample_stock(candidates, "A", "4.5");
    cd_answer answer = cd_sample_route_order(ship_all, order, candidates);
    CD_CHECK(answer.kind == CD_SHIP && answer.shipment_count == 1 && answer.shipments[0].count == 3);
    CD_CHECK_TEXT(answer.shipments[0].warehouse, "VAN");
    CD_CHECK_NUMBER(answer.shipments[0].lines[1].quantity, "0");
    CD_CHECK_NUMBER(answer.shipments[0].lines[2].quantity, "4.5");
    cd_warehouses warehouses = cd_candidates_warehouses(candidates);
    CD_CHECK(cd_warehouse_carries(&warehouses.at[0], "apparel") && !cd_warehouse_carries(&warehouses.at[1], "apparel"));
}

int main(void) {
    sums_follow_and_snapshots_stay();
    tax_of_touched_lines_is_shared_by_largest_remainder();
    untouched_lines_keep_their_tax();
    the_hosts_rules_for_numbers_hold();
    fields_tags_and_shipping_are_edited_and_recorded();
    documents_refuse_money_and_take_the_rest();
    what_nobody_handled_is_the_answer();
    settings_are_found_by_key_and_prefix();
    candidates_say_what_they_have();
    return cd_checked();
}

// The conformance probe in C: asks for everything the contract has and says what it got. No example of a good rule: see
// segment-discount for one.
#include "probe.h"
#include <string.h>

static void describe_address(const char *which, const cd_address *of) {
    cd_log_info("%s name=%s|company=%s|line1=%s|line2=%s|city=%s|region=%s|postal-code=%s|country=%s|phone=%s|email=%s",
                which, of->name, of->company, of->line1, of->line2, of->city, of->region, of->postal_code, of->country,
                of->phone, of->email);
}

static void log_fields(cd_fields fields) {
    for (uint32_t i = 0; i < fields.count; i++) {
        cd_log_info("field %s=%s", fields.at[i].name, shown(fields.at[i].value));
    }
}

static void describe(const cd_context *context, cd_order *order) {
    cd_log_info("context integration=%s event=%s attempt=%u now=%s", context->integration, context->event_id,
                (unsigned)context->attempt, moment(context->now));
    const cd_header *header = cd_order_header(order);
    cd_log_info("header number=%s status=%s currency=%s digits=%u ordered-at=%s customer=%s segment=%s subtotal=%s "
                "discount=%s shipping=%s tax=%s total=%s",
                header->number, header->status, header->currency, header->currency_digits, moment(header->ordered_at),
                header->customer_id, header->segment, plain(header->subtotal), plain(header->discount),
                plain(header->shipping), plain(header->tax), plain(header->total));
    describe_address("billing", cd_order_billing_address(order));
    describe_address("shipping", cd_order_shipping_address(order));
    const cd_payment *payment = cd_order_payment(order);
    cd_log_info("payment method=%s status=%s transaction=%s amount=%s", payment->method, payment->status,
                payment->transaction_id, plain(payment->amount));
    cd_lines lines = cd_order_lines(order);
    for (uint32_t i = 0; i < lines.count; i++) {
        const cd_line *line = &lines.at[i];
        cd_value grade;
        const char *graded = cd_order_line_field(order, i, "grade", &grade) ? shown(grade) : "none";
        cd_log_info("line %u id=%s sku=%s name=%s type=%s quantity=%s price=%s discount=%s rate=%s tax=%s total=%s "
                    "grade=%s",
                    (unsigned)i, line->id, line->sku, line->name, line->product_type, plain(line->quantity),
                    plain(line->unit_price), plain(line->discount), plain(line->tax_rate), plain(line->tax),
                    plain(line->total), graded);
    }
    log_fields(cd_order_fields(order));
    cd_log_info("tags %s", joined(cd_order_tags(order)));
}

// The first refusal ends it, and is the hook's error.
static bool edit(cd_order *order) {
    uint8_t digits = cd_order_header(order)->currency_digits;
    cd_lines lines = cd_order_lines(order);
    for (uint32_t i = 0; i < lines.count; i++) {
        cd_decimal price = cd_round(cd_percent_off(lines.at[i].unit_price, cd_int(5)), digits);
        if (!cd_order_set_unit_price(order, i, price, "5 % off")) {
            return false;
        }
    }
    return cd_order_set_discount(order, 0, cd_int(1), "one off") &&
           cd_order_set_shipping(order, cd_dec("7.5"), "flat") &&
           cd_order_set_field(order, "note", cd_value_text("checked ✓"), "noted") &&
           cd_order_set_field(order, "score", cd_value_number(cd_dec("12.50")), "noted") &&
           cd_order_set_field(order, "gift", cd_value_flag(true), "noted") &&
           cd_order_set_field(order, "po-reference", cd_value_empty(), "noted") &&
           cd_order_set_line_field(order, 0, "grade", cd_value_text("A"), "graded") &&
           cd_order_add_tag(order, "probed", "seen");
}

static bool sums(cd_order *order) {
    if (!cd_order_set_unit_price(order, 0, cd_int(1), "one")) {
        return false;
    }
    const cd_header *header = cd_order_header(order);
    cd_log_info("sums subtotal=%s tax=%s total=%s", plain(header->subtotal), plain(header->tax), plain(header->total));
    return true;
}

static void refused(cd_order *order) {
    cd_value x = cd_value_text("x");
    cd_log_info("%s", outcome(cd_order_set_unit_price(order, 99, cd_int(1), "try")));
    cd_log_info("%s", outcome(cd_order_set_unit_price(order, 0, cd_int(-1), "try")));
    cd_log_info("%s", outcome(cd_order_set_unit_price(order, 0, cd_dec("0.00001"), "try")));
    cd_log_info("%s", outcome(cd_order_set_discount(order, 0, cd_int(1000000), "try")));
    cd_log_info("%s", outcome(cd_order_set_shipping(order, cd_int(-1), "try")));
    cd_log_info("%s", outcome(cd_order_set_field(order, "", x, "try")));
    cd_log_info("%s", outcome(cd_order_set_line_field(order, 99, "of-line", x, "try")));
    cd_log_info("%s", outcome(cd_order_set_unit_price(order, 0, cd_int(3), "try")));
}

static void log_settings(void) {
    cd_setting_pairs settings = cd_settings_below("");
    for (uint32_t i = 0; i < settings.count; i++) {
        cd_log_info("%s=%s", settings.at[i].key, settings.at[i].value);
    }
}

static bool is(const char *step, const char *name) { return strcmp(step, name) == 0; }

static cd_answer unknown(const char *step) {
    return cd_error_settings(cd_format("setting `act` is unknown: %s", step));
}

static cd_answer pre_map_step(const char *step, const cd_context *context, cd_order *order) {
    bool well = true;
    if (is(step, "describe")) {
        describe(context, order);
    } else if (is(step, "settings")) {
        log_settings();
    } else if (is(step, "levels")) {
        cd_log_debug("one");
        cd_log_info("two");
        cd_log_warn("three");
        cd_log_error("four");
    } else if (is(step, "edit")) {
        well = edit(order);
    } else if (is(step, "sums")) {
        well = sums(order);
    } else if (is(step, "refused")) {
        refused(order);
    } else if (is(step, "arithmetic")) {
        arithmetic();
    } else if (is(step, "hold")) {
        return cd_hold("waiting");
    } else if (is(step, "hold-until")) {
        return cd_hold_until("later", cd_plus_minutes(context->now, 90));
    } else if (is(step, "reject")) {
        return cd_reject("not this one");
    } else if (is(step, "error-settings")) {
        return cd_error_settings("probe says so");
    } else if (is(step, "error-unsupported")) {
        return cd_error_unsupported("probe says so");
    } else if (is(step, "error-failed")) {
        return cd_error_failed("probe says so");
    } else if (is(step, "panic")) {
        cd_break("probe says so");
    } else if (is(step, "loop")) {
        for (volatile uint32_t turns = 0;; turns++) {
        }
    } else {
        return unknown(step);
    }
    cd_refusal refusal;
    if (!well && cd_take_refusal(&refusal)) {
        return cd_error_failed(cd_format("an edit was refused: %s", refusal.text));
    }
    return cd_proceed();
}

static cd_answer route(cd_order *order, cd_candidates *candidates) {
    cd_lines lines = cd_order_lines(order);
    cd_warehouses warehouses = cd_candidates_warehouses(candidates);
    cd_shipment *shipments = cd_alloc(warehouses.count * sizeof *shipments);
    uint32_t count = 0;
    for (uint32_t at = 0; at < warehouses.count; at++) {
        const cd_warehouse *warehouse = &warehouses.at[at];
        const char **stock = cd_alloc(lines.count * sizeof *stock);
        for (uint32_t i = 0; i < lines.count; i++) {
            stock[i] = plain(cd_candidates_stock(candidates, at, i));
        }
        cd_log_info("warehouse %s country=%s region=%s types=%s stock=%s", warehouse->id, warehouse->country,
                    warehouse->region, joined(warehouse->product_types), joined((cd_texts){stock, lines.count}));
        shipments[at] = cd_shipment_from(warehouse->id);
    }
    for (uint32_t i = 0; i < lines.count; i++) {
        for (uint32_t at = 0; at < warehouses.count; at++) {
            if (cd_compare(cd_candidates_stock(candidates, at, i), lines.at[i].quantity) >= 0) {
                cd_shipment_add(&shipments[at], i, lines.at[i].quantity);
                break;
            }
        }
    }
    for (uint32_t at = 0; at < warehouses.count; at++) {
        if (shipments[at].count > 0) {
            shipments[count++] = shipments[at];
        }
    }
    return cd_ship(shipments, count);
}

static cd_answer halves(cd_order *order, cd_candidates *candidates) {
    cd_lines lines = cd_order_lines(order);
    cd_warehouses warehouses = cd_candidates_warehouses(candidates);
    cd_shipment *shipments = cd_alloc(2 * sizeof *shipments);
    uint32_t count = 0;
    cd_decimal quantity = lines.count ? lines.at[0].quantity : cd_int(0), exact = cd_mul(quantity, cd_dec("0.5"));
    cd_decimal half = cd_round(exact, 0);
    if (cd_compare(half, exact) > 0) {
        half = cd_sub(half, cd_int(1));
    }
    cd_decimal parts[] = {half, cd_sub(quantity, half)};
    for (uint32_t at = 0; at < 2 && at < warehouses.count; at++) {
        if (parts[at].units != 0) {
            shipments[count] = cd_shipment_from(warehouses.at[at].id);
            cd_shipment_add(&shipments[count++], 0, parts[at]);
        }
    }
    return cd_ship(shipments, count);
}

static cd_answer route_order_step(const char *step, cd_order *order, cd_candidates *candidates) {
    if (is(step, "route")) {
        return route(order, candidates);
    } else if (is(step, "halves")) {
        return halves(order, candidates);
    } else if (is(step, "hold")) {
        return cd_hold("waiting");
    } else if (is(step, "reject")) {
        return cd_reject("not this one");
    } else if (is(step, "error-failed")) {
        return cd_error_failed("probe says so");
    }
    return unknown(step);
}

static void describe_document(cd_document *document) {
    cd_log_info("document key=%s warehouse=%s", cd_document_key(document), cd_document_warehouse(document));
    log_fields(cd_document_fields(document));
    uint32_t lines = cd_document_line_count(document);
    for (uint32_t i = 0; i < lines; i++) {
        cd_fields fields = cd_document_line_fields(document, i);
        const char *all = "";
        for (uint32_t which = 0; which < fields.count; which++) {
            all = cd_format("%s %s=%s", all, fields.at[which].name, shown(fields.at[which].value));
        }
        cd_log_info("line %u%s", (unsigned)i, all);
    }
    cd_values column = cd_document_column(document, "Quantity");
    const char **quantities = cd_alloc(column.count * sizeof *quantities);
    for (uint32_t i = 0; i < column.count; i++) {
        quantities[i] = shown(column.at[i]);
    }
    cd_log_info("column Quantity=%s", joined((cd_texts){quantities, column.count}));
}

static void edit_document(cd_document *document) {
    uint32_t lines = cd_document_line_count(document);
    cd_value *sites = cd_alloc(lines * sizeof *sites);
    for (uint32_t i = 0; i < lines; i++) {
        sites[i] = cd_value_text(cd_format("S%u", (unsigned)i));
    }
    if (cd_document_set_field(document, "Comment", cd_value_text("probed"), "noted") &&
        cd_document_set_line_field(document, 0, "GLCode", cd_value_text("4000"), "coded")) {
        cd_document_set_column(document, "Site", sites, lines, "sited");
    }
}

static cd_answer post_map_step(const char *step, cd_document *document) {
    if (is(step, "document")) {
        describe_document(document);
        edit_document(document);
    } else if (is(step, "locked")) {
        cd_log_info("%s", outcome(cd_document_set_field(document, "TotalAmount", cd_value_number(cd_int(1)), "try")));
    } else if (is(step, "hold")) {
        return cd_hold("waiting");
    } else if (is(step, "reject")) {
        return cd_reject("not this one");
    } else if (is(step, "error-failed")) {
        return cd_error_failed("probe says so");
    } else {
        return unknown(step);
    }
    return cd_proceed();
}

// ---- The setting `act`: steps with + between them ----

static const char *const PRE_MAP[] = {"describe",     "settings", "levels",         "edit",
                                      "sums",         "refused",  "arithmetic",     "hold",
                                      "hold-until",   "reject",   "error-settings", "error-unsupported",
                                      "error-failed", "panic",    "loop",           NULL};
static const char *const ROUTE_ORDER[] = {"route", "halves", "hold", "reject", "error-failed", NULL};
static const char *const POST_MAP[] = {"document", "locked", "hold", "reject", "error-failed", NULL};

static bool has(const char *const steps[], const char *step) {
    for (; *steps; steps++) {
        if (is(*steps, step)) {
            return true;
        }
    }
    return false;
}

// The next step that is this hook's to answer, or that no hook knows; NULL when there is none left.
static const char *next(const char **act, const char *const own[]) {
    while (**act) {
        size_t length = strcspn(*act, "+");
        char *step = cd_alloc(length + 1);
        memcpy(step, *act, length);
        *act += length + ((*act)[length] == '+');
        bool others = has(PRE_MAP, step) || has(ROUTE_ORDER, step) || has(POST_MAP, step);
        if (length > 0 && (has(own, step) || !others)) {
            return step;
        }
    }
    return NULL;
}

static bool is_error(cd_answer answer) { return answer.kind >= CD_ERROR_SETTINGS; }

cd_answer pre_map(const cd_context *context, cd_order *order) {
    const char *act = cd_setting_or("act", ""), *step;
    cd_answer answer = cd_proceed();
    while (!is_error(answer) && (step = next(&act, PRE_MAP))) {
        answer = pre_map_step(step, context, order);
    }
    return answer;
}

cd_answer route_order(const cd_context *context, cd_order *order, cd_candidates *candidates) {
    (void)context;
    const char *act = cd_setting_or("act", ""), *step = next(&act, ROUTE_ORDER);
    cd_answer answer = route_order_step(step ? step : "route", order, candidates);
    while (!is_error(answer) && (step = next(&act, ROUTE_ORDER))) {
        answer = route_order_step(step, order, candidates);
    }
    return answer;
}

cd_answer post_map(const cd_context *context, cd_order *order, cd_document *document) {
    (void)context;
    (void)order;
    const char *act = cd_setting_or("act", ""), *step = next(&act, POST_MAP);
    cd_answer answer = post_map_step(step ? step : "document", document);
    while (!is_error(answer) && (step = next(&act, POST_MAP))) {
        answer = post_map_step(step, document);
    }
    return answer;
}

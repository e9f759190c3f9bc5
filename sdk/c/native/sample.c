// What an author's native test is made of: sample orders, settings, the log, a run of a hook, and checks.
#include "memory.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static cd_list settings; // of cd_setting_pair, sorted
static cd_list logged;
static int failures;

static const cd_context CONTEXT = {
    .integration = "sample", .event_id = "evt-sample", .attempt = 1, .now = {1772000000000, 0}};

void cd_sample_begin(void) {
    settings.count = 0;
    logged.count = 0;
    cd_begin();
}

void cd_sample_setting(const char *key, const char *value) {
    CD_PUSH(cd_setting_pair, &settings);
    cd_setting_pair *pairs = settings.at;
    uint32_t place = settings.count - 1;
    for (; place > 0 && strcmp(pairs[place - 1].key, key) > 0; place--) {
        pairs[place] = pairs[place - 1];
    }
    pairs[place] = (cd_setting_pair){key, value};
}

const char *cd_backing_setting(const char *key) {
    const cd_setting_pair *pairs = settings.at;
    for (uint32_t i = 0; i < settings.count; i++) {
        if (strcmp(pairs[i].key, key) == 0) {
            return pairs[i].value;
        }
    }
    return NULL;
}

cd_setting_pairs cd_backing_settings(void) { return (cd_setting_pairs){settings.at, settings.count}; }

void cd_backing_log(cd_level level, const char *message) {
    static const char *const NAMES[] = {"debug", "info", "warn", "error"};
    *CD_PUSH(cd_logged, &logged) = (cd_logged){NAMES[level], message};
}

cd_logs cd_sample_logged(void) { return (cd_logs){logged.at, logged.count}; }

void cd_backing_abort(void) {
    const cd_logged *last = logged.count ? (cd_logged *)logged.at + logged.count - 1 : NULL;
    fprintf(stderr, "broken: %s\n", last ? last->text : "out of memory");
    abort();
}

// Taxes and sums of an order that is being put together.
static void refresh(cd_order *order) {
    uint8_t digits = order->header.currency_digits;
    if (order->changes.count > 0) {
        cd_break("a sample order is put together before its hook runs");
    }
    for (uint32_t i = 0; i < order->lines.count; i++) {
        cd_memory_line *line = cd_line_at(order, i);
        cd_decimal total = cd_sub(cd_worth(line, digits), line->line.discount);
        line->line.tax = cd_round(cd_mul(total, line->line.tax_rate), digits);
    }
    cd_sum(order);
    order->payment.amount = order->header.total;
}

cd_order *cd_sample_order(void) {
    cd_order *order = CD_NEW(cd_order, 1);
    order->header = (cd_header){.number = "SAMPLE-1",
                                .status = "placed",
                                .currency = "CAD",
                                .currency_digits = 2,
                                .ordered_at = CONTEXT.now,
                                .customer_id = "C10042",
                                .segment = ""};
    order->shipping_rate = cd_dec("0.13");
    order->billing = (cd_address){.name = "Sam Sample",
                                  .company = "Sample Supplies",
                                  .line1 = "1 Example Street",
                                  .line2 = "",
                                  .city = "Toronto",
                                  .region = "ON",
                                  .postal_code = "M5V 1A1",
                                  .country = "CA",
                                  .phone = "+1 416 555 0100",
                                  .email = "sam@example.com"};
    order->shipping = order->billing;
    order->payment = (cd_payment){.method = "on-account", .status = "pending", .transaction_id = ""};
    return order;
}

void cd_sample_segment(cd_order *order, const char *segment) { order->header.segment = segment; }

void cd_sample_currency(cd_order *order, const char *code, uint8_t digits) {
    order->header.currency = code;
    order->header.currency_digits = digits;
    refresh(order);
}

void cd_sample_shipping(cd_order *order, const char *amount) {
    order->header.shipping = cd_dec(amount);
    refresh(order);
}

void cd_sample_discount(cd_order *order, const char *amount) {
    order->header.discount = cd_dec(amount);
    refresh(order);
}

void cd_sample_bill_to(cd_order *order, const char *country, const char *region) {
    order->billing.country = country;
    order->billing.region = region;
}

void cd_sample_ship_to(cd_order *order, const char *country, const char *region) {
    order->shipping.country = country;
    order->shipping.region = region;
}

void cd_sample_field(cd_order *order, const char *name, cd_value value) { cd_put(&order->fields, name, value); }

void cd_sample_tag(cd_order *order, const char *tag) {
    bool there;
    uint32_t place = cd_tag_place(order, tag, &there);
    if (!there) {
        cd_insert_tag(order, place, tag);
    }
}

void cd_sample_line(cd_order *order, const char *sku, const char *quantity, const char *unit_price) {
    cd_memory_line *line = CD_PUSH(cd_memory_line, &order->lines);
    line->line = (cd_line){.id = cd_format("L%u", (unsigned)order->lines.count),
                           .sku = sku,
                           .name = sku,
                           .product_type = "",
                           .quantity = cd_dec(quantity),
                           .unit_price = cd_dec(unit_price),
                           .tax_rate = cd_dec("0.13")};
    refresh(order);
}

static cd_memory_line *last_line(cd_order *order) {
    if (order->lines.count == 0) {
        cd_break("add a line first");
    }
    return cd_line_at(order, order->lines.count - 1);
}

void cd_sample_product_type(cd_order *order, const char *product_type) {
    last_line(order)->line.product_type = product_type;
}

void cd_sample_tax_rate(cd_order *order, const char *rate) {
    last_line(order)->line.tax_rate = cd_dec(rate);
    refresh(order);
}

void cd_sample_line_discount(cd_order *order, const char *amount) {
    last_line(order)->line.discount = cd_dec(amount);
    refresh(order);
}

void cd_sample_line_field(cd_order *order, const char *name, cd_value value) {
    cd_put(&last_line(order)->fields, name, value);
}

cd_changes cd_sample_changes(cd_order *order) { return (cd_changes){order->changes.at, order->changes.count}; }

cd_answer cd_sample_pre_map(cd_answer (*hook)(const cd_context *, cd_order *), cd_order *order) {
    cd_begin();
    return cd_conclude(hook(&CONTEXT, order), false);
}

cd_answer cd_sample_route_order(cd_answer (*hook)(const cd_context *, cd_order *, cd_candidates *), cd_order *order,
                                cd_candidates *candidates) {
    cd_begin();
    return cd_conclude(hook(&CONTEXT, order, candidates), true);
}

cd_answer cd_sample_post_map(cd_answer (*hook)(const cd_context *, cd_order *, cd_document *), cd_order *order,
                             cd_document *document) {
    cd_begin();
    return cd_conclude(hook(&CONTEXT, order, document), false);
}

void cd_check(bool so, const char *what, const char *file, int line) {
    if (!so) {
        fprintf(stderr, "%s:%d: not so: %s\n", file, line, what);
        failures++;
    }
}

void cd_check_text(const char *found, const char *expected, const char *file, int line) {
    if (!found || strcmp(found, expected) != 0) {
        fprintf(stderr, "%s:%d: found \"%s\", expected \"%s\"\n", file, line, found ? found : "(none)", expected);
        failures++;
    }
}

void cd_check_number(cd_decimal found, const char *expected, const char *file, int line) {
    if (cd_compare(found, cd_dec(expected)) != 0) {
        fprintf(stderr, "%s:%d: found %s, expected %s\n", file, line, cd_text(found), expected);
        failures++;
    }
}

int cd_checked(void) {
    if (failures == 0) {
        puts("all checks hold");
    }
    return failures == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

// Inside the sandbox: the order as the host lends it, settings, log, and the hook pre-map.
#include "host.h"

const cd_header *cd_order_header(cd_order *order) {
    if (!order->header) {
        crossdock_plugin_orders_header_t in;
        crossdock_plugin_orders_method_order_header(order->handle, &in);
        cd_header *header = CD_NEW(cd_header, 1);
        *header = (cd_header){.number = cd_text_in(in.number),
                              .status = cd_text_in(in.status),
                              .currency = cd_text_in(in.currency),
                              .currency_digits = in.currency_digits,
                              .ordered_at = {in.ordered_at.unix_ms, in.ordered_at.offset_minutes},
                              .customer_id = cd_text_in(in.customer_id),
                              .segment = cd_text_in(in.segment),
                              .subtotal = cd_decimal_in(in.subtotal),
                              .discount = cd_decimal_in(in.discount),
                              .shipping = cd_decimal_in(in.shipping),
                              .tax = cd_decimal_in(in.tax),
                              .total = cd_decimal_in(in.total)};
        order->header = header;
    }
    return order->header;
}

static cd_decimal row(const crossdock_plugin_types_decimals_t *column, size_t line) {
    return (cd_decimal){column->units.ptr[line], column->scale};
}

// Two calls and no text of its own per line: the fast form of the contract.
cd_lines cd_order_lines(cd_order *order) {
    if (!order->lines_read) {
        crossdock_plugin_orders_line_amounts_t amounts;
        crossdock_plugin_orders_line_texts_t texts;
        crossdock_plugin_orders_method_order_line_amounts(order->handle, &amounts);
        crossdock_plugin_orders_method_order_line_texts(order->handle, &texts);
        size_t count = amounts.quantity.units.len;
        cd_line *lines = CD_NEW(cd_line, count);
        const char *pool = (const char *)texts.pool.ptr;
        uint32_t start = 0;
        for (size_t i = 0; i < count; i++) {
            const char **text[4] = {&lines[i].id, &lines[i].sku, &lines[i].name, &lines[i].product_type};
            for (size_t which = 0; which < 4; which++) {
                uint32_t end = texts.ends.ptr[i * 4 + which];
                *text[which] = cd_copy(pool + start, end - start);
                start = end;
            }
            lines[i].quantity = row(&amounts.quantity, i);
            lines[i].unit_price = row(&amounts.unit_price, i);
            lines[i].discount = row(&amounts.discount, i);
            lines[i].tax_rate = row(&amounts.tax_rate, i);
            lines[i].tax = row(&amounts.tax, i);
            lines[i].total = row(&amounts.total, i);
        }
        order->lines = (cd_lines){lines, (uint32_t)count};
        order->lines_read = true;
    }
    return order->lines;
}

static const cd_address *address_in(const crossdock_plugin_orders_address_t *in) {
    cd_address *address = CD_NEW(cd_address, 1);
    *address = (cd_address){.name = cd_text_in(in->name),
                            .company = cd_text_in(in->company),
                            .line1 = cd_text_in(in->line1),
                            .line2 = cd_text_in(in->line2),
                            .city = cd_text_in(in->city),
                            .region = cd_text_in(in->region),
                            .postal_code = cd_text_in(in->postal_code),
                            .country = cd_text_in(in->country),
                            .phone = cd_text_in(in->phone),
                            .email = cd_text_in(in->email)};
    return address;
}

const cd_address *cd_order_billing_address(cd_order *order) {
    if (!order->billing) {
        crossdock_plugin_orders_address_t in;
        crossdock_plugin_orders_method_order_billing_address(order->handle, &in);
        order->billing = address_in(&in);
    }
    return order->billing;
}

const cd_address *cd_order_shipping_address(cd_order *order) {
    if (!order->shipping) {
        crossdock_plugin_orders_address_t in;
        crossdock_plugin_orders_method_order_shipping_address(order->handle, &in);
        order->shipping = address_in(&in);
    }
    return order->shipping;
}

const cd_payment *cd_order_payment(cd_order *order) {
    if (!order->payment) {
        crossdock_plugin_orders_payment_t in;
        crossdock_plugin_orders_method_order_payment(order->handle, &in);
        cd_payment *payment = CD_NEW(cd_payment, 1);
        *payment = (cd_payment){.method = cd_text_in(in.method),
                                .status = cd_text_in(in.status),
                                .transaction_id = cd_text_in(in.transaction_id),
                                .amount = cd_decimal_in(in.amount)};
        order->payment = payment;
    }
    return order->payment;
}

cd_fields cd_order_fields(cd_order *order) {
    crossdock_plugin_orders_list_field_t in;
    crossdock_plugin_orders_method_order_fields(order->handle, &in);
    return cd_fields_in(in.ptr, in.len);
}

cd_texts cd_order_tags(cd_order *order) {
    plugin_list_string_t in;
    crossdock_plugin_orders_method_order_tags(order->handle, &in);
    return cd_texts_in(in.ptr, in.len);
}

bool cd_order_field(cd_order *order, const char *name, cd_value *value) {
    crossdock_plugin_types_value_t in;
    plugin_string_t name_out = cd_text_out(name);
    bool found = crossdock_plugin_orders_method_order_field(order->handle, &name_out, &in);
    if (found) {
        *value = cd_value_in(in);
    }
    return found;
}

bool cd_order_line_field(cd_order *order, uint32_t line, const char *name, cd_value *value) {
    crossdock_plugin_types_value_t in;
    plugin_string_t name_out = cd_text_out(name);
    bool found = crossdock_plugin_orders_method_order_line_field(order->handle, line, &name_out, &in);
    if (found) {
        *value = cd_value_in(in);
    }
    return found;
}

// What was read of the sums is old.
static void touch(cd_order *order) {
    order->header = NULL;
    order->lines_read = false;
}

bool cd_order_set_unit_price(cd_order *order, uint32_t line, cd_decimal price, const char *reason) {
    crossdock_plugin_types_edit_error_t refused;
    crossdock_plugin_types_decimal_t number = cd_decimal_out(cd_normalize(price));
    plugin_string_t why = cd_text_out(reason);
    touch(order);
    return cd_edited(crossdock_plugin_orders_method_order_set_unit_price(order->handle, line, &number, &why, &refused),
                     &refused);
}

bool cd_order_set_discount(cd_order *order, uint32_t line, cd_decimal discount, const char *reason) {
    crossdock_plugin_types_edit_error_t refused;
    crossdock_plugin_types_decimal_t number = cd_decimal_out(cd_normalize(discount));
    plugin_string_t why = cd_text_out(reason);
    touch(order);
    return cd_edited(crossdock_plugin_orders_method_order_set_discount(order->handle, line, &number, &why, &refused),
                     &refused);
}

bool cd_order_set_shipping(cd_order *order, cd_decimal amount, const char *reason) {
    crossdock_plugin_types_edit_error_t refused;
    crossdock_plugin_types_decimal_t number = cd_decimal_out(cd_normalize(amount));
    plugin_string_t why = cd_text_out(reason);
    touch(order);
    return cd_edited(crossdock_plugin_orders_method_order_set_shipping(order->handle, &number, &why, &refused),
                     &refused);
}

bool cd_order_set_field(cd_order *order, const char *name, cd_value value, const char *reason) {
    crossdock_plugin_types_edit_error_t refused;
    crossdock_plugin_types_value_t value_out = cd_value_out(value);
    plugin_string_t name_out = cd_text_out(name), why = cd_text_out(reason);
    return cd_edited(
        crossdock_plugin_orders_method_order_set_field(order->handle, &name_out, &value_out, &why, &refused), &refused);
}

bool cd_order_set_line_field(cd_order *order, uint32_t line, const char *name, cd_value value, const char *reason) {
    crossdock_plugin_types_edit_error_t refused;
    crossdock_plugin_types_value_t value_out = cd_value_out(value);
    plugin_string_t name_out = cd_text_out(name), why = cd_text_out(reason);
    return cd_edited(
        crossdock_plugin_orders_method_order_set_line_field(order->handle, line, &name_out, &value_out, &why, &refused),
        &refused);
}

bool cd_order_add_tag(cd_order *order, const char *tag, const char *reason) {
    crossdock_plugin_types_edit_error_t refused;
    plugin_string_t tag_out = cd_text_out(tag), why = cd_text_out(reason);
    return cd_edited(crossdock_plugin_orders_method_order_add_tag(order->handle, &tag_out, &why, &refused), &refused);
}

void cd_backing_log(cd_level level, const char *message) {
    plugin_string_t text = cd_text_out(message);
    crossdock_plugin_log_write((crossdock_plugin_log_level_t)level, &text); // levels are counted alike
}

const char *cd_backing_setting(const char *key) {
    plugin_string_t key_out = cd_text_out(key), value;
    return crossdock_plugin_settings_get(&key_out, &value) ? cd_text_in(value) : NULL;
}

cd_setting_pairs cd_backing_settings(void) {
    plugin_list_tuple2_string_string_t in;
    crossdock_plugin_settings_all(&in);
    cd_setting_pair *pairs = CD_NEW(cd_setting_pair, in.len);
    for (size_t i = 0; i < in.len; i++) {
        pairs[i] = (cd_setting_pair){cd_text_in(in.ptr[i].f0), cd_text_in(in.ptr[i].f1)};
    }
    return (cd_setting_pairs){pairs, (uint32_t)in.len};
}

// A bare trap: abort of the C library would ask WASI for an end.
void cd_backing_abort(void) { __builtin_trap(); }

#ifdef CROSSDOCK_PRE_MAP
bool exports_crossdock_plugin_pre_map_run(crossdock_plugin_types_context_t *context,
                                          crossdock_plugin_orders_borrow_order_t handle,
                                          crossdock_plugin_types_verdict_t *verdict,
                                          crossdock_plugin_types_hook_error_t *error) {
    cd_begin();
    cd_context now = cd_context_in(context);
    cd_order order = {.handle = handle};
    return cd_verdict_out(cd_conclude(pre_map(&now, &order), false), verdict, error);
}
#endif

// Outside of the sandbox: the order in memory, for native tests. Edits follow the host's rules, so that what a test
// takes the host takes. Not the host: no guardrails, no limits.
#include "memory.h"
#include <string.h>

__extension__ typedef __int128 wide;

void *cd_grow(cd_list *list, size_t size) {
    char *entries = cd_alloc(size * (list->count + 1));
    if (list->count > 0) {
        memcpy(entries, list->at, size * list->count);
    }
    list->at = entries;
    return entries + size * list->count++;
}

cd_value *cd_find(const cd_list *fields, const char *name) {
    cd_field *at = fields->at;
    for (uint32_t i = 0; i < fields->count; i++) {
        if (strcmp(at[i].name, name) == 0) {
            return &at[i].value;
        }
    }
    return NULL;
}

cd_value cd_put(cd_list *fields, const char *name, cd_value value) {
    cd_value *there = cd_find(fields, name), before = there ? *there : cd_value_empty();
    if (there && value.kind != CD_EMPTY) {
        *there = value;
    } else if (there) {
        cd_field *at = fields->at, *gone = at;
        while (&gone->value != there) {
            gone++;
        }
        memmove(gone, gone + 1, (size_t)(at + --fields->count - gone) * sizeof *gone);
    } else if (value.kind != CD_EMPTY) {
        *CD_PUSH(cd_field, fields) = (cd_field){name, value};
    }
    return before;
}

// A copy: what was handed out stays as it is.
cd_fields cd_as_fields(const cd_list *fields) {
    cd_field *copy = CD_NEW(cd_field, fields->count);
    if (fields->count > 0) {
        memcpy(copy, fields->at, fields->count * sizeof *copy);
    }
    return (cd_fields){copy, fields->count};
}

void cd_record(cd_list *changes, const char *path, cd_value before, cd_value after, const char *reason) {
    *CD_PUSH(cd_change, changes) = (cd_change){path, before, after, reason};
}

bool cd_canonical(cd_decimal *number, const char *path) {
    *number = cd_normalize(*number);
    cd_decimal most = cd_int(100000000000);
    if (number->scale > 4 || cd_compare(*number, most) >= 0 || cd_compare(*number, cd_sub(cd_int(0), most)) <= 0) {
        return cd_refuse(CD_OUT_OF_RANGE, cd_format("%s: at most 4 decimals and below 10^11", path));
    }
    return true;
}

bool cd_name_allowed(const char *name) {
    size_t length = strlen(name);
    bool control = false;
    for (size_t i = 0; i < length; i++) {
        control = control || (unsigned char)name[i] < 32 || name[i] == 127;
    }
    return (length > 0 && length <= 64 && !control) ||
           cd_refuse(CD_INVALID, "a name has 1 to 64 bytes and no control characters");
}

bool cd_field_allowed(const char *name, cd_value value) {
    if (!cd_name_allowed(name)) {
        return false;
    }
    if (value.kind == CD_TEXT && strlen(value.text) > 4096) {
        return cd_refuse(CD_INVALID, cd_format("`%s`: a text has at most 4096 bytes", name));
    }
    return value.kind != CD_NUMBER || cd_canonical(&value.number, cd_format("fields.%s", name));
}

cd_memory_line *cd_line_at(const cd_order *order, uint32_t line) {
    if (line >= order->lines.count) {
        cd_refuse(CD_NO_SUCH_LINE, cd_format("there is no line %u", (unsigned)line));
        return NULL;
    }
    return (cd_memory_line *)order->lines.at + line;
}

cd_decimal cd_worth(const cd_memory_line *line, uint8_t digits) {
    return cd_round(cd_mul(line->line.quantity, line->line.unit_price), digits);
}

// The units at a scale that is not smaller than its own.
static int64_t units_at(cd_decimal number, uint8_t scale) {
    int64_t units;
    if (!cd_at_scale(number, scale, &units)) {
        cd_break("a sample amount is too large");
    }
    return units;
}

// Shares the tax of the touched lines of one rate out by their totals, in whole units of the currency: each share
// rounded down, then the units left to the largest remainders, the earlier line first on a tie.
static void share_tax(cd_order *order, cd_decimal rate) {
    uint8_t digits = order->header.currency_digits;
    cd_memory_line *lines = order->lines.at;
    uint32_t count = order->lines.count;
    bool *shares = CD_NEW(bool, count);
    wide *rest = CD_NEW(wide, count);
    cd_decimal worth = cd_int(0);
    for (uint32_t i = 0; i < count; i++) {
        shares[i] = lines[i].touched && cd_compare(lines[i].line.tax_rate, rate) == 0;
        worth = shares[i] ? cd_add(worth, lines[i].line.total) : worth;
    }
    int64_t sum = units_at(worth, digits), tax = units_at(cd_round(cd_mul(worth, rate), digits), digits), left = tax;
    bool first = true;
    for (uint32_t i = 0; i < count; i++) {
        if (shares[i]) {
            wide part = (wide)tax * units_at(lines[i].line.total, digits);
            int64_t share = sum ? (int64_t)(part / sum) : first ? tax : 0;
            rest[i] = sum ? part % sum : 0;
            lines[i].line.tax = (cd_decimal){share, digits};
            left -= share;
            first = false;
        }
    }
    for (; left > 0; left--) {
        uint32_t best = count;
        for (uint32_t i = 0; i < count; i++) {
            best = shares[i] && (best == count || rest[i] > rest[best]) ? i : best;
        }
        lines[best].line.tax.units++;
        shares[best] = false; // one unit each
    }
}

void cd_sum(cd_order *order) {
    uint8_t digits = order->header.currency_digits;
    cd_memory_line *lines = order->lines.at;
    for (uint32_t i = 0; i < order->lines.count; i++) {
        lines[i].line.total = cd_sub(cd_worth(&lines[i], digits), lines[i].line.discount);
    }
    for (uint32_t i = 0; i < order->lines.count; i++) {
        bool known = !lines[i].touched;
        for (uint32_t before = 0; before < i && !known; before++) {
            known = lines[before].touched && cd_compare(lines[before].line.tax_rate, lines[i].line.tax_rate) == 0;
        }
        if (!known) {
            share_tax(order, lines[i].line.tax_rate);
        }
    }
    cd_header *header = &order->header;
    header->subtotal = cd_int(0);
    header->tax = cd_round(cd_mul(header->shipping, order->shipping_rate), digits);
    for (uint32_t i = 0; i < order->lines.count; i++) {
        header->subtotal = cd_add(header->subtotal, lines[i].line.total);
        header->tax = cd_add(header->tax, lines[i].line.tax);
    }
    header->total = cd_add(cd_add(cd_sub(header->subtotal, header->discount), header->shipping), header->tax);
}

const cd_header *cd_order_header(cd_order *order) {
    cd_sum(order);
    cd_header *header = CD_NEW(cd_header, 1);
    *header = order->header;
    return header;
}

cd_lines cd_order_lines(cd_order *order) {
    cd_sum(order);
    cd_line *lines = CD_NEW(cd_line, order->lines.count);
    for (uint32_t i = 0; i < order->lines.count; i++) {
        lines[i] = cd_line_at(order, i)->line;
    }
    return (cd_lines){lines, order->lines.count};
}

const cd_address *cd_order_billing_address(cd_order *order) { return &order->billing; }

const cd_address *cd_order_shipping_address(cd_order *order) { return &order->shipping; }

const cd_payment *cd_order_payment(cd_order *order) { return &order->payment; }

cd_fields cd_order_fields(cd_order *order) { return cd_as_fields(&order->fields); }

cd_texts cd_order_tags(cd_order *order) { return (cd_texts){order->tags.at, order->tags.count}; }

bool cd_order_field(cd_order *order, const char *name, cd_value *value) {
    cd_value *there = cd_find(&order->fields, name);
    if (there) {
        *value = *there;
    }
    return there;
}

bool cd_order_line_field(cd_order *order, uint32_t line, const char *name, cd_value *value) {
    cd_memory_line *lines = order->lines.at;
    cd_value *there = line < order->lines.count ? cd_find(&lines[line].fields, name) : NULL;
    if (there) {
        *value = *there;
    }
    return there;
}

bool cd_order_set_unit_price(cd_order *order, uint32_t line, cd_decimal price, const char *reason) {
    const char *path = cd_format("lines[%u].unit-price", (unsigned)line);
    cd_memory_line *edited = cd_line_at(order, line);
    if (!edited || !cd_canonical(&price, path)) {
        return false;
    }
    if (price.units < 0) {
        return cd_refuse(CD_INVALID, cd_format("%s: the price is negative", path));
    }
    cd_decimal worth;
    if (!cd_checked_mul(edited->line.quantity, price, &worth) ||
        cd_compare(worth = cd_round(worth, order->header.currency_digits), cd_int(100000000000)) >= 0) {
        return cd_refuse(CD_OUT_OF_RANGE, cd_format("lines[%u].total: quantity × price is too large", (unsigned)line));
    }
    if (cd_compare(worth, edited->line.discount) < 0) {
        return cd_refuse(CD_INVALID, cd_format("%s: the line would be worth less than its discount", path));
    }
    cd_record(&order->changes, path, cd_value_number(edited->line.unit_price), cd_value_number(price), reason);
    edited->line.unit_price = price;
    edited->touched = true;
    return true;
}

static bool whole(const cd_order *order, cd_decimal amount, const char *path) {
    uint8_t digits = order->header.currency_digits;
    return cd_compare(cd_round(amount, digits), amount) == 0 ||
           cd_refuse(CD_INVALID, cd_format("%s: %s has %d decimals", path, order->header.currency, digits));
}

bool cd_order_set_discount(cd_order *order, uint32_t line, cd_decimal discount, const char *reason) {
    const char *path = cd_format("lines[%u].discount", (unsigned)line);
    cd_memory_line *edited = cd_line_at(order, line);
    if (!edited || !cd_canonical(&discount, path)) {
        return false;
    }
    cd_decimal worth = cd_worth(edited, order->header.currency_digits);
    if (discount.units < 0 || cd_compare(discount, worth) > 0) {
        return cd_refuse(CD_INVALID, cd_format("%s: the discount must lie between 0 and the line's worth of %s", path,
                                               cd_text(worth)));
    }
    if (!whole(order, discount, path)) {
        return false;
    }
    cd_record(&order->changes, path, cd_value_number(edited->line.discount), cd_value_number(discount), reason);
    edited->line.discount = discount;
    edited->touched = true;
    return true;
}

bool cd_order_set_shipping(cd_order *order, cd_decimal amount, const char *reason) {
    const char *path = "shipping.amount";
    if (!cd_canonical(&amount, path)) {
        return false;
    }
    if (amount.units < 0) {
        return cd_refuse(CD_INVALID, cd_format("%s: the price is negative", path));
    }
    if (!whole(order, amount, path)) {
        return false;
    }
    cd_record(&order->changes, path, cd_value_number(order->header.shipping), cd_value_number(amount), reason);
    order->header.shipping = amount;
    return true;
}

bool cd_order_set_field(cd_order *order, const char *name, cd_value value, const char *reason) {
    if (!cd_field_allowed(name, value)) {
        return false;
    }
    cd_value before = cd_put(&order->fields, name, value);
    cd_record(&order->changes, cd_format("fields.%s", name), before, value, reason);
    return true;
}

bool cd_order_set_line_field(cd_order *order, uint32_t line, const char *name, cd_value value, const char *reason) {
    cd_memory_line *edited = cd_field_allowed(name, value) ? cd_line_at(order, line) : NULL;
    if (!edited) {
        return false;
    }
    cd_value before = cd_put(&edited->fields, name, value);
    cd_record(&order->changes, cd_format("lines[%u].fields.%s", (unsigned)line, name), before, value, reason);
    return true;
}

uint32_t cd_tag_place(const cd_order *order, const char *tag, bool *there) {
    const char *const *tags = order->tags.at;
    uint32_t place = 0;
    while (place < order->tags.count && strcmp(tags[place], tag) < 0) {
        place++;
    }
    *there = place < order->tags.count && strcmp(tags[place], tag) == 0;
    return place;
}

void cd_insert_tag(cd_order *order, uint32_t place, const char *tag) {
    CD_PUSH(const char *, &order->tags);
    const char **tags = order->tags.at;
    memmove(tags + place + 1, tags + place, (order->tags.count - 1 - place) * sizeof *tags);
    tags[place] = tag;
}

bool cd_order_add_tag(cd_order *order, const char *tag, const char *reason) {
    bool there;
    if (!cd_name_allowed(tag)) {
        return false;
    }
    uint32_t place = cd_tag_place(order, tag, &there);
    if (!there) {
        cd_insert_tag(order, place, tag);
        cd_record(&order->changes, "tags", cd_value_empty(), cd_value_text(tag), reason);
    }
    return true;
}

// Outside of the sandbox: the document and the candidates in memory, for native tests, with the host's rules for edits.
#include "memory.h"
#include <string.h>

static const char *const LOCKED[] = {"PurchaseOrderNo", "TotalAmount", "ItemCode", "Quantity", "UnitPrice", "TaxAmount"};

static bool allowed(const char *name, cd_value value) {
    if (!cd_field_allowed(name, value)) {
        return false;
    }
    for (size_t i = 0; i < sizeof LOCKED / sizeof *LOCKED; i++) {
        if (strcmp(LOCKED[i], name) == 0) {
            return cd_refuse(CD_NOT_ALLOWED,
                             cd_format("`%s` carries money, quantity or identity: change it in pre-map, "
                                       "so that the sums stay right",
                                       name));
        }
    }
    return true;
}

cd_document *cd_sample_document(cd_order *order) {
    const cd_header *header = cd_order_header(order);
    cd_lines lines = cd_order_lines(order);
    cd_document *document = CD_NEW(cd_document, 1);
    document->key = header->number;
    document->warehouse = "TOR";
    cd_put(&document->fields, "PurchaseOrderNo", cd_value_text(header->number));
    cd_put(&document->fields, "CustomerNo", cd_value_text(header->customer_id));
    cd_put(&document->fields, "TotalAmount", cd_value_number(header->total));
    for (uint32_t i = 0; i < lines.count; i++) {
        cd_list *line = CD_PUSH(cd_list, &document->lines);
        cd_put(line, "ItemCode", cd_value_text(lines.at[i].sku));
        cd_put(line, "Quantity", cd_value_number(lines.at[i].quantity));
        cd_put(line, "UnitPrice", cd_value_number(lines.at[i].unit_price));
        cd_put(line, "TaxAmount", cd_value_number(lines.at[i].tax));
    }
    return document;
}

static cd_list *line_at(cd_document *document, uint32_t line) { return (cd_list *)document->lines.at + line; }

const char *cd_document_key(cd_document *document) { return document->key; }

const char *cd_document_warehouse(cd_document *document) { return document->warehouse; }

cd_fields cd_document_fields(cd_document *document) { return cd_as_fields(&document->fields); }

bool cd_document_field(cd_document *document, const char *name, cd_value *value) {
    cd_value *there = cd_find(&document->fields, name);
    if (there) {
        *value = *there;
    }
    return there;
}

uint32_t cd_document_line_count(cd_document *document) { return document->lines.count; }

cd_fields cd_document_line_fields(cd_document *document, uint32_t line) {
    return line < document->lines.count ? cd_as_fields(line_at(document, line)) : (cd_fields){NULL, 0};
}

cd_values cd_document_column(cd_document *document, const char *name) {
    cd_value *values = CD_NEW(cd_value, document->lines.count);
    for (uint32_t i = 0; i < document->lines.count; i++) {
        cd_value *there = cd_find(line_at(document, i), name);
        values[i] = there ? *there : cd_value_empty();
    }
    return (cd_values){values, document->lines.count};
}

bool cd_document_set_field(cd_document *document, const char *name, cd_value value, const char *reason) {
    if (!allowed(name, value)) {
        return false;
    }
    cd_value before = cd_put(&document->fields, name, value);
    cd_record(&document->changes, cd_format("fields.%s", name), before, value, reason);
    return true;
}

static void put_line(cd_document *document, uint32_t line, const char *name, cd_value value, const char *reason) {
    cd_value before = cd_put(line_at(document, line), name, value);
    cd_record(&document->changes, cd_format("lines[%u].fields.%s", (unsigned)line, name), before, value, reason);
}

bool cd_document_set_line_field(cd_document *document, uint32_t line, const char *name, cd_value value,
                                const char *reason) {
    if (!allowed(name, value)) {
        return false;
    }
    if (line >= document->lines.count) {
        return cd_refuse(CD_NO_SUCH_LINE, cd_format("there is no line %u", (unsigned)line));
    }
    put_line(document, line, name, value, reason);
    return true;
}

bool cd_document_set_column(cd_document *document, const char *name, const cd_value *values, uint32_t count,
                            const char *reason) {
    if (count != document->lines.count) {
        return cd_refuse(CD_INVALID,
                         cd_format("%u lines, but %u values", (unsigned)document->lines.count, (unsigned)count));
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!allowed(name, values[i])) {
            return false;
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        put_line(document, i, name, values[i], reason);
    }
    return true;
}

cd_changes cd_sample_document_changes(cd_document *document) {
    return (cd_changes){document->changes.at, document->changes.count};
}

cd_candidates *cd_sample_candidates(cd_order *order) {
    cd_candidates *candidates = CD_NEW(cd_candidates, 1);
    candidates->order = order;
    return candidates;
}

void cd_sample_warehouse(cd_candidates *candidates, const char *id, const char *country, const char *region) {
    *CD_PUSH(cd_warehouse, &candidates->warehouses) = (cd_warehouse){.id = id, .country = country, .region = region};
    for (uint32_t i = 0; i < candidates->order->lines.count; i++) {
        CD_PUSH(cd_decimal, &candidates->stock);
    }
}

static cd_warehouse *last_warehouse(cd_candidates *candidates) {
    if (candidates->warehouses.count == 0) {
        cd_break("add a warehouse first");
    }
    return (cd_warehouse *)candidates->warehouses.at + candidates->warehouses.count - 1;
}

void cd_sample_carries(cd_candidates *candidates, const char *product_type) {
    cd_warehouse *last = last_warehouse(candidates);
    cd_list types = {(void *)last->product_types.at, last->product_types.count};
    *CD_PUSH(const char *, &types) = product_type;
    last->product_types = (cd_texts){types.at, types.count};
}

void cd_sample_stock(cd_candidates *candidates, const char *sku, const char *units) {
    last_warehouse(candidates);
    cd_lines lines = cd_order_lines(candidates->order);
    cd_decimal *row = (cd_decimal *)candidates->stock.at + (candidates->stock.count - lines.count);
    for (uint32_t i = 0; i < lines.count; i++) {
        row[i] = strcmp(lines.at[i].sku, sku) == 0 ? cd_dec(units) : row[i];
    }
}

cd_warehouses cd_candidates_warehouses(cd_candidates *candidates) {
    return (cd_warehouses){candidates->warehouses.at, candidates->warehouses.count};
}

cd_decimal cd_candidates_stock(cd_candidates *candidates, uint32_t warehouse, uint32_t line) {
    uint32_t lines = candidates->order->lines.count;
    if (warehouse >= candidates->warehouses.count || line >= lines) {
        return cd_int(0);
    }
    return ((cd_decimal *)candidates->stock.at)[warehouse * lines + line];
}

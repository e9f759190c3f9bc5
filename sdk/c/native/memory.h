// What the files of the native backing share: lists that grow, fields by name, and the rules that edits obey.
#ifndef CROSSDOCK_MEMORY_H
#define CROSSDOCK_MEMORY_H

#include "../src/internal.h"
#include <crossdock_sample.h>

typedef struct {
    void *at;
    uint32_t count;
} cd_list;

// Room for one entry more, zeroed; entries already there keep their values, not their places.
void *cd_grow(cd_list *list, size_t size);
#define CD_PUSH(type, list) ((type *)cd_grow((list), sizeof(type)))

cd_value *cd_find(const cd_list *fields, const char *name);
// Sets, adds or, with an empty value, removes a field; answers what was there.
cd_value cd_put(cd_list *fields, const char *name, cd_value value);
cd_fields cd_as_fields(const cd_list *fields);

void cd_record(cd_list *changes, const char *path, cd_value before, cd_value after, const char *reason);

// The rules. They remember the refusal and answer false.
bool cd_canonical(cd_decimal *number, const char *path);
bool cd_name_allowed(const char *name);
bool cd_field_allowed(const char *name, cd_value value);

typedef struct {
    cd_line line;
    cd_list fields;
    bool touched; // its price or discount changed: its tax is shared out anew with the others that changed
} cd_memory_line;

struct cd_order {
    cd_header header;
    cd_list lines; // of cd_memory_line
    cd_decimal shipping_rate;
    cd_address billing, shipping;
    cd_payment payment;
    cd_list fields;
    cd_list tags; // of const char *
    cd_list changes;
};

cd_memory_line *cd_line_at(const cd_order *order, uint32_t line);
cd_decimal cd_worth(const cd_memory_line *line, uint8_t digits);
// Taxes of touched lines, and the sums of the header.
void cd_sum(cd_order *order);
uint32_t cd_tag_place(const cd_order *order, const char *tag, bool *there);
void cd_insert_tag(cd_order *order, uint32_t place, const char *tag);

struct cd_document {
    const char *key, *warehouse;
    cd_list fields;
    cd_list lines; // of cd_list of fields
    cd_list changes;
};

struct cd_candidates {
    cd_order *order;
    cd_list warehouses;
    cd_list stock; // of cd_decimal, row by row
};

#endif

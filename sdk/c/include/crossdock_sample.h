// Orders, documents, candidates and settings held in memory, for an author's native tests. Edits follow the host's
// rules: sums and taxes follow, what the host refuses is refused. There is nothing of it in a component.
//
// Numbers are passed as text ("19.99"); text that is none breaks the test.
#ifndef CROSSDOCK_SAMPLE_H
#define CROSSDOCK_SAMPLE_H

#include "crossdock.h"

// ---- Settings and log ----

// Forgets settings, log and refusals: the beginning of a test.
void cd_sample_begin(void);
// One setting; keys are flattened: "breaks.10".
void cd_sample_setting(const char *key, const char *value);

typedef struct {
    const char *level; // "debug", "info", "warn" or "error"
    const char *text;
} cd_logged;

typedef struct {
    const cd_logged *at;
    uint32_t count;
} cd_logs;

cd_logs cd_sample_logged(void);

// ---- An order: placed in Canadian dollars, from and to Ontario, paid on account; 13 % tax on lines and shipping ----

cd_order *cd_sample_order(void);
void cd_sample_segment(cd_order *order, const char *segment);
void cd_sample_currency(cd_order *order, const char *code, uint8_t digits);
void cd_sample_shipping(cd_order *order, const char *amount);
void cd_sample_discount(cd_order *order, const char *amount);
void cd_sample_bill_to(cd_order *order, const char *country, const char *region);
void cd_sample_ship_to(cd_order *order, const char *country, const char *region);
void cd_sample_field(cd_order *order, const char *name, cd_value value);
void cd_sample_tag(cd_order *order, const char *tag);
// Adds a line; its name is its SKU. What follows speaks of the line added last.
void cd_sample_line(cd_order *order, const char *sku, const char *quantity, const char *unit_price);
void cd_sample_product_type(cd_order *order, const char *product_type);
void cd_sample_tax_rate(cd_order *order, const char *rate);
void cd_sample_line_discount(cd_order *order, const char *amount);
void cd_sample_line_field(cd_order *order, const char *name, cd_value value);

// ---- Candidates: warehouses that have nothing yet ----

cd_candidates *cd_sample_candidates(cd_order *order);
void cd_sample_warehouse(cd_candidates *candidates, const char *id, const char *country, const char *region);
// These speak of the warehouse added last: one more product type that it carries, and what it has of a SKU.
void cd_sample_carries(cd_candidates *candidates, const char *product_type);
void cd_sample_stock(cd_candidates *candidates, const char *sku, const char *units);

// ---- A document for the whole order from warehouse TOR, with the fields of the shipped template ----

cd_document *cd_sample_document(cd_order *order);

// ---- Running a hook as the host does, and what came of it ----

cd_answer cd_sample_pre_map(cd_answer (*hook)(const cd_context *, cd_order *), cd_order *order);
cd_answer cd_sample_route_order(cd_answer (*hook)(const cd_context *, cd_order *, cd_candidates *), cd_order *order,
                                cd_candidates *candidates);
cd_answer cd_sample_post_map(cd_answer (*hook)(const cd_context *, cd_order *, cd_document *), cd_order *order,
                             cd_document *document);

// One edit, as the host records it.
typedef struct {
    const char *path; // "lines[3].unit-price", "shipping.amount", "fields.NAME", "lines[3].fields.NAME", "tags"
    cd_value before, after;
    const char *reason;
} cd_change;

typedef struct {
    const cd_change *at;
    uint32_t count;
} cd_changes;

cd_changes cd_sample_changes(cd_order *order);
cd_changes cd_sample_document_changes(cd_document *document);

// ---- Checks ----

// They print what is not so, with its place, and go on. cd_checked says how main ends: `return cd_checked();`.
#define CD_CHECK(so) cd_check((so), #so, __FILE__, __LINE__)
#define CD_CHECK_TEXT(found, expected) cd_check_text((found), (expected), __FILE__, __LINE__)
// By value: 1.5 is 1.50. The expected number is text.
#define CD_CHECK_NUMBER(found, expected) cd_check_number((found), (expected), __FILE__, __LINE__)

void cd_check(bool so, const char *what, const char *file, int line);
void cd_check_text(const char *found, const char *expected, const char *file, int line);
void cd_check_number(cd_decimal found, const char *expected, const char *file, int line);
int cd_checked(void);

#endif

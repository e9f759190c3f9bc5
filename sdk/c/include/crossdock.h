// Write Crossdock plugins in C: everything a rule reads, decides and edits. The same source runs in the host's sandbox
// and, held in memory by crossdock_sample.h, in a native test.
//
// Texts are UTF-8 with a NUL at the end. Everything handed out lives as long as the call: nothing is freed.
// What goes wrong is remembered and becomes the hook's answer by itself: a wrong setting, a refused edit nobody took.
#ifndef CROSSDOCK_H
#define CROSSDOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ---- Numbers: exact decimals, never floats ----

// `units × 10^-scale`, up to 18 digits and 18 of them behind the point.
typedef struct {
    int64_t units;
    uint8_t scale;
} cd_decimal;

// Reads a number such as 19.99; false when the text is no exact decimal of at most 18 digits.
bool cd_parse(const char *text, cd_decimal *number);
// A number written in the source, cd_dec("19.99"). Breaks the call when it is none.
cd_decimal cd_dec(const char *literal);
cd_decimal cd_int(int64_t whole);
// The digits as they are: 1.50 stays 1.50.
const char *cd_text(cd_decimal number);
// Without trailing zeros behind the point.
cd_decimal cd_normalize(cd_decimal number);
// Rounded to so many digits behind the point, half away from zero. Shorter numbers stay as they are.
cd_decimal cd_round(cd_decimal number, uint8_t digits);
// Below zero, zero or above zero, as a is less than, equal to or more than b. 1.5 equals 1.50.
int cd_compare(cd_decimal a, cd_decimal b);

// Exact. They break the call when the result does not fit: round before you multiply on.
cd_decimal cd_add(cd_decimal a, cd_decimal b);
cd_decimal cd_sub(cd_decimal a, cd_decimal b);
cd_decimal cd_mul(cd_decimal a, cd_decimal b);
// So many per cent of it, and it less so many per cent: exact, round it to the currency afterwards.
cd_decimal cd_percent(cd_decimal of, cd_decimal percent);
cd_decimal cd_percent_off(cd_decimal of, cd_decimal percent);

// The same, but false when the exact result does not fit.
bool cd_checked_add(cd_decimal a, cd_decimal b, cd_decimal *sum);
bool cd_checked_sub(cd_decimal a, cd_decimal b, cd_decimal *difference);
bool cd_checked_mul(cd_decimal a, cd_decimal b, cd_decimal *product);
// The quotient rounded to so many digits, half away from zero; false when it does not fit or b is 0.
bool cd_checked_div(cd_decimal a, cd_decimal b, uint8_t digits, cd_decimal *quotient);

// ---- Texts and memory ----

// Puts a text together. Knows %s, %d, %u, %lld and %%; a decimal goes in as %s with cd_text.
__attribute__((format(printf, 1, 2))) const char *cd_format(const char *format, ...);

// Zeroed memory that lives as long as the call.
void *cd_alloc(size_t size);

typedef struct {
    const char *const *at;
    uint32_t count;
} cd_texts;

// ---- Values of fields ----

typedef enum { CD_TEXT, CD_NUMBER, CD_FLAG, CD_EMPTY } cd_value_kind;

// Only the part that `kind` names counts. Setting a field to CD_EMPTY removes it.
typedef struct {
    cd_value_kind kind;
    const char *text;
    cd_decimal number;
    bool flag;
} cd_value;

cd_value cd_value_text(const char *text);
cd_value cd_value_number(cd_decimal number);
cd_value cd_value_flag(bool flag);
cd_value cd_value_empty(void);

typedef struct {
    const cd_value *at;
    uint32_t count;
} cd_values;

typedef struct {
    const char *name;
    cd_value value;
} cd_field;

typedef struct {
    const cd_field *at;
    uint32_t count;
} cd_fields;

// ---- The call ----

typedef struct {
    int64_t unix_ms;        // milliseconds since 1970-01-01T00:00:00Z
    int16_t offset_minutes; // minutes east of UTC
} cd_instant;

typedef struct {
    const char *integration;
    const char *event_id;
    uint32_t attempt; // from 1
    cd_instant now;   // when the run began
} cd_context;

cd_instant cd_plus_minutes(cd_instant from, int64_t minutes);

// ---- The order: edited in pre_map, read-only in the other hooks ----

typedef struct cd_order cd_order;

typedef struct {
    const char *number;
    const char *status;
    const char *currency; // ISO 4217
    uint8_t currency_digits;
    cd_instant ordered_at;
    const char *customer_id;
    const char *segment; // empty when the shop sends none
    cd_decimal subtotal; // of the lines, before order discount, shipping and tax
    cd_decimal discount;
    cd_decimal shipping;
    cd_decimal tax;
    cd_decimal total;
} cd_header;

// Unknown parts are empty. Never log them.
typedef struct {
    const char *name, *company, *line1, *line2, *city, *region, *postal_code;
    const char *country; // ISO 3166-1 alpha-2, upper case
    const char *phone, *email;
} cd_address;

typedef struct {
    const char *method, *status, *transaction_id;
    cd_decimal amount;
} cd_payment;

typedef struct {
    const char *id, *sku, *name;
    const char *product_type; // empty when the shop sends none
    cd_decimal quantity;
    cd_decimal unit_price; // without tax, before the line's discount
    cd_decimal discount;   // on the whole line
    cd_decimal tax_rate;   // 0.13 is 13 %
    cd_decimal tax;
    cd_decimal total; // quantity × unit price, rounded to the currency, − discount
} cd_line;

typedef struct {
    const cd_line *at;
    uint32_t count;
} cd_lines;

// Header and lines are snapshots: they stay as they are while the order is edited. Ask again for what came of it.
const cd_header *cd_order_header(cd_order *order);
cd_lines cd_order_lines(cd_order *order);
const cd_address *cd_order_billing_address(cd_order *order);
const cd_address *cd_order_shipping_address(cd_order *order);
const cd_payment *cd_order_payment(cd_order *order);
cd_fields cd_order_fields(cd_order *order);
cd_texts cd_order_tags(cd_order *order); // sorted
// False when there is no such field (or line).
bool cd_order_field(cd_order *order, const char *name, cd_value *value);
bool cd_order_line_field(cd_order *order, uint32_t line, const char *name, cd_value *value);

// Edits answer whether the host took them. The reason is what the merchant's staff reads about it.
bool cd_order_set_unit_price(cd_order *order, uint32_t line, cd_decimal price, const char *reason);
bool cd_order_set_discount(cd_order *order, uint32_t line, cd_decimal discount, const char *reason);
bool cd_order_set_shipping(cd_order *order, cd_decimal amount, const char *reason);
bool cd_order_set_field(cd_order *order, const char *name, cd_value value, const char *reason);
bool cd_order_set_line_field(cd_order *order, uint32_t line, const char *name, cd_value value, const char *reason);
bool cd_order_add_tag(cd_order *order, const char *tag, const char *reason);

typedef enum { CD_NO_SUCH_LINE, CD_READ_ONLY, CD_OUT_OF_RANGE, CD_INVALID, CD_NOT_ALLOWED } cd_refusal_kind;

typedef struct {
    cd_refusal_kind kind;
    const char *text;
} cd_refusal;

// Takes the first refused edit since the last call; false when there is none. Who takes it has handled it. One that
// nobody takes fails the hook when it answers proceed.
bool cd_take_refusal(cd_refusal *refusal);

// ---- Where it can be shipped from ----

typedef struct cd_candidates cd_candidates;

typedef struct {
    const char *id;
    const char *country;
    const char *region;
    cd_texts product_types; // none means all
} cd_warehouse;

typedef struct {
    const cd_warehouse *at;
    uint32_t count;
} cd_warehouses;

cd_warehouses cd_candidates_warehouses(cd_candidates *candidates); // in the operator's order of preference
// What a warehouse, by its place, has of a line's SKU; 0 when there is no such place or line.
cd_decimal cd_candidates_stock(cd_candidates *candidates, uint32_t warehouse, uint32_t line);
bool cd_warehouse_carries(const cd_warehouse *warehouse, const char *product_type);

typedef struct {
    uint32_t line;
    cd_decimal quantity;
} cd_shipment_line;

typedef struct {
    const char *warehouse;
    cd_shipment_line *lines;
    uint32_t count;
} cd_shipment;

// A shipment without lines yet, and so many units of a line more; a line at most once.
cd_shipment cd_shipment_from(const char *warehouse);
void cd_shipment_add(cd_shipment *shipment, uint32_t line, cd_decimal quantity);

// ---- The ERP document of one shipment ----

typedef struct cd_document cd_document;

const char *cd_document_key(cd_document *document);
const char *cd_document_warehouse(cd_document *document);
cd_fields cd_document_fields(cd_document *document);
bool cd_document_field(cd_document *document, const char *name, cd_value *value);
uint32_t cd_document_line_count(cd_document *document);
cd_fields cd_document_line_fields(cd_document *document, uint32_t line);
// One field over all lines; CD_EMPTY where a line has none of this name.
cd_values cd_document_column(cd_document *document, const char *name);

// Money, quantities, keys and item codes are refused: prices are changed in pre_map, so that the sums stay right.
bool cd_document_set_field(cd_document *document, const char *name, cd_value value, const char *reason);
bool cd_document_set_line_field(cd_document *document, uint32_t line, const char *name, cd_value value,
                                const char *reason);
// One value per line, all or none.
bool cd_document_set_column(cd_document *document, const char *name, const cd_value *values, uint32_t count,
                            const char *reason);

// ---- Settings of this plugin: [plugins.NAME.settings], flattened with dots ----

typedef struct {
    const char *key;
    const char *value;
} cd_setting_pair;

typedef struct {
    const cd_setting_pair *at;
    uint32_t count;
} cd_setting_pairs;

typedef struct {
    const char *key;
    cd_decimal number;
} cd_setting_number;

typedef struct {
    const cd_setting_number *at;
    uint32_t count;
} cd_setting_numbers;

const char *cd_setting(const char *key); // NULL when it is not set
const char *cd_setting_or(const char *key, const char *otherwise);
// These make a missing or wrong setting the hook's answer, naming it; the rule goes on with an empty text or
// `otherwise`.
const char *cd_setting_required(const char *key);
cd_decimal cd_setting_decimal(const char *key, cd_decimal otherwise);
bool cd_setting_flag(const char *key, bool otherwise);
// All settings below a prefix, sorted, each key without it: cd_settings_below("terms.").
cd_setting_pairs cd_settings_below(const char *prefix);
// The same as numbers; none when one of them is wrong.
cd_setting_numbers cd_setting_numbers_below(const char *prefix);
// Makes a wrong setting the hook's answer. Its value is not repeated: settings can be confidential.
void cd_setting_wrong(const char *key, const char *expected);
// False once a setting was missing or wrong: the rule can stop, its answer is the error.
bool cd_settings_ok(void);

// ---- Log: kept with the run. Never log names, addresses or payment data ----

__attribute__((format(printf, 1, 2))) void cd_log_debug(const char *format, ...);
__attribute__((format(printf, 1, 2))) void cd_log_info(const char *format, ...);
__attribute__((format(printf, 1, 2))) void cd_log_warn(const char *format, ...);
__attribute__((format(printf, 1, 2))) void cd_log_error(const char *format, ...);

// Ends the call as broken, with a line in the log: for what cannot be.
_Noreturn void cd_break(const char *message);

// ---- Answers ----

typedef enum {
    CD_PROCEED,
    CD_HOLD,
    CD_REJECT,
    CD_SHIP,
    CD_ERROR_SETTINGS,
    CD_ERROR_UNSUPPORTED,
    CD_ERROR_FAILED
} cd_answer_kind;

typedef struct {
    cd_answer_kind kind;
    const char *text; // the reason, or what went wrong
    bool has_until;
    cd_instant until;
    const cd_shipment *shipments;
    uint32_t shipment_count;
} cd_answer;

cd_answer cd_proceed(void);            // pre_map and post_map: go on, with the edits made
cd_answer cd_hold(const char *reason); // wait for a person
cd_answer cd_hold_until(const char *reason, cd_instant until);
cd_answer cd_reject(const char *reason); // do not deliver
// route_order: ship like this; what no shipment holds is backordered.
cd_answer cd_ship(const cd_shipment *shipments, uint32_t count);
cd_answer cd_error_settings(const char *text);
cd_answer cd_error_unsupported(const char *text);
cd_answer cd_error_failed(const char *text);

// ---- The hooks: define those that plugin.toml lists ----

cd_answer pre_map(const cd_context *context, cd_order *order);
cd_answer route_order(const cd_context *context, cd_order *order, cd_candidates *candidates);
cd_answer post_map(const cd_context *context, cd_order *order, cd_document *document);

#endif

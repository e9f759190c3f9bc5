// Answers, and what becomes an answer by itself: wrong settings and refused edits. Settings and log over the backing.
#include "internal.h"
#include <string.h>

static bool refused;
static cd_refusal first_refusal;
static const char *settings_error;

void cd_begin(void) {
    refused = false;
    settings_error = NULL;
}

bool cd_refuse(cd_refusal_kind kind, const char *text) {
    if (!refused) {
        refused = true;
        first_refusal = (cd_refusal){kind, text};
    }
    return false;
}

bool cd_take_refusal(cd_refusal *refusal) {
    bool taken = refused;
    if (taken) {
        *refusal = first_refusal;
    }
    refused = false;
    return taken;
}

cd_answer cd_conclude(cd_answer answer, bool routes) {
    if (settings_error) {
        return cd_error_settings(settings_error);
    }
    if (answer.kind == CD_PROCEED && refused) {
        return cd_error_failed(cd_format("an edit was refused: %s", first_refusal.text));
    }
    if (answer.kind == (routes ? CD_PROCEED : CD_SHIP)) {
        return cd_error_failed(routes ? "route_order answers cd_ship, not cd_proceed" : "only route_order ships");
    }
    return answer;
}

cd_answer cd_proceed(void) { return (cd_answer){.kind = CD_PROCEED}; }

cd_answer cd_hold(const char *reason) { return (cd_answer){.kind = CD_HOLD, .text = reason}; }

cd_answer cd_hold_until(const char *reason, cd_instant until) {
    return (cd_answer){.kind = CD_HOLD, .text = reason, .has_until = true, .until = until};
}

cd_answer cd_reject(const char *reason) { return (cd_answer){.kind = CD_REJECT, .text = reason}; }

cd_answer cd_ship(const cd_shipment *shipments, uint32_t count) {
    return (cd_answer){.kind = CD_SHIP, .shipments = shipments, .shipment_count = count};
}

cd_answer cd_error_settings(const char *text) { return (cd_answer){.kind = CD_ERROR_SETTINGS, .text = text}; }

cd_answer cd_error_unsupported(const char *text) { return (cd_answer){.kind = CD_ERROR_UNSUPPORTED, .text = text}; }

cd_answer cd_error_failed(const char *text) { return (cd_answer){.kind = CD_ERROR_FAILED, .text = text}; }

cd_shipment cd_shipment_from(const char *warehouse) { return (cd_shipment){.warehouse = warehouse}; }

void cd_shipment_add(cd_shipment *shipment, uint32_t line, cd_decimal quantity) {
    uint32_t count = shipment->count;
    if ((count & (count - 1)) == 0) { // full at every power of two
        cd_shipment_line *lines = CD_NEW(cd_shipment_line, count ? count * 2 : 1);
        if (count) {
            memcpy(lines, shipment->lines, count * sizeof *lines);
        }
        shipment->lines = lines;
    }
    shipment->lines[count] = (cd_shipment_line){line, quantity};
    shipment->count++;
}

bool cd_warehouse_carries(const cd_warehouse *warehouse, const char *product_type) {
    for (uint32_t i = 0; i < warehouse->product_types.count; i++) {
        if (strcmp(warehouse->product_types.at[i], product_type) == 0) {
            return true;
        }
    }
    return warehouse->product_types.count == 0;
}

cd_instant cd_plus_minutes(cd_instant from, int64_t minutes) {
    return (cd_instant){from.unix_ms + minutes * 60000, from.offset_minutes};
}

cd_value cd_value_text(const char *text) { return (cd_value){.kind = CD_TEXT, .text = text}; }

cd_value cd_value_number(cd_decimal number) { return (cd_value){.kind = CD_NUMBER, .number = number}; }

cd_value cd_value_flag(bool flag) { return (cd_value){.kind = CD_FLAG, .flag = flag}; }

cd_value cd_value_empty(void) { return (cd_value){.kind = CD_EMPTY}; }

static void wrong(const char *text) { settings_error = settings_error ? settings_error : text; }

void cd_setting_wrong(const char *key, const char *expected) {
    wrong(cd_format("`%s` is wrong: expected %s", key, expected));
}

bool cd_settings_ok(void) { return !settings_error; }

const char *cd_setting(const char *key) { return cd_backing_setting(key); }

const char *cd_setting_or(const char *key, const char *otherwise) {
    const char *text = cd_setting(key);
    return text ? text : otherwise;
}

const char *cd_setting_required(const char *key) {
    const char *text = cd_setting(key);
    if (!text) {
        wrong(cd_format("`%s` is missing", key));
    }
    return text ? text : "";
}

cd_decimal cd_setting_decimal(const char *key, cd_decimal otherwise) {
    const char *text = cd_setting(key);
    cd_decimal number = otherwise;
    if (text && !cd_parse(text, &number)) {
        cd_setting_wrong(key, "a number such as 19.99");
    }
    return number;
}

bool cd_setting_flag(const char *key, bool otherwise) {
    const char *text = cd_setting(key);
    if (text && strcmp(text, "true") != 0 && strcmp(text, "false") != 0) {
        cd_setting_wrong(key, "true or false");
        return otherwise;
    }
    return text ? strcmp(text, "true") == 0 : otherwise;
}

cd_setting_pairs cd_settings_below(const char *prefix) {
    cd_setting_pairs all = cd_backing_settings();
    cd_setting_pair *below = CD_NEW(cd_setting_pair, all.count);
    size_t length = strlen(prefix);
    uint32_t count = 0;
    for (uint32_t i = 0; i < all.count; i++) {
        if (strncmp(all.at[i].key, prefix, length) == 0) {
            below[count++] = (cd_setting_pair){all.at[i].key + length, all.at[i].value};
        }
    }
    return (cd_setting_pairs){below, count};
}

cd_setting_numbers cd_setting_numbers_below(const char *prefix) {
    cd_setting_pairs pairs = cd_settings_below(prefix);
    cd_setting_number *numbers = CD_NEW(cd_setting_number, pairs.count);
    for (uint32_t i = 0; i < pairs.count; i++) {
        numbers[i].key = pairs.at[i].key;
        if (!cd_parse(pairs.at[i].value, &numbers[i].number)) {
            cd_setting_wrong(cd_format("%s%s", prefix, pairs.at[i].key), "a number such as 19.99");
            return (cd_setting_numbers){NULL, 0};
        }
    }
    return (cd_setting_numbers){numbers, pairs.count};
}

#define LOG_FUNCTION(name, level)                                                                                      \
    void name(const char *format, ...) {                                                                               \
        va_list arguments;                                                                                             \
        va_start(arguments, format);                                                                                   \
        cd_backing_log(level, cd_format_list(format, arguments));                                                      \
        va_end(arguments);                                                                                             \
    }

LOG_FUNCTION(cd_log_debug, CD_LEVEL_DEBUG)
LOG_FUNCTION(cd_log_info, CD_LEVEL_INFO)
LOG_FUNCTION(cd_log_warn, CD_LEVEL_WARN)
LOG_FUNCTION(cd_log_error, CD_LEVEL_ERROR)

void cd_break(const char *message) {
    cd_backing_log(CD_LEVEL_ERROR, message);
    cd_backing_abort();
}

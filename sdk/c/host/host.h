// What the files of the sandbox's backing share: texts in and out of the generated bindings, and the values of the
// contract. plugin.h is what wit-bindgen makes of the project's wit/plugin.wit; the world there is called `plugin`.
#ifndef CROSSDOCK_HOST_H
#define CROSSDOCK_HOST_H

#include "../src/internal.h"
#include "plugin.h"

// The host's resources stay the host's: a handle, lent for the call.
struct cd_order {
    crossdock_plugin_orders_borrow_order_t handle;
    const cd_header *header; // NULL when it is not read yet, or old
    cd_lines lines;
    bool lines_read;
    const cd_address *billing, *shipping;
    const cd_payment *payment;
};

const char *cd_text_in(plugin_string_t text);
plugin_string_t cd_text_out(const char *text);
cd_texts cd_texts_in(const plugin_string_t *texts, size_t count);
cd_decimal cd_decimal_in(crossdock_plugin_types_decimal_t number);
crossdock_plugin_types_decimal_t cd_decimal_out(cd_decimal number);
cd_value cd_value_in(crossdock_plugin_types_value_t value);
crossdock_plugin_types_value_t cd_value_out(cd_value value);
cd_fields cd_fields_in(const crossdock_plugin_types_field_t *fields, size_t count);
cd_context cd_context_in(const crossdock_plugin_types_context_t *context);
// Answers `taken`, and remembers the refusal when it is false.
bool cd_edited(bool taken, const crossdock_plugin_types_edit_error_t *refused);

// The parts of an answer, for the hooks to put together. The copies are the bindings' to free.
crossdock_plugin_types_hold_t cd_hold_out(cd_answer answer);
plugin_string_t cd_answer_text_out(cd_answer answer);
crossdock_plugin_types_hook_error_t cd_error_out(cd_answer answer);
// The verdict of pre-map and post-map; false when the answer is an error.
bool cd_verdict_out(cd_answer answer, crossdock_plugin_types_verdict_t *verdict,
                    crossdock_plugin_types_hook_error_t *error);

#endif

// Values between the generated bindings and the SDK's types, for the sandbox.
#include "host.h"
#include <string.h>

const char *cd_text_in(plugin_string_t text) { return cd_copy((const char *)text.ptr, text.len); }

// Lent, not copied: the host reads it while it is called.
plugin_string_t cd_text_out(const char *text) { return (plugin_string_t){(uint8_t *)text, strlen(text)}; }

cd_texts cd_texts_in(const plugin_string_t *texts, size_t count) {
    const char **copies = CD_NEW(const char *, count);
    for (size_t i = 0; i < count; i++) {
        copies[i] = cd_text_in(texts[i]);
    }
    return (cd_texts){copies, (uint32_t)count};
}

cd_decimal cd_decimal_in(crossdock_plugin_types_decimal_t number) { return (cd_decimal){number.units, number.scale}; }

crossdock_plugin_types_decimal_t cd_decimal_out(cd_decimal number) {
    return (crossdock_plugin_types_decimal_t){number.units, number.scale};
}

cd_value cd_value_in(crossdock_plugin_types_value_t value) {
    switch (value.tag) {
    case CROSSDOCK_PLUGIN_TYPES_VALUE_TEXT:
        return cd_value_text(cd_text_in(value.val.text));
    case CROSSDOCK_PLUGIN_TYPES_VALUE_NUMBER:
        return cd_value_number(cd_decimal_in(value.val.number));
    case CROSSDOCK_PLUGIN_TYPES_VALUE_FLAG:
        return cd_value_flag(value.val.flag);
    default:
        return cd_value_empty();
    }
}

crossdock_plugin_types_value_t cd_value_out(cd_value value) {
    crossdock_plugin_types_value_t out = {.tag = CROSSDOCK_PLUGIN_TYPES_VALUE_EMPTY};
    switch (value.kind) {
    case CD_TEXT:
        out.tag = CROSSDOCK_PLUGIN_TYPES_VALUE_TEXT;
        out.val.text = cd_text_out(value.text);
        break;
    case CD_NUMBER:
        out.tag = CROSSDOCK_PLUGIN_TYPES_VALUE_NUMBER;
        out.val.number = cd_decimal_out(value.number);
        break;
    case CD_FLAG:
        out.tag = CROSSDOCK_PLUGIN_TYPES_VALUE_FLAG;
        out.val.flag = value.flag;
        break;
    case CD_EMPTY:
        break;
    }
    return out;
}

cd_fields cd_fields_in(const crossdock_plugin_types_field_t *fields, size_t count) {
    cd_field *copies = CD_NEW(cd_field, count);
    for (size_t i = 0; i < count; i++) {
        copies[i] = (cd_field){cd_text_in(fields[i].name), cd_value_in(fields[i].value)};
    }
    return (cd_fields){copies, (uint32_t)count};
}

cd_context cd_context_in(const crossdock_plugin_types_context_t *context) {
    return (cd_context){.integration = cd_text_in(context->integration),
                        .event_id = cd_text_in(context->event_id),
                        .attempt = context->attempt,
                        .now = {context->now.unix_ms, context->now.offset_minutes}};
}

bool cd_edited(bool taken, const crossdock_plugin_types_edit_error_t *refused) {
    if (taken) {
        return true;
    }
    switch (refused->tag) {
    case CROSSDOCK_PLUGIN_TYPES_EDIT_ERROR_NO_SUCH_LINE:
        return cd_refuse(CD_NO_SUCH_LINE, cd_format("there is no line %u", (unsigned)refused->val.no_such_line));
    case CROSSDOCK_PLUGIN_TYPES_EDIT_ERROR_READ_ONLY:
        return cd_refuse(CD_READ_ONLY, "the record may not be edited in this hook");
    case CROSSDOCK_PLUGIN_TYPES_EDIT_ERROR_OUT_OF_RANGE:
        return cd_refuse(CD_OUT_OF_RANGE, cd_text_in(refused->val.out_of_range));
    case CROSSDOCK_PLUGIN_TYPES_EDIT_ERROR_INVALID:
        return cd_refuse(CD_INVALID, cd_text_in(refused->val.invalid));
    default:
        return cd_refuse(CD_NOT_ALLOWED, cd_text_in(refused->val.not_allowed));
    }
}

plugin_string_t cd_answer_text_out(cd_answer answer) {
    plugin_string_t text;
    plugin_string_dup(&text, answer.text ? answer.text : "");
    return text;
}

crossdock_plugin_types_hold_t cd_hold_out(cd_answer answer) {
    crossdock_plugin_types_hold_t hold = {.reason = cd_answer_text_out(answer)};
    hold.until.is_some = answer.has_until;
    hold.until.val = (crossdock_plugin_types_instant_t){answer.until.unix_ms, answer.until.offset_minutes};
    return hold;
}

crossdock_plugin_types_hook_error_t cd_error_out(cd_answer answer) {
    crossdock_plugin_types_hook_error_t error = {.tag = CROSSDOCK_PLUGIN_TYPES_HOOK_ERROR_FAILED};
    if (answer.kind == CD_ERROR_SETTINGS) {
        error.tag = CROSSDOCK_PLUGIN_TYPES_HOOK_ERROR_SETTINGS;
    } else if (answer.kind == CD_ERROR_UNSUPPORTED) {
        error.tag = CROSSDOCK_PLUGIN_TYPES_HOOK_ERROR_UNSUPPORTED;
    }
    error.val.failed = cd_answer_text_out(answer); // all three are one text in one place
    return error;
}

bool cd_verdict_out(cd_answer answer, crossdock_plugin_types_verdict_t *verdict,
                    crossdock_plugin_types_hook_error_t *error) {
    switch (answer.kind) {
    case CD_PROCEED:
        verdict->tag = CROSSDOCK_PLUGIN_TYPES_VERDICT_PROCEED;
        return true;
    case CD_HOLD:
        verdict->tag = CROSSDOCK_PLUGIN_TYPES_VERDICT_HOLD;
        verdict->val.hold = cd_hold_out(answer);
        return true;
    case CD_REJECT:
        verdict->tag = CROSSDOCK_PLUGIN_TYPES_VERDICT_REJECT;
        verdict->val.reject = cd_answer_text_out(answer);
        return true;
    default:
        *error = cd_error_out(answer);
        return false;
    }
}

// Inside the sandbox: the ERP document as the host lends it, and the hook post-map.
#ifdef CROSSDOCK_POST_MAP
#include "host.h"

struct cd_document {
    crossdock_plugin_documents_borrow_document_t handle;
};

const char *cd_document_key(cd_document *document) {
    plugin_string_t in;
    crossdock_plugin_documents_method_document_key(document->handle, &in);
    return cd_text_in(in);
}

const char *cd_document_warehouse(cd_document *document) {
    plugin_string_t in;
    crossdock_plugin_documents_method_document_warehouse(document->handle, &in);
    return cd_text_in(in);
}

cd_fields cd_document_fields(cd_document *document) {
    crossdock_plugin_documents_list_field_t in;
    crossdock_plugin_documents_method_document_fields(document->handle, &in);
    return cd_fields_in(in.ptr, in.len);
}

bool cd_document_field(cd_document *document, const char *name, cd_value *value) {
    crossdock_plugin_types_value_t in;
    plugin_string_t name_out = cd_text_out(name);
    bool found = crossdock_plugin_documents_method_document_field(document->handle, &name_out, &in);
    if (found) {
        *value = cd_value_in(in);
    }
    return found;
}

uint32_t cd_document_line_count(cd_document *document) {
    return crossdock_plugin_documents_method_document_line_count(document->handle);
}

cd_fields cd_document_line_fields(cd_document *document, uint32_t line) {
    crossdock_plugin_documents_list_field_t in;
    crossdock_plugin_documents_method_document_line_fields(document->handle, line, &in);
    return cd_fields_in(in.ptr, in.len);
}

cd_values cd_document_column(cd_document *document, const char *name) {
    crossdock_plugin_documents_list_value_t in;
    plugin_string_t name_out = cd_text_out(name);
    crossdock_plugin_documents_method_document_column(document->handle, &name_out, &in);
    cd_value *values = CD_NEW(cd_value, in.len);
    for (size_t i = 0; i < in.len; i++) {
        values[i] = cd_value_in(in.ptr[i]);
    }
    return (cd_values){values, (uint32_t)in.len};
}

bool cd_document_set_field(cd_document *document, const char *name, cd_value value, const char *reason) {
    crossdock_plugin_types_edit_error_t refused;
    crossdock_plugin_types_value_t value_out = cd_value_out(value);
    plugin_string_t name_out = cd_text_out(name), why = cd_text_out(reason);
    return cd_edited(
        crossdock_plugin_documents_method_document_set_field(document->handle, &name_out, &value_out, &why, &refused),
        &refused);
}

bool cd_document_set_line_field(cd_document *document, uint32_t line, const char *name, cd_value value,
                                const char *reason) {
    crossdock_plugin_types_edit_error_t refused;
    crossdock_plugin_types_value_t value_out = cd_value_out(value);
    plugin_string_t name_out = cd_text_out(name), why = cd_text_out(reason);
    return cd_edited(crossdock_plugin_documents_method_document_set_line_field(document->handle, line, &name_out,
                                                                               &value_out, &why, &refused),
                     &refused);
}

bool cd_document_set_column(cd_document *document, const char *name, const cd_value *values, uint32_t count,
                            const char *reason) {
    crossdock_plugin_types_edit_error_t refused;
    crossdock_plugin_documents_list_value_t column = {CD_NEW(crossdock_plugin_types_value_t, count), count};
    plugin_string_t name_out = cd_text_out(name), why = cd_text_out(reason);
    for (uint32_t i = 0; i < count; i++) {
        column.ptr[i] = cd_value_out(values[i]);
    }
    return cd_edited(
        crossdock_plugin_documents_method_document_set_column(document->handle, &name_out, &column, &why, &refused),
        &refused);
}

bool exports_crossdock_plugin_post_map_run(crossdock_plugin_types_context_t *context,
                                           crossdock_plugin_orders_borrow_order_t order_handle,
                                           crossdock_plugin_documents_borrow_document_t document_handle,
                                           crossdock_plugin_types_verdict_t *verdict,
                                           crossdock_plugin_types_hook_error_t *error) {
    cd_begin();
    cd_context now = cd_context_in(context);
    cd_order order = {.handle = order_handle};
    cd_document document = {.handle = document_handle};
    return cd_verdict_out(cd_conclude(post_map(&now, &order, &document), false), verdict, error);
}
#endif

// What the files of the SDK share and authors do not see: memory of a call, refusals, and what a backing has to offer.
// A backing is host/ (the sandbox) or native/ (memory, for tests); exactly one is linked.
#ifndef CROSSDOCK_INTERNAL_H
#define CROSSDOCK_INTERNAL_H

#include <crossdock.h>
#include <stdarg.h>

#define CD_NEW(type, count) ((type *)cd_alloc(sizeof(type) * (size_t)(count)))
// A copy with a NUL at its end.
const char *cd_copy(const char *text, size_t length);
const char *cd_format_list(const char *format, va_list arguments);

// The units at a scale that is not smaller than its own; false when they do not fit.
bool cd_at_scale(cd_decimal number, uint8_t scale, int64_t *units);

// Remembers a refused edit; answers false, as the edit does.
bool cd_refuse(cd_refusal_kind kind, const char *text);
// Forgets what an earlier call left behind.
void cd_begin(void);
// The answer that counts: an error that was remembered goes before what the rule says.
cd_answer cd_conclude(cd_answer answer, bool routes);

typedef enum { CD_LEVEL_DEBUG, CD_LEVEL_INFO, CD_LEVEL_WARN, CD_LEVEL_ERROR } cd_level;

void cd_backing_log(cd_level level, const char *message);
const char *cd_backing_setting(const char *key); // NULL when it is not set
cd_setting_pairs cd_backing_settings(void);      // sorted
_Noreturn void cd_backing_abort(void);

#endif

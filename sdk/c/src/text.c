// Memory of a call and texts made in it. A formatter of its own, because the one of stdio drags in files and streams,
// which a sandbox does not have.
#include "internal.h"
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 8 * 1024, ALIGNMENT = 16 };

// Chunks stay linked, so that a leak checker of native tests knows them.
typedef struct chunk {
    struct chunk *before;
    size_t left;
    char *at;
    _Alignas(ALIGNMENT) char memory[];
} chunk;

static chunk *chunks;

void *cd_alloc(size_t size) {
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (!chunks || chunks->left < size) {
        size_t room = size > CHUNK ? size : CHUNK;
        chunk *fresh = malloc(sizeof(chunk) + room);
        if (!fresh) {
            cd_backing_abort();
        }
        *fresh = (chunk){chunks, room, fresh->memory};
        chunks = fresh;
    }
    void *memory = chunks->at;
    chunks->at += size;
    chunks->left -= size;
    return memset(memory, 0, size);
}

const char *cd_copy(const char *text, size_t length) {
    char *copy = cd_alloc(length + 1);
    if (length > 0) {
        memcpy(copy, text, length);
    }
    return copy;
}

static const char *integer(int64_t number) { return cd_text(cd_int(number)); }

// The text of the placeholder at `format`, which it leaves behind.
static const char *argument(const char **format, va_list *arguments) {
    const char *kind = *format;
    *format += strncmp(kind, "lld", 3) == 0 ? 3 : 1;
    switch (*kind) {
    case 's':
        return va_arg(*arguments, const char *);
    case 'd':
        return integer(va_arg(*arguments, int));
    case 'u':
        return integer(va_arg(*arguments, unsigned));
    case '%':
        return "%";
    case 'l':
        if (strncmp(kind, "lld", 3) == 0) {
            return integer(va_arg(*arguments, long long));
        } // fall through
    default:
        cd_break("cd_format knows %s, %d, %u, %lld and %%");
    }
}

const char *cd_format_list(const char *format, va_list list) {
    size_t length = 0, room = 128;
    char *text = cd_alloc(room);
    va_list arguments;
    va_copy(arguments, list);
    while (*format) {
        const char *part = format;
        size_t size = strcspn(format, "%");
        format += size;
        if (size == 0) {
            format++;
            part = argument(&format, &arguments);
            size = strlen(part);
        }
        if (length + size + 1 > room) {
            room = (length + size + 1) * 2;
            text = memcpy(cd_alloc(room), text, length);
        }
        memcpy(text + length, part, size);
        length += size;
    }
    va_end(arguments);
    return text;
}

const char *cd_format(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const char *text = cd_format_list(format, arguments);
    va_end(arguments);
    return text;
}

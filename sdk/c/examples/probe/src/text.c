// How values are written in the probe's log.
#include "probe.h"
#include <string.h>

const char *plain(cd_decimal number) { return cd_text(cd_normalize(number)); }

const char *shown(cd_value value) {
    switch (value.kind) {
    case CD_TEXT:
        return cd_format("text:%s", value.text);
    case CD_NUMBER:
        return cd_format("number:%s", plain(value.number));
    case CD_FLAG:
        return value.flag ? "flag:true" : "flag:false";
    default:
        return "-";
    }
}

const char *moment(cd_instant instant) {
    return cd_format("%lld@%d", (long long)instant.unix_ms, instant.offset_minutes);
}

const char *joined(cd_texts texts) {
    size_t length = 0;
    for (uint32_t i = 0; i < texts.count; i++) {
        length += strlen(texts.at[i]) + 1;
    }
    char *all = cd_alloc(length + 1), *end = all;
    for (uint32_t i = 0; i < texts.count; i++) {
        size_t size = strlen(texts.at[i]);
        memcpy(end, texts.at[i], size);
        end += size;
        *end++ = ',';
    }
    if (end > all) {
        end[-1] = '\0';
    }
    return all;
}

const char *outcome(bool taken) {
    static const char *const KINDS[] = {[CD_NO_SUCH_LINE] = "refused no-such-line",
                                        [CD_READ_ONLY] = "refused read-only",
                                        [CD_OUT_OF_RANGE] = "refused out-of-range",
                                        [CD_INVALID] = "refused invalid",
                                        [CD_NOT_ALLOWED] = "refused not-allowed"};
    cd_refusal refusal;
    if (taken || !cd_take_refusal(&refusal)) {
        return "taken";
    }
    return KINDS[refusal.kind];
}

// The step `arithmetic`: what the SDK's decimal answers, exactly, to sums that stand in settings.
#include "probe.h"
#include <string.h>

enum { MOST_WORDS = 4 };

// Cuts a text at its spaces; more than MOST_WORDS when there are more.
static uint32_t cut(const char *text, const char *words[MOST_WORDS]) {
    uint32_t count = 0;
    for (;; text++) {
        size_t length = strcspn(text, " ");
        if (count == MOST_WORDS) {
            return count + 1;
        }
        char *word = cd_alloc(length + 1);
        words[count++] = memcpy(word, text, length);
        text += length;
        if (!*text) {
            return count;
        }
    }
}

static bool digits(cd_decimal number, uint8_t *digits) {
    number = cd_normalize(number);
    *digits = (uint8_t)number.units;
    return number.scale == 0 && number.units >= 0 && number.units <= 18;
}

static const char *answer(bool fits, cd_decimal number) { return fits ? plain(number) : "no"; }

static const char *percent_off(cd_decimal of, cd_decimal percent) {
    cd_decimal rest, factor, result = {0, 0};
    bool fits = cd_checked_sub(cd_int(100), percent, &rest) && cd_checked_mul(rest, cd_dec("0.01"), &factor) &&
                cd_checked_mul(of, factor, &result);
    return answer(fits, result);
}

static const char *three(cd_decimal a, char operation, cd_decimal b) {
    cd_decimal result = {0, 0};
    uint8_t to;
    bool fits;
    switch (operation) {
    case '+':
        fits = cd_checked_add(a, b, &result);
        return answer(fits, result);
    case '-':
        fits = cd_checked_sub(a, b, &result);
        return answer(fits, result);
    case '*':
        fits = cd_checked_mul(a, b, &result);
        return answer(fits, result);
    case '%':
        return percent_off(a, b);
    case 'r':
        return digits(b, &to) ? plain(cd_round(a, to)) : "bad";
    case 'c':
        return cd_compare(a, b) < 0 ? "less" : cd_compare(a, b) > 0 ? "more" : "equal";
    default:
        return "bad";
    }
}

static const char *result(const char *sum) {
    const char *words[MOST_WORDS];
    uint32_t count = cut(sum, words);
    cd_decimal a, b, d, quotient = {0, 0};
    uint8_t to;
    if (count < 3 || count > MOST_WORDS || strlen(words[1]) != 1 || !cd_parse(words[0], &a) ||
        !cd_parse(words[2], &b)) {
        return "bad";
    }
    if (count == 3) {
        return three(a, *words[1], b);
    }
    if (*words[1] != '/' || !cd_parse(words[3], &d) || !digits(d, &to)) {
        return "bad";
    }
    bool fits = cd_checked_div(a, b, to, &quotient);
    return answer(fits, quotient);
}

void arithmetic(void) {
    cd_setting_pairs sums = cd_settings_below("sum.");
    for (uint32_t i = 0; i < sums.count; i++) {
        cd_log_info("sum.%s %s", sums.at[i].key, result(sums.at[i].value));
    }
}

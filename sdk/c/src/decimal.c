// Exact decimals: sums, differences and products are exact or refused; only rounding rounds. No float anywhere.
#include "internal.h"

__extension__ typedef __int128 wide;

enum { MAX_SCALE = 18 };

static const int64_t POWERS[MAX_SCALE + 1] = {1,
                                              10,
                                              100,
                                              1000,
                                              10000,
                                              100000,
                                              1000000,
                                              10000000,
                                              100000000,
                                              1000000000,
                                              10000000000,
                                              100000000000,
                                              1000000000000,
                                              10000000000000,
                                              100000000000000,
                                              1000000000000000,
                                              10000000000000000,
                                              100000000000000000,
                                              1000000000000000000};

bool cd_parse(const char *text, cd_decimal *number) {
    bool negative = *text == '-', point = false, digits = false;
    int64_t units = 0;
    uint8_t scale = 0;
    text += *text == '-' || *text == '+';
    for (; *text; text++) {
        if (*text == '.' && !point) {
            point = true;
        } else if (*text >= '0' && *text <= '9') {
            if (__builtin_mul_overflow(units, 10, &units) || __builtin_add_overflow(units, *text - '0', &units)) {
                return false;
            }
            digits = true;
            scale += point;
            if (scale > MAX_SCALE) {
                return false;
            }
        } else {
            return false;
        }
    }
    if (!digits || (point && scale == 0)) {
        return false;
    }
    *number = (cd_decimal){negative ? -units : units, scale};
    return true;
}

cd_decimal cd_dec(const char *literal) {
    cd_decimal number;
    if (!cd_parse(literal, &number)) {
        cd_break(cd_format("no exact decimal: %s", literal));
    }
    return number;
}

cd_decimal cd_int(int64_t whole) { return (cd_decimal){whole, 0}; }

const char *cd_text(cd_decimal number) {
    char buffer[24];
    size_t at = sizeof buffer;
    uint64_t rest = number.units < 0 ? -(uint64_t)number.units : (uint64_t)number.units;
    uint8_t written = 0;
    do {
        if (written == number.scale && number.scale > 0) {
            buffer[--at] = '.';
        }
        buffer[--at] = (char)('0' + rest % 10);
        rest /= 10;
        written++;
    } while (rest > 0 || written <= number.scale);
    if (number.units < 0) {
        buffer[--at] = '-';
    }
    return cd_copy(buffer + at, sizeof buffer - at);
}

cd_decimal cd_normalize(cd_decimal number) {
    while (number.scale > 0 && number.units % 10 == 0) {
        number.units /= 10;
        number.scale--;
    }
    return number;
}

cd_decimal cd_round(cd_decimal number, uint8_t digits) {
    if (number.scale <= digits) {
        return number;
    }
    int64_t divisor = POWERS[number.scale - digits], units = number.units / divisor, rest = number.units % divisor;
    if ((rest < 0 ? -rest : rest) * 2 >= divisor) {
        units += number.units < 0 ? -1 : 1;
    }
    return (cd_decimal){units, digits};
}

bool cd_at_scale(cd_decimal number, uint8_t scale, int64_t *units) {
    return !__builtin_mul_overflow(number.units, POWERS[scale - number.scale], units);
}

// Below 2^63 × 10^18, which fits with room to spare.
static wide widened(cd_decimal number, uint8_t scale) { return (wide)number.units * POWERS[scale - number.scale]; }

static uint8_t larger(uint8_t a, uint8_t b) { return a > b ? a : b; }

// Drops trailing zeros until it fits; false when digits that count would be lost.
static bool shorten(wide units, unsigned scale, cd_decimal *number) {
    while (scale > MAX_SCALE || units > INT64_MAX || units < INT64_MIN) {
        if (scale == 0 || units % 10 != 0) {
            return false;
        }
        units /= 10;
        scale--;
    }
    *number = (cd_decimal){(int64_t)units, (uint8_t)scale};
    return true;
}

int cd_compare(cd_decimal a, cd_decimal b) {
    uint8_t scale = larger(a.scale, b.scale);
    wide left = widened(a, scale), right = widened(b, scale);
    return (left > right) - (left < right);
}

bool cd_checked_add(cd_decimal a, cd_decimal b, cd_decimal *sum) {
    uint8_t scale = larger(a.scale, b.scale);
    return shorten(widened(a, scale) + widened(b, scale), scale, sum);
}

bool cd_checked_sub(cd_decimal a, cd_decimal b, cd_decimal *difference) {
    uint8_t scale = larger(a.scale, b.scale);
    return shorten(widened(a, scale) - widened(b, scale), scale, difference);
}

bool cd_checked_mul(cd_decimal a, cd_decimal b, cd_decimal *product) {
    return shorten((wide)a.units * b.units, (unsigned)a.scale + b.scale, product);
}

// Times 10^exponent; false when it does not fit.
static bool shifted(wide number, int exponent, wide *result) {
    for (; exponent > 0; exponent--) {
        if (__builtin_mul_overflow(number, 10, &number)) {
            return false;
        }
    }
    *result = number;
    return true;
}

static wide magnitude(wide number) { return number < 0 ? -number : number; }

bool cd_checked_div(cd_decimal a, cd_decimal b, uint8_t digits, cd_decimal *quotient) {
    if (b.units == 0 || digits > MAX_SCALE) {
        return false;
    }
    int shift = (int)digits + b.scale - a.scale;
    wide above, below;
    if (!shifted(a.units, shift, &above) || !shifted(b.units, -shift, &below)) {
        return false;
    }
    wide units = above / below, rest = above % below;
    if (magnitude(rest) >= magnitude(below) - magnitude(rest)) {
        units += (above < 0) == (below < 0) ? 1 : -1;
    }
    if (units > INT64_MAX || units < INT64_MIN) {
        return false;
    }
    *quotient = (cd_decimal){(int64_t)units, digits};
    return true;
}

static cd_decimal fitting(bool fits, cd_decimal result) {
    if (!fits) {
        cd_break("a number does not fit 18 digits: round before you multiply on");
    }
    return result;
}

cd_decimal cd_add(cd_decimal a, cd_decimal b) {
    cd_decimal sum = {0, 0};
    bool fits = cd_checked_add(a, b, &sum);
    return fitting(fits, sum);
}

cd_decimal cd_sub(cd_decimal a, cd_decimal b) {
    cd_decimal difference = {0, 0};
    bool fits = cd_checked_sub(a, b, &difference);
    return fitting(fits, difference);
}

cd_decimal cd_mul(cd_decimal a, cd_decimal b) {
    cd_decimal product = {0, 0};
    bool fits = cd_checked_mul(a, b, &product);
    return fitting(fits, product);
}

cd_decimal cd_percent(cd_decimal of, cd_decimal percent) { return cd_mul(of, cd_mul(percent, (cd_decimal){1, 2})); }

cd_decimal cd_percent_off(cd_decimal of, cd_decimal percent) { return cd_percent(of, cd_sub(cd_int(100), percent)); }

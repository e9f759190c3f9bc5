// The SDK's decimals: exact or refused, rounded half away from zero, text there and back.
#include <crossdock_sample.h>

static void text_goes_there_and_back(void) {
    static const char *const TEXTS[] = {
        "0", "0.00", "-0.5", "1.50", "19.99", "-0.01", "100000", "0.000000000000000001", "9223372036854775807"};
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        CD_CHECK_TEXT(cd_text(cd_dec(TEXTS[i])), TEXTS[i]);
    }
    CD_CHECK_TEXT(cd_text(cd_dec("+.5")), "0.5");
    CD_CHECK_TEXT(cd_text(cd_normalize(cd_dec("-0.00"))), "0");
    CD_CHECK_TEXT(cd_text(cd_int(INT64_MIN)), "-9223372036854775808");
}

static void text_that_is_no_exact_number_is_refused(void) {
    static const char *const TEXTS[] = {"",
                                        "-",
                                        ".",
                                        "1.",
                                        "1,5",
                                        "1e5",
                                        "0x1",
                                        " 1",
                                        "1_000",
                                        "1.2.3",
                                        "--1",
                                        "9223372036854775808",
                                        "0.1234567890123456789"};
    cd_decimal number;
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        CD_CHECK(!cd_parse(TEXTS[i], &number));
    }
}

static void rounding_is_half_away_from_zero(void) {
    static const struct {
        const char *number;
        uint8_t digits;
        const char *rounded;
    } TABLE[] = {{"2.345", 2, "2.35"},
                 {"-2.345", 2, "-2.35"},
                 {"2.344999", 2, "2.34"},
                 {"1.005", 2, "1.01"},
                 {"0.5", 0, "1"},
                 {"-0.5", 0, "-1"},
                 {"1.5", 0, "2"},
                 {"2.5", 0, "3"},
                 {"0.49999", 0, "0"},
                 {"999.995", 2, "1000.00"},
                 {"-0.004", 2, "0.00"},
                 {"18.9905", 3, "18.991"},
                 {"0.0403750", 4, "0.0404"},
                 {"1.5", 4, "1.5"},
                 {"8.999999999999999995", 17, "9.00000000000000000"}};
    for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++) {
        CD_CHECK_TEXT(cd_text(cd_round(cd_dec(TABLE[i].number), TABLE[i].digits)), TABLE[i].rounded);
    }
}

static void sums_and_products_are_exact(void) {
    CD_CHECK_TEXT(cd_text(cd_add(cd_dec("0.1"), cd_dec("0.20"))), "0.30");
    CD_CHECK_TEXT(cd_text(cd_sub(cd_dec("1"), cd_dec("1.005"))), "-0.005");
    CD_CHECK_TEXT(cd_text(cd_mul(cd_dec("19.99"), cd_dec("3"))), "59.97");
    CD_CHECK_TEXT(cd_text(cd_mul(cd_dec("-1.10"), cd_dec("1.1"))), "-1.210");
    CD_CHECK_NUMBER(cd_percent(cd_dec("200"), cd_dec("7.5")), "15");
    CD_CHECK_NUMBER(cd_round(cd_percent_off(cd_dec("19.99"), cd_dec("5")), 2), "18.99");
}

static void results_that_do_not_fit_are_refused(void) {
    cd_decimal most = cd_int(INT64_MAX), result;
    CD_CHECK(!cd_checked_add(most, cd_int(1), &result));
    CD_CHECK(!cd_checked_sub(cd_int(-INT64_MAX), cd_int(2), &result));
    CD_CHECK(!cd_checked_mul(most, cd_dec("1.5"), &result));
    CD_CHECK(!cd_checked_mul((cd_decimal){1, 18}, cd_dec("0.1"), &result));
    // 20 zeros behind the point, but they do not count.
    CD_CHECK(cd_checked_mul((cd_decimal){10, 18}, (cd_decimal){100, 2}, &result));
    CD_CHECK_TEXT(cd_text(cd_normalize(result)), "0.00000000000000001");
}

static void quotients_are_rounded(void) {
    static const struct {
        const char *a, *b;
        uint8_t digits;
        const char *quotient;
    } TABLE[] = {{"10", "3", 4, "3.3333"},
                 {"2", "3", 2, "0.67"},
                 {"-2", "3", 2, "-0.67"},
                 {"1", "8", 2, "0.13"},
                 {"-1", "8", 2, "-0.13"},
                 {"1", "-0.0008", 0, "-1250"},
                 {"0.0000000001", "2", 10, "0.0000000001"}};
    cd_decimal quotient;
    for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++) {
        CD_CHECK(cd_checked_div(cd_dec(TABLE[i].a), cd_dec(TABLE[i].b), TABLE[i].digits, &quotient));
        CD_CHECK_TEXT(cd_text(quotient), TABLE[i].quotient);
    }
    CD_CHECK(!cd_checked_div(cd_int(1), cd_int(0), 2, &quotient));
    CD_CHECK(!cd_checked_div(cd_int(100), cd_int(1), 18, &quotient));
}

static void order_looks_at_the_value(void) {
    CD_CHECK(cd_compare(cd_dec("1.5"), cd_dec("1.50")) == 0);
    CD_CHECK(cd_compare(cd_dec("-1.5"), cd_dec("-1.49")) < 0);
    CD_CHECK(cd_compare(cd_int(INT64_MAX), cd_dec("0.000000000000000001")) > 0);
}

static void texts_are_put_together(void) {
    CD_CHECK_TEXT(cd_format("%s: %d, %u, %lld %%", "a", -3, 4u, 5000000000LL), "a: -3, 4, 5000000000 %");
    const char *longer = cd_format("%s%s", "0123456789012345678901234567890123456789012345678901234567890123456789",
                                   "0123456789012345678901234567890123456789012345678901234567890123456789");
    CD_CHECK_TEXT(longer + 130, "0123456789");
}

int main(void) {
    text_goes_there_and_back();
    text_that_is_no_exact_number_is_refused();
    rounding_is_half_away_from_zero();
    sums_and_products_are_exact();
    results_that_do_not_fit_are_refused();
    quotients_are_rounded();
    order_looks_at_the_value();
    texts_are_put_together();
    return cd_checked();
}

// The rule alone, natively: cc compiles it together with the SDK's in-memory backing.
#include <crossdock_sample.h>

static cd_order *wholesale(void) {
    cd_order *order = cd_sample_order();
    cd_sample_segment(order, "wholesale");
    return order;
}

static void the_largest_break_reached_counts(void) {
    cd_sample_begin();
    cd_sample_setting("breaks.10", "5");
    cd_sample_setting("breaks.50", "10");
    cd_order *order = wholesale();
    cd_sample_line(order, "A", "9", "10");
    cd_sample_line(order, "B", "10", "19.99");
    cd_sample_line(order, "C", "60", "8");
    CD_CHECK(cd_sample_pre_map(pre_map, order).kind == CD_PROCEED);
    cd_lines lines = cd_order_lines(order);
    CD_CHECK_NUMBER(lines.at[0].unit_price, "10");
    CD_CHECK_NUMBER(lines.at[1].unit_price, "18.99");
    CD_CHECK_NUMBER(lines.at[2].unit_price, "7.20");
    CD_CHECK_TEXT(cd_sample_changes(order).at[0].reason, "wholesale: 10 or more, 5 % off");
}

static void a_fine_list_price_stays_fine(void) {
    cd_sample_begin();
    cd_sample_setting("breaks.10", "5");
    cd_order *order = wholesale();
    cd_sample_line(order, "SCREW", "200", "0.0425");
    cd_sample_pre_map(pre_map, order);
    CD_CHECK_NUMBER(cd_order_lines(order).at[0].unit_price, "0.0404");
}

static void other_segments_pay_the_list_price(void) {
    cd_sample_begin();
    cd_sample_setting("breaks.1", "50");
    cd_order *order = cd_sample_order();
    cd_sample_segment(order, "retail");
    cd_sample_line(order, "A", "10", "10");
    CD_CHECK(cd_sample_pre_map(pre_map, order).kind == CD_PROCEED);
    CD_CHECK(cd_sample_changes(order).count == 0);
}

static void a_wrong_setting_is_named(const char *key, const char *value, const char *expected) {
    cd_sample_begin();
    cd_sample_setting(key, value);
    cd_order *order = wholesale();
    cd_sample_line(order, "A", "10", "10");
    cd_answer answer = cd_sample_pre_map(pre_map, order);
    CD_CHECK(answer.kind == CD_ERROR_SETTINGS);
    CD_CHECK_TEXT(answer.text, expected);
}

int main(void) {
    the_largest_break_reached_counts();
    a_fine_list_price_stays_fine();
    other_segments_pay_the_list_price();
    a_wrong_setting_is_named("breaks.10", "five", "`breaks.10` is wrong: expected a number such as 19.99");
    a_wrong_setting_is_named("breaks.ten", "5",
                             "`breaks.ten` is wrong: expected a quantity after the point, such as breaks.10");
    a_wrong_setting_is_named("breaks.10", "101", "`breaks.10` is wrong: expected 0 to 100 per cent");
    return cd_checked();
}

// Price breaks by quantity for one customer segment, at pre-map. Settings:
//
//     segment = "wholesale"     # the default
//     breaks.10 = "5"           # from 10 units of a line: 5 % off its unit price
//     breaks.50 = "10"          # from 50 units: 10 % off
//
// The largest break that a line reaches counts. Prices are rounded to the currency's digits; a list price that is finer
// (a screw at 0.0425) keeps four.
#include <crossdock.h>
#include <string.h>

// From so many units of a line, so many per cent off.
typedef struct {
    cd_decimal units, percent;
} quantity_break;

// The breaks of the settings. A wrong one is the hook's answer, so what is returned then does not count.
static const quantity_break *read_breaks(cd_setting_numbers settings) {
    quantity_break *breaks = cd_alloc(settings.count * sizeof *breaks);
    for (uint32_t i = 0; i < settings.count; i++) {
        const char *key = cd_format("breaks.%s", settings.at[i].key);
        breaks[i].percent = settings.at[i].number;
        if (!cd_parse(settings.at[i].key, &breaks[i].units)) {
            cd_setting_wrong(key, "a quantity after the point, such as breaks.10");
        }
        if (breaks[i].percent.units < 0 || cd_compare(breaks[i].percent, cd_int(100)) > 0) {
            cd_setting_wrong(key, "0 to 100 per cent");
        }
    }
    return breaks;
}

// The largest break that a quantity reaches; NULL when it reaches none.
static const quantity_break *reached(const quantity_break *breaks, uint32_t count, cd_decimal quantity) {
    const quantity_break *best = NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (cd_compare(breaks[i].units, quantity) <= 0 && (!best || cd_compare(breaks[i].units, best->units) > 0)) {
            best = &breaks[i];
        }
    }
    return best;
}

cd_answer pre_map(const cd_context *context, cd_order *order) {
    (void)context;
    const cd_header *header = cd_order_header(order);
    const char *segment = cd_setting_or("segment", "wholesale");
    if (strcmp(header->segment, segment) != 0) {
        return cd_proceed();
    }
    cd_setting_numbers settings = cd_setting_numbers_below("breaks.");
    const quantity_break *breaks = read_breaks(settings);
    if (!cd_settings_ok()) {
        return cd_proceed(); // the wrong setting is the answer
    }
    cd_lines lines = cd_order_lines(order);
    for (uint32_t i = 0; i < lines.count; i++) {
        const quantity_break *best = reached(breaks, settings.count, lines.at[i].quantity);
        if (best) {
            cd_decimal list = lines.at[i].unit_price;
            uint8_t digits = cd_normalize(list).scale > header->currency_digits ? 4 : header->currency_digits;
            const char *reason =
                cd_format("%s: %s or more, %s %% off", segment, cd_text(best->units), cd_text(best->percent));
            cd_order_set_unit_price(order, i, cd_round(cd_percent_off(list, best->percent), digits), reason);
        }
    }
    return cd_proceed();
}

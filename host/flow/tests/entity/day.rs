use crossdock_flow::{entity::day, order::Instant};
use jiff::{civil::date, tz::TimeZone};

fn instant(text: &str, offset_minutes: i16) -> Instant {
    Instant { at: text.parse().unwrap(), offset_minutes }
}

/// An evening in Vancouver is the next day in Toronto and not yet in Los Angeles, whatever the shop's offset says.
#[test]
fn pitfall_18_the_erps_day_is_the_companys() {
    let evening = instant("2026-03-08T04:30:00Z", -480);
    let of = |zone: &str| day::of(evening, &TimeZone::get(zone).unwrap());
    assert_eq!(of("America/Toronto"), date(2026, 3, 7));
    assert_eq!(of("Europe/Berlin"), date(2026, 3, 8));
    assert_eq!(of("Pacific/Auckland"), date(2026, 3, 8));
    // The offset that the shop wrote it with says nothing about the company's day.
    assert_eq!(day::of(instant("2026-03-08T04:30:00Z", 720), &TimeZone::get("America/Toronto").unwrap()), date(2026, 3, 7));
}

#[test]
fn pitfall_18_a_day_of_the_erps_begins_where_the_company_is() {
    let toronto = TimeZone::get("America/Toronto").unwrap();
    // The clocks go forward in that night: midnight is still winter time.
    assert_eq!(day::begin(date(2026, 3, 8), &toronto).unwrap(), instant("2026-03-08T05:00:00Z", -300));
    assert_eq!(day::begin(date(2026, 3, 9), &toronto).unwrap(), instant("2026-03-09T04:00:00Z", -240));
    for day in [date(2026, 1, 1), date(2026, 3, 8), date(2026, 11, 1), date(2026, 12, 31)] {
        assert_eq!(day::of(day::begin(day, &toronto).unwrap(), &toronto), day);
    }
}

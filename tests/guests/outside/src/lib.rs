//! Asks the outside through every capability. The event's id says what: `mode:count`, `mode:get http://…`, …; what came
//! back stands in the order's fields. On any other id it does nothing.

wit_bindgen::generate!({
    path: "../../../wit",
    inline: "
        package test:outside;
        world outside {
            import crossdock:plugin/orders@0.1.0;
            import crossdock:plugin/lookup@0.1.0;
            import crossdock:plugin/kv@0.1.0;
            import crossdock:plugin/http@0.1.0;
            import crossdock:plugin/clock@0.1.0;
            import crossdock:plugin/random@0.1.0;
            export crossdock:plugin/pre-map@0.1.0;
        }
    ",
    generate_all,
});

use crossdock::plugin::{
    clock, http, kv, lookup,
    orders::Order,
    random,
    types::{Context, HookError, Value, Verdict},
};
use exports::crossdock::plugin::pre_map::Guest;

struct Outside;
export!(Outside);

impl Guest for Outside {
    fn run(context: Context, order: &Order) -> Result<Verdict, HookError> {
        let Some(mode) = context.event_id.strip_prefix("mode:").and_then(|mode| mode.split('#').next()) else { return Ok(Verdict::Proceed) };
        let note = |name: &str, text: String| order.set_field(name, &Value::Text(text), "seen").expect("a field");
        let (verb, rest) = mode.split_once([' ', '~']).unwrap_or((mode, ""));
        match verb {
            "count" => note("count", count("seen").to_string()),
            "count-then-reject" => {
                count("seen");
                return Ok(Verdict::Reject("no".into()));
            }
            "fill" => (0..).try_for_each(|number: u32| kv::set(&format!("key-{number}"), &[7; 100])).unwrap_or_else(|full| note("full", format!("{full:?}"))),
            "remove" => {
                kv::remove("seen").expect("a key");
                note("there", kv::get("seen").is_some().to_string());
            }
            "time" => note("time", clock::now().unix_ms.to_string()),
            "dice" => note("dice", random::bytes(rest.parse().unwrap_or(4)).len().to_string()),
            "look" => note("stock", format!("{:?} {:?} {:?}", lookup::stock(rest), lookup::product(rest), lookup::customer(rest))),
            "get" => note("answer", get(rest)),
            "flood" => loop {
                let _ = get(rest);
            },
            "all" => {
                note("all", format!("{} {} {:?} {}", count("seen"), clock::now().unix_ms, random::bytes(8), get("http://rates.example/")));
            }
            _ => return Err(HookError::Unsupported(format!("nobody knows mode {mode}"))),
        }
        Ok(Verdict::Proceed)
    }
}

/// Counts in a key, and reads its own writing back.
fn count(key: &str) -> u64 {
    let before = kv::get(key).and_then(|bytes| Some(u64::from_le_bytes(bytes.try_into().ok()?))).unwrap_or(0);
    kv::set(key, &(before + 1).to_le_bytes()).expect("room for one key");
    let after = kv::get(key).expect("it was written");
    u64::from_le_bytes(after.try_into().expect("eight bytes"))
}

fn get(url: &str) -> String {
    let request = http::Request { method: "GET".into(), url: url.into(), headers: Vec::new(), body: Vec::new() };
    match http::send(&request) {
        Ok(answer) => format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body)),
        Err(why) => format!("{why:?}"),
    }
}

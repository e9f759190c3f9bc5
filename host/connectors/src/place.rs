//! Where in a shop's order something stands that a fault points to, where the order is the whole of the event.

use crossdock_flow::correct::{Place, Sort, values};

/// Finds a place that a fault names: a path of the event itself, or of the canonical order, of which `meant` gives the paths
/// that it may mean; the first that is there counts. `sort` says what should stand at a path. Empty when nothing stands there.
pub(crate) fn locate(body: &[u8], place: &str, meant: impl Fn(&str) -> Vec<String>, sort: fn(&str) -> Sort) -> Vec<Place> {
    // Malformed JSON is told with its line after the path.
    let place = place.split(" (line ").next().unwrap_or_default();
    let here = |path: &str| -> Vec<Place> { values(body, path).into_iter().map(|(path, _)| Place { sort: sort(&path), path }).collect() };
    let found = here(place);
    if found.is_empty() { meant(place).iter().map(|path| here(path)).find(|found| !found.is_empty()).unwrap_or_default() } else { found }
}

/// A canonical path, taken apart before its first point or bracket: `lines` and `[3].sku`, `billing` and `city`.
pub(crate) fn apart(place: &str) -> (&str, &str) {
    let (head, rest) = place.split_at(place.find(['.', '[']).unwrap_or(place.len()));
    (head, rest.strip_prefix('.').unwrap_or(rest))
}

//! Who made a component: languages, compilers and binding generators, as its producers sections say. For people; nothing is
//! decided by it.

use wasmparser::{KnownCustom, Parser, Payload};

/// Most that is told: a component of forty modules repeats itself, and anybody can write anything there.
const MOST: usize = 12;

/// The makers of a component and of everything in it, each once, with version where there is one. Empty when nothing is
/// said, or nothing can be read.
pub fn producers(component: &[u8]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for payload in Parser::new(0).parse_all(component) {
        let Ok(payload) = payload else { break };
        let Payload::CustomSection(section) = payload else { continue };
        let KnownCustom::Producers(fields) = section.as_known() else { continue };
        for value in fields.into_iter().flatten().flat_map(|field| field.values.into_iter().flatten()) {
            // A compiler's version goes on with the commit it was built from.
            let version = value.version.split_whitespace().next().unwrap_or_default();
            let told = crossdock_flow::fault::shorten(format!("{} {version}", value.name).trim());
            if !found.contains(&told) && found.len() < MOST {
                found.push(told);
            }
        }
    }
    found
}

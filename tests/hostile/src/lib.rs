//! Plugins that try to hurt their host. Each case is one component (or file) that does one thing no plugin should do,
//! with the fault that has to stop it. The binary of this crate runs them and measures; see README.md.

mod ask;
mod bombs;
mod case;
mod child;
mod files;
mod frame;
mod inside;
mod judge;
mod neighbour;
mod network;
mod offer;
mod paper;
mod program;
mod report;
mod servers;
mod way;
mod written;

pub use ask::Ask;
pub use case::{Case, Phase, Source};
pub use child::Host;
pub use inside::Inside;
pub use judge::{Finding, Judge, NEIGHBOUR_AT_LEAST, rehearsed};
pub use report::{json, markdown, table};

/// Every case: written as text, made by a generator, those that ask the outside, and files that are no plugins.
pub fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = written::cases().collect();
    cases.extend(ask::cases());
    cases.extend(bombs::cases());
    cases.extend(files::cases());
    cases
}

/// A component whose `pre-map` answers with a pointer into its memory, where these bytes lie from 2048 on: whatever the
/// bytes mean as a verdict. It does so on the sample order, too.
pub fn answering(bytes: &[u8], pointer: i32) -> Result<Vec<u8>, String> {
    let data: String = bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let code = format!(
        "(data (i32.const 2048) \"{data}\")\n(func $misbehave (param $order i32) (param $document i32) (result i32)
  (call $drop-order (local.get $order))
  (i32.const {pointer}))"
    );
    wat::parse_str(frame::framed(&code, frame::SAMPLE)).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_case_has_a_name_of_its_own_and_makes_bytes() {
        let cases = cases();
        let names: BTreeSet<&str> = cases.iter().map(|case| case.name).collect();
        assert_eq!(names.len(), cases.len());
        for case in cases.iter().filter(|case| matches!(case.source, Source::Framed(_) | Source::Text(_) | Source::Asks(_))) {
            for always in [false, true] {
                case.bytes(always).unwrap_or_else(|error| panic!("{}: {error}", case.name));
            }
        }
    }

    #[test]
    fn every_written_case_is_listed() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
        let files = std::fs::read_dir(folder).unwrap().count();
        assert_eq!(files, written::cases().count());
    }
}

//! Bytes that nobody thought of, against everything of a plugin that crosses into the host: components, damaged and made
//! up, and answers of hooks. Nothing may panic, hang or pass as something it is not; each refusal has a plugin's code.
//!
//! A short run is part of the tests. A long one: `PROPTEST_CASES=100000 cargo nextest run --release -p crossdock-hostile -E
//! 'binary(fuzz)'`. What a run finds is written to `proptest-regressions/` and stays in the repository; `corpus/` holds files
//! that broke something once, and every written case is a seed.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use crossdock_flow::{Code, Fault};
use crossdock_hostile::{Phase, Source, answering, cases};
use crossdock_sandbox::{Limits, Sandbox, Settings};
use proptest::{prelude::*, sample::Index};
use std::{sync::OnceLock, time::Duration};
use tokio::runtime::Runtime;
use wasm_smith::{Component, Config, Module};

/// Loads bytes as a plugin, in little room.
fn load(bytes: Vec<u8>) -> Result<(), Fault> {
    static PLACE: OnceLock<(Runtime, Sandbox)> = OnceLock::new();
    let (runtime, sandbox) = PLACE.get_or_init(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        (runtime, Sandbox::new(Settings { concurrency: 2, ..Settings::default() }).unwrap())
    });
    // Time is long: a busy machine is no finding.
    let limits = Limits { fuel: 5_000_000, time: Duration::from_secs(20), compile_time: Duration::from_secs(60), ..Limits::default() };
    runtime.block_on(sandbox.load("fuzz", bytes, limits)).map(drop)
}

/// Codes with which a plugin may be refused at load.
const REFUSALS: [Code; 8] = [
    Code::NotWasm,
    Code::WrongShape,
    Code::UnknownImport,
    Code::PluginSize,
    Code::PluginCompile,
    Code::Rehearsal,
    Code::PluginNeeds,
    Code::NotGranted,
];

fn check(bytes: Vec<u8>) -> Result<(), TestCaseError> {
    if let Err(fault) = load(bytes) {
        prop_assert!(REFUSALS.contains(&fault.code), "{fault}");
        prop_assert!(fault.to_string().len() < 4096, "a message of {} bytes", fault.to_string().len());
    }
    Ok(())
}

/// The components of the written cases, and whatever broke something once.
fn seeds() -> &'static [Vec<u8>] {
    static SEEDS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    SEEDS.get_or_init(|| {
        let written = |case: &crossdock_hostile::Case| matches!(case.source, Source::Framed(_) | Source::Text(_)) && case.phase != Phase::Start;
        let mut seeds: Vec<Vec<u8>> = cases().iter().filter(|case| written(case)).map(|case| case.bytes(false).unwrap()).collect();
        let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
        seeds.extend(std::fs::read_dir(corpus).unwrap().map(|file| std::fs::read(file.unwrap().path()).unwrap()));
        seeds
    })
}

/// One change of a file.
#[derive(Clone, Debug)]
enum Damage {
    Flip(Index, u8),
    Cut(Index),
    Remove(Index, Index),
    Insert(Index, Vec<u8>),
    Repeat(Index, Index),
}

impl Damage {
    fn on(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        let span = |a: &Index, b: &Index, length: usize| {
            let (a, b) = (a.index(length), b.index(length));
            a.min(b)..a.max(b).min(a.min(b) + 64)
        };
        match self {
            Damage::Flip(at, with) => {
                let at = at.index(bytes.len());
                bytes[at] ^= with;
            }
            Damage::Cut(at) => bytes.truncate(at.index(bytes.len())),
            Damage::Remove(a, b) => drop(bytes.drain(span(a, b, bytes.len()))),
            Damage::Insert(at, new) => {
                let at = at.index(bytes.len());
                drop(bytes.splice(at..at, new.iter().copied()));
            }
            Damage::Repeat(a, b) => {
                let again = bytes[span(a, b, bytes.len())].to_vec();
                bytes.extend(again);
            }
        }
    }
}

fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        4 => (any::<Index>(), 1u8..).prop_map(|(at, with)| Damage::Flip(at, with)),
        1 => any::<Index>().prop_map(Damage::Cut),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(a, b)| Damage::Remove(a, b)),
        1 => (any::<Index>(), proptest::collection::vec(any::<u8>(), 1..9)).prop_map(|(at, new)| Damage::Insert(at, new)),
        1 => (any::<Index>(), any::<Index>()).prop_map(|(a, b)| Damage::Repeat(a, b)),
    ]
}

fn config() -> Config {
    Config { max_memory32_bytes: 1 << 20, max_imports: 5, ..Config::default() }
}

proptest! {

    #[test]
    fn damaged_components_are_refused_or_harmless(seed: Index, damages in proptest::collection::vec(damage(), 1..6)) {
        let mut bytes = seed.get(seeds()).clone();
        damages.iter().for_each(|damage| damage.on(&mut bytes));
        check(bytes)?;
    }

    #[test]
    fn made_up_components_and_modules_are_refused_or_harmless(chance in proptest::collection::vec(any::<u8>(), 0..3000), component: bool) {
        let mut source = arbitrary(&chance);
        let bytes = if component {
            Component::new(config(), &mut source).map(|component| component.to_bytes())
        } else {
            Module::new(config(), &mut source).map(|module| module.to_bytes())
        };
        if let Ok(bytes) = bytes {
            check(bytes)?;
        }
    }

    #[test]
    fn any_bytes_after_the_magic_number_are_refused(mut bytes in proptest::collection::vec(any::<u8>(), 0..300), component: bool) {
        let head: &[u8] = if component { b"\0asm\x0d\0\x01\0" } else { b"\0asm\x01\0\0\0" };
        drop(bytes.splice(..0, head.iter().copied()));
        check(bytes)?;
    }

    #[test]
    fn any_answer_of_a_hook_is_read_or_refused(
        bytes in proptest::collection::vec(prop_oneof![3 => 0u8..4, 1 => any::<u8>()], 64),
        pointer in prop_oneof![8 => Just(2048), 2 => 2040..2100, 1 => any::<i32>()],
    ) {
        match load(answering(&bytes, pointer).unwrap()) {
            Ok(()) => {}
            Err(fault) => {
                let known = ["E101", "E105", "E106", "E107"].iter().any(|code| fault.message.contains(&format!("sample order: {code} ")));
                prop_assert!(fault.code == Code::Rehearsal && known, "{fault}");
            }
        }
    }
}

/// wasm-smith takes its decisions from these bytes.
fn arbitrary(chance: &[u8]) -> arbitrary::Unstructured<'_> {
    arbitrary::Unstructured::new(chance)
}

#[test]
fn the_corpus_is_refused_or_harmless() {
    let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut seen = 0;
    for file in std::fs::read_dir(corpus).unwrap() {
        check(std::fs::read(file.unwrap().path()).unwrap()).unwrap();
        seen += 1;
    }
    assert!(seen >= 3, "the corpus is there");
}

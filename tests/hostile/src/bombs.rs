//! The cases that a function makes: files that are damaged or lie, and components that are hard to compile or to describe.

use crate::{Case, Phase, frame};
use crossdock_flow::Code::{self, NotGranted, NotWasm, PluginCompile, PluginNeeds, PluginSize, PluginTrapped, UnknownImport, WrongShape};
use crossdock_sandbox::{Limits, Sandbox, Settings};
use std::fmt::Write;

/// How a component begins, and a core module.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
const MODULE: &[u8] = b"\0asm\x01\0\0\0";
/// Core code that does nothing wrong.
pub(crate) const WELL: &str = "(func $misbehave (param i32 i32) (result i32) (i32.const 1024))";

/// Core code that would send a request.
const ASKS: &str = "(func $misbehave (param i32 i32) (result i32)
  (call $send (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 2048))
  (i32.const 1024))";

/// Every case that a function makes.
pub(crate) fn cases() -> impl Iterator<Item = Case> {
    let load = |name, route, expect: &[Code], limit, make| Case::made(name, route, Phase::Load, expect, limit, make);
    [
        load("bytes-empty", "An empty file.", &[NotWasm], "-", Vec::new),
        load("bytes-random", "Random bytes.", &[NotWasm], "-", || random(64 << 10)),
        load("bytes-random-after-header", "The first bytes of a component, then random ones.", &[NotWasm], "-", || {
            [COMPONENT, &random(64 << 10)].concat()
        }),
        load("bytes-truncated", "A well-behaved component that ends in the middle.", &[NotWasm], "-", || {
            let mut whole = well();
            whole.truncate(whole.len() / 2);
            whole
        }),
        load("bytes-damaged", "A well-behaved component with one of its instructions overwritten.", &[NotWasm], "-", || {
            let mut whole = well();
            // `i32.const 1024`, the last thing that `run` does.
            let place = whole.windows(3).rposition(|bytes| bytes == [0x41, 0x80, 0x08]).unwrap_or_default();
            whole[place..place + 3].fill(0xff);
            whole
        }),
        load("bytes-source", "The text of a component instead of its bytes.", &[NotWasm], "-", || frame::framed(WELL, 0).into_bytes()),
        load("bytes-another-version", "A binary version that nobody knows.", &[NotWasm], "-", || b"\0asm\x63\0\x63\0".to_vec()),
        load("bytes-section-lies", "A section that says it is 4 GiB long.", &[NotWasm], "-", || {
            [COMPONENT, &[1, 0xff, 0xff, 0xff, 0xff, 0x0f]].concat()
        }),
        load("bytes-cwasm", "Compiled machine code (.cwasm), renamed: run as it is, it could do anything.", &[NotWasm], "-", cwasm),
        load("asks-without-a-grant", "Asks for requests to the outside, which nobody granted it.", &[NotGranted], "-", || {
            wat::parse_str(frame::framed(ASKS, 0)).unwrap_or_default()
        }),
        load("wit-lies", "A core module whose WIT is random bytes.", &[WrongShape], "-", || {
            [MODULE, &section(0, &[&[14][..], b"component-type", &random(1000)].concat())].concat()
        }),
        load("too-large", "A file of 9 MiB, nearly all of it a section that says nothing.", &[PluginSize], "size", || {
            [COMPONENT, &section(0, &vec![0; 9 << 20])].concat()
        }),
        load("compile-one-function", "A single function of 2.6 MB.", &[PluginCompile], "function", || {
            module(&function(&[1, 0xc8, 1, 0x7e], &tangled(2_600_000)))
        }),
        load(
            "compile-full-size",
            "A file of nearly 8 MiB that stays within every cap: 7,990 functions of 1 KB.",
            &[WrongShape, PluginCompile],
            "compile-time",
            || module(&function(&[0], &straight(1_040)).repeat(7_990)),
        ),
        load(
            "compile-largest-function",
            "A function just below the cap, whose 200 locals all stay in use.",
            &[WrongShape, PluginCompile],
            "compile-time",
            || module(&function(&[1, 0xc8, 1, 0x7e], &tangled(512_000))),
        ),
        load(
            "compile-many-functions",
            "A module with 100,000 functions, each of which costs the compiler 5 KiB.",
            &[PluginNeeds],
            "functions",
            || module(&function(&[0], &straight(24)).repeat(100_000)),
        ),
        load("compile-most-functions", "As many functions as a plugin may have.", &[WrongShape], "-", || {
            module(&function(&[0], &straight(24)).repeat(8_000))
        }),
        load("compile-locals", "7,990 functions with 50,000 locals each, in a file of 64 KB.", &[WrongShape, PluginCompile], "compile-time", || {
            module(&function(&[1, 0xd0, 0x86, 0x03, 0x7e], &[]).repeat(7_990))
        }),
        load(
            "compile-nested-blocks",
            "A function of 50,000 blocks, one inside the other.",
            &[WrongShape, PluginCompile, NotWasm],
            "compile-time",
            || module(&function(&[0], &[[0x02, 0x40].repeat(50_000), vec![0x0b; 50_000]].concat())),
        ),
        load("compile-jump-tables", "200 jumps with 10,000 targets each.", &[WrongShape, PluginCompile], "compile-time", || {
            let jump = [&[0x41, 0, 0x0e][..], &leb(10_000), &[0; 10_001]].concat();
            module(&function(&[0], &[&[0x02, 0x40][..], &jump, &[0x0b]].concat().repeat(20)).repeat(10))
        }),
        load("data-segments", "200,000 passive data segments.", &[NotWasm, WrongShape, PluginNeeds], "-", || {
            let data = [leb(200_000), [1, 0].repeat(200_000)].concat();
            component_of(&[MODULE, &section(11, &data)].concat())
        }),
        load("nested-100", "Components, one inside the other, 100 deep.", &[NotWasm, WrongShape], "-", || nested(100)),
        load(
            "nested-10000",
            "Components, one inside the other, 10,000 deep: a recursive reader would end the host.",
            &[PluginNeeds],
            "nesting",
            || nested(10_000),
        ),
        load("types-double", "A type of 2^40 parts, each twice the one before.", &[NotWasm, PluginNeeds], "-", types_double),
        load("types-deep", "A hook that takes a list of lists of lists, 5,000 deep.", &[NotWasm, WrongShape, PluginNeeds], "-", types_deep),
        load("imports-900", "Imports of 900 things with long names that nobody offers.", &[UnknownImport], "-", || {
            text("(component", |out, number| write!(out, "(import \"acme:lib/part{}{number}\" (instance))", "x".repeat(100)), 900)
        }),
        load("imports-10000", "10,000 imports.", &[PluginNeeds], "-", || {
            text("(component", |out, number| write!(out, "(import \"acme:lib/part{number}\" (instance))"), 10_000)
        }),
        load("imports-long-name", "An import whose name is 90 KB long.", &[UnknownImport, NotWasm], "-", || {
            text("(component", |out, _| write!(out, "(import \"acme:lib/part{}\" (instance))", "x".repeat(90_000)), 1)
        }),
        load("exports-900", "900 exports with long names, none of them a hook.", &[WrongShape], "-", || {
            let part = |out: &mut String, number| write!(out, "(export \"part{}{number}\" (instance $empty))", "x".repeat(100));
            text("(component (instance $empty)", part, 900)
        }),
        load("record-of-900-fields", "A hook that takes a record of 900 fields with long names.", &[WrongShape, NotWasm], "-", record),
        Case::made("debug-info-lies", "Debug information of random bytes, read when it traps.", Phase::Start, &[PluginTrapped], "-", debug_info),
    ]
    .into_iter()
}

fn parse(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text:.400}"))
}

pub(crate) fn well() -> Vec<u8> {
    parse(&frame::framed(WELL, 0))
}

/// A component whose parts are written one after the other.
fn text(start: &str, part: impl Fn(&mut String, usize) -> std::fmt::Result, count: usize) -> Vec<u8> {
    let mut out = start.to_owned();
    (0..count).for_each(|number| part(&mut out, number).unwrap_or_default());
    parse(&(out + ")"))
}

/// Bytes that look random and are the same every time.
fn random(length: usize) -> Vec<u8> {
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    std::iter::repeat_with(|| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed.to_le_bytes()[3]
    })
    .take(length)
    .collect()
}

/// An unsigned LEB128 number.
fn leb(mut number: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = u8::try_from(number & 0x7f).unwrap_or_default();
        number >>= 7;
        if number == 0 {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

fn section(id: u8, content: &[u8]) -> Vec<u8> {
    [&[id][..], &leb(content.len()), content].concat()
}

/// A function of a core module: declarations of locals, and instructions.
fn function(locals: &[u8], code: &[u8]) -> Vec<u8> {
    let body = [locals, code, &[0x0b]].concat();
    [leb(body.len()), body].concat()
}

/// Straight-line code of so many bytes: reads a global, multiplies, adds, writes it back.
fn straight(bytes: usize) -> Vec<u8> {
    let step = [0x23, 0, 0x41, 3, 0x6c, 0x23, 0, 0x6a, 0x24, 0];
    step.repeat(bytes / step.len())
}

/// Straight-line code of so many bytes that adds up 128 locals without order, and uses all of them at the end: hard on the
/// allocation of registers.
fn tangled(bytes: usize) -> Vec<u8> {
    // Nothing that the compiler could fold: every local begins with another number that it does not know.
    let given: Vec<u8> = (0..128).flat_map(|local| [0x23, 0, 0xac, 0x42, local & 0x3f, 0x7c, 0x21, local]).collect();
    let mixed: Vec<u8> =
        random(bytes / 7 * 3).chunks_exact(3).flat_map(|of| [0x20, of[0] & 0x7f, 0x20, of[1] & 0x7f, 0x7c, 0x21, of[2] & 0x7f]).collect();
    let used: Vec<u8> = (0..128).flat_map(|local| [0x20, local, 0xa7, 0x23, 0, 0x73, 0x24, 0]).collect();
    [given, mixed, used].concat()
}

/// A component around a core module with these functions, all without parameters, and one global.
fn module(functions: &[u8]) -> Vec<u8> {
    let mut count = 0;
    let mut rest = functions;
    while !rest.is_empty() {
        let (mut length, mut place) = (0, 0);
        while let Some(byte) = rest.get(place) {
            length |= usize::from(byte & 0x7f) << (7 * place);
            place += 1;
            if byte & 0x80 == 0 {
                break;
            }
        }
        rest = &rest[place + length..];
        count += 1;
    }
    let types = section(1, &[1, 0x60, 0, 0]);
    let declared = section(3, &[leb(count), vec![0; count]].concat());
    let global = section(6, &[1, 0x7f, 1, 0x41, 1, 0x0b]);
    let code = section(10, &[&leb(count)[..], functions].concat());
    component_of(&[MODULE, &types, &declared, &global, &code].concat())
}

fn component_of(module: &[u8]) -> Vec<u8> {
    [COMPONENT, &section(1, module)].concat()
}

fn nested(depth: usize) -> Vec<u8> {
    (0..depth).fold(COMPONENT.to_vec(), |inner, _| [COMPONENT, &section(4, &inner)].concat())
}

/// The hook at pre-map, taking this type.
fn taking(types: &str, last: &str) -> Vec<u8> {
    parse(&format!(
        r#"(component {types}
          (core module $m (memory (export "memory") 1) (func (export "run") (param i32 i32))
            (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 0)))
          (core instance $i (instantiate $m))
          (func $run (param "order" {last}) (canon lift (core func $i "run") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
          (instance $hook (export "run" (func $run)))
          (export "crossdock:plugin/pre-map@0.1.0" (instance $hook)))"#
    ))
}

fn types_double() -> Vec<u8> {
    let mut types = String::from("(type $t0 (tuple string string))");
    (1..40).for_each(|n| write!(types, "(type $t{n} (tuple $t{0} $t{0}))", n - 1).unwrap_or_default());
    taking(&format!("{types}(type $all (list $t39))"), "$all")
}

fn types_deep() -> Vec<u8> {
    let mut types = String::from("(type $t0 (list string))");
    (1..5_000).for_each(|n| write!(types, "(type $t{n} (list $t{}))", n - 1).unwrap_or_default());
    taking(&types, "$t4999")
}

fn record() -> Vec<u8> {
    let mut fields = String::new();
    (0..900).for_each(|n| write!(fields, "(field \"{}{n}\" string)", "long-".repeat(20) + "f").unwrap_or_default());
    taking(
        &format!(
            "(import \"crossdock:plugin/types@0.1.0\" (instance $types (type $record (record {fields})) (export \"record\" (type (eq $record))))) (alias export $types \"record\" (type $record)) (type $all (list $record))"
        ),
        "$all",
    )
}

fn debug_info() -> Vec<u8> {
    let escaped = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("\\{byte:02x}")).collect::<String>();
    let mut code = format!("{WELL}\n(start $begin) (func $begin (unreachable))\n");
    for name in [".debug_info", ".debug_abbrev", ".debug_line", ".debug_str", ".debug_ranges", "name"] {
        writeln!(code, "(@custom \"{name}\" \"{}\")", escaped(random(100_000))).unwrap_or_default();
    }
    parse(&frame::framed(&code, 0))
}

/// A well-behaved component, compiled by a host of this very version and kept in its cache; here without the checksum
/// at its end, as a compiler writes it.
fn cwasm() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let cache = folder.path().join("cache");
    let making = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap_or_else(|error| panic!("{error}"));
        let settings = Settings { concurrency: 1, cache: Some(cache.clone()), ..Settings::default() };
        let sandbox = Sandbox::new(settings).unwrap_or_else(|fault| panic!("{fault}"));
        runtime.block_on(sandbox.load("well", well(), Limits::default())).unwrap_or_else(|fault| panic!("{fault}"));
        let file = std::fs::read_dir(cache).into_iter().flatten().flatten().next().unwrap_or_else(|| panic!("nothing was kept"));
        std::fs::read(file.path()).unwrap_or_else(|error| panic!("{error}"))
    });
    let mut bytes = making.join().unwrap_or_else(|_| panic!("no compiled plugin was made"));
    bytes.truncate(bytes.len() - 32);
    bytes
}

//! From the bytes of a dropped file to a compiled component: what the file is, wrapping a core module, compiling.

use crate::{
    anatomy::{self, NESTING},
    compiler,
    engine::Room,
    settings::Limits,
    trusted,
};
use crossdock_flow::{Code, Fault};
use std::sync::Arc;
use wasmtime::component::Component;
use wit_component::ComponentEncoder;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A component: compiled as it is.
    Component,
    /// A core module that carries its WIT, as wit-bindgen writes it for wasm32-unknown-unknown: wrapped first.
    Module,
}

/// Looks at a file's outside. Fails with E124 when it is too large, with E121 when it is no WebAssembly or cut short,
/// with E122 when it is a core module without WIT, with E125 when a function is too large for the compiler, with E127 when it
/// is nested too deep or has too many functions.
pub(crate) fn look(bytes: &[u8], limits: &Limits) -> Result<Kind, Fault> {
    if bytes.len() as u64 > limits.size {
        return Err(Fault::new(Code::PluginSize, "the file is too large").limit(
            "size",
            format!("{} bytes", limits.size),
            Some(format!("{} bytes", bytes.len())),
        ));
    }
    let not = |what: &str| Err(Fault::new(Code::NotWasm, format!("the file is no WebAssembly: {what}")));
    let Some(version) = bytes.strip_prefix(b"\0asm") else {
        return not(looks_like(bytes));
    };
    let (kind, sections) = match version.split_at_checked(4) {
        Some(([0x0d, 0, 1, 0], sections)) => (Kind::Component, sections),
        Some(([1, 0, 0, 0], sections)) => (Kind::Module, sections),
        Some(_) => return not("it begins like one, but in a version that nobody knows"),
        None => return not("it ends after a few bytes; copy it again"),
    };
    let Some(anatomy) = anatomy::look(sections, kind == Kind::Module) else {
        return not("it is cut short; copy it again");
    };
    if kind == Kind::Module && !anatomy.carries_wit {
        return Err(Fault::new(
            Code::WrongShape,
            "it is a core module without its WIT: build it with `--target wasm32-wasip2`, or with wit-bindgen for wasm32-unknown-unknown",
        ));
    }
    if anatomy.depth > NESTING {
        return Err(Fault::new(Code::PluginNeeds, "its components are nested too deep").limit("nesting", NESTING, None));
    }
    if anatomy.functions as u64 > limits.functions {
        return Err(Fault::new(Code::PluginNeeds, "it has more functions than it may").limit(
            "functions",
            limits.functions,
            Some(anatomy.functions.to_string()),
        ));
    }
    // The compiler's time and memory grow faster than the function.
    if anatomy.largest_function as u64 > limits.function {
        return Err(Fault::new(Code::PluginCompile, "it has a function that is too large to compile").limit(
            "function",
            format!("{} bytes", limits.function),
            Some(format!("{} bytes", anatomy.largest_function)),
        ));
    }
    Ok(kind)
}

fn looks_like(bytes: &[u8]) -> &'static str {
    match bytes {
        [] => "it is empty",
        [0x7f, b'E', b'L', b'F', ..] => "it is machine code (ELF or precompiled .cwasm), which is never loaded from here",
        [b'P', b'K', 3, 4, ..] => "it is a zip archive",
        [0x1f, 0x8b, ..] => "it is gzipped",
        _ if b"\0asm".starts_with(bytes) => "it ends after a few bytes; copy it again",
        _ if std::str::from_utf8(&bytes[..bytes.len().min(512)]).map_or_else(|error| error.error_len().is_none(), |_| true) => "it is text",
        _ => "it is some other binary file",
    }
}

/// A compiled component and whether it came from the cache.
pub(crate) struct Compiled {
    pub(crate) component: Component,
    pub(crate) from_cache: bool,
}

/// Takes the component from the cache or compiles it, in a process of its own where the settings name a compiler.
/// Fails with E125 when it takes longer, or more memory, than it may.
pub(crate) async fn compile(room: Arc<Room>, bytes: Vec<u8>, kind: Kind, sha256: Arc<str>, limits: &Limits) -> Result<Compiled, Fault> {
    let cached = {
        let (room, sha256) = (room.clone(), sha256.clone());
        on_a_thread(limits, move || Ok(room.cache.as_ref().and_then(|cache| cache.load(&room.engine, &sha256)))).await?
    };
    if let Some(component) = cached {
        return Ok(Compiled { component, from_cache: true });
    }
    let bytes = if kind == Kind::Module { on_a_thread(limits, move || wrap(&bytes)).await? } else { bytes };
    let component = match &room.settings.compiler {
        Some((program, word)) => {
            let compiled = compiler::compile(program, word, &bytes, limits).await?;
            let room = room.clone();
            on_a_thread(limits, move || {
                // From where it is kept it takes less memory.
                let kept = room.cache.as_ref().and_then(|cache| {
                    cache.store(&sha256, &compiled);
                    cache.load(&room.engine, &sha256)
                });
                kept.map_or_else(|| trusted::deserialize(&room.engine, &compiled).map_err(|error| refused(&error)), Ok)
            })
            .await?
        }
        None => {
            let room = room.clone();
            on_a_thread(limits, move || {
                let component = Component::from_binary(&room.engine, &bytes).map_err(|error| refused(&error))?;
                if let (Some(cache), Ok(compiled)) = (&room.cache, component.serialize()) {
                    cache.store(&sha256, &compiled);
                }
                Ok(component)
            })
            .await?
        }
    };
    Ok(Compiled { component, from_cache: false })
}

/// Does something long where it hurts nobody. After the compile time the thread ends by itself, its work is dropped.
async fn on_a_thread<T: Send + 'static>(limits: &Limits, work: impl FnOnce() -> Result<T, Fault> + Send + 'static) -> Result<T, Fault> {
    match tokio::time::timeout(limits.compile_time, tokio::task::spawn_blocking(work)).await {
        Ok(Ok(done)) => done,
        Ok(Err(_)) => Err(Fault::new(Code::PluginCompile, "the compiler gave up on it")),
        Err(_) => Err(Fault::new(Code::PluginCompile, "compiling took too long").limit("compile-time", format!("{:?}", limits.compile_time), None)),
    }
}

/// Makes a component of a core module that carries its WIT.
fn wrap(module: &[u8]) -> Result<Vec<u8>, Fault> {
    let encoded = ComponentEncoder::default().validate(true).module(module).and_then(|encoder| encoder.encode());
    encoded.map_err(|error| {
        let text = format!("{error:#}");
        if text.contains("wasi_snapshot_preview1") {
            return Fault::new(Code::UnknownImport, "it is a core module for WASI preview 1; build it with `--target wasm32-wasip2`");
        }
        Fault::new(Code::WrongShape, format!("no component can be made of this core module: {}", crate::convert::cut(&text)))
    })
}

pub(crate) fn refused(error: &wasmtime::Error) -> Fault {
    let text = format!("{error:#}");
    let cause = crate::convert::cut(&text);
    if text.contains("exceeds the") || text.contains("exceeds limit") {
        return Fault::new(Code::PluginNeeds, format!("it needs more than a sandbox has: {cause}"));
    }
    // The parser says `offset 0x…`, the compiler, which meets some instructions first, says `at offset …`.
    if text.contains("offset 0x") || text.contains("Invalid input WebAssembly code") {
        return Fault::new(Code::NotWasm, format!("the file is damaged, or uses a part of WebAssembly that is turned off here: {cause}"));
    }
    Fault::new(Code::PluginCompile, format!("it does not compile: {cause}"))
}

//! From wasmtime's errors to the stable codes of [`crossdock_flow::fault`].

use crate::{
    meter::{Meter, Stop},
    settings::Limits,
};
use crossdock_flow::{Code, Fault};
use wasmtime::{Error, Trap, WasmBacktrace};
use wasmtime_wasi::I32Exit;

/// What ended a call, as a fault without the plugin's side.
pub(crate) fn of_call(error: &Error, limits: &Limits, lines: usize, meter: &Meter) -> Fault {
    if let Some(stop) = error.downcast_ref::<Stop>() {
        return of_stop(*stop, limits, lines, meter);
    }
    if let Some(exit) = error.downcast_ref::<I32Exit>() {
        return Fault::new(Code::PluginTrapped, format!("the guest ended itself with exit code {}", exit.0));
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => {
            Fault::new(Code::PluginFuel, format!("it used up its fuel for {lines} lines")).limit("fuel", limits.fuel_for(lines), None)
        }
        Some(Trap::StackOverflow) => Fault::new(Code::PluginStack, "its stack overflowed"),
        Some(Trap::UnreachableCodeReached) => Fault::new(Code::PluginTrapped, "the guest panicked"),
        Some(trap) => Fault::new(Code::PluginTrapped, format!("the guest trapped: {trap}")),
        None => of_text(&error.root_cause().to_string(), limits),
    }
}

fn of_stop(stop: Stop, limits: &Limits, lines: usize, meter: &Meter) -> Fault {
    match stop {
        Stop::Memory(asked) => Fault::new(Code::PluginMemory, "it asked for more memory than it may have").limit(
            "memory",
            format!("{} bytes", limits.memory),
            Some(format!("{asked} bytes")),
        ),
        Stop::HostCalls => Fault::new(Code::PluginCalls, "it made too many host calls").limit(
            "host-calls",
            limits.host_calls_for(lines),
            Some(meter.calls.to_string()),
        ),
        Stop::HostBytes(bytes) => Fault::new(Code::PluginCalls, "it moved too much through host calls").limit(
            "host-bytes",
            format!("{} bytes", limits.host_bytes),
            Some(format!("{bytes} bytes")),
        ),
        Stop::Handle => Fault::new(Code::PluginTrapped, "the guest used a handle that it was never given"),
        Stop::Outside(code) => Fault::new(code, "the host could not answer what the rule asked"),
        Stop::Number => Fault::new(Code::Internal, "a number of the record does not fit the plugin contract"),
    }
}

/// Errors that wasmtime tells apart by their text alone; a test holds each.
fn of_text(text: &str, limits: &Limits) -> Fault {
    if text.contains("allocated for hostcalls has been exhausted") {
        return Fault::new(Code::PluginOutput, "it handed over too much at once").limit("output", format!("{} bytes", limits.output), None);
    }
    if text.contains("maximum concurrent limit") {
        return Fault::new(Code::SandboxBusy, "the pool of sandboxes is used up");
    }
    if text.contains("resource limit exceeded") {
        return Fault::new(Code::PluginNeeds, format!("it has more parts than a sandbox holds: {text}"));
    }
    Fault::new(Code::PluginTrapped, format!("the guest trapped: {}", crossdock_flow::fault::shorten(text)))
}

/// Function names of the guest, innermost first.
pub(crate) fn backtrace(error: &Error) -> Vec<String> {
    let Some(trace) = error.downcast_ref::<WasmBacktrace>() else { return Vec::new() };
    let frame = |frame: &wasmtime::FrameInfo| {
        let symbol = frame.symbols().first();
        let name = symbol.and_then(|symbol| symbol.name()).or_else(|| frame.func_name());
        let name = name.map_or_else(|| format!("function {}", frame.func_index()), crossdock_flow::fault::shorten);
        match symbol.and_then(|symbol| Some((symbol.file()?, symbol.line()?))) {
            Some((file, line)) => format!("{name} ({}:{line})", crossdock_flow::fault::shorten(file_name(file))),
            None => name,
        }
    };
    trace.frames().iter().map(frame).collect()
}

/// The last two parts of a path: the build machine's folders are nobody's business.
fn file_name(path: &str) -> &str {
    path.rmatch_indices('/').nth(1).map_or(path, |(place, _)| &path[place + 1..])
}

//! Compiling in a child process of the same program, with limits on memory, processor time and time: a component made to
//! choke the compiler costs one named error. The child gets the component on stdin and gives compiled code on stdout.

use crate::{compile::refused, engine, settings::Limits};
use crossdock_flow::{Code, Fault};
use std::{
    io::{Read, Write},
    path::Path,
    process::{ExitCode, ExitStatus, Stdio},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::Command,
};
use wasmtime::Engine;

/// What the child ends with when it understood why it does not compile; the fault is on stdout, as JSON.
const UNDERSTOOD: u8 = 3;
/// Processor seconds beyond the compile time, per processor, before the kernel ends the child.
const SLACK: u64 = 2;

/// How many times the compile time may pass by the clock. Compiling goes after everything else on a busy machine: what a
/// component costs is the processor time, and a clock that counts the waiting would refuse it for what others do.
const PATIENCE: u32 = 4;

/// Compiles in a child: `program` is the file of a program that calls [`compile_child`] when its first argument is `word`.
/// Fails with E125 when the child reached a limit or broke, with what the compiler said when it refused.
pub(crate) async fn compile(program: &Path, word: &str, component: &[u8], limits: &Limits) -> Result<Vec<u8>, Fault> {
    let broken = |what: String| Fault::new(Code::PluginCompile, what);
    let processors = std::thread::available_parallelism().map_or(1, |processors| processors.get() as u64);
    let mut child = Command::new(program)
        .arg(word)
        .arg(limits.compile_memory.to_string())
        .arg(((limits.compile_time.as_secs() + SLACK) * processors).to_string())
        .env_clear()
        // Each arena of the allocator reserves address space, which is what the limit counts.
        .env("MALLOC_ARENA_MAX", "2")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| broken(format!("the compiler's process cannot be started: {error}")))?;
    let (Some(mut stdin), Some(mut stdout), Some(mut stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take()) else {
        return Err(broken("the compiler's process has no pipes".into()));
    };
    let (mut compiled, mut said) = (Vec::new(), Vec::new());
    let work = async {
        let give = async {
            // A child that ended early says why on its way out; that we could not give it all says nothing.
            drop(stdin.write_all(component).await);
            drop(stdin);
        };
        let ((), out, err) = tokio::join!(give, stdout.read_to_end(&mut compiled), stderr.read_to_end(&mut said));
        let status = child.wait().await?;
        out.and(err).map(|_| status)
    };
    let status = match tokio::time::timeout(limits.compile_time * PATIENCE, work).await {
        Ok(Ok(status)) => status,
        Ok(Err(error)) => return Err(broken(format!("the compiler's process broke: {error}"))),
        Err(_) => {
            // Dropping it would end it as well, but without waiting for the end.
            drop(child.kill().await);
            return Err(broken("compiling took too long".into()).limit("compile-time", format!("{:?}", limits.compile_time), None));
        }
    };
    match status.code() {
        Some(0) => Ok(compiled),
        Some(code) if code == i32::from(UNDERSTOOD) => {
            Err(serde_json::from_slice(&compiled).unwrap_or_else(|_| broken("it does not compile".into())))
        }
        _ => Err(ended(status, &said, limits)),
    }
}

fn ended(status: ExitStatus, said: &[u8], limits: &Limits) -> Fault {
    let said = String::from_utf8_lossy(said);
    let fault = |what: &str| Fault::new(Code::PluginCompile, what);
    if said.contains("memory allocation of") || said.contains("Cannot allocate memory") || said.contains("capacity overflow") {
        return fault("compiling needs too much memory").limit("compile-memory", format!("{} bytes", limits.compile_memory), None);
    }
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        let name = rustix::process::Signal::from_named_raw(signal);
        if matches!(name, Some(rustix::process::Signal::XCPU | rustix::process::Signal::KILL)) {
            return fault("compiling took too long").limit("compile-time", format!("{:?}", limits.compile_time), None);
        }
        return Fault::new(Code::PluginCompile, format!("the compiler broke on it ({signal})"));
    }
    Fault::new(Code::PluginCompile, format!("the compiler gave up on it: {}", crate::convert::cut(said.trim())))
}

/// The child's side: limits itself, reads a component from stdin, and writes compiled code to stdout.
pub fn compile_child(mut arguments: impl Iterator<Item = String>) -> ExitCode {
    let mut number = || arguments.next().and_then(|text| text.parse::<u64>().ok());
    let (Some(memory), Some(seconds)) = (number(), number()) else { return ExitCode::FAILURE };
    limit_myself(memory, seconds);
    let mut component = Vec::new();
    if std::io::stdin().lock().read_to_end(&mut component).is_err() {
        return ExitCode::FAILURE;
    }
    let compiled = Engine::new(&engine::config()).map_err(|error| Fault::new(Code::Internal, format!("wasmtime does not start: {error:#}")));
    let compiled = compiled.and_then(|engine| engine.precompile_component(&component).map_err(|error| refused(&error)));
    let (bytes, code) = match compiled {
        Ok(compiled) => (compiled, ExitCode::SUCCESS),
        Err(fault) => (serde_json::to_vec(&fault).unwrap_or_default(), ExitCode::from(UNDERSTOOD)),
    };
    let mut out = std::io::stdout().lock();
    if out.write_all(&bytes).and_then(|()| out.flush()).is_err() { ExitCode::FAILURE } else { code }
}

#[cfg(unix)]
fn limit_myself(memory: u64, seconds: u64) {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let limit = |most: u64| Rlimit { current: Some(most), maximum: Some(most) };
    for (resource, most) in [(Resource::As, memory), (Resource::Cpu, seconds), (Resource::Core, 0)] {
        // A limit that cannot be set is one the machine has already, lower; the parent's clock stands behind both.
        let _set = setrlimit(resource, limit(most));
    }
    // Orders go before: nobody waits for a plugin that is being compiled as somebody waits for them.
    let _set = rustix::process::nice(19);
}

#[cfg(not(unix))]
fn limit_myself(_: u64, _: u64) {}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn a_compiler_that_does_nothing_is_ended_by_the_clock() {
        let limits = Limits { compile_time: Duration::from_millis(10), ..Limits::default() };
        // It sleeps for as many seconds as its arguments say: for ever.
        let fault = compile(Path::new("sleep"), "600", b"", &limits).await.unwrap_err();
        assert_eq!((fault.code, fault.reached.unwrap().limit.as_str()), (Code::PluginCompile, "compile-time"));
    }
}

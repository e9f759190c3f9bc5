//! What a plugin logs, prints and writes to stderr in one call: kept up to the caps, counted beyond them, never blocking.

use crate::settings::Limits;
use bytes::Bytes;
use crossdock_flow::hook::LogLine;
use std::sync::{Arc, Mutex, PoisonError};
use wasmtime_wasi::{
    async_trait,
    cli::{IsTerminal, StdoutStream},
    p2::{OutputStream, Pollable, StreamResult},
};

/// How much of stderr is kept for a fault: the panic text.
const TAIL: usize = 4 << 10;

/// The log of one call. Shared with the guest's stdout and stderr.
#[derive(Clone)]
pub(crate) struct Log(Arc<Mutex<Book>>);

struct Book {
    lines: Vec<LogLine>,
    lines_left: u32,
    bytes_left: usize,
    dropped: u64,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    tail: Vec<u8>,
}

impl Book {
    fn write(&mut self, level: &str, text: &str) {
        if self.lines_left == 0 || (self.bytes_left == 0 && !text.is_empty()) {
            self.dropped += 1;
            return;
        }
        let kept = &text[..text.floor_char_boundary(self.bytes_left)];
        let text = if kept.len() < text.len() { format!("{kept}…") } else { kept.to_owned() };
        self.lines_left -= 1;
        self.bytes_left -= kept.len();
        self.lines.push(LogLine { level: level.to_owned(), text });
    }

    fn print(&mut self, pipe: Pipe, bytes: &[u8]) {
        if pipe == Pipe::Stderr {
            keep_tail(&mut self.tail, bytes);
        }
        let mut open = std::mem::take(match pipe {
            Pipe::Stdout => &mut self.stdout,
            Pipe::Stderr => &mut self.stderr,
        });
        for chunk in bytes.split_inclusive(|byte| *byte == b'\n') {
            // An open line never grows beyond what could still be kept.
            let room = self.bytes_left.saturating_add(1).saturating_sub(open.len());
            let (text, ended) = match chunk.strip_suffix(b"\n") {
                Some(text) => (text, true),
                None => (chunk, false),
            };
            open.extend_from_slice(&text[..text.len().min(room)]);
            if ended {
                self.write(pipe.name(), &String::from_utf8_lossy(&open));
                open.clear();
            }
        }
        match pipe {
            Pipe::Stdout => self.stdout = open,
            Pipe::Stderr => self.stderr = open,
        }
    }
}

fn keep_tail(tail: &mut Vec<u8>, bytes: &[u8]) {
    let bytes = &bytes[bytes.len().saturating_sub(TAIL)..];
    let over = (tail.len() + bytes.len()).saturating_sub(TAIL);
    tail.drain(..over);
    tail.extend_from_slice(bytes);
}

impl Log {
    pub(crate) fn new(limits: &Limits) -> Log {
        Log(Arc::new(Mutex::new(Book {
            lines: Vec::new(),
            lines_left: limits.log_lines,
            bytes_left: usize::try_from(limits.log_bytes).unwrap_or(usize::MAX),
            dropped: 0,
            stdout: Vec::new(),
            stderr: Vec::new(),
            tail: Vec::new(),
        })))
    }

    fn book(&self) -> std::sync::MutexGuard<'_, Book> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes one line.
    pub(crate) fn write(&self, level: &str, text: &str) {
        self.book().write(level, text);
    }

    /// The lines kept, open ones of stdout and stderr included, and how many were dropped.
    pub(crate) fn take(&self) -> Vec<LogLine> {
        let mut book = self.book();
        for pipe in [Pipe::Stdout, Pipe::Stderr] {
            let open = std::mem::take(if pipe == Pipe::Stdout { &mut book.stdout } else { &mut book.stderr });
            if !open.is_empty() {
                book.write(pipe.name(), &String::from_utf8_lossy(&open));
            }
        }
        let dropped = std::mem::take(&mut book.dropped);
        if dropped > 0 {
            book.lines.push(LogLine { level: "warn".into(), text: format!("{dropped} lines dropped") });
        }
        std::mem::take(&mut book.lines)
    }

    /// The last bytes of stderr.
    pub(crate) fn panic_text(&self) -> String {
        String::from_utf8_lossy(&self.book().tail).trim_end().to_owned()
    }

    /// The guest's stdout or stderr.
    pub(crate) fn pipe(&self, pipe: Pipe) -> Stream {
        Stream { log: self.clone(), pipe }
    }
}

/// Which of the guest's two outputs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pipe {
    Stdout,
    Stderr,
}

impl Pipe {
    fn name(self) -> &'static str {
        match self {
            Pipe::Stdout => "stdout",
            Pipe::Stderr => "stderr",
        }
    }
}

/// An output that is always ready and keeps what the caps allow. wasmtime's own in-memory pipe reports `closed` when it
/// is full, which makes a guest's `println!` panic.
pub(crate) struct Stream {
    log: Log,
    pipe: Pipe,
}

impl IsTerminal for Stream {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Stream {
    fn async_stream(&self) -> Box<dyn tokio::io::AsyncWrite + Send + Sync> {
        Box::new(tokio::io::sink())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.log.pipe(self.pipe))
    }
}

#[async_trait]
impl Pollable for Stream {
    async fn ready(&mut self) {}
}

#[async_trait]
impl OutputStream for Stream {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        if !bytes.is_empty() {
            self.log.book().print(self.pipe, &bytes);
        }
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(64 << 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(lines: u32, bytes: u64) -> Log {
        Log::new(&Limits { log_lines: lines, log_bytes: bytes, ..Limits::default() })
    }

    fn texts(log: &Log) -> Vec<String> {
        log.take().into_iter().map(|line| format!("{}: {}", line.level, line.text)).collect()
    }

    #[test]
    fn lines_beyond_the_caps_are_counted() {
        let log = log(2, 10);
        for text in ["one", "two", "three", "four"] {
            log.write("info", text);
        }
        assert_eq!(texts(&log), ["info: one", "info: two", "warn: 2 lines dropped"]);
    }

    #[test]
    fn a_long_line_is_cut_at_a_character() {
        let log = log(9, 4);
        log.write("info", "aéüo");
        log.write("info", "x");
        assert_eq!(texts(&log), ["info: aé…", "info: x"]);
    }

    #[test]
    fn prints_become_lines_and_never_fail() {
        let log = log(3, 1000);
        let mut out = log.pipe(Pipe::Stdout);
        out.write(Bytes::from_static(b"he")).unwrap();
        out.write(Bytes::new()).unwrap();
        out.write(Bytes::from_static(b"llo\nwor")).unwrap();
        for _ in 0..1000 {
            log.pipe(Pipe::Stderr).write(Bytes::from(vec![b'x'; 64 << 10])).unwrap();
        }
        assert_eq!(log.panic_text(), "x".repeat(TAIL));
        let lines = log.take();
        assert_eq!(lines[0], LogLine { level: "stdout".into(), text: "hello".into() });
        assert_eq!(lines[1], LogLine { level: "stdout".into(), text: "wor".into() });
        assert_eq!(lines[2].level, "stderr");
        assert!(lines[2].text.len() <= 1000 + "…".len());
    }
}

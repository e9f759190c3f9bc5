//! What commands print: text for people, with colours only on a terminal, or JSON for programs.

use crate::commands::Failure;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::io::{IsTerminal, Write};

/// Where commands print.
pub(crate) struct Screen {
    json: bool,
    colours: bool,
}

/// How a word is shown.
#[derive(Clone, Copy)]
pub(crate) enum Tone {
    /// All is well.
    Good,
    /// Look at it.
    Warn,
    /// Something is wrong.
    Bad,
    /// A heading.
    Strong,
    /// Beside the point.
    Faint,
}

impl Screen {
    /// A screen for text, or for JSON.
    pub(crate) fn new(json: bool) -> Screen {
        #[allow(clippy::disallowed_methods, reason = "NO_COLOR is the terminals' own convention, not a setting of ours")]
        let colours = !json && std::io::stdout().is_terminal() && std::env::var("NO_COLOR").is_err();
        Screen { json, colours }
    }

    /// Whether JSON is wanted.
    pub(crate) fn is_json(&self) -> bool {
        self.json
    }

    /// Prints a line of text.
    pub(crate) fn line(&self, text: impl AsRef<str>) {
        let mut out = std::io::stdout().lock();
        // A reader that closed the pipe has seen enough.
        let _written = writeln!(out, "{}", text.as_ref());
    }

    /// Prints a value as JSON.
    pub(crate) fn json(&self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value).map_err(|error| Failure::text(error.to_string()))?;
        self.line(text);
        Ok(())
    }

    /// A word in a tone, on a terminal that shows it.
    pub(crate) fn tone(&self, tone: Tone, text: &str) -> String {
        if !self.colours {
            return text.to_owned();
        }
        let code = match tone {
            Tone::Good => 32,
            Tone::Warn => 33,
            Tone::Bad => 31,
            Tone::Strong => 1,
            Tone::Faint => 2,
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }

    /// Prints rows as a table: every column as wide as its widest cell, without colours in the cells.
    pub(crate) fn table(&self, heads: &[&str], rows: &[Vec<String>]) {
        let width = |column: usize| {
            rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0).max(heads[column].chars().count())
        };
        let widths: Vec<usize> = (0..heads.len()).map(width).collect();
        let line = |cells: &mut dyn Iterator<Item = &str>| {
            let mut text = String::new();
            for (cell, width) in cells.zip(&widths) {
                text.push_str(cell);
                text.extend(std::iter::repeat_n(' ', width + 2 - cell.chars().count().min(*width)));
            }
            text.trim_end().to_owned()
        };
        self.line(self.tone(Tone::Strong, &line(&mut heads.iter().copied())));
        for row in rows {
            self.line(line(&mut row.iter().map(String::as_str)));
        }
    }

    /// A bar for something that takes long; shown on stderr, and only on a terminal.
    pub(crate) fn progress(&self, length: u64, what: &str) -> ProgressBar {
        if self.json || !std::io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{msg:24} {bar:40} {pos}/{len} {elapsed}").unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::new(length).with_style(style).with_message(what.to_owned())
    }

    /// Says why a command failed.
    pub(crate) fn fail(&self, failure: &Failure) {
        if self.json {
            let _said = self.json(&failure.json());
            return;
        }
        let bad = if std::io::stderr().is_terminal() && self.colours { "\x1b[31merror\x1b[0m" } else { "error" };
        let mut err = std::io::stderr().lock();
        let _written = writeln!(err, "{bad}: {failure}");
    }
}

//! The program `rivals` as a child: batches of calls of other hosts and engines, on request. What it is asked and what it
//! answers is written at its head (`tests/bench/rivals/src/main.rs`).

use super::{ours::Subject, report::Series};
use crossdock_flow::{Decimal, hook::Hook};
use serde::de::DeserializeOwned;
use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

const MODES: [&str; 2] = ["reused", "fresh"];

pub(super) struct Rivals {
    /// The engines.
    pub(super) names: Vec<String>,
    process: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Rivals {
    pub(super) fn start(program: &Path) -> Rivals {
        let mut process = Command::new(program)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}; script/bench hooks --rivals builds it", program.display()));
        let (requests, answers) = (process.stdin.take(), process.stdout.take());
        let answers = BufReader::new(answers.unwrap_or_else(|| unreachable!("stdout was piped")));
        let mut rivals = Rivals { names: Vec::new(), process, requests, answers };
        rivals.names = rivals.ask("engines");
        rivals
    }

    /// All of them must come to our prices.
    pub(super) fn check(&mut self, subject: &Subject, prices: &[(u32, Decimal)]) {
        let order = serde_json::to_string(&*subject.order).unwrap_or_else(|error| panic!("{error}"));
        let () = self.ask(&format!("order {order}"));
        for name in self.names.clone() {
            for mode in MODES {
                let theirs: Vec<(u32, Decimal)> = self.ask(&format!("prices {name} {mode}"));
                assert_eq!(theirs, prices, "{name} {mode} disagrees with the plugin");
            }
        }
    }

    /// So many calls of each.
    pub(super) fn turn(&mut self, calls: usize) -> Vec<Series> {
        let mut turn = Vec::new();
        for name in self.names.clone() {
            for mode in MODES {
                let times = self.ask(&format!("time {name} {mode} {calls}"));
                turn.push(Series::new(Hook::PreMap.name(), &name, mode, times));
            }
        }
        turn
    }

    fn ask<T: DeserializeOwned>(&mut self, request: &str) -> T {
        let mut answer = String::new();
        let asked = self.requests.as_mut().map(|requests| writeln!(requests, "{request}").and_then(|()| requests.flush()));
        let read = self.answers.read_line(&mut answer);
        let short: String = request.chars().take(40).collect();
        assert!(matches!((asked, read), (Some(Ok(())), Ok(1..))), "the rivals ended at `{short}`");
        serde_json::from_str(&answer).unwrap_or_else(|error| panic!("`{short}`: {error}: {}", answer.trim_end()))
    }
}

impl Drop for Rivals {
    fn drop(&mut self) {
        // The end of its requests ends it.
        self.requests = None;
        drop(self.process.wait());
    }
}

//! One case in a host process of its own: `crossdock plugin rehearse FILE --json`, with default settings. What the
//! program says of it, how long it took, and by how much its memory had grown afterwards.

use crate::{Case, Phase, Source};
use crossdock_flow::Code;
use serde::Deserialize;
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// A host that does not answer for so long hangs.
const PATIENCE: Duration = Duration::from_secs(40);

/// Where the program is.
#[derive(Clone)]
pub struct Host(pub PathBuf);

/// What the program said.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Said {
    pub(crate) ok: bool,
    pub(crate) fault: Option<SaidFault>,
    pub(crate) ms: u64,
    pub(crate) host_rss_growth_kib: u64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct SaidFault {
    pub(crate) code: String,
    pub(crate) message: String,
}

impl Said {
    /// The code that stopped it, among those that may: for a rehearsal that failed, the code of the call.
    pub(crate) fn stopped_by(&self, case: &Case) -> Option<Code> {
        let fault = self.fault.as_ref()?;
        let rehearsed = fault.code == Code::Rehearsal.id();
        if self.ok || (!rehearsed && case.phase != Phase::Load) {
            return None;
        }
        case.expect
            .iter()
            .copied()
            .find(|code| if rehearsed { fault.message.contains(&format!("it failed on the sample order: {code} ")) } else { fault.code == code.id() })
    }
}

impl Host {
    /// Rehearses a case in a folder of its own.
    pub(crate) fn rehearse(&self, case: &Case) -> Result<Said, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let (path, _busy): (PathBuf, Box<dyn Send>) = match &case.source {
            Source::File(prepare) => prepare(folder.path()),
            _ => {
                let path = folder.path().join("plugin.wasm");
                fs::write(&path, case.bytes(true)?).map_err(|error| error.to_string())?;
                (path, Box::new(()))
            }
        };
        self.run(folder.path(), &path)
    }

    fn run(&self, folder: &Path, plugin: &Path) -> Result<Said, String> {
        let answer = folder.join("answer.json");
        let complaints = folder.join("complaints");
        let into = |path: &Path| File::create(path).map_err(|error| error.to_string());
        let mut child = Command::new(&self.0)
            .args(["plugin", "rehearse", "--json"])
            .arg(plugin)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(into(&answer)?)
            .stderr(into(&complaints)?)
            .spawn()
            .map_err(|error| format!("{}: {error}", self.0.display()))?;
        let started = Instant::now();
        let status = loop {
            match child.try_wait().map_err(|error| error.to_string())? {
                Some(status) => break status,
                None if started.elapsed() > PATIENCE => {
                    child.kill().and_then(|()| child.wait()).map_err(|error| error.to_string())?;
                    return Err(format!("the host did not answer within {PATIENCE:?}"));
                }
                None => std::thread::sleep(Duration::from_millis(2)),
            }
        };
        let text = fs::read_to_string(&answer).map_err(|error| error.to_string())?;
        serde_json::from_str(&text).map_err(|_| {
            let complaint = fs::read_to_string(&complaints).unwrap_or_default();
            format!("the host ended ({status}) without an answer: {}", complaint.lines().next().unwrap_or_default())
        })
    }
}

//! One case in a whole program: `crossdock run` with an integration of its own, and orders that need the hostile rule. For
//! what a rehearsal cannot show, because nothing outside is there in a rehearsal.

use crate::{Ask, Host, ask};
use serde_json::Value;
use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How long the program may take to be ready, and for an order.
const PATIENCE: Duration = Duration::from_secs(40);
/// Orders that need the rule: the least time of all counts, machines are noisy. Their file names make event ids of the length that
/// makes a framed case misbehave.
const ORDERS: [(&str, &str); 3] = [("try-1", "9001"), ("try-2", "9002"), ("try-3", "9003")];
/// An order in the shop's format, number 4711.
const ORDER: &str = include_str!("../../golden/plain/order.json");
const SETTINGS: &str = r#"[integration]
name = "hostile"
time-zone = "UTC"
[listen]
address = "127.0.0.1:0"
[store]
path = "crossdock.db"
[connections.shop]
kind = "clarity"
secrets = [{ file = "secret" }]
[connections.erp]
kind = "folder"
path = "out"
[orders]
from = "shop"
to = "erp"
mapping = "clarity-sagepro"
[[warehouses]]
id = "TOR"
country = "CA"
[hooks]
pre-map = ["hostile"]
[sandbox]
plugins = "plugins"
cache = "cache"
versions = "versions"
"#;

/// What became of the orders.
pub(crate) struct Ended {
    /// The code of the fault that parked them, if one did.
    pub(crate) code: Option<String>,
    /// Its message.
    pub(crate) message: String,
    /// What the guest was told by its last request.
    pub(crate) told: Option<String>,
    /// How long the call took, in milliseconds; the least of all.
    pub(crate) ms: f64,
    /// By how much the program's memory had grown, in KiB.
    pub(crate) grown_kib: u64,
}

impl Host {
    /// Lets the program run with a rule that asks the outside, gives it orders, and reads their records.
    pub(crate) fn order(&self, ask: &Ask) -> Result<Ended, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let home = folder.path();
        let write = |name: &str, bytes: &[u8]| fs::write(home.join(name), bytes).map_err(|error| error.to_string());
        fs::create_dir(home.join("plugins")).map_err(|error| error.to_string())?;
        write("plugins/hostile.wasm", &wat::parse_str(ask.component()).map_err(|error| error.to_string())?)?;
        write("secret", b"whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD")?;
        write("crossdock.toml", format!("{SETTINGS}{}", ask.settings("hostile")).as_bytes())?;
        for (name, number) in ORDERS {
            write(name, ORDER.replace("4711", number).as_bytes())?;
        }
        let mut running = Running::start(self, home)?;
        let before = running.resident();
        for (name, _) in ORDERS {
            self.say(home, &["orders", "import", name])?;
        }
        let mut stories = Vec::new();
        for (_, number) in ORDERS {
            stories.push(self.settled(home, number)?);
        }
        let grown_kib = running.resident().saturating_sub(before);
        running.stop()?;
        let runs: Vec<&Value> = stories.iter().map(|story| &story["attempts-made"][0][0]["runs"][0]).collect();
        let ms = runs.iter().filter_map(|run| run["micros"].as_u64()).min().ok_or("no run is on record")? as f64 / 1000.0;
        let fault = &stories[0]["fault"];
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Ok(Ended { code: text(&fault["code"]), message: text(&fault["message"]).unwrap_or_default(), told: ask::told(runs[0]), ms, grown_kib })
    }

    /// Waits until the one record of an order is settled.
    fn settled(&self, home: &Path, number: &str) -> Result<Value, String> {
        let started = Instant::now();
        loop {
            let said = self.say(home, &["orders", "explain", number, "--json"])?;
            let story: Value = serde_json::from_slice::<Value>(&said).map_err(|error| error.to_string())?[0].take();
            match story["state"].as_str() {
                Some("due" | "sending") if started.elapsed() < PATIENCE => thread::sleep(Duration::from_millis(20)),
                Some("due" | "sending") => return Err(format!("an order was not settled within {PATIENCE:?}")),
                _ => return Ok(story),
            }
        }
    }

    fn say(&self, home: &Path, arguments: &[&str]) -> Result<Vec<u8>, String> {
        let output = Command::new(&self.0).args(arguments).current_dir(home).output().map_err(|error| error.to_string())?;
        match output.status.success() {
            true => Ok(output.stdout),
            false => Err(format!("{arguments:?}: {}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))),
        }
    }
}

/// The program while it runs; it ends with this.
struct Running(Child);

impl Running {
    fn start(host: &Host, home: &Path) -> Result<Running, String> {
        let log = fs::File::create(home.join("log")).map_err(|error| error.to_string())?;
        let child = Command::new(&host.0)
            .args(["run", "--ready-file", "ready"])
            .current_dir(home)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|error| format!("{}: {error}", host.0.display()))?;
        let (mut running, started) = (Running(child), Instant::now());
        while !fs::read_to_string(home.join("ready")).is_ok_and(|address| address.contains(':')) {
            let ended = running.0.try_wait().map_err(|error| error.to_string())?;
            if ended.is_some() || started.elapsed() > PATIENCE {
                return Err(format!("the program did not get ready: {}", fs::read_to_string(home.join("log")).unwrap_or_default()));
            }
            thread::sleep(Duration::from_millis(2));
        }
        Ok(running)
    }

    /// Its memory in KiB; 0 where the system does not tell.
    fn resident(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
    }

    /// Asks it to stop; fails when it does not end well.
    fn stop(&mut self) -> Result<(), String> {
        let asked = Command::new("kill").arg(self.0.id().to_string()).status();
        let ended = asked.and_then(|_| self.0.wait()).map_err(|error| error.to_string())?;
        if ended.success() { Ok(()) } else { Err(format!("the program ended badly: {ended}")) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, unless something went wrong before.
        drop(self.0.kill().and_then(|()| self.0.wait()));
    }
}

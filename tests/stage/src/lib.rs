//! Sets the stage: a simulated shop, a simulated ERP and the host as a process of its own, on loopback with free ports.
//! Used by the demo, the tests and the benchmarks, so that all see the same. It asserts nothing.

pub mod oracle;
pub mod warehouses;

use crossdock_partners::{
    clarity::Clarity,
    orders::Generated,
    sagepro::{self, SagePro},
    sender::{self, Hook, Sent},
};
use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

const SAGEPRO_TOKEN: &str = "stage-sagepro-token";
const CLARITY_TOKEN: &str = "stage-clarity-token";

/// What the stage looks like.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The program `crossdock`.
    pub program: PathBuf,
    /// Where settings, store and log go. Must be empty.
    pub data: PathBuf,
    /// Where plugins are.
    pub plugins: PathBuf,
    /// The ERP; its token is set by the stage.
    pub sagepro: sagepro::Options,
    /// Settings of `[hooks]`, as TOML lines; empty for all plugins that are there.
    pub hooks: String,
    /// Further lines of `[orders]`, as TOML.
    pub orders: String,
    /// Further lines of `[connections.shop]`, as TOML.
    pub shop: String,
    /// A second shop beside the first: all lines of `[connections.outlet]`, as TOML; `{url}` in it is where a second simulated
    /// Clarity runs. Its webhooks are signed by [`crossdock_partners::signature::OTHER`], `STAGE_OUTLET_SECRET`.
    pub outlet: Option<String>,
    /// Further lines of `[connections.erp]`, as TOML.
    pub erp: String,
    /// Where the host believes the ERP to be; the simulated one when it is none.
    pub erp_url: Option<String>,
    /// Further lines of `[sandbox]`, as TOML.
    pub sandbox: String,
    /// Settings of `[plugins.…]`, as TOML.
    pub plugin_settings: String,
    /// Settings of `[sync.…]` and whatever else stands by itself, as TOML.
    pub extra: String,
    /// Records worked on at the same time.
    pub workers: usize,
    /// Calls to the ERP at the same time.
    pub concurrency: usize,
    /// Timeout of one call to the ERP.
    pub timeout: Duration,
    /// The waits between tries, as TOML texts.
    pub retry: Vec<&'static str>,
    /// The host's log level.
    pub log: &'static str,
    /// What else the host finds in its environment, by name; the commands do not.
    pub environment: Vec<(&'static str, String)>,
}

impl Plan {
    /// A plan with the demo's warehouses and rules.
    pub fn new(program: impl Into<PathBuf>, data: impl Into<PathBuf>, plugins: impl Into<PathBuf>) -> Plan {
        Plan {
            program: program.into(),
            data: data.into(),
            plugins: plugins.into(),
            sagepro: sagepro::Options { items: warehouses::stock(), ..Default::default() },
            hooks: "pre-map = [\"order-hold\", \"segment-discount\"]\nroute-order = \"warehouse-routing\"\npost-map = [\"sales-tagging\"]\n".into(),
            // The simulated shop lists its orders from the start: only what changes later is what no webhook brought.
            orders: "poll-overlap = \"0s\"\n".into(),
            shop: String::new(),
            outlet: None,
            erp: String::new(),
            erp_url: None,
            sandbox: String::new(),
            plugin_settings: RULES.into(),
            extra: String::new(),
            workers: 64,
            concurrency: 8,
            timeout: Duration::from_secs(5),
            retry: vec!["200ms", "500ms", "1s", "2s", "5s", "5s", "5s", "10s", "10s", "10s"],
            log: "warn",
            environment: Vec::new(),
        }
    }
}

/// The settings of the demo's rules.
pub const RULES: &str = r#"
[plugins.segment-discount.settings]
segment = "wholesale"
breaks = { 5 = "5", 10 = "10" }

[plugins.order-hold.settings]
limit = { CAD = "9000", USD = "9000", EUR = "9000", JPY = "900000" }

[plugins.sales-tagging.settings]
terms = { wholesale = "NET30", retail = "PREPAID", vip = "NET15" }
salesperson = { ON = "KIM", BC = "LEE", NY = "ANN" }
territory = { ON = "EAS", BC = "WES", NY = "NYC" }
gl = { apparel = "4010-100", electronics = "4010-200", hazmat = "4010-300", housewares = "4010-400", furniture = "4010-500" }
"#;

/// Both partners and the host, running. All end when it is dropped.
pub struct Stage {
    plan: Plan,
    /// The ERP.
    pub sagepro: SagePro,
    /// The shop.
    pub clarity: Clarity,
    /// The Clarity of a second shop, without orders; where the plan has none, nobody asks it.
    pub outlet: Clarity,
    host: Option<Child>,
    address: String,
    client: reqwest::Client,
}

impl Stage {
    /// Starts the partners, writes the settings, starts the host and waits until it is ready.
    pub async fn start(plan: Plan, orders: &[Generated]) -> io::Result<Stage> {
        let mut stage = Stage::set(plan, orders)?;
        stage.restart().await?;
        Ok(stage)
    }

    /// Starts the partners only: the host comes with [`Stage::launch`] or [`Stage::restart`].
    pub fn set(mut plan: Plan, orders: &[Generated]) -> io::Result<Stage> {
        fs::create_dir_all(&plan.data)?;
        plan.data = fs::canonicalize(&plan.data)?;
        fs::create_dir_all(&plan.plugins)?;
        plan.plugins = fs::canonicalize(&plan.plugins)?;
        plan.sagepro.token = SAGEPRO_TOKEN.into();
        let sagepro = SagePro::start(plan.sagepro.clone());
        let (clarity, outlet) = (Clarity::start(CLARITY_TOKEN, orders), Clarity::start(CLARITY_TOKEN, &[]));
        Ok(Stage { plan, sagepro, clarity, outlet, host: None, address: "127.0.0.1:0".into(), client: sender::client() })
    }

    /// The settings file.
    pub fn settings(&self) -> PathBuf {
        self.plan.data.join("crossdock.toml")
    }

    /// The folder of the store and the log.
    pub fn data(&self) -> &Path {
        &self.plan.data
    }

    /// Where webhooks go.
    pub fn webhooks(&self) -> String {
        self.webhooks_of("shop")
    }

    /// Where webhooks of a connection go.
    pub fn webhooks_of(&self, connection: &str) -> String {
        format!("http://{}/webhooks/{connection}", self.address)
    }

    /// Starts the host, again on the same port, and waits until it is ready. Fails when it ends before that.
    pub async fn restart(&mut self) -> io::Result<()> {
        self.launch()?;
        match self.ready().await? {
            None => Ok(()),
            Some(status) => {
                let log = fs::read_to_string(self.log()).unwrap_or_default();
                Err(io::Error::other(format!("the host did not get ready ({status}):\n{log}")))
            }
        }
    }

    /// Starts the host, again on the same port, and does not wait for it.
    pub fn launch(&mut self) -> io::Result<()> {
        let plan = &self.plan;
        fs::write(self.settings(), self.settings_text())?;
        // A file of the run before would say too early that it is ready.
        drop(fs::remove_file(self.ready_file()));
        let log = File::options().create(true).append(true).open(self.log())?;
        let host = Command::new(&plan.program)
            .args(["run", "--settings"])
            .arg(self.settings())
            .arg("--ready-file")
            .arg(self.ready_file())
            .envs(self.environment())
            .envs(plan.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()?;
        self.host = Some(host);
        Ok(())
    }

    /// Waits until the host is ready, or has ended: then says how. Fails after a minute without either.
    pub async fn ready(&mut self) -> io::Result<Option<ExitStatus>> {
        let patience = Instant::now() + Duration::from_secs(60);
        loop {
            if let Ok(address) = fs::read_to_string(self.ready_file())
                && address.contains(':')
            {
                self.address = address;
                return Ok(None);
            }
            if let Some(status) = self.ended()? {
                return Ok(Some(status));
            }
            if Instant::now() > patience {
                self.kill()?;
                return Err(io::Error::other("the host did not get ready within a minute"));
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    /// How the host ended, once it has; nothing while it runs, and when there is none.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        let Some(host) = &mut self.host else { return Ok(None) };
        let status = host.try_wait()?;
        if status.is_some() {
            self.host = None;
        }
        Ok(status)
    }

    /// Sets what else the host finds in its environment when it starts the next time.
    pub fn set_environment(&mut self, environment: Vec<(&'static str, String)>) {
        self.plan.environment = environment;
    }

    /// What the host has to say for itself, from all its runs.
    pub fn log(&self) -> PathBuf {
        self.plan.data.join("host.log")
    }

    fn ready_file(&self) -> PathBuf {
        self.plan.data.join("ready")
    }

    /// What the host and the commands need in their environment.
    pub fn environment(&self) -> [(&'static str, &'static str); 5] {
        [
            ("STAGE_WEBHOOK_SECRET", crossdock_partners::signature::SECRET),
            ("STAGE_CLARITY_TOKEN", CLARITY_TOKEN),
            ("STAGE_SAGEPRO_TOKEN", SAGEPRO_TOKEN),
            ("CROSSDOCK_LOG", self.plan.log),
            ("STAGE_OUTLET_SECRET", crossdock_partners::signature::OTHER),
        ]
    }

    /// Runs another command of the program with the same settings and gives what it printed.
    pub fn command(&self, arguments: &[&str]) -> io::Result<std::process::Output> {
        Command::new(&self.plan.program).args(arguments).arg("--settings").arg(self.settings()).envs(self.environment()).output()
    }

    /// Kills the host at once, with SIGKILL.
    pub fn kill(&mut self) -> io::Result<()> {
        let Some(mut host) = self.host.take() else { return Ok(()) };
        host.kill()?;
        host.wait().map(drop)
    }

    /// Asks the host to stop, with SIGTERM, and waits until it has. Says whether it ended well.
    pub fn stop(&mut self) -> io::Result<bool> {
        let Some(mut host) = self.host.take() else { return Ok(true) };
        Command::new("kill").arg(host.id().to_string()).status()?;
        Ok(host.wait()?.success())
    }

    /// The host's process id, while it runs.
    pub fn process(&self) -> Option<u32> {
        self.host.as_ref().map(Child::id)
    }

    /// Sends webhooks like the shop.
    pub async fn send(&self, hooks: &[Hook], options: &sender::Options) -> Vec<Sent> {
        sender::send(&self.webhooks(), hooks, options).await
    }

    /// Sends webhooks like the second shop.
    pub async fn send_from_outlet(&self, hooks: &[Hook], options: &sender::Options) -> Vec<Sent> {
        let options = sender::Options { secret: crossdock_partners::signature::OTHER.into(), ..options.clone() };
        sender::send(&self.webhooks_of("outlet"), hooks, &options).await
    }

    /// How many records stand in a state, as the host says.
    pub async fn count(&self, states: &[&str]) -> io::Result<u64> {
        let health = self.health().await?;
        let records = health["records"]["records"].as_array().cloned().unwrap_or_default();
        Ok(records.iter().filter(|row| states.iter().any(|state| row[0] == *state)).filter_map(|row| row[1].as_u64()).sum())
    }

    /// What the host says of itself.
    pub async fn health(&self) -> io::Result<serde_json::Value> {
        let url = format!("http://{}/health", self.address);
        let answer = self.client.get(url).send().await.map_err(io::Error::other)?;
        answer.json().await.map_err(io::Error::other)
    }

    /// Waits until nothing is due or under way; gives up after `patience`.
    pub async fn drain(&self, patience: Duration) -> io::Result<()> {
        let end = Instant::now() + patience;
        while self.count(&["due", "sending"]).await? > 0 {
            if Instant::now() > end {
                return Err(io::Error::other(format!("orders are still under way: {}", self.health().await?)));
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    fn settings_text(&self) -> String {
        let outlet = self.plan.outlet.as_ref().map(|lines| format!("[connections.outlet]\n{}\n\n", lines.replace("{url}", &self.outlet.url())));
        let from = if outlet.is_some() { r#"["shop", "outlet"]"# } else { r#""shop""# };
        let outlet = outlet.unwrap_or_default();
        let Plan { plugins, hooks, orders, shop, erp, sandbox, plugin_settings, extra, workers, concurrency, timeout, retry, .. } = &self.plan;
        format!(
            r#"# Written for a simulated shop and a simulated ERP.
[integration]
name = "stage"
time-zone = "America/Toronto"

[listen]
address = "{}"

[store]
path = "crossdock.db"

[connections.shop]
kind = "clarity"
secrets = [{{ env = "STAGE_WEBHOOK_SECRET" }}]
api = "{}"
token = {{ env = "STAGE_CLARITY_TOKEN" }}
{shop}

{outlet}[connections.erp]
kind = "sagepro"
url = "{}"
token = {{ env = "STAGE_SAGEPRO_TOKEN" }}
timeout = "{}ms"
concurrency = {concurrency}
{erp}

[orders]
from = {from}
to = "erp"
mapping = "clarity-sagepro"
stock-every = "1s"
workers = {workers}
retry = {retry:?}
look-up-after = "100ms"
{orders}

{}
[sandbox]
plugins = "{}"
cache = "cache"
versions = "versions"
{sandbox}

{}{hooks}{plugin_settings}
{extra}"#,
            self.address,
            self.clarity.url(),
            self.plan.erp_url.clone().unwrap_or_else(|| self.sagepro.url()),
            timeout.as_millis(),
            warehouses::SETTINGS,
            plugins.display(),
            if hooks.is_empty() { "" } else { "[hooks]\n" },
        )
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // Nothing is left to do when it has ended by itself.
        drop(self.kill());
    }
}

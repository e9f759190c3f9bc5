//! One run: sets the stage, lets the shop tell its script slice by slice, kills the host after each slice, and hands
//! everything to the judge at the end.

use crate::{
    judge::{self, Judgement, Promise},
    kills::{self, CRASH_AT, Kill},
    report::{Report, Tally},
    script::{How, Polls, Script},
};
use crossdock_partners::{
    faults::{Fault, On},
    random::Random,
    sender::{self, Sent},
};
use crossdock_stage::{Plan, Stage};
use std::{
    collections::{HashSet, VecDeque},
    io,
    os::unix::process::ExitStatusExt,
    path::PathBuf,
    process::ExitStatus,
    time::{Duration, Instant},
};
use tokio::{sync::watch, time::sleep};

/// The wholesale breaks of the stage's rules.
const BREAKS: [(i64, i64); 2] = [(5, 5), (10, 10)];
/// How long a step is waited for before the host is killed all the same.
const PATIENCE: Duration = Duration::from_secs(8);
/// How often a step is tried again that was not reached.
const AGAIN: u32 = 5;
/// A step may use the events of so many kills.
const QUOTA: usize = 4;
/// Of those the next comes when only so many orders are under way: on a busy machine, too, an order is at the ERP before it
/// is changed or cancelled.
const FEW: u64 = 12;
/// How often it is looked whether the host lives.
const TICK: Duration = Duration::from_millis(2);
/// How long the end may take: everything acknowledged, nothing under way.
const END: Duration = Duration::from_secs(240);

/// What to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The program `crossdock`.
    pub program: PathBuf,
    /// The folder with the example plugins.
    pub plugins: PathBuf,
    /// Where settings, store and log go; must be empty.
    pub data: PathBuf,
    /// How many orders.
    pub orders: usize,
    /// How many kills at least.
    pub kills: usize,
    /// Decides orders, events, faults and kills.
    pub seed: u64,
    /// How long the ERP is away in the middle of the run.
    pub outage: Duration,
    /// Whether the host asks the shop what changed.
    pub polls: Polls,
}

/// Runs it. Fails when the host ends by itself, a step is never reached, or the end does not come; what the judge says is in
/// the report.
pub async fn run(options: &Options, tell: &dyn Fn(&str)) -> io::Result<Report> {
    let begun = Instant::now();
    let script = Script::write(options.orders, options.seed, options.polls);
    let mut stage = Stage::set(plan(options), &[])?;
    fail_at_random(&stage);
    // A first life, so that the address is known to the shop.
    stage.restart().await?;
    let (gate, opened) = watch::channel(0);
    let hooks = script.moments.iter().filter_map(|moment| script.hook(*moment)).cloned().collect();
    let url = stage.webhooks();
    let patient = sender::Options {
        tries: u32::MAX,
        wait: Duration::from_millis(5),
        longest_wait: Duration::from_millis(200),
        timeout: Duration::from_secs(5),
        ..sender::Options::default()
    };
    let sending = tokio::spawn(async move { sender::send_through(&url, hooks, &patient, &opened).await });
    stage.kill()?;
    let mut director = Director {
        stage,
        script: &script,
        gate,
        told: 0,
        sent: 0,
        random: Random::new(options.seed ^ 0xD15C),
        tally: Tally { at_random: 1, ..Tally::default() },
    };
    director.kill_all(options, tell).await?;
    tell("the last life: everything is sent, nobody is killed any more");
    let sent = director.finish(sending).await?;
    let Director { stage, tally, .. } = director;
    let (judgement, records) = settled(&stage, &script, &sent, options).await?;
    Ok(Report::new(options, &script, &sent, tally, judgement, &records, begun.elapsed()))
}

fn plan(options: &Options) -> Plan {
    let plan = Plan::new(&options.program, &options.data, &options.plugins);
    let mut retry = vec!["50ms", "100ms", "200ms", "500ms", "1s", "2s"];
    // An outage costs no order its last try.
    retry.resize(6 + 10 + usize::try_from(options.outage.as_secs()).unwrap_or_default() / 2, "5s");
    // A rule that is slow because the machine has much else to do is not what is looked for here.
    let limits = ["segment-discount", "warehouse-routing", "sales-tagging"]
        .map(|rule| format!("\n[plugins.{rule}.limits]\ntime = \"30s\"\ncompile-time = \"120s\"\n"))
        .concat();
    Plan {
        // Nothing waits for a person because a rule says so.
        hooks: plan.hooks.replace("\"order-hold\", ", ""),
        plugin_settings: plan.plugin_settings.clone() + &limits,
        sagepro: crossdock_partners::sagepro::Options { seed: options.seed, ..plan.sagepro },
        orders: match options.polls {
            Polls::On => "poll-every = \"2s\"\npoll-overlap = \"10s\"\n".into(),
            Polls::Off => String::new(),
        },
        timeout: Duration::from_millis(500),
        retry,
        ..plan
    }
}

/// Of the ERP's writes 5 % are done without an answer, 5 % end in an error (half of them done), 2 % are too many; many are
/// slow, so that kills find documents under way.
fn fail_at_random(stage: &Stage) {
    let faults = stage.sagepro.faults();
    for on in [On::Create, On::Change, On::Cancel] {
        for fault in [Fault::SilenceAfter, Fault::CloseAfter, Fault::ErrorBefore, Fault::ErrorAfter] {
            faults.share(on, 25, fault);
        }
        faults.share(on, 10, Fault::RateLimit(0));
        faults.share(on, 10, Fault::RateLimit(1));
        faults.share(on, 300, Fault::Slow(10));
    }
}

/// What came of one kill.
enum Ended {
    /// By its own hand, at the step that was asked for.
    AtStep,
    /// By ours.
    ByHand,
    /// Before it was ready.
    Starting,
}

struct Director<'s> {
    stage: Stage,
    script: &'s Script,
    gate: watch::Sender<usize>,
    /// Moments that have come.
    told: usize,
    /// Of those, the ones with a webhook.
    sent: usize,
    random: Random,
    tally: Tally,
}

impl Director<'_> {
    /// Kill after kill, each with its slice of the script; in the middle the ERP is away for a while.
    async fn kill_all(&mut self, options: &Options, tell: &dyn Fn(&str)) -> io::Result<()> {
        let mut kills: VecDeque<(Kill, u32)> = kills::plan(options.kills, options.seed).into_iter().map(|kill| (kill, 0)).collect();
        let outage_at = kills.len() / 2;
        let every = (kills.len() / 10).max(1);
        while let Some((kill, tries)) = kills.pop_front() {
            if kills.len() == outage_at && !options.outage.is_zero() {
                tell(&format!("the ERP is away for {:?}", options.outage));
                self.outage(options.outage).await?;
            }
            let slice = (self.script.moments.len() - self.told) / (kills.len() + 1);
            let ended = self.live(kill, slice).await?;
            match (kill, &ended) {
                (Kill::At { step, .. }, Ended::AtStep) => *self.tally.at_steps.entry(step).or_default() += 1,
                (_, Ended::Starting) => self.tally.starting += 1,
                _ => self.tally.at_random += 1,
            }
            if let (Kill::At { step, .. }, Ended::ByHand) = (kill, ended)
                && tries < AGAIN
            {
                // Somewhat later, and at its first passage.
                let place = kills.len().min(3);
                kills.insert(place, (Kill::At { step, passage: 1 }, tries + 1));
            }
            if kills.len().is_multiple_of(every) {
                tell(&format!("{} kills, {} of {} events told", self.tally.kills(), self.told, self.script.moments.len()));
            }
        }
        Ok(())
    }

    /// One life of the host, with a slice of the script, until it is killed.
    async fn live(&mut self, kill: Kill, slice: usize) -> io::Result<Ended> {
        let at = match kill {
            Kill::At { step, passage } => vec![(CRASH_AT, format!("{step}:{passage}"))],
            _ => Vec::new(),
        };
        self.stage.set_environment(at);
        let launched = Instant::now();
        self.stage.launch()?;
        if let Kill::Starting(wait) = kill {
            self.open(slice);
            return self.die_within(wait, 0, Ended::Starting).await;
        }
        if let Some(status) = self.stage.ready().await? {
            // Work of the life before may bring it to its step before it is ready.
            return self.fell(status).map(|()| Ended::AtStep);
        }
        self.tally.starts.push(launched.elapsed());
        // The host may be gone again by now.
        let left_over = self.stage.count(&["due", "sending"]).await.unwrap_or_default();
        self.tally.with_work += usize::from(left_over > 0);
        match kill {
            Kill::Starting(wait) | Kill::Idling(wait) => self.die_within(wait, slice, Ended::ByHand).await,
            Kill::Busy(wait) => {
                sleep(Duration::from_millis(self.random.below(100))).await;
                self.open(slice);
                self.die_within(wait, 0, Ended::ByHand).await
            }
            Kill::At { .. } => {
                self.open(slice);
                let (mut quota, end) = (slice * (QUOTA - 1), Instant::now() + PATIENCE);
                while Instant::now() < end {
                    if let Some(status) = self.stage.ended()? {
                        return self.fell(status).map(|()| Ended::AtStep);
                    }
                    if quota > 0 && self.stage.count(&["due", "sending"]).await.is_ok_and(|left| left <= FEW) {
                        self.open(1);
                        quota -= 1;
                    }
                    sleep(2 * TICK).await;
                }
                self.stage.kill()?;
                Ok(Ended::ByHand)
            }
        }
    }

    /// Kills the host after a time, over which so many moments are spread.
    async fn die_within(&mut self, wait: Duration, moments: usize, ended: Ended) -> io::Result<Ended> {
        let (begun, mut open) = (Instant::now(), 0);
        loop {
            let passed = begun.elapsed().as_secs_f64() / wait.as_secs_f64().max(0.001);
            let now = (moments as f64 * passed.min(1.0)) as usize;
            self.open(now - open);
            open = now;
            if let Some(status) = self.stage.ended()? {
                return Err(io::Error::other(format!("the host ended by itself ({status}); see {}", self.stage.log().display())));
            }
            if passed >= 1.0 {
                self.stage.kill()?;
                return Ok(ended);
            }
            sleep(TICK.min(wait - begun.elapsed().min(wait))).await;
        }
    }

    /// A host that died must have died by SIGKILL.
    fn fell(&self, status: ExitStatus) -> io::Result<()> {
        const SIGKILL: i32 = 9;
        if status.signal() == Some(SIGKILL) {
            return Ok(());
        }
        Err(io::Error::other(format!("the host ended by itself ({status}); see {}", self.stage.log().display())))
    }

    /// The ERP is away, the shop goes on, and the host is killed now and then.
    async fn outage(&mut self, long: Duration) -> io::Result<()> {
        self.stage.sagepro.outage();
        let lives = u32::try_from(long.as_secs() / 5).unwrap_or(1).clamp(1, 10);
        let slice = self.script.moments.len() / 20 / lives as usize;
        let end = Instant::now() + long;
        for life in 0..lives {
            let left = end.saturating_duration_since(Instant::now());
            self.live(Kill::Idling(left / (lives - life)), slice).await?;
            self.tally.at_random += 1;
        }
        self.stage.sagepro.recover();
        Ok(())
    }

    /// Lets so many more moments come: the shop has the version first, and then tells of it.
    fn open(&mut self, moments: usize) {
        let until = (self.told + moments).min(self.script.moments.len());
        for moment in &self.script.moments[self.told..until] {
            self.stage.clarity.upsert(&self.script.orders[moment.order].versions[moment.version].order);
            self.sent += usize::from(moment.how != How::Untold);
        }
        self.told = until;
        // Nobody waits at the gate any more once the sender is through.
        self.gate.send_replace(self.sent);
    }

    /// The last life: nobody is killed any more.
    async fn finish(&mut self, sending: tokio::task::JoinHandle<Vec<Sent>>) -> io::Result<Vec<Sent>> {
        self.stage.set_environment(Vec::new());
        self.stage.restart().await?;
        self.open(self.script.moments.len());
        tokio::time::timeout(END, sending).await.map_err(|_| io::Error::other("not everything is acknowledged in the end"))?.map_err(io::Error::other)
    }
}

/// Waits until the host has nothing more to do and has found what nobody told it, then judges.
async fn settled(stage: &Stage, script: &Script, sent: &[Sent], options: &Options) -> io::Result<(Judgement, Vec<judge::Record>)> {
    let acknowledged: HashSet<&str> = sent.iter().filter(|sent| sent.acknowledged()).map(|sent| &*sent.id).collect();
    let promises: Vec<Promise<'_>> = script
        .orders
        .iter()
        .filter_map(|order| {
            let is_promised = |version: &crossdock_partners::history::Version| options.polls == Polls::On || acknowledged.contains(&*version.hook.id);
            order.versions.iter().rposition(is_promised).map(|newest| Promise { order, newest })
        })
        .collect();
    let end = Instant::now() + END;
    loop {
        stage.drain(END).await?;
        let list = stage.command(&["orders", "list", "--most", "0", "--json"])?;
        let list = serde_json::from_slice(&list.stdout).map_err(|_| {
            io::Error::other(format!("`orders list` failed: {}{}", String::from_utf8_lossy(&list.stdout), String::from_utf8_lossy(&list.stderr)))
        })?;
        let records = judge::records(&list);
        let judgement = judge::judge(&promises, &stage.sagepro.books(), &records, &BREAKS);
        // What was never told is found by the next poll, which nobody can hurry.
        if judgement.is_kept() || options.polls == Polls::Off || Instant::now() > end {
            return Ok((judgement, records));
        }
        sleep(Duration::from_millis(500)).await;
    }
}

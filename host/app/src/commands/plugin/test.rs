//! `crossdock plugin test`: golden cases, what should be true of every rule, and how its fuel grows.

use super::{Failure, Home};
use crate::screen::{Screen, Tone};
use crossdock_flow::{
    Code,
    hook::{Hook, Plugin},
    sample,
};
use crossdock_sandbox::{Limits, Loaded, Sandbox};
use crossdock_workshop::{
    Around, Case, case, entity,
    golden::{self, Golden},
    orders, projection,
    properties::{self, Finding, Property},
    trial,
};
use serde_json::{Value, json};
use std::{path::Path, sync::Arc};

/// How to test.
pub(super) struct How<'h> {
    /// Where the golden cases are.
    pub cases: Option<&'h Path>,
    /// Whether today's answers are the expected ones from now on.
    pub bless: bool,
    /// Whether that is all.
    pub cases_only: bool,
}

pub(super) async fn test(home: &Home, sandbox: &Sandbox, plugin: &Path, how: How<'_>, screen: &Screen) -> Result<(), Failure> {
    let mut opened = home.open(plugin, screen)?;
    let folder = how.cases.map(Path::to_owned).or_else(|| opened.project.as_ref().map(|project| project.cases()));
    let cases = folder.map_or_else(|| Ok(Vec::new()), |folder| golden::read(&folder))?;
    // How long compiling may take is the host's to say, and not what is tested: a busy machine is no reason to fail.
    let compiling = &mut opened.own.terms.limits.compile_time;
    *compiling = Limits::scripted().compile_time.max(*compiling);
    // A plugin that needs settings cannot even be loaded without: those of a case are as good as any.
    let mut loaded = home.load(sandbox, &opened).await;
    for settings in cases.iter().filter_map(|golden| golden.case.settings.clone()) {
        if !loaded.as_ref().is_err_and(|fault| fault.code == Code::Rehearsal) {
            break;
        }
        opened.own.terms.settings = settings;
        loaded = home.load(sandbox, &opened).await;
    }
    let loaded = loaded?;
    let bench = Bench { loaded, around: home.around(&opened.name) };
    let outcomes = bench.cases(&cases, how.bless).await?;
    let (mut findings, mut grows) = (Vec::new(), Vec::new());
    if !how.cases_only {
        let own = bench.own(cases);
        let tries = |property: &Property| opened.project.as_ref().map_or(*property != Property::Idempotent, |project| project.tries(*property));
        for property in Property::ALL.into_iter().filter(tries) {
            findings.push(properties::check(property, &|case| bench.rule(case), &own, &bench.around).await);
        }
        // How large a customer or product gets is nothing that grows from case to case: `maximum` tries it.
        for hook in bench.loaded.hooks().into_iter().filter(|hook| Hook::ORDERS.contains(hook)) {
            let case = own.iter().find(|case| case.asks(hook)).cloned().unwrap_or_else(sample_order);
            grows.push((hook, bench.project(hook, &case).await));
        }
    }
    let failed = outcomes.iter().any(|outcome| outcome.wrong.is_some()) || findings.iter().any(|finding| finding.failure.is_some());
    if screen.is_json() {
        screen.json(&json!({
            "plugin": opened.name, "version": bench.loaded.facts().sha256, "size": bench.loaded.facts().size, "ok": !failed,
            "build_ms": opened.built.map(|built| built.as_millis()),
            "cases": outcomes.iter().map(|outcome| json!({ "case": outcome.name, "ok": outcome.wrong.is_none(), "blessed": outcome.blessed, "difference": outcome.wrong })).collect::<Vec<_>>(),
            "properties": findings.iter().map(finding_json).collect::<Vec<_>>(),
            "fuel": grows.iter().map(|(hook, grows)| json!({ "hook": hook, "projection": grows })).collect::<Vec<_>>(),
        }))?;
    } else {
        outcomes.iter().for_each(|outcome| outcome.print(screen));
        findings.iter().for_each(|finding| print_finding(finding, screen));
        grows.iter().for_each(|(hook, grows)| print_growth(*hook, grows, screen));
    }
    match failed {
        false => Ok(()),
        true if screen.is_json() => Err(Failure::Printed),
        true => Err(Failure::text(format!("`{}` does not pass", opened.name))),
    }
}

/// The plugin under test.
struct Bench {
    loaded: Loaded,
    around: Around,
}

/// The order that stands in where the author has none.
fn sample_order() -> Case {
    Case::of("a sample order", sample::order(3))
}

/// A failing case as a file of its hook.
fn shown(failure: &properties::Failure) -> Value {
    if Hook::ORDERS.contains(&failure.hook) { case::to_json(&failure.case) } else { entity::to_json(&failure.case, failure.hook) }
}

/// What came of one golden case.
struct Outcome {
    name: String,
    blessed: bool,
    wrong: Option<Vec<String>>,
}

impl Bench {
    /// The plugin with the settings of a case.
    fn rule(&self, case: &Case) -> Arc<dyn Plugin> {
        Arc::new(case.settings.as_ref().map_or_else(|| self.loaded.clone(), |settings| self.loaded.with_settings(settings.clone())))
    }

    /// The cases that properties start from: the author's, and samples for hooks that no case has something for. What a case says
    /// of settings is the author's own, so where samples stand in they are tried with those, too.
    fn own(&self, cases: Vec<Golden>) -> Vec<Case> {
        let mut own: Vec<Case> = cases.into_iter().map(|golden| golden.case).collect();
        let settings = own.iter().find_map(|case| case.settings.clone());
        let samples = std::iter::once(sample_order()).chain(entity::samples());
        let hooks = self.loaded.hooks();
        let missing: Vec<Case> = samples
            .filter(|sample| hooks.iter().any(|hook| sample.asks(*hook)) && !own.iter().any(|case| sample.hooks.iter().any(|hook| case.asks(*hook))))
            .map(|sample| Case { settings: settings.clone(), ..sample })
            .collect();
        own.extend(missing);
        own
    }

    async fn cases(&self, cases: &[Golden], bless: bool) -> Result<Vec<Outcome>, Failure> {
        let mut outcomes = Vec::new();
        for golden in cases {
            let found = golden::answers(&*self.rule(&golden.case), &golden.case, &self.around).await;
            let wrong = golden::judge(&golden.expected, &found);
            let differs = !wrong.is_empty();
            if bless && differs {
                golden::bless(golden, &found).map_err(|(file, error)| Failure::text(format!("{}: {error}", file.display())))?;
            }
            outcomes.push(Outcome { name: golden.case.name.clone(), blessed: bless && differs, wrong: (differs && !bless).then_some(wrong) });
        }
        Ok(outcomes)
    }

    /// Measures the fuel of one hook on larger and larger orders, with as much of everything as it takes.
    async fn project(&self, hook: Hook, case: &Case) -> projection::Projection {
        let limits = self.loaded.limits();
        let free = Limits { fuel: limits.fuel.saturating_mul(1_000), time: limits.time.saturating_mul(100), ..limits.clone() };
        let settings = case.settings.clone();
        let loaded = self.loaded.with_limits(free);
        let loaded = settings.map_or_else(|| loaded.clone(), |settings| loaded.with_settings(settings));
        let mut measured = Vec::new();
        for lines in projection::SIZES {
            let case = orders::with(case, orders::stretched(&case.order, lines));
            let run = trial::call(&loaded, hook, &case, &self.around).await.run;
            measured.push((lines as u64, run.fuel));
        }
        projection::project(&measured, projection::Budget { fuel: limits.fuel, per_line: limits.fuel_per_line })
    }
}

impl Outcome {
    fn print(&self, screen: &Screen) {
        match &self.wrong {
            None if self.blessed => screen.line(format!("{} case {}: written down", screen.tone(Tone::Warn, "new "), self.name)),
            None => screen.line(format!("{} case {}", screen.tone(Tone::Good, "ok  "), self.name)),
            Some(lines) => {
                screen.line(format!("{} case {}", screen.tone(Tone::Bad, "FAIL"), self.name));
                lines.iter().for_each(|line| screen.line(format!("       {line}")));
            }
        }
    }
}

fn finding_json(finding: &Finding) -> Value {
    json!({
        "property": finding.property, "ok": finding.failure.is_none(), "tries": finding.tries,
        "failure": finding.failure.as_ref().map(|failure| json!({ "hook": failure.hook, "why": failure.why, "order": shown(failure) })),
    })
}

fn print_finding(finding: &Finding, screen: &Screen) {
    let name = finding.property.name();
    match &finding.failure {
        None if finding.tries == 0 => screen.line(format!("{} {name}: says nothing of its hooks", screen.tone(Tone::Faint, "-   "))),
        None => screen.line(format!("{} {name}: {} tries", screen.tone(Tone::Good, "ok  "), finding.tries)),
        Some(failure) => {
            screen.line(format!("{} {name} at {}: {}", screen.tone(Tone::Bad, "FAIL"), failure.hook, failure.why));
            let what = match failure.hook {
                Hook::PreMapCustomer => "a customer",
                Hook::PreMapProduct => "a product",
                Hook::PreMap | Hook::RouteOrder | Hook::PostMap => "the smallest order",
            };
            screen.line(format!("       {what} that shows it (excuses = [\"…\"] in plugin.toml, if it is meant to be so):"));
            let order = serde_json::to_string_pretty(&shown(failure)).unwrap_or_default();
            order.lines().for_each(|line| screen.line(format!("       {line}")));
        }
    }
}

fn print_growth(hook: Hook, grows: &projection::Projection, screen: &Screen) {
    let points: Vec<String> = grows.measured.iter().map(|(lines, fuel)| format!("{fuel} at {lines}")).collect();
    let fate = match grows.fails_near {
        None => "would not run out at any size".to_owned(),
        Some(lines) => format!("would fail near {lines} lines"),
    };
    let tone = if grows.fails_near.is_some_and(|lines| lines <= 1_000) { screen.tone(Tone::Warn, "fuel") } else { "fuel".to_owned() };
    screen.line(format!("{tone} {hook}: {} % of the budget at 100 lines; {fate}", grows.percent_at_100));
    screen.line(screen.tone(Tone::Faint, &format!("       {} lines", points.join(", "))));
}

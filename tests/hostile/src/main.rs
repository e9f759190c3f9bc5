//! `crossdock-hostile`: runs every hostile case against the program and the sandbox, prints what was measured, and exits
//! with 1 when one is not stopped as expected.

use clap::Parser;
use crossdock_hostile::{Finding, Host, Inside, Judge, cases, json, markdown, table};
use std::{path::PathBuf, process::ExitCode};

/// Plugins that try to hurt their host, and how each is stopped.
#[derive(Parser)]
#[command(name = "crossdock-hostile", after_help = "Run it by `script/test hostile`: it builds the program and the plugins first.")]
struct Options {
    /// Only cases whose name contains this
    filter: Option<String>,
    /// Print JSON
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print a table for the documentation
    #[arg(long)]
    markdown: bool,
    /// Do not measure what a neighbour loses
    #[arg(long)]
    without_neighbour: bool,
    /// The program under test; beside this one by default
    #[arg(long)]
    host: Option<PathBuf>,
    /// The well-behaved plugin
    #[arg(long, default_value = "plugins/segment-discount.wasm")]
    neighbour: PathBuf,
    /// Write the component of the one case that the filter names to this file, and run nothing
    #[arg(long)]
    write: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(options: &Options) -> Result<bool, String> {
    let filter = options.filter.as_deref().unwrap_or_default();
    let chosen: Vec<_> = cases().into_iter().filter(|case| case.name.contains(filter)).collect();
    if let Some(path) = &options.write {
        let case = chosen.iter().find(|case| case.name == filter).ok_or("no case has this very name")?;
        let bytes = case.bytes(true)?;
        return std::fs::write(path, bytes).map(|()| true).map_err(|error| error.to_string());
    }
    let host = match &options.host {
        Some(host) => host.clone(),
        None => std::env::current_exe().map_err(|error| error.to_string())?.with_file_name("crossdock"),
    };
    if !host.exists() {
        return Err(format!("{}: there is no program to test", host.display()));
    }
    let host = std::path::absolute(host).map_err(|error| error.to_string())?;
    let host = Host(host);
    let judge = Judge { inside: Inside::new(&options.neighbour, &host)?, host, with_neighbour: !options.without_neighbour };
    let for_people = !options.json && !options.markdown;
    let mut findings: Vec<Finding> = Vec::new();
    for case in &chosen {
        let finding = judge.judge(case);
        if for_people {
            println!("{}", table(&finding));
        }
        findings.push(finding);
    }
    // What other tenants do to a machine lasts for seconds and hits cases that stand together. A case whose neighbour lost
    // too much is judged once more at the end, minutes later; one that really costs so much fails again.
    for (case, finding) in chosen.iter().zip(&mut findings).filter(|(_, finding)| finding.neighbour_suffered()) {
        let first = finding.neighbour_throughput.unwrap_or_default() * 100.0;
        *finding = judge.judge(case);
        eprintln!(
            "judged once more: {}, whose neighbour kept {first:.0} %, now {:.0} %",
            case.name,
            finding.neighbour_throughput.unwrap_or_default() * 100.0
        );
    }
    let (median, bare) = Judge::over_all(&findings);
    if options.json {
        println!("{}", json(&findings));
    }
    if options.markdown {
        print!("{}", markdown(&findings));
    }
    let bad: Vec<&str> = findings.iter().filter(|finding| !finding.wrong.is_empty()).map(|finding| finding.case).collect();
    let percent = |share: Option<f64>| share.map_or("-".to_owned(), |share| format!("{:.0} %", share * 100.0));
    let kept = format!("; the neighbour kept {} of its throughput, {} without a breaker (medians)", percent(median), percent(bare));
    eprintln!("{} cases, {} not stopped as expected{kept}", findings.len(), bad.len());
    for name in &bad {
        eprintln!("not as expected: {name}");
    }
    Ok(bad.is_empty() && !findings.is_empty())
}

//! `crossdock-crash`: runs the crash suite against the program and says what came of it. Exit 0 when nothing was lost,
//! doubled, a cent off or out of order, 1 when something was, 2 when it could not be run.

use clap::Parser;
use crossdock_crash::{Options, Report, run, script::Polls};
use std::{io, path::PathBuf, process::ExitCode, time::Duration};

/// Kills the host again and again and judges the books afterwards.
#[derive(Parser)]
#[command(name = "crossdock-crash", after_help = "Run it by `script/crash`: it builds the program and the plugins first.")]
struct Arguments {
    /// How often the host is killed at least; half of them at named steps
    #[arg(long, default_value_t = 200)]
    kills: usize,
    /// How many orders the shop places
    #[arg(long, default_value_t = 5_000)]
    orders: usize,
    /// Decides orders, events, faults and kills
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many seconds the ERP is away in the middle of the run
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    outage: u64,
    /// Tell the host of everything: without it 1 % of the events are never sent, and found by asking the shop
    #[arg(long)]
    without_poll: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Keep settings, store and log in this folder, which must be empty
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// The program under test; beside this one by default
    #[arg(long)]
    program: Option<PathBuf>,
    /// The folder with the example plugins
    #[arg(long, default_value = "plugins")]
    plugins: PathBuf,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let report = match play(&arguments).await {
        Ok(report) => report,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    if arguments.json {
        println!("{}", serde_json::to_string_pretty(&report).unwrap_or_default());
    } else {
        print!("{}", report.table());
    }
    for wrong in report.wrongs() {
        eprintln!("{wrong}");
    }
    if report.is_well() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn play(arguments: &Arguments) -> io::Result<Report> {
    let folder = tempfile::tempdir()?;
    let program = match &arguments.program {
        Some(program) => program.clone(),
        None => std::env::current_exe()?.with_file_name("crossdock"),
    };
    if !program.exists() {
        return Err(io::Error::other(format!("{}: there is no program to kill", program.display())));
    }
    let options = Options {
        program,
        plugins: arguments.plugins.clone(),
        data: arguments.keep.clone().unwrap_or_else(|| folder.path().join("data")),
        orders: arguments.orders,
        kills: arguments.kills,
        seed: arguments.seed,
        outage: Duration::from_secs(arguments.outage),
        polls: if arguments.without_poll { Polls::Off } else { Polls::On },
    };
    if options.data.exists() && options.data.read_dir()?.next().is_some() {
        return Err(io::Error::other(format!("{} is not empty", options.data.display())));
    }
    let json = arguments.json;
    run(&options, &|told| {
        if !json {
            eprintln!("{told}");
        }
    })
    .await
}

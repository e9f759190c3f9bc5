//! The program: reads the command line and hands over to one command.

mod broken;
mod chores;
mod cli;
mod commands;
mod crash;
mod gate;
mod intake;
mod keeper;
mod outside;
mod reconcile;
mod reload;
mod sales;
mod screen;
mod settings;
mod shelf;
mod shops;
mod supply;
mod tables;
mod templates;
mod versions;
mod wire;
mod worker;

use clap::Parser;
use cli::{Cli, Command};
use commands::Failure;
use std::process::ExitCode;

fn main() -> ExitCode {
    // The compiler's process: this very program, called with one word, limits itself and reads stdin. No command of people.
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(wire::COMPILE) {
        return crossdock_sandbox::compile_child(arguments);
    }
    let cli = Cli::parse();
    let screen = screen::Screen::new(cli.json);
    let done = match &cli.command {
        Command::Completions { shell } => {
            clap_complete::generate(*shell, &mut <Cli as clap::CommandFactory>::command(), "crossdock", &mut std::io::stdout());
            return ExitCode::SUCCESS;
        }
        Command::Check => commands::check::check(&cli.settings, &screen),
        Command::Restore { file } => commands::ledgers::restore(file, &cli.settings, &screen),
        command => match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
            Ok(runtime) => runtime.block_on(Box::pin(dispatch(command, &cli, &screen))),
            Err(error) => Err(Failure::text(format!("cannot start: {error}"))),
        },
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Printed) => ExitCode::FAILURE,
        Err(failure) => {
            screen.fail(&failure);
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(command: &Command, cli: &Cli, screen: &screen::Screen) -> Result<(), Failure> {
    match command {
        Command::Run(run) => commands::run::run(&cli.settings, run).await,
        Command::Demo(demo) => commands::demo::demo(demo, screen).await,
        Command::Plugin(plugin) => commands::plugin::plugin(plugin, &cli.settings, screen).await,
        Command::Mapping(mapping) => commands::mapping::mapping(mapping, &cli.settings, screen).await,
        Command::Alerts { most } => commands::alerts::alerts(*most, &cli.settings, screen).await,
        Command::Doctor => commands::doctor::doctor(&cli.settings, screen).await,
        Command::Parked(parked) => commands::parked::parked(parked, &cli.settings, screen).await,
        Command::Sync(sync) => commands::sync::sync(sync, &cli.settings, screen).await,
        Command::Close(close) => commands::close::run(close, &cli.settings, screen).await,
        Command::Ledger(ledger) => commands::ledger::ledger(ledger, &cli.settings, screen).await,
        Command::Corrections(corrections) => commands::ledgers::corrections(corrections, &cli.settings, screen).await,
        Command::Books { since, of } => commands::ledgers::books(*since, of.shop.as_deref(), &cli.settings, screen).await,
        Command::Audit(audit) => commands::ledgers::audit(audit, &cli.settings, screen).await,
        Command::Backup { file } => commands::ledgers::backup(file, &cli.settings, screen).await,
        Command::Schema(schema) => commands::schema::schema(schema, &cli.settings, screen).await,
        Command::Fit(fit) => commands::fit::fit(fit, &cli.settings, screen).await,
        Command::Orders(orders) => commands::orders::orders(orders, &cli.settings, screen).await,
        Command::Check | Command::Completions { .. } | Command::Restore { .. } => Ok(()),
    }
}

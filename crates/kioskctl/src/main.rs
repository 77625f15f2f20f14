//! `kioskctl`: the command line for operators, QA and auditors.

mod cli;
mod commands;
mod output;
mod trust_args;
mod verdict_answer;

use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use cli::Cli;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let usage = !matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
            // Help goes to standard output, a usage message to standard error: clap knows which.
            let _ = error.print();
            return if usage { ExitCode::from(2) } else { ExitCode::SUCCESS };
        }
    };
    let level = if cli.verbose { "debug" } else { "warn" };
    tracing_subscriber::fmt().with_env_filter(level).with_writer(std::io::stderr).with_target(false).init();
    output::finish(commands::run(&cli), cli.json)
}

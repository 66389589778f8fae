//! `stepwait demo`: the application deployed on this machine, waiting for third
//! parties in every way it can.
//!
//! Five executions of the main workflow start at the same time, one for each
//! [`case`]: each waits on a job of the scripted third party that goes its own
//! way. While they wait, a line for each tells on whom, how, and how often was
//! asked; at the end a table tells what each took, as counted by the third party
//! and by the engine's own histories.
//!
//! | file | what it holds |
//! |---|---|
//! | `case` | the five executions, and what each should come to |
//! | `watch` | starting the executions and following them to their end |
//! | `evidence` | what one history tells |
//! | `report` | the rows, as a table or as JSON |
//! | `keep` | how to look around afterwards |
//!
//! Whatever happens, a key press, a failure or the end, everything that was
//! started is taken down before the command ends.

mod case;
mod evidence;
mod keep;
mod report;
mod watch;

use std::process::ExitCode;

use clap::Args;
use stepwait_local::engine::{Deployment, Options, Workspace};

use crate::begin::begin;
use crate::format::Format;
use crate::screen::Screen;
use report::Report;
use watch::DemoError;

/// What `stepwait demo` can be told.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Leave everything up afterwards, until Ctrl-C
    #[arg(long)]
    keep: bool,
    /// How to print the results
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// Runs the demo: 0 if every execution came to what it should.
pub(crate) async fn run(arguments: &Arguments) -> ExitCode {
    let screen = Screen::on_stderr();
    let (mut signals, workspace) = match begin(&screen).await {
        Ok(begun) => begun,
        Err(code) => return code,
    };
    let ended = tokio::select! {
        ended = show(&workspace, &screen) => ended,
        stop = signals.next() => {
            screen.freeze();
            screen.note("interrupted: taking everything down");
            workspace.close().await;
            return stop.exit_code();
        }
    };
    screen.freeze();
    let code = match ended {
        Ok((deployment, report)) => {
            let code = conclude(&screen, &report, arguments.format);
            if arguments.keep {
                keep::print_how_to_look_around(&screen, &deployment);
                signals.next().await;
            }
            deployment.down().await;
            code
        }
        Err(error) => screen.fail(&error),
    };
    workspace.close().await;
    code
}

async fn show(workspace: &Workspace, screen: &Screen) -> Result<(Deployment, Report), DemoError> {
    let deployment = Deployment::up(workspace, Options::default(), |step| screen.set_up(&step)).await?;
    let finished = watch::run_all(&deployment, screen).await?;
    let report = Report::of(&deployment, &finished).await?;
    Ok((deployment, report))
}

/// Prints the results; the exit status tells whether they are the expected ones.
fn conclude(screen: &Screen, report: &Report, format: Format) -> ExitCode {
    match format {
        Format::Table => anstream::println!("{}", report.table()),
        Format::Json => anstream::println!("{}", report.json()),
    }
    let surprises = report.surprises();
    if surprises.is_empty() {
        return ExitCode::SUCCESS;
    }
    for surprise in surprises {
        screen.note(&surprise);
    }
    ExitCode::FAILURE
}

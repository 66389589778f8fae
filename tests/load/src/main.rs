//! `stepwait-load`: measures the compiled webhook listener, and checks by the
//! services' own counts that under load it claims and resumes each wait once.
//!
//! `stepwait-load reconcile` measures one run of the reconciler over many pooled waits.
//!
//! This file reads the arguments and brings the parts up; `bench/` holds the phases.

mod bench;

use std::path::PathBuf;
use std::process::ExitCode;

use bench::{Bench, Format, Progress, Reconciled, Report, Sizes, reconcile};
use clap::{Parser, Subcommand};
use stepwait_load::aws::Aws;
use stepwait_load::template::Template;
use stepwait_local::engine::{Bundled, Profile, Workspace, build_functions};
use stepwait_local::scripted::ThirdParty;

/// Why a run could not go on.
type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// The functions that are measured.
const FUNCTION: &str = "webhook";
const RECONCILER: &str = "reconcile";

/// Due waits for the reconciler, and few of them to check only.
const WAITS: usize = 10_000;
const FEW_WAITS: usize = 600;

const EXAMPLES: &str = "\
Examples:
  cargo run --release -p stepwait-load                    measure the listener as it is deployed
  cargo run --release -p stepwait-load -- --format json   the same, for programs
  cargo run --release -p stepwait-load -- reconcile       measure one run of the reconciler over 10,000 due waits
  cargo run -p stepwait-load -- --quick                   only check that nothing is claimed or resumed twice";

/// Load on the webhook listener, over the Lambda runtime interface
///
/// Builds the listener in the profile that this program was built in, starts it
/// as Lambda would, with DynamoDB, Step Functions and Secrets Manager played on
/// loopback, and gives it signed deliveries: genuine ones, forged ones, ones for
/// unknown jobs and duplicates. Prints how fast it answered. Fails when a wait was
/// claimed or resumed more often than once, or an answer was not the one it should
/// be; no time makes it fail.
#[derive(Debug, Parser)]
#[command(name = "stepwait-load", version, after_help = EXAMPLES)]
struct Arguments {
    /// Few deliveries of each kind: the checks count, the times do not
    #[arg(long)]
    quick: bool,
    /// How to print the results
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    #[command(subcommand)]
    what: Option<What>,
}

/// What else is measured.
#[derive(Clone, Copy, Debug, Subcommand)]
enum What {
    /// One run of the reconciler over many pooled waits whose checks are due
    Reconcile,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let measured = match arguments.what {
        None => {
            let sizes = if arguments.quick { Sizes::QUICK } else { Sizes::FULL };
            measure(sizes).await.map(|report| report.conclude(arguments.format))
        }
        Some(What::Reconcile) => {
            let waits = if arguments.quick { FEW_WAITS } else { WAITS };
            reconciler(waits).await.map(|measured| measured.conclude(arguments.format))
        }
    };
    match measured {
        Ok(code) => code,
        Err(error) => {
            anstream::eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The template, the built function and the profile that it was built in.
async fn built(function: &str, progress: Progress) -> Result<(Template, PathBuf, &'static str), Trouble> {
    let workspace = Workspace::open().await?;
    let template = Template::read(workspace.root())?;
    let (profile, profile_name) =
        if cfg!(debug_assertions) { (Profile::Dev, "dev") } else { (Profile::Release, "release") };
    let building = progress.spinner("building the function");
    let built = build_functions(&workspace, &[function.to_owned()], profile, Bundled::Deployed, &|far| {
        building.set_message(far)
    })
    .await;
    building.finish_and_clear();
    workspace.close().await;
    let executable = built?.remove(function).ok_or("cargo built no function")?;
    Ok((template, executable, profile_name))
}

async fn reconciler(waits: usize) -> Result<Reconciled, Trouble> {
    let progress = Progress::on_stderr();
    let (template, executable, profile) = built(RECONCILER, progress).await?;
    reconcile(&template, executable, profile, waits, &progress).await
}

async fn measure(sizes: Sizes) -> Result<Report, Trouble> {
    let progress = Progress::on_stderr();
    let (template, executable, profile_name) = built(FUNCTION, progress).await?;

    let aws = Aws::start().await?;
    let third_party = ThirdParty::start().await?;
    let bench = Bench::new(aws, third_party, &template, executable, profile_name).await?;
    bench.run(sizes, &progress).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }
}

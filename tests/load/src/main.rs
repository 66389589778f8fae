//! `stepwait-load`: measures the compiled webhook listener, and checks by the
//! services' own counts that under load it claims and resumes each wait once.
//!
//! This file reads the arguments and brings the parts up; `bench/` holds the phases.

mod bench;

use std::process::ExitCode;

use bench::{Bench, Format, Progress, Report, Sizes};
use clap::Parser;
use stepwait_load::aws::Aws;
use stepwait_load::template::Template;
use stepwait_local::engine::{Profile, Workspace, build_functions};
use stepwait_local::scripted::ThirdParty;

/// Why a run could not go on.
type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// The function that is measured.
const FUNCTION: &str = "webhook";

const EXAMPLES: &str = "\
Examples:
  cargo run --release -p stepwait-load                    measure the listener as it is deployed
  cargo run --release -p stepwait-load -- --format json   the same, for programs
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
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let sizes = if arguments.quick { Sizes::QUICK } else { Sizes::FULL };
    match measure(sizes).await {
        Ok(report) => report.conclude(arguments.format),
        Err(error) => {
            anstream::eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn measure(sizes: Sizes) -> Result<Report, Trouble> {
    let progress = Progress::on_stderr();
    let workspace = Workspace::open().await?;
    let template = Template::read(workspace.root())?;
    let (profile, profile_name) =
        if cfg!(debug_assertions) { (Profile::Dev, "dev") } else { (Profile::Release, "release") };
    let building = progress.spinner("building the listener");
    let built = build_functions(&workspace, &[FUNCTION.to_owned()], profile, &|far| building.set_message(far)).await;
    building.finish_and_clear();
    workspace.close().await;
    let executable = built?.remove(FUNCTION).ok_or("cargo built no listener")?;

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

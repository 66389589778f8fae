//! `stepwait plan`: which way to wait for a third party costs what, how soon each
//! tells that a job has ended, and which of them to take.
//!
//! The figures are `stepwait_core::cost`'s. [`compare`] collects them for one third
//! party, [`recommend`] picks one of our ways and says why, [`table`] and [`json`]
//! print them, and [`html`] draws how they depend on intervals and durations.

mod compare;
mod html;
mod json;
pub(crate) mod money;
mod recommend;
mod table;

#[cfg(test)]
mod tests;

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};
use stepwait_core::cost::{Architecture, Durations, Prices, assumed};

use crate::check::masked;
use crate::format::Format;
use crate::{named, prices};
use compare::{Asked, Comparison, Interval};

const EXAMPLES: &str = "\
Examples:
  stepwait plan --waits-per-month 100000
                                 nine ways to wait for any third party
  stepwait plan --waits-per-month 100000 --interval 5m --duration 24h
                                 the same for jobs that take a day, looked at every five minutes
  stepwait plan transcript identity-check --waits-per-month 5000 --duration lognormal:10m:0.8
                                 two files of integrations/, by their own schedules
  stepwait plan transcript --waits-per-month 5000 --html plan.html
                                 a page with charts of cost, checks and delay

Durations are one time (5m), evenly spread (2m..10m), lognormal with a median and a
sigma (lognormal:5m:1.0), or two times with the second one's share (30s|1h:0.2).

The waiting alone is what the states take that `stepwait fragment` prints, or what others
take for theirs. A state that only submits is the same in every workflow that has one, and
counted beside it: others' loops need one, ours submit by the states that wait.";

/// What `stepwait plan` can be told.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Integrations' names, or the paths of their files; any third party without
    #[arg(value_name = "INTEGRATIONS")]
    integrations: Vec<String>,
    /// How many waits begin in a month of 30 days, for each of them
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    waits_per_month: u64,
    /// How long jobs take
    #[arg(long, value_name = "DURATION", default_value = "lognormal:5m:1.0")]
    duration: Durations,
    /// The time between two looks, such as 30s, or the least and the most, such as 2s..60s: in place of the file's own
    #[arg(long, value_name = "INTERVAL")]
    interval: Option<Interval>,
    /// How long a function is billed for a look
    #[arg(long, value_name = "DURATION", default_value = "100ms", value_parser = check_time)]
    check_time: Duration,
    /// What the functions are built for
    #[arg(long, value_enum, default_value_t = BuiltFor::Arm64)]
    architecture: BuiltFor,
    /// The prices of another region: a file as docs/prices.toml
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Write a page with charts as well, which needs nothing else to be looked at
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// What functions are built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum BuiltFor {
    /// Graviton
    Arm64,
    /// Intel and AMD
    #[value(name = "x86_64")]
    X86,
}

/// The longest that a look may take: the function ends it at 45 seconds.
const LONGEST_CHECK: Duration = Duration::from_secs(45);

fn check_time(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text).map_err(|error| format!("{error}; write for example 300ms"))?;
    if time < Duration::from_millis(1) || time > LONGEST_CHECK {
        return Err("a look takes between 1ms and 45s".to_owned());
    }
    Ok(time)
}

/// All that is printed.
struct Plan {
    prices: Prices,
    architecture: Architecture,
    comparisons: Vec<Comparison>,
}

/// Compares and prints: 0 if there are such files, and they parse.
pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    match printed(arguments) {
        Ok(text) => {
            anstream::print!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            anstream::eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn printed(arguments: &Arguments) -> Result<String, String> {
    let prices = prices::given(arguments.prices.as_deref()).map_err(|error| format!("error: {error}"))?;
    let architecture = match arguments.architecture {
        BuiltFor::Arm64 => Architecture::Arm64,
        BuiltFor::X86 => Architecture::X86,
    };
    let asked = Asked {
        durations: arguments.duration,
        per_month: arguments.waits_per_month,
        interval: arguments.interval,
        look: arguments.check_time,
        architecture,
    };
    let (mut comparisons, mut texts) = (Vec::new(), String::new());
    for name in &arguments.integrations {
        let (integration, file) = named::integration(name).map_err(|error| error.to_string())?;
        texts.push_str(&file.text);
        comparisons.push(Comparison::of(Some(&integration), &asked, &prices));
    }
    if comparisons.is_empty() {
        comparisons.push(Comparison::of(None, &asked, &prices));
    }
    let plan = Plan { prices, architecture, comparisons };
    // A credential that stands in a file, where it does not belong, is not spread further.
    if let Some(path) = &arguments.html {
        fs::write(path, masked(&html::page(&plan), &texts))
            .map_err(|error| format!("error: cannot write {}: {error}", path.display()))?;
    }
    let text = match arguments.format {
        Format::Table => table::print(&plan),
        Format::Json => format!("{:#}\n", json::print(&plan)),
    };
    Ok(masked(&text, &texts))
}

/// What the figures rest on, in sentences.
fn assumptions(plan: &Plan) -> Vec<String> {
    let main = stepwait_core::cost::main_adds(stepwait_core::integration::Strategy::Callback);
    let main = main.times(stepwait_core::cost::WAITS).nano_dollars(&plan.prices, plan.architecture);
    let nothing = stepwait_core::cost::reconciler::Load { waits: 1, ..Default::default() };
    let idle = stepwait_core::cost::reconciler::share(nothing, 1, assumed::INVOCATION);
    vec![
        format!(
            "prices of {}, without free tiers; functions on {}",
            plan.prices.origin(),
            match plan.architecture {
                Architecture::Arm64 => "arm64",
                Architecture::X86 => "x86_64",
            }
        ),
        "waiting alone: the states that wait, and all that functions, tables and logs take for it; ours with their submit's function and writes, others as sparingly as they can be built".to_owned(),
        "with submit: a state of its own that only submits, which others' loops need; the states that `stepwait fragment` prints submit themselves".to_owned(),
        format!(
            "the shipped main workflow adds about {} to a million waits, for checking and recording requests and telling the user",
            money::dollars(main)
        ),
        format!(
            "the reconciler costs {} a month when nothing waits; its runs are counted in full for each table",
            money::dollars(idle.nano_dollars(&plan.prices, plan.architecture))
        ),
        "known after: from the job's end, webhooks taken to come at once; one wait in twenty takes the longer time or more".to_owned(),
        "not counted: retries, traces, SNS, secrets, storage, data transfer".to_owned(),
    ]
}

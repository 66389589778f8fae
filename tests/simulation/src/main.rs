//! `stepwait-simulation`: runs waits in simulated time, seed after seed, until a
//! rule of the wait protocol is broken or enough was run.

mod progress;
mod report;

use clap::Parser;
use progress::Progress;
use report::{Format, Report};
use std::process::ExitCode;
use std::time::Duration;
use stepwait_simulation::many::{Until, many};
use stepwait_simulation::{Keep, run};

/// How many seeds are run unless it is said.
const SEEDS: u64 = 20_000;

const EXAMPLES: &str = "\
Examples:
  cargo run --release -p stepwait-simulation                        twenty thousand seeds
  cargo run --release -p stepwait-simulation -- --seeds 1000000     a million
  cargo run --release -p stepwait-simulation -- --for 10m --from 5000000
                                                                    for ten minutes, from that seed on
  cargo run --release -p stepwait-simulation -- --cells             also what went wrong where, how often
  cargo run -p stepwait-simulation -- --seed 4711 --trace           one seed, with all that happened
  cargo run --release -p stepwait-simulation -- --format json       the same for programs

Exit codes: 0 if no rule was broken, 1 if one was, or if twenty thousand seeds
left a cell of the table empty, 2 if the arguments make no sense.";

/// Waits by the thousand in simulated time
///
/// Each seed is a course: one to four waits with their third parties, what goes
/// wrong with their functions, and in which order all of it happens. The same seed
/// goes the same way each time. The rules of the wait protocol are checked all
/// along; the first one that is broken ends the run.
#[derive(Debug, Parser)]
#[command(name = "stepwait-simulation", version, after_help = EXAMPLES)]
struct Arguments {
    /// How many seeds to run [default: 20000]
    #[arg(long, value_name = "N", conflicts_with = "time")]
    seeds: Option<u64>,
    /// For how long to run, such as 90s, 10m or 2h
    #[arg(long = "for", id = "time", value_name = "TIME", value_parser = duration)]
    time: Option<Duration>,
    /// The first seed
    #[arg(long, value_name = "SEED", default_value_t = 0)]
    from: u64,
    /// Run this seed alone
    #[arg(long, value_name = "SEED", conflicts_with_all = ["seeds", "time", "from"])]
    seed: Option<u64>,
    /// Print all that happened, line by line
    #[arg(long, requires = "seed")]
    trace: bool,
    /// How many threads to run on; all cores unless it is said
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Print what went wrong where, and how often
    #[arg(long)]
    cells: bool,
    /// How to print the results
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

fn duration(text: &str) -> Result<Duration, String> {
    let time = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if time.is_zero() { Err("must be longer than no time".to_owned()) } else { Ok(time) }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let threads =
        arguments.threads.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from);
    if let Some(seed) = arguments.seed.filter(|_| arguments.trace) {
        return trace(seed);
    }
    let (from, until) = match (arguments.seed, arguments.time) {
        (Some(seed), _) => (seed, Until::Seeds(1)),
        (None, Some(time)) => (arguments.from, Until::Time(time)),
        (None, None) => (arguments.from, Until::Seeds(arguments.seeds.unwrap_or(SEEDS))),
    };
    let mut progress = Progress::on_stderr(until);
    let total = many(from, until, threads, None, &mut |total| progress.show(total));
    progress.clear();
    Report { total, from, threads, fills: SEEDS }.conclude(arguments.format, arguments.cells)
}

/// Prints one seed, line by line.
fn trace(seed: u64) -> ExitCode {
    let outcome = run(seed, None, Keep::Lines);
    anstream::print!("{}", outcome.trace);
    match outcome.broken {
        None => ExitCode::SUCCESS,
        Some(broken) => {
            anstream::eprintln!("error: seed {seed} broke the rule {broken}");
            ExitCode::FAILURE
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_trace_is_of_one_seed_and_a_time_is_no_number_of_seeds() {
        let parse = |line: &str| Arguments::try_parse_from(line.split_whitespace());
        assert!(parse("x --trace").is_err());
        assert!(parse("x --seed 7 --trace").is_ok());
        assert!(parse("x --seeds 7 --for 10m").is_err());
        assert!(parse("x --for 0s").is_err());
        assert_eq!(parse("x --for 10m --from 5").unwrap().time, Some(Duration::from_mins(10)));
    }
}

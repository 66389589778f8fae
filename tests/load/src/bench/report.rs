//! The results, as tables or as JSON.

use std::process::ExitCode;
use std::time::Duration;

use clap::ValueEnum;
use comfy_table::{CellAlignment, Table, TableStyle, presets};
use serde_json::{Value, json};
use stepwait_local::runtime::Start;

use super::check::Check;
use super::phase::Phase;
use super::spread::Spread;

/// How results are printed on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// For programs
    Json,
}

/// All that was measured and checked.
#[derive(Debug)]
pub(crate) struct Report {
    pub(super) profile: &'static str,
    pub(super) starts: Vec<Start>,
    pub(super) phases: Vec<Phase>,
    pub(super) peak_memory_bytes: Option<u64>,
    pub(super) misunderstood: Vec<String>,
    pub(super) checks: Vec<Check>,
}

/// Says what does not hold: 0 if all does.
pub(super) fn complain(checks: &[Check], misunderstood: &[String]) -> ExitCode {
    for request in misunderstood {
        anstream::eprintln!("not understood: {request}");
    }
    let broken: Vec<&Check> = checks.iter().filter(|check| !check.holds()).collect();
    for check in &broken {
        anstream::eprintln!("does not hold: {}", check.complaint());
    }
    if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

impl Report {
    /// Prints everything: 0 if all checks hold.
    pub(crate) fn conclude(&self, format: Format) -> ExitCode {
        match format {
            Format::Table => {
                anstream::println!("{}\n\n{}", self.table(), self.rest());
            }
            Format::Json => anstream::println!("{:#}", self.json()),
        }
        complain(&self.checks, &self.misunderstood)
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(TableStyle::new().header_separator(presets::UTF8_HORIZONTAL_ONLY.row_separator)).set_header([
            "deliveries",
            "at once",
            "count",
            "a second",
            "p50 ms",
            "p99 ms",
            "max ms",
            "of it in\nservices ms",
        ]);
        for phase in &self.phases {
            table.add_row([
                phase.name.to_owned(),
                phase.environments.to_string(),
                phase.deliveries.to_string(),
                format!("{:.0}", phase.per_second()),
                millis(phase.took.p50),
                millis(phase.took.p99),
                millis(phase.took.max),
                millis(phase.aws_time_each()),
            ]);
        }
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table
    }

    /// What stands below the table.
    fn rest(&self) -> String {
        let (ready, answered) = self.start_times();
        let memory = self.peak_memory_bytes.map_or_else(
            || "peak resident memory: not told by this system".to_owned(),
            |bytes| format!("peak resident memory of an environment: {:.1} MB", megabytes(bytes)),
        );
        format!(
            "start, {} times: asks for its first invocation after {} ms (p50; {} ms at most), has answered it after {} ms (p50; {} ms at most)\n\
             {memory}\n\
             profile {}, {} cores; {} of {} checks hold",
            self.starts.len(),
            millis(ready.p50),
            millis(ready.max),
            millis(answered.p50),
            millis(answered.max),
            self.profile,
            cores(),
            self.checks.iter().filter(|check| check.holds()).count(),
            self.checks.len(),
        )
    }

    fn start_times(&self) -> (Spread, Spread) {
        (
            Spread::of(self.starts.iter().map(|start| start.ready)),
            Spread::of(self.starts.iter().filter_map(|start| start.answered)),
        )
    }

    fn json(&self) -> Value {
        let (ready, answered) = self.start_times();
        let phases = self.phases.iter().map(|phase| {
            json!({
                "deliveries": phase.name,
                "environments": phase.environments,
                "count": phase.deliveries,
                "per_second": phase.per_second(),
                "took_ms": spread(phase.took),
                "in_services_ms": in_millis(phase.aws_time_each()),
                "calls_of_dynamodb_and_step_functions": phase.aws_calls,
            })
        });
        json!({
            "profile": self.profile,
            "cores": cores(),
            "phases": phases.collect::<Vec<_>>(),
            "starts": { "count": self.starts.len(), "ready_ms": spread(ready), "answered_ms": spread(answered) },
            "peak_memory_bytes": self.peak_memory_bytes,
            "checks": self.checks,
            "holds": self.checks.iter().all(Check::holds),
        })
    }
}

/// What this machine lets the listener and the services share; 0 if it does not say.
pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(0, usize::from)
}

fn spread(Spread { p50, p99, max }: Spread) -> Value {
    json!({ "p50": in_millis(p50), "p99": in_millis(p99), "max": in_millis(max) })
}

pub(super) fn in_millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}

fn millis(time: Duration) -> String {
    format!("{:.2}", in_millis(time))
}

/// Millions of bytes; nothing that is measured has 2^32 KiB.
pub(super) fn megabytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes / 1024).unwrap_or(u32::MAX)) * 1024.0 / 1e6
}

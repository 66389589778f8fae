//! Runs the checker over a configuration, and shows what came of it.

use crate::{Configuration, Protocol, Step, Witness};
use comfy_table::{CellAlignment, Table, TableStyle, presets};
use stateright::{Checker, HasDiscoveries, Model};
use std::time::{Duration, Instant};

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The configuration.
    pub name: &'static str,
    /// Distinct states. Told apart by a hash of 64 bits: among ten million, two
    /// share one with a chance of about three in a million.
    pub states: usize,
    /// Steps of the longest of the shortest ways to a state.
    pub depth: usize,
    /// How long it took.
    pub took: Duration,
    /// The rules that were broken, each with a way to a state that breaks it.
    pub violations: Vec<Violation>,
    /// What was reached.
    pub witnesses: Vec<Witness>,
}

/// A broken rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The rule.
    pub rule: &'static str,
    /// The steps to a state that breaks it.
    pub steps: Vec<Step>,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "broken: {}", self.rule)?;
        for (number, step) in self.steps.iter().enumerate() {
            writeln!(f, "{:>4}. {step}", number + 1)?;
        }
        Ok(())
    }
}

/// Visits every state of a configuration; stops at the first broken rule.
#[must_use]
pub fn check(configuration: Configuration) -> Report {
    check_to(configuration, None)
}

/// As [`check`], one step deeper at a time, so that the way to a broken rule is
/// one of the shortest; no deeper than `most_steps`.
#[must_use]
pub fn check_for_shortest(configuration: Configuration, most_steps: usize) -> Report {
    let mut report = check_to(configuration, Some(0));
    for steps in 1..=most_steps {
        if !report.violations.is_empty() {
            break;
        }
        report = check_to(configuration, Some(steps));
    }
    report
}

fn check_to(configuration: Configuration, most_steps: Option<usize>) -> Report {
    let began = Instant::now();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let builder = Protocol::new(configuration).checker().threads(threads).finish_when(HasDiscoveries::AnyFailures);
    let builder = match most_steps {
        // The checker counts states on the way, and leaves those at the bound out.
        Some(steps) => builder.target_max_depth(steps + 2),
        None => builder,
    };
    let checker = builder.spawn_bfs().join();
    let mut violations: Vec<_> =
        checker.discoveries().into_iter().map(|(rule, path)| Violation { rule, steps: path.into_actions() }).collect();
    violations.sort_by_key(|violation| (violation.steps.len(), violation.rule));
    Report {
        name: configuration.name,
        states: checker.unique_state_count(),
        depth: checker.max_depth(),
        took: began.elapsed(),
        violations,
        witnesses: checker.model().witnesses(),
    }
}

/// The reports as a table, with their sum.
#[must_use]
pub fn table(reports: &[Report]) -> String {
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(presets::UTF8_HORIZONTAL_ONLY.row_separator));
    table.set_header(["configuration", "distinct states", "depth", "seconds"]);
    for report in reports {
        table.add_row([
            report.name.to_owned(),
            grouped(report.states),
            report.depth.to_string(),
            format!("{:.1}", report.took.as_secs_f64()),
        ]);
    }
    let seconds: f64 = reports.iter().map(|report| report.took.as_secs_f64()).sum();
    let states = reports.iter().map(|report| report.states).sum();
    table.add_row(["together".to_owned(), grouped(states), String::new(), format!("{seconds:.1}")]);
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string()
}

/// A number with its thousands set apart.
fn grouped(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

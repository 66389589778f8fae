//! The results, as tables or as JSON.

use crate::progress::rate;
use clap::ValueEnum;
use comfy_table::{CellAlignment, Table, TableStyle, presets};
use serde_json::{Map, Value, json};
use std::process::ExitCode;
use stepwait_simulation::coverage::{Coverage, impossible};
use stepwait_simulation::fault::{Effect, Fault, Mishap, Step, Witness};
use stepwait_simulation::many::Total;

/// Milliseconds of a year.
const YEAR_MS: f64 = 365.25 * 24.0 * 3_600.0 * 1_000.0;

/// How results are printed on standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Table,
    /// For programs
    Json,
}

/// What came of a run.
pub(crate) struct Report {
    pub(crate) total: Total,
    pub(crate) from: u64,
    pub(crate) threads: usize,
    /// How many seeds fill every cell.
    pub(crate) fills: u64,
}

impl Report {
    /// Prints everything: 0 if no rule is broken, and no cell empty that must not be.
    pub(crate) fn conclude(&self, format: Format, cells: bool) -> ExitCode {
        match format {
            Format::Table => {
                anstream::println!("{}", self.table());
                if cells {
                    anstream::println!(
                        "\n{}\n\n{}\n\n{}",
                        faults(&self.total.coverage),
                        mishaps(&self.total.coverage),
                        witnesses(&self.total.coverage)
                    );
                }
            }
            Format::Json => anstream::println!("{:#}", self.json()),
        }
        if let Some((seed, broken)) = &self.total.broken {
            anstream::eprintln!("error: seed {seed} broke the rule {broken}");
            anstream::eprintln!("repeat it: cargo run -p stepwait-simulation -- --seed {seed} --trace");
            return ExitCode::FAILURE;
        }
        let holes = self.total.coverage.holes();
        if self.total.seeds >= self.fills && !holes.is_empty() {
            for hole in holes {
                anstream::eprintln!("error: this can happen and never did: {hole}");
            }
            return ExitCode::FAILURE;
        }
        ExitCode::SUCCESS
    }

    fn years(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "years for people")]
        let milliseconds = self.total.virtual_ms as f64;
        milliseconds / YEAR_MS
    }

    fn table(&self) -> Table {
        let Total { seeds, waits, took, coverage, .. } = &self.total;
        let (hit, possible) = coverage.cells();
        let last = self.from.saturating_add(*seeds).saturating_sub(1);
        let mut table = new_table();
        for (what, number) in [
            ("seeds", format!("{seeds} ({} to {last})", self.from)),
            ("waits", waits.to_string()),
            ("virtual years", format!("{:.1}", self.years())),
            ("effects", coverage.total_effects().to_string()),
            ("faults injected", coverage.total_faults().to_string()),
            ("cells hit of those possible", format!("{hit} of {possible}")),
            ("cells that cannot happen", impossible().len().to_string()),
            ("seconds", format!("{:.1} on {} threads", took.as_secs_f64(), self.threads)),
            ("seeds a second", format!("{:.1}", rate(*seeds, *took))),
            ("rules broken", if self.total.broken.is_some() { "1" } else { "none" }.to_owned()),
        ] {
            table.add_row([what.to_owned(), number]);
        }
        table
    }

    fn json(&self) -> Value {
        let Total { seeds, waits, took, coverage, broken, .. } = &self.total;
        let (hit, possible) = coverage.cells();
        json!({
            "from": self.from,
            "seeds": seeds,
            "waits": waits,
            "virtual_years": self.years(),
            "effects": coverage.total_effects(),
            "faults": coverage.total_faults(),
            "cells": { "hit": hit, "possible": possible, "empty": coverage.holes() },
            "cannot_happen": impossible().into_iter().map(|(cell, why)| (cell, json!(why))).collect::<Map<_, _>>(),
            "effects_with_faults": Effect::ALL.iter().map(|&effect| (effect.name().to_owned(), of_effect(coverage, effect))).collect::<Map<_, _>>(),
            "steps_with_mishaps": Step::ALL.iter().map(|&step| (step.name().to_owned(), of_step(coverage, step))).collect::<Map<_, _>>(),
            "cases": Witness::ALL.iter().map(|&case| (case.name().to_owned(), json!(coverage.witnesses(case)))).collect::<Map<_, _>>(),
            "seconds": took.as_secs_f64(),
            "threads": self.threads,
            "seeds_a_second": rate(*seeds, *took),
            "broken": broken.as_ref().map(|(seed, broken)| json!({
                "seed": seed,
                "rule": format!("{:?}", broken.rule),
                "at_ms": broken.at_ms,
                "how": broken.how,
                "repeat": format!("cargo run -p stepwait-simulation -- --seed {seed} --trace"),
            })),
        })
    }
}

fn of_effect(coverage: &Coverage, effect: Effect) -> Value {
    let faults = Fault::ALL.iter().filter(|fault| fault.impossible(effect).is_none());
    let mut counts: Map<_, _> =
        faults.map(|&fault| (fault.name().to_owned(), json!(coverage.faults(effect, fault)))).collect();
    counts.insert("all".to_owned(), json!(coverage.effects(effect)));
    Value::Object(counts)
}

fn of_step(coverage: &Coverage, step: Step) -> Value {
    let mishaps = Mishap::ALL.iter().filter(|mishap| mishap.impossible(step).is_none());
    let mut counts: Map<_, _> =
        mishaps.map(|&mishap| (mishap.name().to_owned(), json!(coverage.mishaps(step, mishap)))).collect();
    counts.insert("all".to_owned(), json!(coverage.steps(step)));
    Value::Object(counts)
}

fn new_table() -> Table {
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(presets::UTF8_HORIZONTAL_ONLY.row_separator));
    table
}

/// A table of counts, whose first column is text.
fn counts(header: Vec<String>, rows: impl Iterator<Item = Vec<String>>) -> Table {
    let mut table = new_table();
    table.set_header(header);
    for row in rows {
        table.add_row(row);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn header(first: &'static str, rest: impl Iterator<Item = &'static str>) -> Vec<String> {
    [first, "all"].into_iter().chain(rest).map(str::to_owned).collect()
}

fn faults(coverage: &Coverage) -> Table {
    let cell = |effect, fault: &Fault| match fault.impossible(effect) {
        Some(_) => "-".to_owned(),
        None => coverage.faults(effect, *fault).to_string(),
    };
    let row = |&effect: &Effect| {
        let first = [effect.name().to_owned(), coverage.effects(effect).to_string()];
        first.into_iter().chain(Fault::ALL.iter().map(|fault| cell(effect, fault))).collect()
    };
    counts(header("effect", Fault::ALL.iter().map(|fault| fault.name())), Effect::ALL.iter().map(row))
}

fn mishaps(coverage: &Coverage) -> Table {
    let cell = |step, mishap: &Mishap| match mishap.impossible(step) {
        Some(_) => "-".to_owned(),
        None => coverage.mishaps(step, *mishap).to_string(),
    };
    let row = |&step: &Step| {
        let first = [step.name().to_owned(), coverage.steps(step).to_string()];
        first.into_iter().chain(Mishap::ALL.iter().map(|mishap| cell(step, mishap))).collect()
    };
    counts(header("step", Mishap::ALL.iter().map(|mishap| mishap.name())), Step::ALL.iter().map(row))
}

fn witnesses(coverage: &Coverage) -> Table {
    let row = |&case: &Witness| vec![case.name().to_owned(), coverage.witnesses(case).to_string()];
    counts(header("case", std::iter::empty()), Witness::ALL.iter().map(row))
}

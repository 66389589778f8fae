//! The tables for terminals.

use std::fmt::Write as _;

use comfy_table::{CellAlignment, Table, TableStyle, presets};

use super::compare::{Comparison, Row};
use super::money::{dollars, of_one, thousands, time};
use super::{Plan, assumptions};
use crate::explain::text::broken;

/// Marks the way that is recommended.
const MARK: &str = "→";

/// The heads of the columns behind the way's name.
const HEADS: [&str; 6] = [
    "waiting\na million",
    "with submit\na million",
    "a month",
    "known after\non average",
    "or, 1 in 20",
    "checks\nof a wait",
];

pub(super) fn print(plan: &Plan) -> String {
    let mut page = String::new();
    for comparison in &plan.comparisons {
        page.push_str(&one(comparison));
        page.push('\n');
    }
    for sentence in assumptions(plan) {
        // Writing to a String cannot fail.
        let _ = writeln!(page, "  {}", broken(&sentence, 2, 4));
    }
    page
}

fn one(comparison: &Comparison) -> String {
    let mut page = format!("{}\n", comparison.title);
    let asked = &comparison.asked;
    let what = format!(
        "{} waits a month; jobs take {}; looked at {}",
        thousands(asked.per_month),
        asked.durations,
        comparison.schedule()
    );
    let _ = writeln!(page, "{}\n", broken(&what, 0, 2));
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(presets::UTF8_HORIZONTAL_ONLY.row_separator));
    table.set_header(["way to wait"].into_iter().chain(HEADS));
    let recommended = comparison.recommended.as_ref().map(|recommended| recommended.way);
    let mut notes = Vec::new();
    for row in &comparison.rows {
        let mark = if recommended == Some(row.way) { MARK } else { " " };
        table.add_row([format!("{mark} {}", row.way.name())].into_iter().chain(cells(row)));
        notes.extend(note(row));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    for line in table.to_string().lines() {
        let _ = writeln!(page, "{}", line.trim_end());
    }
    page.push('\n');
    if let Some(recommended) = &comparison.recommended {
        let text = format!("{MARK} {}: {}.", recommended.way.name(), recommended.text());
        let _ = writeln!(page, "{}", broken(&text, 0, 2));
    }
    for note in notes {
        let _ = writeln!(page, "  {}", broken(&note, 2, 4));
    }
    page
}

/// The cells of a row behind its name.
pub(super) fn cells(row: &Row) -> [String; 6] {
    match &row.figures {
        Ok(figures) => {
            // Where every wait is given up, no end is ever known.
            let known = figures.estimate.given_up_permille < 1_000;
            let delay = |ms| if known { time(ms) } else { "–".to_owned() };
            [
                dollars(figures.waiting),
                dollars(figures.whole),
                dollars(figures.month),
                delay(figures.estimate.mean_delay_ms),
                delay(figures.estimate.p95_delay_ms),
                of_one(figures.estimate.waiting.looks),
            ]
        }
        Err(_) => ["–"; 6].map(str::to_owned),
    }
}

/// What is to be said of a row that its figures do not.
pub(super) fn note(row: &Row) -> Option<String> {
    let name = row.way.name();
    match &row.figures {
        Err(why) => Some(format!("{name}: {why}")),
        Ok(figures) => {
            let given_up = figures.estimate.given_up_permille;
            let given_up = (given_up > 0 && row.way.is_ours()).then(|| {
                format!(
                    "{name}: {}.{} % of the jobs take longer than the deadline; raise `deadline` if they are to be awaited",
                    given_up / 10,
                    given_up % 10
                )
            });
            figures.but.map(|but| format!("{name}: {but}")).or(given_up)
        }
    }
}

//! The comparison, as a table or as JSON.

use std::process::ExitCode;

use comfy_table::{CellAlignment, Table, TableStyle, presets};
use serde_json::{Value, json};

use super::super::Format;
use super::super::check::Check;
use super::super::report::{complain, cores, in_millis, megabytes};
use super::ENVIRONMENTS;
use super::rival::{Measured, Rival};

/// All that was measured and checked; the first rival is the one that the others
/// are compared with.
#[derive(Debug)]
pub(crate) struct Compared {
    pub(super) profile: &'static str,
    pub(super) node: String,
    pub(super) rivals: Vec<Rival>,
    pub(super) checks: Vec<Check>,
    pub(super) misunderstood: Vec<String>,
}

/// A figure of a rival.
struct Figure {
    name: String,
    /// Its name for programs, with its unit.
    key: &'static str,
    /// The decimals that are shown.
    decimals: usize,
    /// Whether the first rival is to have more of it.
    is_rate: bool,
    of: fn(&Measured) -> f64,
}

fn figures() -> [Figure; 11] {
    let figure = |name: &str, key, decimals, is_rate, of| Figure { name: name.to_owned(), key, decimals, is_rate, of };
    [
        figure("start to first request, ms", "ready_ms", 2, false, |it| in_millis(it.start(|start| start.ready).p50)),
        figure("first invocation, ms", "first_ms", 2, false, |it| in_millis(it.start(|start| start.first).p50)),
        figure("start and first invocation, ms", "answered_ms", 2, false, |it| {
            in_millis(it.start(|start| start.answered).p50)
        }),
        figure("  of it on a core, ms", "answered_on_core_ms", 2, false, |it| {
            in_millis(it.start(|start| start.on_core).p50)
        }),
        figure("warm invocation, p50 ms", "warm_p50_ms", 3, false, |it| in_millis(it.warm_spread().p50)),
        figure("warm invocation, p99 ms", "warm_p99_ms", 3, false, |it| in_millis(it.warm_spread().p99)),
        figure("  of it on a core, mean ms", "warm_on_core_ms", 3, false, |it| in_millis(it.warm_on_core_each())),
        figure("one environment, a second", "per_second", 0, true, Measured::per_second),
        figure(&format!("{ENVIRONMENTS} environments, a second"), "at_once_per_second", 0, true, |it| {
            it.at_once_per_second
        }),
        figure("peak resident memory, MB", "peak_memory_mb", 1, false, |it| megabytes(it.peak_memory_bytes)),
        figure("zipped, MB", "zipped_mb", 2, false, |it| megabytes(it.zipped_bytes)),
    ]
}

impl Compared {
    /// Prints everything: 0 if all checks hold.
    pub(crate) fn conclude(&self, format: Format) -> ExitCode {
        match format {
            Format::Table => anstream::println!("{}\n\n{}", self.table(), self.rest()),
            Format::Json => anstream::println!("{:#}", self.json()),
        }
        complain(&self.checks, &self.misunderstood)
    }

    fn table(&self) -> Table {
        let mut table = Table::new();
        table.load_style(TableStyle::new().header_separator(presets::UTF8_HORIZONTAL_ONLY.row_separator));
        let mut header = vec![String::new()];
        for (place, rival) in self.rivals.iter().enumerate() {
            header.push(rival.name.to_owned());
            header.extend((place > 0).then(|| "ratio".to_owned()));
        }
        table.set_header(header);
        for Figure { name, decimals, is_rate, of, .. } in figures() {
            let mut row = vec![name];
            for (place, rival) in self.rivals.iter().enumerate() {
                let value = of(&rival.measured);
                row.push(format!("{value:.decimals$}"));
                row.extend((place > 0).then(|| self.ratio(is_rate, of, value)));
            }
            table.add_row(row);
        }
        let mut row = vec!["calls of AWS for each delivery".to_owned()];
        for (place, rival) in self.rivals.iter().enumerate() {
            row.push(rival.measured.calls_each().to_string());
            row.extend((place > 0).then(String::new));
        }
        table.add_row(row);
        for column in table.column_iter_mut().skip(1) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table
    }

    /// What the first rival has of a figure, as a part or a multiple of what another has.
    fn ratio(&self, is_rate: bool, of: fn(&Measured) -> f64, other: f64) -> String {
        let own = self.rivals.first().map_or(0.0, |rival| of(&rival.measured));
        ratio(is_rate, own, other)
    }

    fn rest(&self) -> String {
        let starts = self.rivals.first().map_or(0, |rival| rival.measured.starts.len());
        let warm = self.rivals.first().map_or(0, |rival| rival.measured.warm.len());
        format!(
            "medians of {starts} starts and {warm} warm invocations each, in turns; services on this machine, over TLS\n\
             profile {}, Node.js {}, {} cores; {} of {} checks hold",
            self.profile,
            self.node,
            cores(),
            self.checks.iter().filter(|check| check.holds()).count(),
            self.checks.len(),
        )
    }

    fn json(&self) -> Value {
        let rivals = self.rivals.iter().map(|rival| {
            let mut figures: serde_json::Map<String, Value> = figures()
                .into_iter()
                .map(|figure| (figure.key.to_owned(), (figure.of)(&rival.measured).into()))
                .collect();
            figures.insert("listener".to_owned(), rival.name.into());
            figures.insert("aws_calls".to_owned(), rival.measured.calls_each().into());
            Value::Object(figures)
        });
        json!({
            "profile": self.profile,
            "node": self.node,
            "cores": cores(),
            "listeners": rivals.collect::<Vec<_>>(),
            "checks": self.checks,
            "holds": self.checks.iter().all(Check::holds),
        })
    }
}

fn ratio(is_rate: bool, own: f64, other: f64) -> String {
    match (is_rate, own > 0.0 && other > 0.0) {
        (_, false) => "-".to_owned(),
        (true, true) => format!("{:.1} ×", own / other),
        (false, true) if own <= other => format!("1/{:.1}", other / own),
        (false, true) => format!("{:.1} ×", own / other),
    }
}

#[cfg(test)]
mod tests {
    use super::ratio;

    #[test]
    fn less_time_is_a_part_and_more_of_a_rate_a_multiple() {
        assert_eq!(ratio(false, 2.0, 31.0), "1/15.5");
        assert_eq!(ratio(false, 3.0, 1.5), "2.0 ×");
        assert_eq!(ratio(true, 4_000.0, 1_000.0), "4.0 ×");
        assert_eq!(ratio(true, 500.0, 1_000.0), "0.5 ×");
        assert_eq!(ratio(false, 2.0, 0.0), "-");
    }
}

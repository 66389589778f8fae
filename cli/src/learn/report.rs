//! What was learned, for people and for programs.

use std::time::Duration;

use comfy_table::{CellAlignment, Table, TableStyle, presets};
use serde_json::{Value, json};
use stepwait_core::learn::Histogram;

use super::figures::{AsWritten, Comparison, Figures};
use super::lesson::Lesson;
use super::line::{self, Line};
use crate::plan::money::{dollars, thousands, time};

/// What was learned.
pub(super) struct Report {
    pub(super) name: String,
    pub(super) path: String,
    pub(super) lesson: Lesson,
    /// What the file knew.
    pub(super) before: Histogram,
    pub(super) compared: Result<Comparison, AsWritten>,
    /// Rows of the table that were read.
    pub(super) rows: u64,
    /// Rows of ended waits that could not be read.
    pub(super) unreadable: u64,
    /// Whether the file was written.
    pub(super) written: bool,
}

impl Report {
    /// For terminals.
    pub(super) fn text(&self) -> String {
        let mut parts = vec![self.waits(), table(&self.jobs())];
        match &self.compared {
            Ok(compared) => parts.push(table(&rows_of(compared))),
            Err(why) => parts.push(why.reason()),
        }
        parts.push(match (self.lesson.counted, self.written) {
            (0, false) => "nothing new; the file stays as it is".to_owned(),
            (_, true) => format!("written to {}", self.path),
            (_, false) => format!("for {}; --write puts it there:\n\n{}", self.path, self.line()),
        });
        parts.join("\n\n")
    }

    /// Which waits it was learned from.
    fn waits(&self) -> String {
        let Lesson { counted, earlier, not_ended, unknown, .. } = self.lesson;
        let mut texts = vec![format!("{} new {}", thousands(counted), if counted == 1 { "job" } else { "jobs" })];
        let others = [
            (earlier, "counted before, or ended before the asked time"),
            (not_ended, "ended without their job"),
            (unknown, "do not tell when their job ended"),
            (self.unreadable, "cannot be read"),
        ];
        texts.extend(others.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{} {what}", thousands(n))));
        format!("{}: {} (of {} rows read)", self.name, texts.join("; "), thousands(self.rows))
    }

    fn jobs(&self) -> [[String; 3]; 4] {
        let (before, now) = (&self.before, &self.lesson.jobs);
        let row = |name: &str, of: &dyn Fn(&Histogram) -> String| [name.to_owned(), of(before), of(now)];
        let took = |jobs: &Histogram, permille| {
            jobs.quantile(permille).map_or_else(|| "-".to_owned(), |took| time(milliseconds(took)))
        };
        [
            ["".to_owned(), "before".to_owned(), "now".to_owned()],
            row("jobs known", &|jobs| thousands(jobs.observations().into())),
            row("half of them took at most", &|jobs| took(jobs, 500)),
            row("19 of 20 took at most", &|jobs| took(jobs, 950)),
        ]
    }

    /// The line as it stands in a file that has nothing else.
    fn line(&self) -> String {
        let put = line::put("", Line { jobs: &self.lesson.jobs, until: self.lesson.until });
        put.unwrap_or_default().trim().to_owned()
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        let Lesson { jobs, until, counted, earlier, not_ended, unknown } = &self.lesson;
        let took = |jobs: &Histogram, permille| jobs.quantile(permille).map(milliseconds);
        let known = |jobs: &Histogram| json!({ "known": jobs.observations(), "p50_ms": took(jobs, 500), "p95_ms": took(jobs, 950) });
        let figures = |figures: &Figures| {
            json!({
                "looks": (figures.looks * 100.0).round() / 100.0,
                "mean_delay_ms": figures.delay_ms,
                "nano_dollars_of_1000_waits": figures.nano_dollars,
            })
        };
        json!({
            "integration": self.name,
            "file": self.path,
            "written": self.written,
            "waits": {
                "counted": counted,
                "earlier": earlier,
                "not_ended": not_ended,
                "unknown": unknown,
                "unreadable": self.unreadable,
            },
            "rows_read": self.rows,
            "before": known(&self.before),
            "now": known(jobs),
            "as_written": self.compared.as_ref().ok().map(|compared| figures(&compared.as_written)),
            "learned": self.compared.as_ref().ok().map(|compared| figures(&compared.learned)),
            "note": self.compared.as_ref().err().map(|why| why.reason()),
            "jobs": jobs.to_string(),
            "until": until,
        })
    }
}

fn rows_of(compared: &Comparison) -> [[String; 3]; 4] {
    let row = |name: &str, of: &dyn Fn(&Figures) -> String| {
        [name.to_owned(), of(&compared.as_written), of(&compared.learned)]
    };
    [
        ["".to_owned(), "as written".to_owned(), "learned".to_owned()],
        row("looks at a job", &|figures| format!("{:.1}", figures.looks)),
        row("its end known after", &|figures| time(figures.delay_ms)),
        row("a thousand waits", &|figures| figures.nano_dollars.map_or_else(|| "-".to_owned(), dollars)),
    ]
}

/// A head and its rows.
fn table(rows: &[[String; 3]]) -> String {
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(presets::UTF8_HORIZONTAL_ONLY.row_separator));
    if let [head, rows @ ..] = rows {
        table.set_header(head);
        table.add_rows(rows);
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table.to_string().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(compared: Result<Comparison, AsWritten>, counted: u64, written: bool) -> Report {
        let jobs: Histogram = "128 per doubling, 4m 50s: 10, 5m: 1100".parse().unwrap();
        let until = Some("2026-11-24T09:30:00Z".parse().unwrap());
        let lesson = Lesson { jobs, until, counted, earlier: 0, not_ended: 1_204, unknown: 1 };
        Report {
            name: "transcript".to_owned(),
            path: "integrations/transcript.toml".to_owned(),
            lesson,
            before: "128 per doubling, 5m: 3".parse().unwrap(),
            compared,
            rows: 12_345,
            unreadable: 0,
            written,
        }
    }

    fn saves() -> Comparison {
        let as_written = Figures { looks: 14.31, delay_ms: 8_210, nano_dollars: Some(412_000_000) };
        Comparison { as_written, learned: Figures { looks: 1.24, delay_ms: 8_190, nano_dollars: None } }
    }

    #[test]
    fn what_was_learned_is_told_like_this() {
        let expected = "\
transcript: 1,110 new jobs; 1,204 ended without their job; 1 do not tell when their job ended (of 12,345 rows read)

                             before   now
──────────────────────────────────────────
 jobs known                       3   555
 half of them took at most       5m    5m
 19 of 20 took at most           5m    5m

                       as written   learned
────────────────────────────────────────────
 looks at a job              14.3       1.2
 its end known after         8.3s      8.2s
 a thousand waits           $0.42         -

for integrations/transcript.toml; --write puts it there:

[schedule]
learned = { jobs = \"128 per doubling, 4m 50s: 5, 5m: 550\", until = \"2026-11-24T09:30:00Z\" }";
        assert_eq!(report(Ok(saves()), 1_110, false).text(), expected);
    }

    #[test]
    fn the_last_lines_say_what_became_of_the_file_and_what_counts() {
        let told = |why, counted, written| {
            let text = report(Err(why), counted, written).text();
            text.split("\n\n").skip(2).map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(
            told(AsWritten::TooFew, 0, false),
            ["until 20 jobs are known, the schedule counts as it is written", "nothing new; the file stays as it is"]
        );
        assert_eq!(
            told(AsWritten::Webhook, 3, true),
            [
                "a webhook tells when a job has ended; what was learned counts where strategy = \"poll\"",
                "written to integrations/transcript.toml"
            ]
        );
    }

    #[test]
    fn programs_read_whole_numbers() {
        let json = report(Ok(saves()), 1_110, true).json();
        assert_eq!(json["waits"]["counted"], 1_110);
        assert_eq!(json["now"], json!({ "known": 555, "p50_ms": 300_000, "p95_ms": 300_000 }));
        assert_eq!(json["as_written"]["nano_dollars_of_1000_waits"], 412_000_000);
        assert_eq!(json["learned"]["looks"], 1.24);
        assert_eq!((&json["written"], &json["note"]), (&json!(true), &Value::Null));
    }
}

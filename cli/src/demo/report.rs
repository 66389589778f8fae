//! The rows, as a table or as JSON.

use std::fmt;
use std::time::Duration;

use comfy_table::{CellAlignment, Table, TableStyle, presets};
use serde::Serialize;
use serde_json::json;
use stepwait_core::ErrorName;
use stepwait_local::engine::{Deployment, Execution};
use stepwait_local::history::{express_rounds, whole_execution};
use stepwait_local::scripted::Seen;

use super::case::Expected;
use super::evidence::{Strategy, known_at_ms, strategy};
use super::watch::{DemoError, Finished};

/// What every execution came to, and what it took.
#[derive(Debug)]
pub(super) struct Report {
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    request: &'static str,
    shows: &'static str,
    integration: &'static str,
    strategy: Option<Strategy>,
    outcome: Outcome,
    as_expected: bool,
    /// As the third party counted.
    checks: usize,
    /// Those that were answered.
    webhooks: usize,
    /// State transitions of the Standard workflow.
    transitions: u32,
    /// How long the Express workflow ran, all rounds together.
    express_seconds: f64,
    /// From the job's end, by the third party's clock, until the waiting Task's.
    known_after_ms: Option<i64>,
}

/// What an execution came to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Outcome {
    Success,
    Failure(ErrorName),
    /// Nothing that the definitions name.
    Strange(String),
}

impl Report {
    /// Reads the evidence of each execution.
    pub(super) async fn of(deployment: &Deployment, finished: &[Finished]) -> Result<Self, DemoError> {
        let main = deployment.stack.output("MainStateMachineArn")?;
        let definition = deployment.engine.states().definition(main).await?;
        let rows = finished
            .iter()
            .map(|end| Row::of(end, &definition, &deployment.third_party.seen(end.case.name)))
            .collect::<Result<_, _>>()?;
        Ok(Self { rows })
    }

    /// A line for each execution that did not come to what it should.
    pub(super) fn surprises(&self) -> Vec<String> {
        self.rows.iter().filter(|row| !row.as_expected).map(Row::surprise).collect()
    }

    pub(super) fn table(&self) -> Table {
        let mut table = Table::new();
        // Without lines between columns it fits a terminal of 110.
        table.load_style(TableStyle::new().header_separator(presets::UTF8_HORIZONTAL_ONLY.row_separator)).set_header([
            "request",
            "strategy",
            "outcome",
            "checks",
            "webhooks",
            "Standard\ntransitions",
            "Express\nseconds",
            "known\nafter",
        ]);
        for row in &self.rows {
            table.add_row(row.cells());
        }
        for column in table.column_iter_mut().skip(3) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        table
    }

    pub(super) fn json(&self) -> String {
        let is_as_expected = self.rows.iter().all(|row| row.as_expected);
        format!("{:#}", json!({ "as_expected": is_as_expected, "requests": self.rows }))
    }
}

impl Row {
    fn of(end: &Finished, definition: &serde_json::Value, seen: &Seen) -> Result<Self, DemoError> {
        let Finished { case, execution, events } = end;
        let unreadable = |error: &dyn fmt::Display| DemoError::History { case: case.name, reason: error.to_string() };
        let whole = whole_execution(definition, events, None).map_err(|error| unreadable(&error))?;
        let rounds = express_rounds(events).map_err(|error| unreadable(&error))?;
        let outcome = Outcome::of(execution);
        let known_after_ms = known_at_ms(events).zip(seen.done_at_ms).map(|(known, done)| known - done);
        Ok(Self {
            request: case.name,
            shows: case.shows,
            integration: case.integration,
            strategy: strategy(events),
            as_expected: outcome.is(case.expected),
            outcome,
            checks: seen.checks.len(),
            webhooks: seen.webhook_statuses().into_iter().flatten().count(),
            transitions: whole.transitions(),
            express_seconds: rounds.iter().map(|round| round.lasted).sum::<Duration>().as_secs_f64(),
            known_after_ms,
        })
    }

    fn cells(&self) -> [String; 8] {
        [
            self.request.to_owned(),
            self.strategy.map_or_else(|| "-".to_owned(), |strategy| strategy.to_string()),
            self.outcome.to_string(),
            self.checks.to_string(),
            self.webhooks.to_string(),
            self.transitions.to_string(),
            format!("{:.1}", self.express_seconds),
            self.known_after_ms.map_or_else(|| "-".to_owned(), |time| format!("{time} ms")),
        ]
    }

    fn surprise(&self) -> String {
        format!("`{}` should have {}, and came to this: {}", self.request, self.shows, self.outcome)
    }
}

impl Outcome {
    fn of(execution: &Execution) -> Self {
        if execution.status == "SUCCEEDED" {
            return Self::Success;
        }
        let error = execution.error.as_deref().unwrap_or_default();
        let cause = execution.cause.as_deref().unwrap_or_default();
        // The main workflow's error says that a request failed, its cause why.
        match named_error(cause) {
            Some(name) if error == ErrorName::RequestsFailed.as_str() => Self::Failure(name),
            _ => Self::Strange(format!("{} {error} {cause}", execution.status)),
        }
    }

    fn is(&self, expected: Expected) -> bool {
        match (self, expected) {
            (Self::Success, Expected::Success) => true,
            (Self::Failure(name), Expected::Failure(expected)) => *name == expected,
            (Self::Success | Self::Failure(_) | Self::Strange(_), _) => false,
        }
    }
}

/// The first of our error names that stands in a text as a word.
fn named_error(text: &str) -> Option<ErrorName> {
    text.split(|c: char| !c.is_ascii_alphanumeric()).find_map(ErrorName::parse)
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Success => f.write_str("succeeded"),
            Self::Failure(name) => write!(f, "failed: {name}"),
            Self::Strange(text) => f.write_str(text),
        }
    }
}

impl Serialize for Outcome {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Success => json!({ "ended": "succeeded" }),
            Self::Failure(name) => json!({ "ended": "failed", "error": name }),
            Self::Strange(text) => json!({ "ended": "otherwise", "text": text }),
        }
        .serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(error: &str, cause: &str) -> Execution {
        Execution {
            status: "FAILED".to_owned(),
            output: None,
            error: Some(error.to_owned()),
            cause: Some(cause.to_owned()),
        }
    }

    #[test]
    fn the_cause_names_the_requests_error() {
        let execution = failed("RequestsFailed", "transcript, job tr_1: JobFailed: the recording is silent");
        assert_eq!(Outcome::of(&execution), Outcome::Failure(ErrorName::JobFailed));
    }

    #[test]
    fn an_error_the_definitions_do_not_raise_is_shown_whole_and_never_expected() {
        let outcome = Outcome::of(&failed("States.Runtime", "JobFailed was not found"));
        assert_eq!(outcome.to_string(), "FAILED States.Runtime JobFailed was not found");
        assert!(!outcome.is(Expected::Failure(ErrorName::JobFailed)));
        assert!(!outcome.is(Expected::Success));
    }

    #[test]
    fn programs_read_an_outcome_without_parsing_a_sentence() {
        let shown = |outcome: Outcome| serde_json::to_value(outcome).unwrap();
        assert_eq!(shown(Outcome::Success), json!({ "ended": "succeeded" }));
        assert_eq!(shown(Outcome::Failure(ErrorName::JobFailed)), json!({ "ended": "failed", "error": "JobFailed" }));
    }
}

//! What waiting costs, for jobs of several durations: a column each, and beside
//! each count where it comes from.

use std::time::Duration;

use comfy_table::{CellAlignment, Table, TableStyle, presets};
use serde_json::{Value, json};
use stepwait_core::cost::{
    self, AROUND, Architecture, CALLED_BACK, EACH_FURTHER_ROUND, End, GIVEN_UP, JobEnds, POLLED, Prices, TooManyLooks,
    Usage, assumed,
};
use stepwait_core::integration::{Integration, Strategy};

use super::words::duration;

/// The durations that are shown of what is polled unless one is asked for: a quick
/// job, a slow one, and one that people wait for.
const POLLED_DURATIONS: [Duration; 3] = [Duration::from_secs(30), Duration::from_mins(5), Duration::from_hours(1)];

/// The same of what a webhook ends: the reconciler comes before it, or often.
const CALLED_BACK_DURATIONS: [Duration; 3] =
    [Duration::from_mins(5), Duration::from_hours(1), Duration::from_hours(24)];

/// A number of a column, and how a row shows it.
type Row = (&'static str, fn(&Case) -> String, String);

/// The costs of an integration's waits.
pub(super) struct Bill {
    strategy: Strategy,
    /// Where and when the prices hold.
    origin: String,
    cases: Result<Vec<Case>, TooManyLooks>,
}

/// A thousand waits whose jobs take as long.
struct Case {
    job_ends: JobEnds,
    end: End,
    usage: Usage,
    nano_dollars: u64,
}

impl Bill {
    /// What waits cost whose jobs take `asked`, or each of several durations and for ever.
    pub(super) fn of(integration: &Integration, asked: Option<Duration>, prices: &Prices) -> Self {
        let strategy = integration.strategy;
        let shown = match strategy {
            Strategy::Poll | Strategy::Pooled => POLLED_DURATIONS,
            Strategy::Callback => CALLED_BACK_DURATIONS,
        };
        let shown = shown.into_iter().filter(|duration| *duration < integration.deadline).map(JobEnds::After);
        let job_ends: Vec<JobEnds> = match asked {
            Some(asked) => vec![JobEnds::After(asked)],
            None => shown.chain([JobEnds::Never]).collect(),
        };
        let case = |job_ends| {
            let (end, usage) = cost::together(integration, job_ends)?;
            let nano_dollars = usage.nano_dollars(prices, Architecture::Arm64);
            Ok(Case { job_ends, end, usage, nano_dollars })
        };
        Self { strategy, origin: prices.origin(), cases: job_ends.into_iter().map(case).collect() }
    }

    /// For terminals.
    pub(super) fn text(&self) -> String {
        let cases = match &self.cases {
            Ok(cases) => cases,
            Err(error) => return format!("  {error}\n"),
        };
        let mut table = Table::new();
        table.load_style(TableStyle::new().header_separator(presets::UTF8_HORIZONTAL_ONLY.row_separator));
        let columns = cases.iter().map(|case| self.column(case));
        let header = ["the job ends".to_owned()].into_iter().chain(columns).chain(["where it comes from".to_owned()]);
        table.set_header(header);
        for (name, number, source) in rows(self.strategy, &self.origin) {
            let numbers = cases.iter().map(number);
            table.add_row([name.to_owned()].into_iter().chain(numbers).chain([source]));
        }
        for column in table.column_iter_mut().skip(1).take(cases.len()) {
            column.set_cell_alignment(CellAlignment::Right);
        }
        let lines = table.to_string().lines().map(|line| format!("{}\n", line.trim_end())).collect::<String>();
        let assumed = assumed::IN_WORDS.map(|assumption| format!("  {assumption}\n"));
        format!("{lines}{}", assumed.concat())
    }

    fn column(&self, case: &Case) -> String {
        match (case.job_ends, self.strategy) {
            (JobEnds::Never, Strategy::Poll | Strategy::Pooled) => "never".to_owned(),
            (JobEnds::Never, Strategy::Callback) => "without webhook".to_owned(),
            (JobEnds::After(after), _) => format!("after {}", duration(after)),
        }
    }

    /// For programs.
    pub(super) fn json(&self) -> Value {
        let cases = match &self.cases {
            Ok(cases) => cases,
            Err(error) => return json!({ "error": error.to_string() }),
        };
        let cases = cases.iter().map(|Case { job_ends, end, usage, nano_dollars }| {
            json!({
                "job_ends_after_ms": match job_ends {
                    JobEnds::After(after) => json!(milliseconds(*after)),
                    JobEnds::Never => Value::Null,
                },
                "known_after_ms": match end {
                    End::Known { after } => json!(milliseconds(*after)),
                    End::GivenUp => Value::Null,
                },
                "looks": usage.looks,
                "requests_to_the_third_party": usage.requests,
                "standard_transitions": usage.transitions,
                "express_requests": usage.express_requests,
                "express_mb_ms": usage.express_mb_ms,
                "lambda_requests": usage.lambda_requests,
                "lambda_mb_ms": usage.lambda_mb_ms,
                "dynamodb_write_units": usage.writes,
                "dynamodb_read_units": usage.reads,
                "log_bytes": usage.log_bytes,
                "nano_dollars": nano_dollars,
            })
        });
        json!({ "prices": self.origin, "assumed": assumed::IN_WORDS, "cases": cases.collect::<Vec<_>>() })
    }
}

/// The rows of the table.
fn rows(strategy: Strategy, origin: &str) -> Vec<Row> {
    let (around, polled, further) = (AROUND.len(), POLLED.len(), EACH_FURTHER_ROUND.len());
    let (called_back, given_up) = (CALLED_BACK.len(), GIVEN_UP.len());
    let is_polled = strategy == Strategy::Poll;
    let transitions = match strategy {
        Strategy::Poll => {
            format!("{around} around, {polled} polled, {further} each further round, {given_up} if closed")
        }
        Strategy::Pooled => format!("{around} around, {called_back} with a token, {given_up} if closed"),
        Strategy::Callback => format!("{around} around, {called_back} called back, {given_up} if closed"),
    };
    let lambda = match strategy {
        Strategy::Poll => "prepare, submit, each check, close",
        Strategy::Pooled => "prepare, submit, close, reconciler",
        Strategy::Callback => "prepare, submit, webhook or close, reconciler",
    };
    let looks = match strategy {
        Strategy::Poll => "the schedule",
        Strategy::Pooled => "the schedule, as the reconciler runs",
        Strategy::Callback => "the reconciler's, once a period",
    };
    let reads = match strategy {
        Strategy::Poll => "kept values, rounds, close, limits",
        Strategy::Pooled => "kept values, close, index, limits",
        Strategy::Callback => "webhook, close, index, limits",
    };
    let memory = if is_polled { "100 ms at 128 MB each" } else { "100 ms at 128 MB each, reconciler 256 MB" };
    let express: [Row; 2] = [
        (
            "Express rounds",
            |case| case.usage.express_requests.to_string(),
            "one, and one more for each leaving".to_owned(),
        ),
        ("Express GB-seconds", |case| gb_seconds(case.usage.express_mb_ms), "64 MB as long as rounds last".to_owned()),
    ];
    let mut rows: Vec<Row> = vec![
        ("known after", known, "from the job's end".to_owned()),
        ("looks at the job", |case| case.usage.looks.to_string(), looks.to_owned()),
        (
            "requests to the third party",
            |case| case.usage.requests.to_string(),
            "submit, looks, result, cancel".to_owned(),
        ),
        ("Standard transitions", |case| case.usage.transitions.to_string(), transitions),
    ];
    rows.extend(express.into_iter().filter(|_| is_polled));
    rows.extend::<[Row; 6]>([
        ("Lambda invocations", |case| case.usage.lambda_requests.to_string(), lambda.to_owned()),
        ("Lambda GB-seconds", |case| gb_seconds(case.usage.lambda_mb_ms), memory.to_owned()),
        (
            "DynamoDB write units",
            |case| case.usage.writes.to_string(),
            "the wait, its index entries, its link, results, limits".to_owned(),
        ),
        ("DynamoDB read units", |case| case.usage.reads.to_string(), reads.to_owned()),
        ("log MB", |case| megabytes(case.usage.log_bytes), "700 bytes an invocation, 250 a line".to_owned()),
        ("US dollars", |case| dollars(case.nano_dollars), origin.to_owned()),
    ]);
    rows
}

fn known(case: &Case) -> String {
    match case.end {
        End::Known { after } => duration(Duration::from_secs(after.as_secs() + u64::from(after.subsec_nanos() > 0))),
        End::GivenUp => "-".to_owned(),
    }
}

/// Megabyte-milliseconds as gigabyte-seconds with two decimals, rounded up.
fn gb_seconds(mb_ms: u64) -> String {
    let hundredths = (mb_ms * 100).div_ceil(1024 * 1000);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Bytes as megabytes with two decimals, rounded up.
fn megabytes(bytes: u64) -> String {
    let hundredths = bytes.div_ceil(10_000);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// Nano-dollars as dollars with four decimals, rounded up.
fn dollars(nano: u64) -> String {
    let parts = nano.div_ceil(100_000);
    format!("{}.{:04}", parts / 10_000, parts % 10_000)
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_rounded_up_in_their_last_place() {
        assert_eq!(
            [0, 1, 100_000, 338_777_151, 1_000_000_000].map(dollars),
            ["0.0000", "0.0001", "0.0001", "0.3388", "1.0000"]
        );
        assert_eq!([0, 1, 1_024_000, 1_939_200_000].map(gb_seconds), ["0.00", "0.01", "1.00", "1893.75"]);
        assert_eq!([0, 1, 10_001, 4_750_000].map(megabytes), ["0.00", "0.01", "0.02", "4.75"]);
    }
}

//! The reconciler: one invocation over a table of pooled waits whose checks are
//! all due, and whose jobs are all under way.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};
use stepwait_aws::{Edges, Settings};
use stepwait_catalog::Catalog;
use stepwait_core::integration::Integration;
use stepwait_core::wait::change::TakenJob;
use stepwait_core::wait::due::{SHARDS, due_from, first_look};
use stepwait_core::wait::{Change, Generation, JobId, Kept, Registration, WaitId};
use stepwait_core::{TaskToken, Timestamp};
use stepwait_flow::ports::WaitStore as _;
use stepwait_flow::reconcile::IN_FLIGHT;
use stepwait_load::aws::Aws;
use stepwait_load::template::Template;
use stepwait_load::vendor::Vendor;
use stepwait_local::runtime::{Environment, Reply};

use super::check::Check;
use super::{Format, PREFIX_VARIABLE, Progress, TABLE, TABLE_VARIABLE};
use crate::Trouble;

const INTEGRATION: &str = "transcript-pooled";

/// How long the third party takes for an answer, 100 ms.
const ANSWER_TIME: Duration = Duration::from_millis(100);

/// What it answers.
const ANSWER: &str = r#"{"id": "tr_1", "status": "processing"}"#;

/// How long ago the jobs were submitted, an hour: each has a check due.
const SINCE: Duration = Duration::from_hours(1);

/// How long an invocation may take, 120 s, as the template has it.
const LIMIT: Duration = Duration::from_secs(120);

/// The memory that a run must do with, 128 MB: half of what the template gives.
const MOST_MEMORY_BYTES: u64 = 128 * 1024 * 1024;

/// The most waits whose rows are written at the same time.
const WRITTEN_AT_ONCE: usize = 32;

/// What was measured.
#[derive(Debug)]
pub(crate) struct Reconciled {
    profile: &'static str,
    waits: usize,
    took: Duration,
    most_at_once: usize,
    peak_memory_bytes: Option<u64>,
    checks: Vec<Check>,
    misunderstood: Vec<String>,
}

/// Fills a table with so many due waits and invokes the reconciler once.
pub(crate) async fn reconcile(
    template: &Template,
    executable: PathBuf,
    profile: &'static str,
    waits: usize,
    progress: &Progress,
) -> Result<Reconciled, Trouble> {
    let aws = Aws::start().await?;
    let vendor = Vendor::start(ANSWER_TIME, ANSWER).await?;
    aws.tables().create(&template.table(TABLE)?)?;
    let mut variables = template.environment("reconcile")?;
    let of = |name: &str| variables.get(name).cloned().ok_or_else(|| format!("template.yaml does not set {name}"));
    let (wait_table, prefix) = (of(TABLE_VARIABLE)?, of(PREFIX_VARIABLE)?);
    aws.secrets().put(&format!("{prefix}transcript/api-token"), "api-token");
    variables.extend([
        ("AWS_ENDPOINT_URL".to_owned(), aws.endpoint()),
        ("BASE_URLS".to_owned(), json!({ INTEGRATION: vendor.base_url() }).to_string()),
        ("ALLOW_LOOPBACK".to_owned(), "true".to_owned()),
    ]);
    let edges = Edges::start_at(Settings { wait_table, ..Settings::default() }, &aws.endpoint())?;
    fill(&edges, waits, progress).await?;
    let written = aws.calls_of("UpdateItem");

    let mut environment = Environment::start(&executable, &variables, LIMIT).await?;
    let running = progress.spinner("one run of the reconciler");
    let invocations = environment.invoke(vec![Bytes::from_static(b"{}")], || ()).await?;
    running.finish_and_clear();
    let invocation = invocations.into_iter().next().ok_or("the reconciler did not answer")?;
    let summary: Value = match &invocation.reply {
        Reply::Response(body) => serde_json::from_slice(body)?,
        Reply::Error(body) => return Err(format!("the reconciler failed: {}", String::from_utf8_lossy(body)).into()),
    };
    let counted = |name: &str| summary[name].as_u64().and_then(|count| usize::try_from(count).ok()).unwrap_or(0);
    let pages = u64::from(SHARDS) + (waits / 500) as u64 + 2 * u64::from(SHARDS);
    let writes = aws.calls_of("UpdateItem") - written;
    let peak_memory_bytes = environment.peak_memory_bytes();
    let most_at_once = vendor.most_at_once();
    let checks = vec![
        Check::exactly("reconcile", "checks that the reconciler counted", waits, counted("checked")),
        Check::exactly("reconcile", "looks that the third party counted", waits, vendor.answered()),
        Check::exactly("reconcile", "waits that were left", 0, counted("left")),
        Check::exactly("reconcile", "waits that ended", 0, counted("ended")),
        Check::between("reconcile", "looks at a time", waits.min(500), IN_FLIGHT, most_at_once),
        Check::between("reconcile", "writes, of how far the run has come", 0_u64, pages, writes),
        Check::between("reconcile", "bytes of memory", 0_u64, MOST_MEMORY_BYTES, peak_memory_bytes.unwrap_or(0)),
        Check::exactly("all", "requests that no service understood", 0, aws.misunderstood().len()),
    ];
    Ok(Reconciled {
        profile,
        waits,
        took: invocation.took,
        most_at_once,
        peak_memory_bytes,
        checks,
        misunderstood: aws.misunderstood(),
    })
}

/// Writes the rows of so many waits, each with a job that was taken an hour ago.
async fn fill(edges: &Edges, waits: usize, progress: &Progress) -> Result<(), Trouble> {
    let catalog = Catalog::load()?;
    let integration = catalog.get(INTEGRATION).ok_or("there is no such integration file")?;
    let now = Timestamp::from_millisecond(i64::try_from(std::time::UNIX_EPOCH.elapsed()?.as_millis())?)?;
    let bar = progress.bar("due waits", waits);
    for numbers in (0..waits).collect::<Vec<_>>().chunks(WRITTEN_AT_ONCE) {
        let writing = numbers.iter().map(|number| write(edges, integration, *number, now - SINCE));
        for written in futures_util::future::join_all(writing).await {
            written?;
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    Ok(())
}

async fn write(edges: &Edges, integration: &Integration, number: usize, began: Timestamp) -> Result<(), Trouble> {
    let id = WaitId::derive("arn:execution", &integration.name, &format!("n{number}"));
    let deadline = began + integration.deadline;
    let mine = Generation::from_u64(1);
    let registration = Registration {
        id: id.clone(),
        generation: mine,
        token: Some(TaskToken::new(format!("{number:0>600}"))),
        integration: integration.name.clone(),
        digest: integration.digest.clone(),
        started_at: began,
        deadline,
        execution_arn: "arn:execution".to_owned(),
        capability: None,
        due_from: due_from(Some(first_look(&id, integration)), deadline, began),
    };
    edges.update(&id, &Change::Register(Box::new(registration)), began).await?;
    let job_id = JobId::parse(&format!("tr_{number}"))?;
    let job = TakenJob { mine, operation: "of the submit".to_owned(), job_id, kept: Kept::default() };
    edges.update(&id, &Change::Submitted(job), began).await?;
    Ok(())
}

impl Reconciled {
    /// Prints everything: 0 if all checks hold.
    pub(crate) fn conclude(&self, format: Format) -> ExitCode {
        let millis = self.took.as_millis().max(1);
        let per_second = (self.waits as u128) * 1_000 / millis;
        let megabytes = self.peak_memory_bytes.map(|bytes| bytes / 1024 / 1024);
        match format {
            Format::Table => {
                anstream::println!(
                    "one run of the reconciler ({} profile), of a third party that answers in {} ms",
                    self.profile,
                    ANSWER_TIME.as_millis()
                );
                let rows: BTreeMap<&str, String> = BTreeMap::from([
                    ("1 checks", self.waits.to_string()),
                    ("2 took", format!("{millis} ms")),
                    ("3 checks a second", per_second.to_string()),
                    ("4 most in flight", self.most_at_once.to_string()),
                    ("5 peak memory", megabytes.map_or_else(|| "not known".to_owned(), |mb| format!("{mb} MB"))),
                ]);
                for (name, value) in rows {
                    anstream::println!("  {:20} {value}", name.get(2..).unwrap_or(name));
                }
            }
            Format::Json => anstream::println!(
                "{:#}",
                json!({
                    "profile": self.profile,
                    "checks": self.waits,
                    "took_ms": u64::try_from(millis).unwrap_or(u64::MAX),
                    "checks_a_second": u64::try_from(per_second).unwrap_or(u64::MAX),
                    "most_in_flight": self.most_at_once,
                    "peak_memory_mb": megabytes,
                })
            ),
        }
        super::report::complain(&self.checks, &self.misunderstood)
    }
}

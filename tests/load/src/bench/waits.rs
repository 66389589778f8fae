//! Waits on a third party, begun by the steps that the functions run: nothing in
//! the table is written by hand.

use std::collections::BTreeMap;

use serde_json::json;
use stepwait_aws::{Edges, Settings};
use stepwait_catalog::Catalog;
use stepwait_core::message::{PrepareInput, SubmitInput};
use stepwait_flow::prepare::prepare;
use stepwait_flow::submit::submit;
use stepwait_flow::{Book, StepError};
use stepwait_load::aws::Aws;
use stepwait_local::scripted::{Script, ThirdParty};

use super::Progress;
use crate::Trouble;

/// The third party whose waits are begun.
pub(super) const INTEGRATION: &str = "identity-check";

/// The reference under which the third party has all jobs of a run.
const REFERENCE: &str = "load";

/// An execution that does not exist.
const EXECUTION: &str = "arn:aws:states:us-east-1:000000000000:execution:stepwait-main:load";

/// A token's length, in characters. Step Functions allows 2,048, and gives some hundreds.
const TOKEN_CHARS: usize = 600;

/// A wait whose job the third party has.
#[derive(Clone)]
pub(super) struct Wait {
    /// The token of the task that waits.
    pub(super) token: String,
    /// The third party's job.
    pub(super) job_id: String,
    /// The key of its row.
    pub(super) row: String,
}

/// Begins waits.
pub(super) struct Waits {
    edges: Edges,
    book: Book,
    begun: usize,
    /// Lives as long as its jobs may be asked for.
    _third_party: ThirdParty,
}

impl Waits {
    pub(super) async fn on(
        aws: &Aws,
        third_party: ThirdParty,
        wait_table: String,
        secret_prefix: String,
    ) -> Result<Self, Trouble> {
        third_party.script(REFERENCE, Script::never_ends());
        let settings = Settings {
            wait_table,
            secret_prefix,
            base_urls: BTreeMap::from([(INTEGRATION.to_owned(), third_party.base_url().parse()?)]),
            callback_base: Some("https://measured.lambda-url.us-east-1.on.aws".to_owned()),
            allow_loopback: true,
            ..Settings::default()
        };
        let book = Book::new(Catalog::load()?, settings.for_steps());
        let edges = Edges::start_at(settings, &aws.endpoint())?;
        Ok(Self { edges, book, begun: 0, _third_party: third_party })
    }

    /// Begins so many waits, each with a task that waits for it.
    pub(super) async fn begin(&mut self, aws: &Aws, count: usize, progress: &Progress) -> Result<Vec<Wait>, Trouble> {
        let bar = progress.bar("waits that begin", count);
        let mut waits = Vec::with_capacity(count);
        for _ in 0..count {
            self.begun += 1;
            let token = format!("{:0>TOKEN_CHARS$}", self.begun);
            aws.tasks().open(&token);
            waits.push(self.begin_one(token).await?);
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(waits)
    }

    async fn begin_one(&self, token: String) -> Result<Wait, Trouble> {
        let request: PrepareInput = serde_json::from_value(json!({
            "integration": INTEGRATION,
            "payload": { "applicant": "Ada Lovelace", "reference": REFERENCE },
            "key": format!("n{}", self.begun),
            "execution_arn": EXECUTION,
            "requests": 1,
        }))?;
        let failed = |error: StepError| Trouble::from(format!("{}: {}", error.name, error.message));
        let plan = prepare(&self.edges, &self.book, request).await.map_err(failed)?;
        let wait = serde_json::to_value(&plan.wait)?;
        let row = format!("W#{}", plan.wait.id);
        let attempt: SubmitInput = serde_json::from_value(json!({
            "wait": wait,
            "payload": plan.payload,
            "attempt": { "entered_at": plan.wait.started_at, "retry_count": 0 },
            "token": &token,
        }))?;
        let submitted = submit(&self.edges, &self.book, attempt).await.map_err(failed)?;
        let job_id = submitted.job_id.ok_or("the third party took no job")?;
        Ok(Wait { token, job_id: job_id.to_string(), row })
    }
}

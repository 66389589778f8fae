//! Faults, made for real: processes are killed where it hurts most, deliveries and
//! reconcilers come in crowds. Whatever happens, the wait ends once and with its own
//! result, by its history, its row, and what the third party counted.
//!
//! | file | |
//! |---|---|
//! | `hold` | AWS, but for one call that is held back |
//! | `listener` | the compiled listener in a process of the test's own, and its end |
//! | `killed_listener`, `killed_submit`, `crowds` | the tests |

pub(crate) mod crowds;
mod hold;
pub(crate) mod killed_listener;
pub(crate) mod killed_submit;
mod listener;

use super::reconciling::row_when;
use serde_json::json;
use stepwait_aws::Edges;
use stepwait_core::wait::{Source, Status, WaitRow};
use stepwait_tests::{Application, Ended, Trouble};

/// What the third party reports of a job that it ends well.
fn approved(job: &str) -> String {
    json!({ "type": "check.finished", "data": { "check_id": job, "state": "approved", "report": { "score": 1 } } })
        .to_string()
}

/// How often a task that held a token was resumed, by its execution's history.
fn resumed(ended: &Ended) -> usize {
    let by_token = |event: &&serde_json::Value| {
        event["taskSucceededEventDetails"]["resource"].as_str().is_some_and(|r| r.ends_with(".waitForTaskToken"))
    };
    ended.events.iter().filter(by_token).count()
}

/// The wait of execution `name` ended once: its task was resumed once, its row has
/// one outcome, from there, which was delivered, and the third party has one job,
/// which nobody called off.
async fn ended_once(
    app: &Application,
    edges: &Edges,
    name: &str,
    ended: &Ended,
    source: Source,
) -> Result<WaitRow, Trouble> {
    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    assert_eq!(resumed(ended), 1);
    // The mark of the delivery comes after the delivery, perhaps by the reconciler.
    let row = row_when(app, edges, &ended.arn, |row| row.delivered.is_some() && row.due.is_none()).await?;
    assert_eq!((row.status, row.delivered), (Status::Succeeded, Some(row.generation)));
    assert_eq!(row.outcome.as_ref().map(|outcome| outcome.source), Some(source));
    assert_eq!(row.late, []);
    let seen = app.deployment.third_party.seen(name);
    assert_eq!((seen.jobs.len(), seen.idempotency_keys.len(), seen.cancels), (1, 1, 0));
    assert_eq!(row.job_id.as_ref().map(|job_id| job_id.as_str()), Some(seen.jobs[0].as_str()));
    Ok(row)
}

/// What was recorded as the result of execution `name`.
async fn result(app: &Application, name: &str) -> Result<serde_json::Value, Trouble> {
    let recorded = app.recorded(name, Some("#0")).await?.ok_or("nothing is recorded")?;
    Ok(serde_json::from_str(recorded.text("result").ok_or("there is no result")?)?)
}

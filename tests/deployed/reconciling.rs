//! The reconciler, as its schedule runs it, and executions that are stopped.

use http::StatusCode;
use serde_json::{Value, json};
use std::time::Duration;
use stepwait_aws::Edges;
use stepwait_catalog::Catalog;
use stepwait_core::decide::sweep::{CheckTimes as _, Regular};
use stepwait_core::wait::due::DueWait;
use stepwait_core::wait::{Awaited, Change, Outcome, OutcomeKind, Source, Status, WaitRow};
use stepwait_core::{ErrorName, Timestamp};
use stepwait_flow::operate;
use stepwait_flow::ports::WaitStore as _;
use stepwait_local::scripted::{Answer, Script, millis};
use stepwait_tests::{Application, Trouble};
use tokio::sync::RwLock;

use super::waits::edges;

crate::tests![
    a_pooled_wait_is_ended_by_the_scheduled_reconciler_and_costs_one_transition_and_no_write_meanwhile,
    jobs_that_one_request_asks_for_together_each_get_their_own_result,
    a_job_whose_webhook_was_lost_is_found_by_the_scheduled_reconciler,
    an_outcome_that_was_stored_and_not_delivered_is_delivered_by_the_scheduled_reconciler,
    a_wait_that_nobody_closed_is_closed_by_the_scheduled_reconciler,
    an_execution_that_is_stopped_has_its_job_called_off,
    a_person_ends_a_wait_by_hand,
];

/// The schedule fires once a minute; the rest is for a machine that does much else.
const LONGEST: Duration = Duration::from_secs(150);

/// Held by tests that count the looks at a job of theirs while the reconciler may
/// look; a test that runs two reconcilers beside each other holds it alone, as
/// two of them may look at whatever is due in the same moment.
pub(crate) static ONE_RECONCILER: RwLock<()> = RwLock::const_new(());

/// Starts a callback wait; gives its execution, and its row once its job is noted.
pub(crate) async fn submitted(app: &Application, edges: &Edges, name: &str) -> Result<(String, WaitRow), Trouble> {
    let payload = json!({ "applicant": "Ada", "reference": name });
    let arn = app.start(name, json!([{ "integration": "identity-check", "payload": payload }])).await?;
    let row = row_when(app, edges, &arn, |row| row.status == Status::Submitted).await?;
    Ok((arn, row))
}

/// The row of an execution's only wait, once it is so.
pub(crate) async fn row_when(
    app: &Application,
    edges: &Edges,
    arn: &str,
    is_so: impl Fn(&WaitRow) -> bool,
) -> Result<WaitRow, Trouble> {
    let began = std::time::Instant::now();
    let mut last = None;
    while began.elapsed() < LONGEST {
        for id in edges.waits_of(arn).await? {
            last = edges.read(&id).await?;
            if let Some(row) = last.take_if(|row| is_so(row)) {
                return Ok(row);
            }
        }
        tokio::time::sleep(millis(200)).await;
    }
    let log = app.deployment.engine.log_tail();
    Err(format!("not so within {LONGEST:?}: {last:?}; the engine's log ends so:\n{log}").into())
}

/// Moves a time of a wait's row, as the table writes it.
async fn move_time(app: &Application, row: &WaitRow, attribute: &str, to: Value) -> Result<(), Trouble> {
    app.set(&format!("W#{}", row.id), attribute, &to).await
}

/// Moves the reconciler's first look at a wait to a moment; one that is yet to come
/// is in the window of the run after it.
pub(crate) async fn look_at(app: &Application, row: &WaitRow, moment: Timestamp) -> Result<(), Trouble> {
    let catalog = Catalog::load()?;
    let schedule = &catalog.get("identity-check").ok_or("there is no such file")?.schedule;
    let wait = DueWait::of(row).ok_or("the wait is not in the index")?;
    let delay = Regular::beside_webhook(&wait, schedule).first().duration_since(row.submitted_at.ok_or("no job")?);
    let submitted_at = moment - Duration::try_from(delay)?;
    move_time(app, row, "submitted_at", json!({ "S": submitted_at.to_string() })).await?;
    move_time(app, row, "due_at", json!({ "N": submitted_at.as_millisecond().to_string() })).await
}

pub(crate) fn now() -> Result<Timestamp, Trouble> {
    Ok(Timestamp::from_millisecond(i64::try_from(std::time::UNIX_EPOCH.elapsed()?.as_millis())?)?)
}

async fn a_job_whose_webhook_was_lost_is_found_by_the_scheduled_reconciler(app: &Application) -> Result<(), Trouble> {
    let _counts_looks = ONE_RECONCILER.read().await;
    let name = "reconcile-lost-webhook";
    app.script(name, Script::succeeds_after(millis(100)).webhook_lost());
    let edges = edges(app).await?;
    let (arn, row) = submitted(app, &edges, name).await?;
    // Its first check comes in a few seconds, and not in some minutes.
    look_at(app, &row, now()? + Duration::from_secs(5)).await?;

    let ended = app.end_of(&arn).await?;
    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    let seen = app.deployment.third_party.seen(name);
    assert_eq!((seen.checks.len(), seen.webhooks.len()), (1, 0));
    let row = edges.read(&row.id).await?.ok_or("the row has gone")?;
    assert_eq!(row.outcome.as_ref().map(|outcome| outcome.source), Some(Source::Reconciler));
    assert_eq!((row.delivered, row.due), (Some(row.generation), None));
    Ok(())
}

/// The job is under way at its first look, which comes within a minute, and done at its second.
async fn a_pooled_wait_is_ended_by_the_scheduled_reconciler_and_costs_one_transition_and_no_write_meanwhile(
    app: &Application,
) -> Result<(), Trouble> {
    let name = "reconcile-pooled";
    let pending = Answer::status(StatusCode::OK, &json!({ "id": "tr", "status": "processing" }));
    app.script(name, Script::succeeds_after(millis(0)).check_answers([pending]));
    let edges = edges(app).await?;
    let payload = json!({ "audio_url": "https://a/1", "reference": name });
    let arn = app.start(name, json!([{ "integration": "transcript-pooled", "payload": payload }])).await?;
    let row = row_when(app, &edges, &arn, |row| row.status == Status::Submitted).await?;
    let pk = format!("W#{}", row.id);
    let before = app.row(&pk).await?.ok_or("the row has gone")?;
    let began = std::time::Instant::now();
    while app.deployment.third_party.seen(name).checks.is_empty() {
        if began.elapsed() > LONGEST {
            return Err(format!("not looked at within {LONGEST:?}: {row:?}").into());
        }
        tokio::time::sleep(millis(200)).await;
    }
    // The look itself is over a moment after it was counted.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let after = app.row(&pk).await?.ok_or("the row has gone")?;
    assert_eq!(after.0, before.0, "a look that finds its job pending writes nothing");

    // That its next look comes now and not in some minutes is all that is changed.
    let soon = now()? + Duration::from_secs(1);
    move_time(app, &row, "due_at", json!({ "N": soon.as_millisecond().to_string() })).await?;
    let ended = app.end_of(&arn).await?;
    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    let row = edges.read(&row.id).await?.ok_or("the row has gone")?;
    assert_eq!(row.outcome.as_ref().map(|outcome| outcome.source), Some(Source::Reconciler));
    assert_eq!((row.delivered, row.due), (Some(row.generation), None));
    let waited = ended.events.iter().filter(|event| {
        event["taskScheduledEventDetails"]["resource"].as_str().is_some_and(|name| name.ends_with(".waitForTaskToken"))
    });
    assert_eq!(waited.count(), 1, "one state waits, once");
    let polled = ended.events.iter().filter(|event| {
        event["taskScheduledEventDetails"]["resource"]
            .as_str()
            .is_some_and(|name| name.ends_with(":startSyncExecution"))
    });
    assert_eq!(polled.count(), 0);
    assert_eq!(ended.summary(0)["strategy"], "pooled");
    Ok(())
}

/// Ten waits in eight shards: some are found together.
async fn jobs_that_one_request_asks_for_together_each_get_their_own_result(app: &Application) -> Result<(), Trouble> {
    let name = "reconcile-together";
    app.script(name, Script::succeeds_after(millis(0)));
    let request = |n: u32| {
        let payload = json!({ "audio_url": format!("https://a/{n}"), "reference": name });
        json!({ "integration": "transcript-batch", "payload": payload })
    };
    let arn = app.start(name, (0..10).map(request).collect()).await?;
    let ended = app.end_of(&arn).await?;
    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    for n in 0..10 {
        let item = app.recorded(name, Some(&format!("#{n}"))).await?.ok_or("the result was not recorded")?;
        let result: Value = serde_json::from_str(item.text("result").ok_or("no result")?)?;
        assert_eq!(result, json!(format!("what is said in https://a/{n}")));
    }
    let seen = app.deployment.third_party.seen(name);
    assert_eq!((seen.jobs.len(), seen.checks.len()), (10, 10));
    assert!((2..=10).contains(&seen.most_together), "{}", seen.most_together);
    Ok(())
}

async fn an_outcome_that_was_stored_and_not_delivered_is_delivered_by_the_scheduled_reconciler(
    app: &Application,
) -> Result<(), Trouble> {
    let name = "reconcile-undelivered";
    app.script(name, Script::never_ends());
    let edges = edges(app).await?;
    let (arn, row) = submitted(app, &edges, name).await?;
    // A listener that died after it had stored what the third party said.
    let outcome = Outcome {
        kind: OutcomeKind::Succeeded { output: json!({ "score": 1 }) },
        source: Source::Webhook,
        at: now()?,
        job_id: row.job_id.clone(),
        event_id: None,
    };
    let claim = Change::Claim {
        integration: row.integration.clone(),
        outcome: Box::new(outcome),
        operation: "of the listener".to_owned(),
        awaited: Awaited::ByToken,
    };
    edges.update(&row.id, &claim, now()?).await?;

    let ended = app.end_of(&arn).await?;
    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    let row = edges.read(&row.id).await?.ok_or("the row has gone")?;
    assert_eq!((row.delivered, row.due), (Some(row.generation), None));
    let seen = app.deployment.third_party.seen(name);
    assert_eq!((seen.checks.len(), seen.cancels), (0, 0));
    Ok(())
}

async fn a_wait_that_nobody_closed_is_closed_by_the_scheduled_reconciler(app: &Application) -> Result<(), Trouble> {
    let _counts_looks = ONE_RECONCILER.read().await;
    let name = "reconcile-forgotten";
    app.script(name, Script::never_ends());
    let edges = edges(app).await?;
    let (arn, row) = submitted(app, &edges, name).await?;
    let long_ago = now()? - Duration::from_secs(3_600);
    move_time(app, &row, "deadline", json!({ "S": long_ago.to_string() })).await?;
    move_time(app, &row, "due_at", json!({ "N": long_ago.as_millisecond().to_string() })).await?;

    // The local engine does not enforce a token state's timeout; the task is resumed.
    let ended = app.end_of(&arn).await?;
    assert_eq!(ended.status(), "FAILED");
    let row = edges.read(&row.id).await?.ok_or("the row has gone")?;
    assert_eq!((row.status, row.due), (Status::Expired, None));
    let seen = app.deployment.third_party.seen(name);
    assert_eq!((seen.checks.len(), seen.cancels), (1, 1));
    Ok(())
}

async fn an_execution_that_is_stopped_has_its_job_called_off(app: &Application) -> Result<(), Trouble> {
    let name = "reconcile-stopped";
    app.script(name, Script::never_ends());
    let edges = edges(app).await?;
    let (arn, _) = submitted(app, &edges, name).await?;
    app.deployment.engine.states().stop_execution(&arn).await?;

    let row = row_when(app, &edges, &arn, |row| row.outcome.is_some() && row.due.is_none()).await?;
    assert_eq!(row.status, Status::Cancelled);
    let kind = row.outcome.map(|outcome| outcome.kind);
    assert_eq!(kind, Some(OutcomeKind::cancelled("the execution is ABORTED")));
    let seen = app.deployment.third_party.seen(name);
    assert_eq!((seen.checks.len(), seen.cancels), (1, 1));
    Ok(())
}

async fn a_person_ends_a_wait_by_hand(app: &Application) -> Result<(), Trouble> {
    let name = "reconcile-by-hand";
    app.script(name, Script::never_ends());
    let edges = edges(app).await?;
    let (arn, row) = submitted(app, &edges, name).await?;
    let kind = OutcomeKind::failed(ErrorName::JobFailed, "declined by phone");
    let finished = operate::finish(&edges, &row.id, kind).await?;
    assert!(finished.resumed && !finished.had_ended);

    let ended = app.end_of(&arn).await?;
    assert!(ended.cause().contains("JobFailed: declined by phone"), "{}", ended.cause());
    assert_eq!(operate::show(&edges, &row.id).await?, finished_row(&edges, &row).await?);
    let again = operate::finish(&edges, &row.id, OutcomeKind::cancelled("too late")).await?;
    assert!(again.had_ended && !again.resumed);
    assert_eq!(again.row.status, Status::Failed);
    Ok(())
}

/// The row of a wait whose task has its outcome.
async fn finished_row(edges: &Edges, row: &WaitRow) -> Result<WaitRow, Trouble> {
    let row = edges.read(&row.id).await?.ok_or("the row has gone")?;
    assert_eq!((row.delivered, row.due), (Some(row.generation), None));
    Ok(row)
}

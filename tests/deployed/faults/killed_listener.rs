//! A listener whose process is killed, at each place where something is stored or
//! sent and the rest is not. Nobody delivers the webhook again, but where it says so.

use super::hold::When;
use super::listener::killed;
use super::{approved, ended_once, result};
use crate::reconciling::{ONE_RECONCILER, look_at, now, submitted};
use crate::waits::edges;
use http::StatusCode;
use serde_json::json;
use std::time::Duration;
use stepwait_core::wait::{Source, Status};
use stepwait_flow::ports::WaitStore as _;
use stepwait_local::scripted::{Answer, Script, Signing};
use stepwait_tests::{Application, Trouble};

crate::tests![
    a_listener_killed_between_mail_and_claim_leaves_its_event_to_the_reconciler_whose_looks_get_no_answer,
    a_listener_killed_between_claim_and_send_leaves_its_outcome_to_the_scheduled_reconciler,
    a_listener_killed_between_send_and_mark_has_resumed_the_task_and_nobody_does_again,
    a_listener_killed_between_mark_and_answer_is_sent_the_event_again_and_nothing_happens_twice,
];

/// More looks than the reconciler makes before it finds the event.
const LOOKS: usize = 10;

async fn a_listener_killed_between_mail_and_claim_leaves_its_event_to_the_reconciler_whose_looks_get_no_answer(
    app: &Application,
) -> Result<(), Trouble> {
    let _counts_looks = ONE_RECONCILER.read().await;
    let name = "killed-before-claim";
    let down = Answer::status(StatusCode::SERVICE_UNAVAILABLE, &json!({}));
    app.script(name, Script::never_ends().check_answers(vec![down; LOOKS]));
    let edges = edges(app).await?;
    let (arn, row) = submitted(app, &edges, name).await?;
    let job = row.job_id.clone().ok_or("there is no job")?;
    killed(app, job.as_str(), When::After, |call| call.changes("J#")).await?;

    let mailbox = edges.rendezvous(&row.integration, &job).await?;
    assert_eq!(mailbox.wait_id.as_ref(), Some(&row.id));
    assert_eq!(mailbox.event.map(|event| event.source), Some(Source::Webhook));
    let without = edges.read(&row.id).await?.ok_or("the row has gone")?;
    assert_eq!((without.status, &without.outcome), (Status::Submitted, &None));

    look_at(app, &row, now()? + Duration::from_secs(5)).await?;
    let ended = app.end_of(&arn).await?;
    ended_once(app, &edges, name, &ended, Source::Webhook).await?;
    assert_eq!(result(app, name).await?, json!({ "score": 1 }));
    let seen = app.deployment.third_party.seen(name);
    assert_eq!((seen.submits, seen.checks.len(), seen.webhooks.len()), (1, 1, 0));
    Ok(())
}

async fn a_listener_killed_between_claim_and_send_leaves_its_outcome_to_the_scheduled_reconciler(
    app: &Application,
) -> Result<(), Trouble> {
    let name = "killed-before-send";
    app.script(name, Script::never_ends());
    let edges = edges(app).await?;
    let (arn, row) = submitted(app, &edges, name).await?;
    let job = row.job_id.clone().ok_or("there is no job")?;
    let call = killed(app, job.as_str(), When::Before, |call| call.is("SendTaskSuccess")).await?;

    assert_eq!(call.body["taskToken"].as_str(), row.token.as_ref().map(|token| token.expose()));
    let stored = edges.read(&row.id).await?.ok_or("the row has gone")?;
    assert_eq!((stored.status, stored.delivered), (Status::Succeeded, None));
    assert!(stored.due.is_some(), "nobody will deliver it");
    assert!(app.deployment.engine.states().describe_execution(&arn).await?.is_running());

    let ended = app.end_of(&arn).await?;
    ended_once(app, &edges, name, &ended, Source::Webhook).await?;
    assert_eq!(result(app, name).await?, json!({ "score": 1 }));
    let seen = app.deployment.third_party.seen(name);
    assert_eq!((seen.submits, seen.checks.len(), seen.webhooks.len()), (1, 0, 0));
    Ok(())
}

async fn a_listener_killed_between_send_and_mark_has_resumed_the_task_and_nobody_does_again(
    app: &Application,
) -> Result<(), Trouble> {
    let name = "killed-before-mark";
    app.script(name, Script::never_ends());
    let edges = edges(app).await?;
    let (arn, row) = submitted(app, &edges, name).await?;
    let job = row.job_id.clone().ok_or("there is no job")?;
    killed(app, job.as_str(), When::After, |call| call.is("SendTaskSuccess")).await?;

    let ended = app.end_of(&arn).await?;
    // The reconciler sends it once more, learns that nobody waits, and marks it.
    ended_once(app, &edges, name, &ended, Source::Webhook).await?;
    assert_eq!(result(app, name).await?, json!({ "score": 1 }));
    let seen = app.deployment.third_party.seen(name);
    assert_eq!((seen.submits, seen.checks.len(), seen.webhooks.len()), (1, 0, 0));
    Ok(())
}

async fn a_listener_killed_between_mark_and_answer_is_sent_the_event_again_and_nothing_happens_twice(
    app: &Application,
) -> Result<(), Trouble> {
    let name = "killed-before-answer";
    app.script(name, Script::never_ends());
    let edges = edges(app).await?;
    let (arn, row) = submitted(app, &edges, name).await?;
    let job = row.job_id.clone().ok_or("there is no job")?;
    killed(app, job.as_str(), When::After, |call| call.names("delivered_generation")).await?;

    let ended = app.end_of(&arn).await?;
    let before = ended_once(app, &edges, name, &ended, Source::Webhook).await?;
    let again = app.webhook("identity-check", &approved(job.as_str()), Signing::Valid).await?;
    assert_eq!(again.status, 200);
    assert_eq!(edges.read(&row.id).await?.ok_or("the row has gone")?, before);
    assert_eq!(result(app, name).await?, json!({ "score": 1 }));
    let seen = app.deployment.third_party.seen(name);
    assert_eq!((seen.submits, seen.checks.len(), seen.webhooks.len()), (1, 0, 0));
    Ok(())
}

//! A submit whose process, one of the engine's, is killed when the third party has
//! taken the job and not answered yet.

use super::{ended_once, result};
use crate::closing::reference;
use crate::waits::edges;
use serde_json::{Value, json};
use std::time::Duration;
use stepwait_core::Timestamp;
use stepwait_core::wait::Source;
use stepwait_local::processes;
use stepwait_local::scripted::{Answer, Script, Seen, millis, secs};
use stepwait_tests::{Application, Ended, Item, Trouble};

crate::tests![
    a_submit_killed_with_its_request_at_the_third_party_is_retried_and_starts_no_second_job,
    a_submit_killed_with_a_token_is_retried_and_finds_the_event_that_came_meanwhile,
];

/// As long as the request may take, and longer than it takes to kill who waits for it.
const HELD: Duration = secs(30);

/// Retries of one entry of a state, by which a generation counts its attempts.
const RETRIES_PER_ENTRY: u64 = 1_000;

/// Starts a wait and kills the process that submits its job when the third party
/// has the job; gives its execution, and its row as that process left it, whose
/// right to send has run out.
async fn killed(app: &Application, integration: &str, name: &str) -> Result<(String, Item), Trouble> {
    app.script(name, Script::succeeds_after(millis(100)).submit_answers([Answer::slow(HELD)]));
    let arn = app.start(name, json!([{ "integration": integration, "payload": payload(name) }])).await?;
    let is_there = |seen: &Seen| seen.jobs.len() == 1;
    let third_party = &app.deployment.third_party;
    let seen = third_party.wait_until(name, is_there, secs(30)).await?;
    let process = processes::holder_of(seen.submitted_from[0], third_party.address()).await?;
    let process = process.ok_or("nobody submits any more")?;
    processes::kill(process).await?;

    let row = app.waits_of(&arn).await?.pop().ok_or("there is no row")?;
    assert_eq!((row.text("status"), row.text("job_id")), (Some("REGISTERED"), None));
    // On AWS the retries outlast it; here they come sooner than they are written.
    app.set(row.text("pk").ok_or("the row has no key")?, "submit_lock_until", &json!({ "N": "1" })).await?;
    Ok((arn, row))
}

fn payload(name: &str) -> Value {
    json!({ "audio_url": "https://a/1", "applicant": "Ada", "reference": name })
}

/// How many tasks failed so, by their execution's history.
fn failures(ended: &Ended, error: &str) -> usize {
    ended.events.iter().filter(|event| event["taskFailedEventDetails"]["error"] == error).count()
}

async fn a_submit_killed_with_its_request_at_the_third_party_is_retried_and_starts_no_second_job(
    app: &Application,
) -> Result<(), Trouble> {
    let name = "killed-submit";
    let (arn, _) = killed(app, "transcript", name).await?;
    let ended = app.end_of(&arn).await?;

    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    assert_eq!(failures(&ended, "Runtime.ExitError"), 1);
    let seen = app.deployment.third_party.seen(name);
    assert_eq!((seen.submits, seen.jobs.len(), seen.idempotency_keys.len(), seen.cancels), (2, 1, 1, 0));
    let row = &app.waits_of(&arn).await?[0];
    assert_eq!((row.text("status"), row.text("job_id")), (Some("SUCCEEDED"), Some(seen.jobs[0].as_str())));
    assert_eq!((row.number("submit_attempts"), row.entries("late")), (Some("2"), 0));
    assert_eq!(result(app, name).await?, json!("what is said in https://a/1"));
    Ok(())
}

async fn a_submit_killed_with_a_token_is_retried_and_finds_the_event_that_came_meanwhile(
    app: &Application,
) -> Result<(), Trouble> {
    let name = "killed-submit-with-token";
    let edges = edges(app).await?;
    let (arn, row) = killed(app, "identity-check", name).await?;
    let third_party = &app.deployment.third_party;
    let seen = third_party.wait_until(name, |seen| seen.webhooks.len() == 1, secs(30)).await?;
    assert_eq!(seen.webhook_statuses(), [Some(202)]);

    // The engine does not see that a task with a token has lost its function, so
    // Step Functions' retry is made by hand: later, and, as here, with the same token.
    let number: u64 = row.number("generation").ok_or("there is no generation")?.parse()?;
    let entered_at = Timestamp::from_millisecond(i64::try_from(number / RETRIES_PER_ENTRY)?)?;
    let retry = json!({
        "wait": reference(&row)?,
        "payload": payload(name),
        "token": row.text("token").ok_or("there is no token")?,
        "attempt": { "entered_at": entered_at.to_string(), "retry_count": number % RETRIES_PER_ENTRY + 1 },
    });
    let answer = app.invoke("Submit", &retry).await?;
    assert_eq!(answer["action"], "done", "{answer}");
    let stored = app.waits_of(&arn).await?.pop().ok_or("the row has gone")?;
    assert_eq!(stored.text("status"), Some("SUCCEEDED"), "{stored:?}");

    let ended = app.end_of(&arn).await?;
    let row = ended_once(app, &edges, name, &ended, Source::Webhook).await?;
    assert!(row.generation.as_u64() > number);
    let seen = third_party.seen(name);
    assert_eq!((seen.submits, seen.checks.len(), seen.webhooks.len()), (2, 0, 1));
    assert_eq!(result(app, name).await?, json!({ "score": 97, "reference": name }));
    Ok(())
}

//! Closing: a stored outcome wins, a last look may still find one, and what is
//! given up is called off.

use serde_json::{Value, json};
use stepwait_local::scripted::{Script, Signing, millis};
use stepwait_tests::{Application, Item, Trouble};

crate::tests![
    a_timeout_finds_by_a_last_look_what_a_lost_webhook_did_not_tell,
    a_timeout_of_a_job_under_way_calls_it_off_and_expires_the_wait,
    a_timeout_returns_the_outcome_that_was_stored_before,
    a_timeout_of_a_state_before_the_deadline_does_not_expire_the_wait,
    closing_a_wait_that_was_never_registered_keeps_a_late_submit_from_sending,
    a_wait_names_a_kept_version_of_its_integration_and_is_closed_even_when_that_is_lost,
];

/// What the main workflow passes when the token state times out. The local
/// engine does not enforce that timeout, so the function is asked directly.
pub(crate) fn timeout(wait: &Item) -> Result<Value, Trouble> {
    Ok(json!({ "wait": reference(wait)?, "error": { "Error": "States.Timeout", "Cause": "" }, "retry_count": 0 }))
}

/// Moves the deadline of a wait to a moment that has passed, on its row, which counts.
pub(crate) async fn let_time_pass(app: &Application, wait: &Item) -> Result<(), Trouble> {
    let mut row = wait.clone();
    row.0["deadline"] = json!({ "S": "2026-01-01T00:00:00Z" });
    app.put_row(&row).await
}

/// What the workflow knows of a wait, as its row has it.
pub(crate) fn reference(wait: &Item) -> Result<Value, Trouble> {
    let text = |name: &str| wait.text(name).map(str::to_owned).ok_or_else(|| format!("the row has no {name}"));
    Ok(json!({
        "id": text("pk")?.trim_start_matches("W#"),
        "integration": text("integration")?,
        "digest": text("integration_digest")?,
        "key": "#0",
        "execution_arn": text("execution_arn")?,
        "started_at": text("deadline")?,
        "deadline": text("deadline")?,
    }))
}

/// Starts a callback wait and gives its row once the third party's answer is noted on it.
async fn submitted(app: &Application, name: &str) -> Result<(String, Item), Trouble> {
    let payload = json!({ "applicant": "Ada", "reference": name });
    let arn = app.start(name, json!([{ "integration": "identity-check", "payload": payload }])).await?;
    for _ in 0..300 {
        if let Some(row) = app.waits_of(&arn).await?.pop().filter(|row| row.text("status") == Some("SUBMITTED")) {
            return Ok((arn, row));
        }
        tokio::time::sleep(millis(100)).await;
    }
    Err("the wait was not submitted within 30 s".into())
}

async fn a_timeout_finds_by_a_last_look_what_a_lost_webhook_did_not_tell(app: &Application) -> Result<(), Trouble> {
    let name = "close-last-look";
    app.script(name, Script::succeeds_after(millis(100)).webhook_lost());
    let (arn, wait) = submitted(app, name).await?;
    app.deployment.third_party.wait_until(name, |seen| seen.done_at_ms.is_some(), millis(10_000)).await?;
    let settled = app.invoke("Close", &timeout(&wait)?).await?;

    assert_eq!(settled["outcome"], "succeeded", "{settled}");
    let seen = app.deployment.third_party.seen(name);
    assert_eq!((seen.checks.len(), seen.cancels), (1, 0));
    assert_eq!(app.waits_of(&arn).await?[0].text("status"), Some("SUCCEEDED"));
    app.deployment.engine.states().stop_execution(&arn).await?;
    Ok(())
}

async fn a_timeout_of_a_job_under_way_calls_it_off_and_expires_the_wait(app: &Application) -> Result<(), Trouble> {
    let name = "close-expired";
    app.script(name, Script::never_ends());
    let (arn, wait) = submitted(app, name).await?;
    let_time_pass(app, &wait).await?;
    let settled = app.invoke("Close", &timeout(&wait)?).await?;

    assert_eq!(settled["outcome"], "expired", "{settled}");
    assert_eq!(settled["error"], "DeadlinePassed");
    let seen = app.deployment.third_party.seen(name);
    assert_eq!((seen.checks.len(), seen.cancels), (1, 1));

    // Too late: kept on the wait, answered 2xx, and the wait stays expired.
    let event = json!({ "data": { "check_id": seen.jobs[0], "state": "approved", "report": {} } }).to_string();
    assert_eq!(app.webhook("identity-check", &event, Signing::Valid).await?.status, 200);
    let wait = &app.waits_of(&arn).await?[0];
    assert_eq!((wait.text("status"), wait.entries("late")), (Some("EXPIRED"), 1));
    app.deployment.engine.states().stop_execution(&arn).await?;
    Ok(())
}

async fn a_timeout_returns_the_outcome_that_was_stored_before(app: &Application) -> Result<(), Trouble> {
    let name = "close-stored";
    app.script(name, Script::succeeds_after(millis(100)));
    let payload = json!({ "applicant": "Ada", "reference": name });
    let ended = app.run(name, json!([{ "integration": "identity-check", "payload": payload }])).await?;
    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    let settled = app.invoke("Close", &timeout(&app.waits_of(&ended.arn).await?[0])?).await?;

    assert_eq!(settled["outcome"], "succeeded", "{settled}");
    let seen = app.deployment.third_party.seen(name);
    assert_eq!((seen.checks.len(), seen.cancels), (0, 0));
    Ok(())
}

async fn a_timeout_of_a_state_before_the_deadline_does_not_expire_the_wait(app: &Application) -> Result<(), Trouble> {
    let name = "close-early";
    app.script(name, Script::never_ends());
    let (arn, wait) = submitted(app, name).await?;
    let settled = app.invoke("Close", &timeout(&wait)?).await?;

    assert_eq!(settled["outcome"], "cancelled", "{settled}");
    assert_eq!(settled["reason"], "States.Timeout");
    assert_eq!(app.deployment.third_party.seen(name).cancels, 1);
    app.deployment.engine.states().stop_execution(&arn).await?;
    Ok(())
}

async fn closing_a_wait_that_was_never_registered_keeps_a_late_submit_from_sending(
    app: &Application,
) -> Result<(), Trouble> {
    let name = "close-before-submit";
    let wait = json!({
        "id": "w-00000000000000000000000000000000", "integration": "transcript", "digest": "none", "key": "#0",
        "execution_arn": "arn:none", "started_at": "2026-01-01T00:00:00Z", "deadline": "2999-01-01T00:00:01Z",
    });
    let cause = json!({ "errorType": "SecretUnavailable", "errorMessage": "no secret", "trace": [] }).to_string();
    let error = json!({ "Error": "SecretUnavailable", "Cause": cause });
    let settled = app.invoke("Close", &json!({ "wait": wait, "error": error, "retry_count": 0 })).await?;
    assert_eq!(settled, json!({ "outcome": "failed", "error": "SecretUnavailable", "reason": "no secret" }));

    let payload = json!({ "audio_url": "https://a/1", "reference": name });
    let attempt = json!({ "entered_at": "2026-11-23T12:00:00Z", "retry_count": 0 });
    let mut late = wait;
    late["digest"] = current_digest("transcript")?.into();
    let answer = app.invoke("Submit", &json!({ "wait": late, "payload": payload, "attempt": attempt })).await?;
    assert_eq!(answer["errorType"], "OutcomeStored", "{answer}");
    assert_eq!(app.deployment.third_party.seen(name).submits, 0);
    Ok(())
}

fn current_digest(integration: &str) -> Result<String, Trouble> {
    let catalog = stepwait_catalog::Catalog::load()?;
    Ok(catalog.get(integration).ok_or("no such integration")?.digest.clone())
}

async fn a_wait_names_a_kept_version_of_its_integration_and_is_closed_even_when_that_is_lost(
    app: &Application,
) -> Result<(), Trouble> {
    let name = "pinned-version";
    app.script(name, Script::never_ends());
    let (arn, mut wait) = submitted(app, name).await?;
    let digest = wait.text("integration_digest").ok_or("no digest")?.to_owned();
    let pinned =
        app.rows().await?.into_iter().find(|row| row.text("pk") == Some(&format!("I#identity-check#{digest}")));
    let text = pinned.as_ref().and_then(|row| row.text("text")).ok_or("the file is not kept under its digest")?;
    assert!(text.contains("base_url"));

    // A digest that is neither bundled nor kept: nothing is asked, and the wait is closed all the same.
    // The row says which version counts, as for whatever else ends the wait.
    let lost = json!({ "S": "0123456789abcdef0123456789abcdef" });
    app.set(wait.text("pk").ok_or("the row has no key")?, "integration_digest", &lost).await?;
    wait.0["integration_digest"] = lost;
    let settled = app.invoke("Close", &timeout(&wait)?).await?;
    assert_eq!(settled["outcome"], "cancelled", "{settled}");
    assert_eq!(app.deployment.third_party.seen(name).checks.len(), 0);
    app.deployment.engine.states().stop_execution(&arn).await?;
    Ok(())
}

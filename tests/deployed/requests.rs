//! The main workflow: a series of requests, recorded and notified.

use serde_json::json;
use stepwait_local::scripted::{Script, millis};
use stepwait_tests::{Application, Trouble};

crate::tests![
    a_polled_job_that_succeeds_is_recorded_with_its_result,
    a_job_that_calls_back_resumes_its_task_without_a_single_check,
    one_failed_request_fails_the_execution_after_the_others_have_finished,
    a_request_keeps_the_key_that_its_caller_gave_it,
];

async fn a_polled_job_that_succeeds_is_recorded_with_its_result(app: &Application) -> Result<(), Trouble> {
    let name = "polled-success";
    app.script(name, Script::succeeds_with(json!("as it was said"), millis(600)));
    let ended = app
        .run(
            name,
            json!([{ "integration": "transcript", "payload": { "audio_url": "https://a/1", "reference": name } }]),
        )
        .await?;

    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    let seen = app.deployment.third_party.seen(name);
    assert_eq!((seen.submits, seen.jobs.len(), seen.cancels), (1, 1, 0));
    let summary = ended.summary(0);
    assert_eq!(summary["outcome"], "succeeded");
    assert_eq!(summary["strategy"], "poll");
    assert_eq!(summary["job_id"], seen.jobs[0].as_str());
    assert_eq!(summary["checks"], seen.checks.len());

    let item = app.recorded(name, Some("#0")).await?.ok_or("the result was not recorded")?;
    assert_eq!(item.text("result"), Some("\"as it was said\""));
    assert_eq!(item.text("outcome"), Some("succeeded"));
    assert_eq!(item.text("wait_id"), summary["wait_id"].as_str());
    let whole = app.recorded(name, None).await?.ok_or("the execution was not recorded")?;
    assert_eq!((whole.number("requests"), whole.number("failed")), (Some("1"), Some("0")));

    let waits = app.waits_of(&ended.arn).await?;
    assert_eq!(waits.len(), 1);
    assert_eq!(waits[0].text("status"), Some("SUCCEEDED"));
    assert_eq!(waits[0].text("token"), None);
    Ok(())
}

async fn a_job_that_calls_back_resumes_its_task_without_a_single_check(app: &Application) -> Result<(), Trouble> {
    let name = "callback-success";
    app.script(name, Script::succeeds_after(millis(600)).progress_event_first());
    let ended = app
        .run(name, json!([{ "integration": "identity-check", "payload": { "applicant": "Ada", "reference": name } }]))
        .await?;

    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    // The task may be resumed before the sender has its answer.
    let seen = app.deployment.third_party.wait_until(name, |seen| seen.webhooks.len() == 2, millis(10_000)).await?;
    assert_eq!(seen.webhook_statuses(), [Some(200), Some(200)]);
    assert_eq!((seen.submits, seen.checks.len()), (1, 0));
    assert_eq!(ended.summary(0)["outcome"], "succeeded");
    assert_eq!(ended.summary(0)["strategy"], "callback");
    let item = app.recorded(name, Some("#0")).await?.ok_or("the result was not recorded")?;
    assert!(item.text("result").is_some_and(|report| report.contains(name)), "{item:?}");
    Ok(())
}

async fn one_failed_request_fails_the_execution_after_the_others_have_finished(
    app: &Application,
) -> Result<(), Trouble> {
    let name = "one-of-three-fails";
    let (first, second, third) = ("three-polled", "three-fails", "three-called-back");
    app.script(first, Script::succeeds_after(millis(1_500)));
    app.script(second, Script::fails_after(millis(100), "the recording is silent"));
    app.script(third, Script::succeeds_after(millis(1_500)));
    let ended = app
        .run(
            name,
            json!([
                { "integration": "transcript", "payload": { "audio_url": "https://a/1", "reference": first } },
                { "integration": "transcript", "payload": { "audio_url": "https://a/2", "reference": second } },
                { "integration": "identity-check", "payload": { "applicant": "Ada", "reference": third } },
            ]),
        )
        .await?;

    assert_eq!(ended.status(), "FAILED");
    assert_eq!(ended.execution.error.as_deref(), Some("RequestsFailed"));
    let job = &app.deployment.third_party.seen(second).jobs[0];
    assert_eq!(
        ended.cause(),
        format!(
            "1 of 3 requests did not succeed: transcript job {job} failed: JobFailed: status \"error\": the recording is silent"
        )
    );
    for (key, outcome) in [("#0", "succeeded"), ("#1", "failed"), ("#2", "succeeded")] {
        let item = app.recorded(name, Some(key)).await?.ok_or("a result was not recorded")?;
        assert_eq!(item.text("outcome"), Some(outcome), "{key}");
    }
    let whole = app.recorded(name, None).await?.ok_or("the execution was not recorded")?;
    assert_eq!((whole.number("requests"), whole.number("failed")), (Some("3"), Some("1")));
    Ok(())
}

async fn a_request_keeps_the_key_that_its_caller_gave_it(app: &Application) -> Result<(), Trouble> {
    let name = "own-key";
    app.script(name, Script::succeeds_after(millis(100)));
    let ended = app
        .run(name, json!([{ "integration": "transcript", "key": "chapter-1", "payload": { "audio_url": "https://a/1", "reference": name } }]))
        .await?;

    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    assert_eq!(ended.summary(0)["key"], "chapter-1");
    assert!(app.recorded(name, Some("chapter-1")).await?.is_some());
    Ok(())
}

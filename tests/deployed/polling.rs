//! Polling: what third parties answer instead of a status, and how rounds go on.

use http::{HeaderValue, StatusCode};
use serde_json::json;
use stepwait_local::history::express_rounds;
use stepwait_local::scripted::{Answer, Script, millis};
use stepwait_tests::{Application, Trouble};

crate::tests![
    answers_that_are_no_answers_are_asked_again,
    a_job_that_is_not_visible_yet_is_asked_for_again,
    a_long_retry_after_ends_the_round_and_the_next_round_goes_on_from_there,
    a_third_party_that_goes_on_refusing_ends_the_wait_and_the_cause_says_what_it_said,
    a_third_party_that_refuses_for_a_while_does_not_end_the_wait,
    a_wait_that_passes_its_deadline_is_looked_at_once_more_and_called_off,
];

fn request(name: &str) -> serde_json::Value {
    json!([{ "integration": "transcript", "payload": { "audio_url": "https://a/1", "reference": name } }])
}

async fn answers_that_are_no_answers_are_asked_again(app: &Application) -> Result<(), Trouble> {
    let name = "poll-trouble";
    let troubles = [
        Answer::html(),
        Answer::cut_off_json(),
        Answer::empty(),
        Answer::hang_up(),
        Answer::oversized(2 * 1024 * 1024),
        Answer::status(StatusCode::BAD_GATEWAY, &json!({ "message": "upstream" })),
        Answer::throttled(HeaderValue::from_static("inf")),
        Answer::throttled(HeaderValue::from_static("1")),
    ];
    let asked_again = troubles.len();
    app.script(name, Script::succeeds_after(millis(100)).check_answers(troubles));
    let ended = app.run(name, request(name)).await?;

    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    assert_eq!(ended.summary(0)["checks"], asked_again + 1);
    assert_eq!(app.deployment.third_party.seen(name).checks.len(), asked_again + 1);
    Ok(())
}

async fn a_job_that_is_not_visible_yet_is_asked_for_again(app: &Application) -> Result<(), Trouble> {
    let name = "poll-not-visible-yet";
    let not_found = Answer::status(StatusCode::NOT_FOUND, &json!({ "error": "no such transcript" }));
    app.script(name, Script::succeeds_after(millis(100)).check_answers([not_found]));
    let ended = app.run(name, request(name)).await?;

    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    assert_eq!(ended.summary(0)["checks"], 2);
    Ok(())
}

async fn a_long_retry_after_ends_the_round_and_the_next_round_goes_on_from_there(
    app: &Application,
) -> Result<(), Trouble> {
    let name = "poll-two-rounds";
    // 80 s is past the break-even of 72 s; the engine waits a tenth of it.
    let later = Answer::throttled(HeaderValue::from_static("80"));
    app.script(name, Script::succeeds_after(millis(100)).check_answers([later]));
    let ended = app.run(name, request(name)).await?;

    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    assert_eq!(ended.summary(0)["rounds"], 2);
    assert_eq!(ended.summary(0)["checks"], 2);
    assert_eq!(express_rounds(&ended.events)?.len(), 2);
    Ok(())
}

async fn a_third_party_that_goes_on_refusing_ends_the_wait_and_the_cause_says_what_it_said(
    app: &Application,
) -> Result<(), Trouble> {
    let name = "poll-refused";
    let forbidden = || Answer::status(StatusCode::FORBIDDEN, &json!({ "error": "your plan has no transcripts" }));
    app.script(name, Script::never_ends().check_answers(std::iter::repeat_with(forbidden).take(12)));
    let ended = app.run(name, request(name)).await?;

    let seen = app.deployment.third_party.seen(name);
    assert_eq!(seen.checks.len(), 10);
    let job = &seen.jobs[0];
    assert_eq!(
        ended.cause(),
        format!(
            "1 of 1 requests did not succeed: transcript job {job} failed: CheckRefused: HTTP 403: your plan has no transcripts"
        )
    );
    Ok(())
}

async fn a_third_party_that_refuses_for_a_while_does_not_end_the_wait(app: &Application) -> Result<(), Trouble> {
    let name = "poll-refused-for-a-while";
    let rotated = || Answer::status(StatusCode::UNAUTHORIZED, &json!({ "error": "token expired" }));
    app.script(name, Script::succeeds_after(millis(100)).check_answers([rotated(), rotated()]));
    let ended = app.run(name, request(name)).await?;

    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    assert_eq!(ended.summary(0)["checks"], 3);
    Ok(())
}

async fn a_wait_that_passes_its_deadline_is_looked_at_once_more_and_called_off(
    app: &Application,
) -> Result<(), Trouble> {
    let name = "poll-too-late";
    app.script(name, Script::never_ends());
    let ended = app
        .run(name, json!([{ "integration": "transcript-urgent", "payload": { "audio_url": "https://a/1", "reference": name } }]))
        .await?;

    assert_eq!(ended.status(), "FAILED");
    let seen = app.deployment.third_party.seen(name);
    assert_eq!(seen.cancels, 1);
    let wait = &app.waits_of(&ended.arn).await?[0];
    assert_eq!(wait.text("status"), Some("EXPIRED"));
    let deadline = wait.text("deadline").ok_or("no deadline")?;
    let passed_at: stepwait_core::Timestamp = deadline.parse()?;
    let after: Vec<_> = seen.checks.iter().filter(|at| **at >= passed_at.as_millisecond()).collect();
    // One that was begun before may arrive after it too.
    assert!((1..=2).contains(&after.len()), "{:?}", seen.checks);
    assert_eq!(
        ended.cause(),
        format!(
            "1 of 1 requests did not succeed: transcript-urgent job {} expired: DeadlinePassed: not done by {deadline}",
            seen.jobs[0]
        )
    );
    Ok(())
}

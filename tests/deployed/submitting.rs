//! The submit: sent once, sent again where that is safe, and stored before it is sent.

use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use stepwait_local::scripted::{Answer, Script, millis};
use stepwait_tests::{Application, Trouble};

crate::tests![
    a_busy_third_party_is_asked_again_under_the_same_idempotency_key,
    a_submit_whose_answer_was_lost_starts_no_second_job,
    a_refused_submit_fails_its_request_with_what_the_third_party_said,
    an_answer_without_a_job_id_fails_its_request,
    the_token_is_stored_before_the_request_goes_out,
];

const BOTH: [&str; 2] = ["transcript", "identity-check"];

fn request(integration: &str, reference: &str) -> Value {
    let payload = json!({ "audio_url": "https://a/1", "applicant": "Ada", "reference": reference });
    json!([{ "integration": integration, "payload": payload }])
}

async fn a_busy_third_party_is_asked_again_under_the_same_idempotency_key(app: &Application) -> Result<(), Trouble> {
    for integration in BOTH {
        let name = format!("submit-busy-{integration}");
        let busy = [
            Answer::throttled(HeaderValue::from_static("1")),
            Answer::status(StatusCode::SERVICE_UNAVAILABLE, &json!({})),
        ];
        app.script(&name, Script::succeeds_after(millis(100)).submit_answers(busy));
        let ended = app.run(&name, request(integration, &name)).await?;

        assert_eq!(ended.status(), "SUCCEEDED", "{integration}: {}", ended.cause());
        let seen = app.deployment.third_party.seen(&name);
        assert_eq!((seen.submits, seen.jobs.len(), seen.idempotency_keys.len()), (3, 1, 1), "{integration}");
        assert_eq!(ended.summary(0)["wait_id"], seen.idempotency_keys[0].as_str());
    }
    Ok(())
}

async fn a_submit_whose_answer_was_lost_starts_no_second_job(app: &Application) -> Result<(), Trouble> {
    for integration in BOTH {
        let name = format!("submit-lost-{integration}");
        let lost = Answer::hang_up().although_it_took_effect();
        app.script(&name, Script::succeeds_after(millis(800)).submit_answers([lost]));
        let ended = app.run(&name, request(integration, &name)).await?;

        assert_eq!(ended.status(), "SUCCEEDED", "{integration}: {}", ended.cause());
        let seen = app.deployment.third_party.seen(&name);
        assert_eq!((seen.submits, seen.jobs.len(), seen.idempotency_keys.len()), (2, 1, 1), "{integration}");
    }
    Ok(())
}

async fn a_refused_submit_fails_its_request_with_what_the_third_party_said(app: &Application) -> Result<(), Trouble> {
    for integration in BOTH {
        let name = format!("submit-refused-{integration}");
        let refused =
            Answer::status(StatusCode::UNPROCESSABLE_ENTITY, &json!({ "error": "too long", "reason": "too long" }));
        app.script(&name, Script::never_ends().submit_answers([refused]));
        let ended = app.run(&name, request(integration, &name)).await?;

        assert_eq!(
            ended.cause(),
            format!("1 of 1 requests did not succeed: {integration} failed: SubmitRefused: HTTP 422: too long")
        );
        let seen = app.deployment.third_party.seen(&name);
        assert_eq!((seen.submits, seen.jobs.len(), seen.checks.len(), seen.cancels), (1, 0, 0, 0));
        assert_eq!(app.waits_of(&ended.arn).await?[0].text("status"), Some("FAILED"));
    }
    Ok(())
}

async fn an_answer_without_a_job_id_fails_its_request(app: &Application) -> Result<(), Trouble> {
    let name = "submit-no-id";
    app.script(name, Script::never_ends().submit_answers([Answer::html()]));
    let ended = app.run(name, request("transcript", name)).await?;

    assert_eq!(
        ended.summary_of_failure(),
        "transcript failed: BadAnswer: HTTP 200: no job_id at body:/id: the body is not JSON"
    );
    Ok(())
}

async fn the_token_is_stored_before_the_request_goes_out(app: &Application) -> Result<(), Trouble> {
    let name = "submit-slow";
    // The answer is held back, so that the row is read while the third party already has the request.
    app.script(name, Script::succeeds_after(millis(2_500)).submit_answers([Answer::slow(millis(2_000))]));
    let arn = app.start(name, request("identity-check", name)).await?;
    app.deployment.third_party.wait_until(name, |seen| seen.submits == 1, millis(30_000)).await?;
    let waits = app.waits_of(&arn).await?;
    assert_eq!(waits.len(), 1);
    assert_eq!(waits[0].text("status"), Some("REGISTERED"));
    assert!(waits[0].text("token").is_some_and(|token| !token.is_empty()));
    assert_eq!(waits[0].text("job_id"), None);

    let ended = app.end_of(&arn).await?;
    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    Ok(())
}

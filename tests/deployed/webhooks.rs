//! The webhook listener: early, twice, forged, unreadable, unknown.

use serde_json::{Value, json};
use stepwait_local::scripted::{Manner, Script, Signing, WebhookSecret, millis};
use stepwait_tests::{Application, Trouble};

crate::tests![
    a_webhook_that_comes_before_the_submit_has_returned_is_kept_for_it,
    a_webhook_that_comes_twice_resumes_the_task_once,
    a_webhook_for_an_unknown_job_is_kept_and_not_refused,
    a_webhook_with_a_bad_signature_changes_nothing_and_the_genuine_one_still_counts,
    a_forged_unsigned_stale_or_early_webhook_is_answered_401,
    a_genuine_webhook_that_cannot_be_read_is_answered_400,
    a_path_without_an_integration_is_answered_404,
    a_job_that_fails_resumes_its_task_with_the_reason,
    a_later_event_that_says_otherwise_is_kept_beside_the_outcome,
    a_link_of_the_waits_own_ends_it_when_it_is_called_and_no_other_link_does,
    a_signed_form_ends_its_wait,
    a_handshake_is_answered_to_the_genuine_sender_only,
];

fn request(name: &str) -> Value {
    json!([{ "integration": "identity-check", "payload": { "applicant": "Ada", "reference": name } }])
}

fn finished(job: &str, state: &str) -> String {
    json!({ "type": "check.finished", "data": { "check_id": job, "state": state, "report": { "score": 1 } } })
        .to_string()
}

async fn a_webhook_that_comes_before_the_submit_has_returned_is_kept_for_it(app: &Application) -> Result<(), Trouble> {
    let name = "webhook-first";
    app.script(name, Script::succeeds_after(millis(100)).webhook_before_answer());
    let ended = app.run(name, request(name)).await?;

    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    let seen = app.deployment.third_party.seen(name);
    assert_eq!(seen.webhook_statuses(), [Some(202)]);
    assert_eq!((seen.submits, seen.checks.len()), (1, 0));
    let link = app.rendezvous("identity-check", &seen.jobs[0]).await?.ok_or("no rendezvous row")?;
    assert_eq!(link.text("wait_id"), ended.summary(0)["wait_id"].as_str());
    Ok(())
}

async fn a_webhook_that_comes_twice_resumes_the_task_once(app: &Application) -> Result<(), Trouble> {
    let name = "webhook-twice";
    app.script(name, Script::succeeds_after(millis(100)).webhook_copies(3));
    let ended = app.run(name, request(name)).await?;

    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    let seen = app.deployment.third_party.wait_until(name, |seen| seen.webhooks.len() == 3, millis(15_000)).await?;
    assert_eq!(seen.webhook_statuses(), [Some(200), Some(200), Some(200)]);
    let wait = &app.waits_of(&ended.arn).await?[0];
    assert_eq!(wait.number("delivered_generation"), wait.number("generation"));
    assert_eq!(wait.entries("late"), 0);
    let resumed = ended.events.iter().filter(|event| {
        event["taskSucceededEventDetails"]["resource"].as_str().is_some_and(|r| r.ends_with(".waitForTaskToken"))
    });
    assert_eq!(resumed.count(), 1);
    Ok(())
}

async fn a_webhook_for_an_unknown_job_is_kept_and_not_refused(app: &Application) -> Result<(), Trouble> {
    let job = "chk_nobody_knows_me";
    let answer = app.webhook("identity-check", &finished(job, "approved"), Signing::Valid).await?;

    assert_eq!(answer.status, 202);
    let link = app.rendezvous("identity-check", job).await?.ok_or("the event was not kept")?;
    assert_eq!(link.text("wait_id"), None);
    assert!(link.text("event").is_some_and(|event| event.contains("succeeded")));
    let now = i64::try_from(std::time::UNIX_EPOCH.elapsed()?.as_secs())?;
    let kept_for = link.number("ttl").ok_or("it is kept for ever")?.parse::<i64>()? - now;
    assert!((3 * 86_400 - 60..=3 * 86_400 + 60).contains(&kept_for), "kept for {kept_for} s, and not for three days");
    Ok(())
}

async fn a_webhook_with_a_bad_signature_changes_nothing_and_the_genuine_one_still_counts(
    app: &Application,
) -> Result<(), Trouble> {
    let name = "webhook-forged";
    app.script(name, Script::never_ends());
    let arn = app.start(name, request(name)).await?;
    let seen = app.deployment.third_party.wait_until(name, |seen| seen.jobs.len() == 1, millis(30_000)).await?;
    let job = seen.jobs[0].clone();

    let stranger = WebhookSecret::parse("whsec_bm90IHRoZSBzZWNyZXQgeW91IGFyZSBsb29raW5nIGZvcg==")?;
    let forged = app.webhook("identity-check", &finished(&job, "declined"), Signing::WithSecret(stranger)).await?;
    assert_eq!(forged.status, 401);
    let genuine = app.webhook("identity-check", &finished(&job, "approved"), Signing::Valid).await?;
    assert!(matches!(genuine.status, 200 | 202), "{}", genuine.status);
    let ended = app.end_of(&arn).await?;
    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    Ok(())
}

async fn a_forged_unsigned_stale_or_early_webhook_is_answered_401(app: &Application) -> Result<(), Trouble> {
    let body = finished("chk_forged", "approved");
    let raw = |headers: &[(&str, &str)]| {
        Signing::Raw(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    };
    let now = i64::try_from(std::time::UNIX_EPOCH.elapsed()?.as_secs())?;
    let cases = [
        (Signing::None, "the header \"webhook-signature\" is missing"),
        (
            raw(&[("webhook-id", "1"), ("webhook-timestamp", "soon"), ("webhook-signature", "v1,AAAA")]),
            // What is not signed is not looked at.
            "none of the 1 signatures matches any of the 1 secrets",
        ),
        (
            raw(&[("webhook-id", "1"), ("webhook-timestamp", &now.to_string()), ("webhook-signature", "v1,AAAA")]),
            "none of the 1 signatures matches any of the 1 secrets",
        ),
        (Signing::At(i64::MIN), "at most 300 s either way are accepted"),
        (Signing::At(now - 400), "at most 300 s either way are accepted"),
        (Signing::At(now + 400), "at most 300 s either way are accepted"),
    ];
    for (sign, message) in cases {
        let shown = format!("{sign:?}");
        let answer = app.webhook("identity-check", &body, sign).await?;
        assert_eq!(answer.status, 401, "{shown}");
        let said: Value = serde_json::from_slice(&answer.body)?;
        assert!(said["message"].as_str().is_some_and(|said| said.contains(message)), "{shown}: {said}");
    }
    assert!(app.rendezvous("identity-check", "chk_forged").await?.is_none(), "a forged event was kept");
    Ok(())
}

async fn a_genuine_webhook_that_cannot_be_read_is_answered_400(app: &Application) -> Result<(), Trouble> {
    let cases = [
        ("<xml/>", "the body is not JSON (6 bytes of HTML or XML)"),
        ("{\"data\": {", "the body is not JSON (10 bytes of cut-off or malformed JSON)"),
        ("", "the body is not JSON (0 bytes of nothing)"),
        ("{\"data\": {}}", "the event has no job id at body:/data/check_id; check callback.job_id"),
        ("{\"data\": {\"check_id\": null}}", "the event has no job id at body:/data/check_id; check callback.job_id"),
    ];
    for (body, message) in cases {
        let answer = app.webhook("identity-check", body, Signing::Valid).await?;
        let said: Value = serde_json::from_slice(&answer.body)?;
        assert_eq!((answer.status, said["message"].as_str()), (400, Some(message)), "{body:?}");
    }
    Ok(())
}

async fn a_path_without_an_integration_is_answered_404(app: &Application) -> Result<(), Trouble> {
    for integration in ["nobody", "transcript", "..", "identity-check/more"] {
        let answer = app.webhook(integration, "{}", Signing::Valid).await?;
        assert_eq!(answer.status, 404, "{integration}");
    }
    Ok(())
}

async fn a_job_that_fails_resumes_its_task_with_the_reason(app: &Application) -> Result<(), Trouble> {
    let name = "webhook-failure";
    app.script(name, Script::fails_after(millis(100), "the applicant is under age"));
    let ended = app.run(name, request(name)).await?;

    let job = &app.deployment.third_party.seen(name).jobs[0];
    assert_eq!(
        ended.cause(),
        format!(
            "1 of 1 requests did not succeed: identity-check job {job} failed: JobFailed: status \"declined\": the applicant is under age"
        )
    );
    assert_eq!(app.waits_of(&ended.arn).await?[0].text("status"), Some("FAILED"));
    Ok(())
}

async fn a_later_event_that_says_otherwise_is_kept_beside_the_outcome(app: &Application) -> Result<(), Trouble> {
    let name = "webhook-contradiction";
    app.script(name, Script::succeeds_after(millis(100)));
    let ended = app.run(name, request(name)).await?;
    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());

    let job = &app.deployment.third_party.seen(name).jobs[0];
    let answer = app.webhook("identity-check", &finished(job, "declined"), Signing::Valid).await?;
    assert_eq!(answer.status, 200);
    let wait = &app.waits_of(&ended.arn).await?[0];
    assert_eq!((wait.text("status"), wait.entries("late")), (Some("SUCCEEDED"), 1));
    Ok(())
}

/// A job that never ends by itself, and its wait.
async fn waiting(app: &Application, integration: &str, name: &str) -> Result<(String, String), Trouble> {
    app.script(name, Script::never_ends());
    let requests = json!([{ "integration": integration, "payload": { "applicant": "Ada", "reference": name } }]);
    let arn = app.start(name, requests).await?;
    let seen = app.deployment.third_party.wait_until(name, |seen| seen.jobs.len() == 1, millis(30_000)).await?;
    Ok((arn, seen.jobs[0].clone()))
}

async fn a_link_of_the_waits_own_ends_it_when_it_is_called_and_no_other_link_does(
    app: &Application,
) -> Result<(), Trouble> {
    let (arn, job) = waiting(app, "link-check", "link").await?;
    let wait = &app.waits_of(&arn).await?[0];
    let id = wait.text("pk").and_then(|pk| pk.strip_prefix("W#")).ok_or("the row has no key")?;
    let capability = wait.text("capability").ok_or("the row has no capability")?;
    let call = async |path: String, query: String| -> Result<(u16, Value), Trouble> {
        let answer = app.call(Manner::Link, &format!("{path}?{query}"), "", Signing::None).await?;
        Ok((answer.status, serde_json::from_slice(&answer.body)?))
    };
    let done = format!("id={job}&status=approved&report=all+is%20well");
    let mut wrong = String::from(capability);
    wrong.replace_range(..1, if capability.starts_with('0') { "1" } else { "0" });
    let nobody = call("nobody".to_owned(), done.clone()).await?;
    assert_eq!(nobody.0, 404);
    for path in
        [format!("link-check/{id}/{wrong}"), format!("identity-check/{id}/{capability}"), "link-check".to_owned()]
    {
        assert_eq!(call(path.clone(), done.clone()).await?, nobody, "{path}");
    }
    let own = format!("link-check/{id}/{capability}");
    let progress = call(own.clone(), format!("id={job}&status=in_review")).await?;
    assert_eq!(progress, (200, json!({ "message": "noted: the job is still under way" })));
    assert_eq!(call(own, done).await?, (200, json!({ "message": "stored and delivered" })));
    let ended = app.end_of(&arn).await?;
    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    let recorded = app.recorded("link", Some("#0")).await?.ok_or("nothing is recorded")?;
    assert_eq!(recorded.text("result"), Some("\"all is well\""));
    Ok(())
}

async fn a_signed_form_ends_its_wait(app: &Application) -> Result<(), Trouble> {
    let (arn, job) = waiting(app, "form-check", "form").await?;
    let form = format!("check_id={job}&state=declined&reason=no+such+person%21");
    let unsigned = app.call(Manner::Form, "form-check", &form, Signing::None).await?;
    assert_eq!(unsigned.status, 401);
    let genuine = app.call(Manner::Form, "form-check", &form, Signing::Valid).await?;
    // The submit may not have returned yet.
    assert!(matches!(genuine.status, 200 | 202), "{}", genuine.status);
    let ended = app.end_of(&arn).await?;
    let why = format!("form-check job {job} failed: JobFailed: status \"declined\": no such person!");
    assert_eq!(ended.cause(), format!("1 of 1 requests did not succeed: {why}"));
    Ok(())
}

async fn a_handshake_is_answered_to_the_genuine_sender_only(app: &Application) -> Result<(), Trouble> {
    let asks = json!({ "event": "endpoint.url_validation", "payload": { "plainToken": "qgg8vlvZRS6UYooatFL8Aw" } });
    let asks = asks.to_string();
    let forged = app.webhook("form-check", &asks, Signing::None).await?;
    assert_eq!(forged.status, 401);
    let answer = app.webhook("form-check", &asks, Signing::Valid).await?;
    let said: Value = serde_json::from_slice(&answer.body)?;
    assert_eq!((answer.status, &said["plainToken"]), (200, &json!("qgg8vlvZRS6UYooatFL8Aw")));
    let code = said["encryptedToken"].as_str().ok_or("there is no code")?;
    assert!(code.len() == 64 && code.bytes().all(|byte| byte.is_ascii_hexdigit()), "{code}");
    Ok(())
}

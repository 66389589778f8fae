//! Secrets, task tokens and payloads stay out of the logs.

use http::StatusCode;
use serde_json::{Value, json};
use stepwait_local::scripted::{Answer, Script, millis};
use stepwait_tests::{Application, Trouble};

crate::tests![no_log_line_holds_a_secret_a_token_or_a_payload];

async fn no_log_line_holds_a_secret_a_token_or_a_payload(app: &Application) -> Result<(), Trouble> {
    let name = "secrecy";
    let applicant = "Grace Brewster Murray Hopper";
    app.script(name, Script::succeeds_after(millis(1_000)).progress_event_first());
    let payload = json!({ "applicant": applicant, "reference": name });
    let arn = app.start(name, json!([{ "integration": "identity-check", "payload": payload }])).await?;
    let ended = app.end_of(&arn).await?;
    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    // A third party that repeats what it was sent, in the very place where errors stand.
    let echo = json!({ "reason": format!("applicant {applicant} is unknown") });
    let refused = format!("{name}-refused");
    app.script(
        &refused,
        Script::never_ends().submit_answers([Answer::status(StatusCode::UNPROCESSABLE_ENTITY, &echo)]),
    );
    let payload = json!({ "applicant": applicant, "reference": refused });
    let ended = app.run(&refused, json!([{ "integration": "identity-check", "payload": payload }])).await?;
    assert_eq!(ended.status(), "FAILED");

    let token = app.waits_of(&arn).await?[0].text("token").ok_or("no token on the wait")?.to_owned();

    let wait = &app.waits_of(&arn).await?[0];
    let capability = wait.text("capability").ok_or("no capability on the wait")?.to_owned();

    let third_party = &app.deployment.third_party;
    let whsec = third_party.webhook_secret().expose().to_owned();
    let secrets = [
        token.as_str(),
        capability.as_str(),
        applicant,
        &whsec,
        whsec.trim_start_matches("whsec_"),
        third_party.checks_token(),
        third_party.transcripts_token(),
    ];
    let lines = app.log_lines().await?;
    let mut names_the_wait = false;
    let wait_id = app.waits_of(&arn).await?[0].text("pk").ok_or("no key")?.trim_start_matches("W#").to_owned();
    for (group, line) in &lines {
        let object: Option<Value> = serde_json::from_str(line).ok();
        names_the_wait |= object.is_some_and(|object| object["wait"] == wait_id.as_str());
        for (index, secret) in secrets.iter().enumerate() {
            assert!(!line.contains(secret), "secret number {index} stands in {group}");
        }
    }
    assert!(!lines.is_empty(), "no log line was found to look at");
    assert!(names_the_wait, "no log line is a JSON object with the wait's id in the field `wait`");
    Ok(())
}

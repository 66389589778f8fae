//! What users get wrong: each has a named error that says where and what to do,
//! and nothing is sent to a third party.

use serde_json::{Value, json};
use stepwait_tests::{Application, Trouble};

crate::tests![
    an_input_of_another_shape_is_refused_before_anything_starts,
    an_unknown_integration_is_named_beside_those_that_there_are,
    a_payload_that_lacks_what_a_placeholder_needs_is_refused_before_anything_is_sent,
    one_bad_request_does_not_keep_the_others_from_being_served,
    an_event_of_another_shape_is_an_error_with_a_name_and_without_its_values,
];

async fn an_input_of_another_shape_is_refused_before_anything_starts(app: &Application) -> Result<(), Trouble> {
    let good = json!({ "integration": "transcript", "payload": {} });
    let keyed = |key: Value| json!({ "integration": "transcript", "key": key, "payload": {} });
    let cases = [
        ("none", json!([])),
        ("no-list", json!("transcript")),
        ("no-integration", json!([{ "payload": {} }])),
        ("integration-no-text", json!([good, { "integration": 7 }])),
        ("too-many", json!(vec![good.clone(); 41])),
        ("same-key-twice", json!([keyed(json!("a")), keyed(json!("a"))])),
        ("key-of-another-request", json!([keyed(json!("#1")), good])),
        ("key-no-text", json!([keyed(json!(5))])),
    ];
    for (name, requests) in cases {
        let ended = app.run(&format!("bad-input-{name}"), requests).await?;
        assert_eq!(ended.status(), "FAILED", "{name}");
        assert_eq!(ended.execution.error.as_deref(), Some("InvalidInput"), "{name}: {}", ended.cause());
        assert!(ended.cause().starts_with("the input must be {\"subject\": TEXT"), "{name}: {}", ended.cause());
        assert!(app.waits_of(&ended.arn).await?.is_empty(), "{name}");
    }
    Ok(())
}

async fn an_unknown_integration_is_named_beside_those_that_there_are(app: &Application) -> Result<(), Trouble> {
    let ended = app.run("unknown-integration", json!([{ "integration": "transcripts" }])).await?;

    assert_eq!(ended.execution.error.as_deref(), Some("RequestsFailed"));
    let mut there_are: Vec<&str> = stepwait_catalog::Catalog::load()?.names().collect();
    // The tests deploy the examples too.
    there_are.extend(app.stages.iter().map(|stage| stage.integration.name.as_str()));
    there_are.sort_unstable();
    let there_are = there_are.join(", ");
    assert_eq!(
        ended.cause(),
        format!(
            "1 of 1 requests did not succeed: transcripts failed: UnknownIntegration: no integration \"transcripts\" is deployed; \
             there are: {there_are}. Add integrations/NAME.toml and deploy again, or correct the name"
        )
    );
    let item = app.recorded("unknown-integration", Some("#0")).await?.ok_or("the failure was not recorded")?;
    assert_eq!(item.text("outcome"), Some("failed"));
    Ok(())
}

async fn a_payload_that_lacks_what_a_placeholder_needs_is_refused_before_anything_is_sent(
    app: &Application,
) -> Result<(), Trouble> {
    let name = "missing-payload";
    let ended = app.run(name, json!([{ "integration": "transcript", "payload": { "reference": name } }])).await?;

    assert_eq!(
        ended.cause(),
        "1 of 1 requests did not succeed: transcript failed: InvalidRequest: integration \"transcript\": \
         the payload has no value at \"/audio_url\"; the integration's submit needs it"
    );
    assert_eq!(app.deployment.third_party.seen(name).submits, 0);
    assert!(app.waits_of(&ended.arn).await?.is_empty());
    Ok(())
}

async fn one_bad_request_does_not_keep_the_others_from_being_served(app: &Application) -> Result<(), Trouble> {
    let name = "bad-beside-good";
    let ended = app
        .run(
            name,
            json!([
                { "integration": "nobody" },
                { "integration": "transcript", "payload": { "audio_url": "https://a/1", "reference": name } },
            ]),
        )
        .await?;

    assert_eq!(ended.status(), "FAILED");
    assert_eq!(app.deployment.third_party.seen(name).submits, 1);
    let good = app.recorded(name, Some("#1")).await?.ok_or("the good one was not recorded")?;
    assert_eq!(good.text("outcome"), Some("succeeded"));
    Ok(())
}

async fn an_event_of_another_shape_is_an_error_with_a_name_and_without_its_values(
    app: &Application,
) -> Result<(), Trouble> {
    let answer = app.invoke("Submit", &json!({ "token": "AQCEAAAAKgAAAAMAAAAA-not-for-logs" })).await?;
    assert_eq!(answer["errorType"], "Defect");
    assert_eq!(
        answer["errorMessage"],
        "the state machine passed an event of another shape (missing field `wait`); deploy both together"
    );
    let answer = app.invoke("Submit", &json!({ "wait": "AQCEAAAAKgAAAAMAAAAA-not-for-logs" })).await?;
    assert_eq!(
        answer["errorMessage"],
        "the state machine passed an event of another shape (a field of another type); deploy both together"
    );
    Ok(())
}

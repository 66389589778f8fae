//! What `stepwait fragment` prints for each integration that is here: created as a
//! state machine of its own, and run to its end.

use crate::reconciling::ONE_RECONCILER;
use bytes::Bytes;
use futures_util::StreamExt as _;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use stepwait_core::SecretValue;
use stepwait_core::integration::{CallbackAddress, Integration, Strategy};
use stepwait_core::webhook::{Delivery, Signing as Sign, sign};
use stepwait_fragment::{Fragment, Options, Outputs};
use stepwait_local::scripted::{self, Manner, Script, Signing, millis};
use stepwait_tests::{Application, Ended, Stage, Trouble, WEBHOOK_SECRET};

crate::tests![
    every_example_is_waited_for_by_its_fragment,
    every_shipped_integration_is_waited_for_by_its_fragment,
    a_fragment_of_one_round_enters_two_states_and_one_with_a_token_one,
    a_fragments_states_stand_in_a_map_and_each_item_is_a_wait_of_its_own,
    a_loop_that_comes_again_with_another_input_waits_anew,
    a_job_that_fails_is_closed_and_goes_where_the_fragment_says,
    a_fragment_that_was_made_for_another_strategy_is_told_to_be_made_again,
    a_request_that_cannot_be_served_ends_its_fragment_with_the_reason,
];

/// How many fragments run side by side: each has a Lambda process or two of its own.
const AT_ONCE: usize = 4;

/// How long a submit may take to come, on a loaded machine.
const LONGEST: Duration = Duration::from_secs(60);

fn outputs(app: &Application) -> Result<Outputs, Trouble> {
    let names = ["SubmitFunctionArn", "CloseFunctionArn", "PollStateMachineArn"];
    let listed = names.map(|name| {
        let value = app.deployment.stack.output(name).map_err(|e| e.to_string())?;
        Ok::<_, String>(json!({ "OutputKey": name, "OutputValue": value }))
    });
    Ok(Outputs::parse(&Value::Array(listed.into_iter().collect::<Result<_, _>>()?).to_string())?)
}

/// Creates a machine of a definition, with the stack's outputs put in, and starts it.
async fn start(app: &Application, name: &str, definition: &Value, input: &Value) -> Result<String, Trouble> {
    let filled: Value = serde_json::from_str(&outputs(app)?.fill(&definition.to_string())?)?;
    let states = app.deployment.engine.states();
    let machine = states.create_state_machine(&format!("fragment-{name}"), &filled).await?;
    Ok(states.start_execution(&machine, name, input).await?)
}

/// The same, to its end.
pub(crate) async fn run(app: &Application, name: &str, definition: &Value, input: &Value) -> Result<Ended, Trouble> {
    app.end_of(&start(app, name, definition, input).await?).await
}

pub(crate) fn shipped(name: &str) -> Result<Integration, Trouble> {
    let path = format!("{}/../integrations/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    Ok(Integration::parse(name, &std::fs::read_to_string(path)?)?)
}

fn whole(integration: &Integration) -> Result<Value, Trouble> {
    Ok(Fragment::of(integration, &Options::default())?.whole())
}

/// The names of the states that were entered, as AWS bills them.
fn entered(ended: &Ended) -> Vec<&str> {
    ended.events.iter().filter_map(|event| event["stateEnteredEventDetails"]["name"].as_str()).collect()
}

/// How the wait ended, as the execution's output says.
fn settled<'a>(ended: &'a Ended, integration: &Integration) -> &'a Value {
    let field = integration.name.as_str().replace('-', "_");
    ended.execution.output.as_ref().map_or(&Value::Null, |output| &output[field])
}

/// What is wrong with an execution that was to wait and succeed.
fn wrong(integration: &Integration, ended: &Ended) -> Option<String> {
    let name = &integration.name;
    let entered = entered(ended);
    let is_as_planned = match integration.strategy {
        Strategy::Callback | Strategy::Pooled => entered == [format!("Wait for {name}")],
        Strategy::Poll => {
            let round = [format!("Wait for {name}"), format!("{name} finished?")];
            let pause = format!("Wait until {name}'s next round");
            let done = format!("{name} done");
            let mut left = entered.strip_suffix(&[done.as_str()]).unwrap_or_default();
            while let [first, second, rest @ ..] = left
                && [*first, *second] == round
            {
                left = rest.strip_prefix(&[pause.as_str()]).unwrap_or(rest);
            }
            left.is_empty() && entered.len() >= 3
        }
    };
    // A deadline of seconds may pass on a loaded machine; closing then finds the job done.
    let is_as_planned = is_as_planned
        || integration.deadline < Duration::from_mins(1) && entered.contains(&format!("Close {name}").as_str());
    let outcome = settled(ended, integration)["outcome"].as_str();
    let is_well = ended.status() == "SUCCEEDED" && outcome == Some("succeeded") && is_as_planned;
    (!is_well)
        .then(|| format!("{name}: {}, {:?}, {}, by {entered:?}", ended.status(), ended.execution.output, ended.cause()))
}

async fn every_shipped_integration_is_waited_for_by_its_fragment(app: &Application) -> Result<(), Trouble> {
    let _looks = ONE_RECONCILER.read().await;
    let names: Vec<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../integrations"))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    let waits = names.iter().map(|name| async move {
        let integration = shipped(name)?;
        let reference = format!("fragment-{name}");
        app.script(&reference, Script::succeeds_after(millis(100)));
        let input = json!({
            "reference": reference, "audio_url": "https://a/1", "applicant": "Ada", "film": "f", "subject": "s",
        });
        if name.ends_with("-check") && name != "identity-check" {
            return by_hand(app, &integration, &input).await;
        }
        let ended = run(app, name, &whole(&integration)?, &input).await?;
        Ok::<_, Trouble>(wrong(&integration, &ended))
    });
    let ended: Vec<_> = futures_util::stream::iter(waits).buffer_unordered(AT_ONCE).collect().await;
    let wrong: Vec<String> = ended.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// Waits for third parties whose scripted webhooks are JSON, and theirs are not.
async fn by_hand(app: &Application, integration: &Integration, input: &Value) -> Result<Option<String>, Trouble> {
    let name = integration.name.as_str();
    let reference = input["reference"].as_str().unwrap_or_default();
    app.script(reference, Script::never_ends());
    let arn = start(app, name, &whole(integration)?, input).await?;
    let seen = app.deployment.third_party.wait_until(reference, |seen| !seen.jobs.is_empty(), LONGEST).await?;
    let job = &seen.jobs[0];
    let answer = if integration.callback.as_ref().is_some_and(|callback| callback.address == CallbackAddress::Wait) {
        let own = own_address(app, &arn).await?;
        app.call(Manner::Link, &format!("{name}/{own}?id={job}&status=approved&report=well"), "", Signing::None).await?
    } else {
        app.call(Manner::Form, name, &format!("check_id={job}&state=approved&report=well"), Signing::Valid).await?
    };
    assert!(matches!(answer.status, 200 | 202), "{name}: {}", answer.status);
    Ok(wrong(integration, &app.end_of(&arn).await?))
}

/// The path of a wait's own address, behind the integration's name, once its job is noted.
async fn own_address(app: &Application, arn: &str) -> Result<String, Trouble> {
    let began = std::time::Instant::now();
    while began.elapsed() < LONGEST {
        if let Some(wait) = app.waits_of(arn).await?.first()
            && let (Some(pk), Some(_)) = (wait.text("pk"), wait.text("job_id"))
        {
            let capability = wait.text("capability").unwrap_or_default();
            return Ok(format!("{}/{capability}", pk.trim_start_matches("W#")));
        }
        tokio::time::sleep(millis(100)).await;
    }
    Err("no job was noted".into())
}

async fn every_example_is_waited_for_by_its_fragment(app: &Application) -> Result<(), Trouble> {
    let _looks = ONE_RECONCILER.read().await;
    let waits = app.stages.iter().map(async |stage| {
        let integration = &stage.integration;
        let name = format!("example-{}", integration.name);
        let arn = start(app, &name, &whole(integration)?, &stage.fixture.request).await?;
        match integration.strategy {
            Strategy::Callback => send_event(app, stage, &arn).await?,
            Strategy::Pooled => bring_forward(app, &arn, integration).await?,
            Strategy::Poll => {}
        }
        let ended = app.end_of(&arn).await?;
        let found = wrong(integration, &ended).or_else(|| unlike_the_recording(stage, &ended));
        Ok::<_, Trouble>(found.map(|found| format!("{found}; strange: {:?}", stage.strange())))
    });
    let ended: Vec<_> = futures_util::stream::iter(waits).buffer_unordered(AT_ONCE).collect().await;
    assert!(ended.len() >= 20, "{}", ended.len());
    let wrong: Vec<String> = ended.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}

/// Makes the first look due that the reconciler is to make at a pooled job: as if the
/// job had been submitted so much earlier.
async fn bring_forward(app: &Application, arn: &str, integration: &Integration) -> Result<(), Trouble> {
    own_address(app, arn).await?;
    let wait = app.waits_of(arn).await?.into_iter().next().ok_or("the wait has gone")?;
    let pk = wait.text("pk").ok_or("the row has no key")?;
    let submitted_at = crate::reconciling::now()? - integration.schedule.first;
    app.set(pk, "submitted_at", &json!({ "S": submitted_at.to_string() })).await?;
    app.set(pk, "due_at", &json!({ "N": submitted_at.as_millisecond().to_string() })).await
}

/// Whether a wait ended with something else than the recorded conversation.
fn unlike_the_recording(stage: &Stage, ended: &Ended) -> Option<String> {
    let output = settled(ended, &stage.integration)["output"].as_str().unwrap_or("null");
    let output: Value = serde_json::from_str(&stage.as_recorded(output)).unwrap_or_default();
    let recorded = serde_json::to_value(&stage.fixture.expected).unwrap_or_default();
    let is_same = output == recorded["output"];
    (!is_same).then(|| format!("{}: {output}, and not {recorded}", stage.integration.name))
}

/// Sends the recorded webhook that tells of the job's end, signed as the file says.
async fn send_event(app: &Application, stage: &Stage, arn: &str) -> Result<(), Trouble> {
    let integration = &stage.integration;
    let name = integration.name.as_str();
    let callback = integration.callback.as_ref().ok_or("a callback without [callback]")?;
    // An event that only causes a look is of no use before its job is known.
    let own = own_address(app, arn).await.map_err(|trouble| format!("{name}: {trouble}; {:?}", stage.strange()))?;
    let path = match callback.address {
        CallbackAddress::Wait => format!("{name}/{own}"),
        CallbackAddress::Integration => name.to_owned(),
    };
    let mut events = stage.fixture.events.iter();
    let is_end = |means: &str| means == "ended: succeeded" || means == "look";
    let event =
        events.find(|event| is_end(&event.means)).ok_or_else(|| format!("{name}: no event tells of the end"))?;
    let body = match &event.body {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        json @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => json.to_string(),
    };
    let mut delivery = Delivery {
        method: "POST".to_owned(),
        domain: String::new(),
        path: format!("/webhooks/{path}"),
        query: event.query.clone().unwrap_or_default(),
        headers: event.headers.clone(),
        body: Bytes::from(body).to_vec(),
    };
    if let Some(verification) = &callback.verify {
        let with = Sign {
            key: &SecretValue::new(WEBHOOK_SECRET),
            key_id: None,
            now: crate::reconciling::now()?,
            delivery_id: &format!("delivery-{name}"),
            callback_url: None,
            random: &ring::rand::SystemRandom::new(),
        };
        verification.fill(&mut delivery, None)?;
        delivery = sign(verification, &delivery, &with)?;
    }
    let base = app.deployment.stack.output("WebhookUrl")?.trim_end_matches('/');
    let query = if delivery.query.is_empty() { String::new() } else { format!("?{}", delivery.query) };
    let manner = if event.body.is_null() { Manner::Link } else { Manner::Json };
    delivery.headers.remove("content-type");
    let sent = scripted::Delivery {
        url: format!("{base}{}{query}", delivery.path),
        body: delivery.body,
        sign: Signing::Raw(delivery.headers.into_iter().collect()),
    };
    let answer = app.deployment.third_party.deliver_as(manner, sent).await?;
    if matches!(answer.status, 200 | 202) {
        return Ok(());
    }
    Err(format!("{name}: the event was answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body)).into())
}

async fn a_fragment_of_one_round_enters_two_states_and_one_with_a_token_one(app: &Application) -> Result<(), Trouble> {
    let polled = "fragment-one-round";
    app.script(polled, Script::succeeds_after(millis(0)));
    let mut definition = Fragment::of(&shipped("transcript")?, &pasted())?.whole();
    definition["States"]["Go on"] = json!({ "Type": "Pass", "End": true });
    definition["States"]["Apologise"] = json!({ "Type": "Fail" });
    let input = json!({ "audio_url": "https://a/1", "reference": polled, "mine": [1, { "two": 2 }] });
    let ended = run(app, polled, &definition, &input).await?;
    // Each state that is entered is a transition: two of the fragment's, and the workflow's own.
    assert_eq!(entered(&ended), ["Wait for transcript", "transcript finished?", "Go on"], "{}", ended.cause());
    let seen = app.deployment.third_party.seen(polled);
    assert_eq!((seen.submits, seen.checks.len()), (1, 1));
    let output = ended.execution.output.as_ref().ok_or("no output")?;
    let mut own = output.clone();
    let settled = own.as_object_mut().and_then(|own| own.remove("transcript")).ok_or("no field transcript")?;
    assert_eq!((own, &settled["outcome"]), (input, &json!("succeeded")));
    assert_eq!(settled["job_id"], json!(seen.jobs[0]));

    let called_back = "fragment-one-state";
    app.script(called_back, Script::succeeds_after(millis(100)));
    let input = json!({ "applicant": "Ada", "reference": called_back });
    let ended = run(app, called_back, &whole(&shipped("identity-check")?)?, &input).await?;
    assert_eq!(entered(&ended), ["Wait for identity-check"], "{}", ended.cause());
    Ok(())
}

fn pasted() -> Options {
    Options { next: Some("Go on".to_owned()), on_failure: Some("Apologise".to_owned()), ..Options::default() }
}

async fn a_fragments_states_stand_in_a_map_and_each_item_is_a_wait_of_its_own(
    app: &Application,
) -> Result<(), Trouble> {
    let name = "fragment-map";
    let references: Vec<String> = (0..3).map(|n| format!("{name}-{n}")).collect();
    for reference in &references {
        app.script(reference, Script::succeeds_with(json!({ "of": reference }), millis(100)));
    }
    let whole = whole(&shipped("identity-check")?)?;
    let definition = json!({
        "StartAt": "Each",
        "States": { "Each": {
            "Type": "Map",
            "QueryLanguage": "JSONata",
            "Items": "{% $states.input %}",
            "ItemProcessor": {
                "ProcessorConfig": { "Mode": "INLINE" }, "StartAt": whole["StartAt"], "States": whole["States"],
            },
            "End": true,
        } },
    });
    let items: Value =
        references.iter().map(|reference| json!({ "applicant": "Ada", "reference": reference })).collect();
    let ended = run(app, name, &definition, &items).await?;
    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    let outputs = ended.execution.output.as_ref().and_then(Value::as_array).ok_or("no output")?;
    let of: Vec<Value> = outputs
        .iter()
        .map(|output| serde_json::from_str(output["identity_check"]["output"].as_str().unwrap_or("null")))
        .collect::<Result<_, _>>()?;
    let expected: Vec<Value> = references.iter().map(|reference| json!({ "of": reference })).collect();
    assert_eq!(of, expected);
    assert_eq!(app.waits_of(&ended.arn).await?.len(), 3);
    Ok(())
}

async fn a_loop_that_comes_again_with_another_input_waits_anew(app: &Application) -> Result<(), Trouble> {
    let name = "fragment-loop";
    for turn in 0..3 {
        let reference = format!("{name}-{turn}");
        app.script(&reference, Script::succeeds_with(json!({ "turn": turn }), millis(0)));
    }
    let options = Options {
        next: Some("Next turn".to_owned()),
        payload: Some(format!(
            "{{ 'audio_url': 'https://a/1', 'reference': '{name}-' & $string($states.input.turn) }}"
        )),
        ..Options::default()
    };
    let mut definition = Fragment::of(&shipped("transcript")?, &options)?.whole();
    definition["States"]["Next turn"] = json!({
        "Type": "Pass", "QueryLanguage": "JSONata",
        "Output": "{% { 'turn': $states.input.turn + 1, 'results': $append($states.input.results, [$states.input.transcript.output]) } %}",
        "Next": "Again?",
    });
    definition["States"]["Again?"] = json!({
        "Type": "Choice", "QueryLanguage": "JSONata",
        "Choices": [{ "Condition": "{% $states.input.turn < 3 %}", "Next": "Wait for transcript" }],
        "Default": "Over",
    });
    definition["States"]["Over"] = json!({ "Type": "Pass", "End": true });
    let ended = run(app, name, &definition, &json!({ "turn": 0, "results": [] })).await?;
    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    let results = ended.execution.output.as_ref().map(|output| &output["results"]);
    assert_eq!(results, Some(&json!([r#"{"turn":0}"#, r#"{"turn":1}"#, r#"{"turn":2}"#])));
    Ok(())
}

async fn a_job_that_fails_is_closed_and_goes_where_the_fragment_says(app: &Application) -> Result<(), Trouble> {
    let mut ways = BTreeMap::new();
    for (name, integration) in [("fragment-fails-token", "identity-check"), ("fragment-fails-nested", "transcript")] {
        app.script(name, Script::fails_after(millis(0), "no good"));
        let mut definition = Fragment::of(&shipped(integration)?, &pasted())?.whole();
        definition["States"]["Go on"] = json!({ "Type": "Fail" });
        definition["States"]["Apologise"] = json!({ "Type": "Pass", "End": true });
        let input = json!({ "applicant": "Ada", "audio_url": "https://a/1", "reference": name });
        let ended = run(app, name, &definition, &input).await?;
        let settled = settled(&ended, &shipped(integration)?).clone();
        assert_eq!(
            (&settled["outcome"], &settled["error"]),
            (&json!("failed"), &json!("JobFailed")),
            "{}",
            ended.cause()
        );
        ways.insert(name, entered(&ended).join(", "));
    }
    let token = "Wait for identity-check, Close identity-check, Did identity-check succeed?, Apologise";
    let nested = "Wait for transcript, transcript finished?, Apologise";
    assert_eq!(
        ways,
        BTreeMap::from([("fragment-fails-token", token.to_owned()), ("fragment-fails-nested", nested.to_owned())])
    );
    Ok(())
}

async fn a_fragment_that_was_made_for_another_strategy_is_told_to_be_made_again(
    app: &Application,
) -> Result<(), Trouble> {
    let name = "fragment-outdated";
    let input = json!({ "applicant": "Ada", "audio_url": "https://a/1", "reference": name });
    let transcript = shipped("transcript")?;
    // As if the file had said `callback` when the states were made, and the other way round.
    let token = whole(&shipped("identity-check")?)?.to_string().replace("identity-check", "transcript");
    let nested = whole(&transcript)?.to_string().replace("transcript", "identity-check");
    for (way, definition) in [("token", token), ("nested", nested)] {
        let ended = run(app, &format!("{name}-{way}"), &serde_json::from_str(&definition)?, &input).await?;
        assert_eq!(ended.status(), "SUCCEEDED", "{way}: {}", ended.cause());
        let text = ended.execution.output.as_ref().map(Value::to_string).unwrap_or_default();
        assert!(text.contains("\"OutdatedFragment\"") && text.contains("Nothing was sent"), "{way}: {text}");
    }
    assert_eq!(app.deployment.third_party.seen(name).submits, 0);
    Ok(())
}

async fn a_request_that_cannot_be_served_ends_its_fragment_with_the_reason(app: &Application) -> Result<(), Trouble> {
    let name = "fragment-invalid";
    let transcript = shipped("transcript")?;
    let ended = run(app, name, &whole(&transcript)?, &json!({ "reference": name })).await?;
    assert_eq!(
        entered(&ended),
        ["Wait for transcript", "transcript finished?", "Close transcript", "transcript done"],
        "{}",
        ended.cause()
    );
    let settled = settled(&ended, &transcript);
    assert_eq!((&settled["outcome"], &settled["error"]), (&json!("failed"), &json!("InvalidRequest")));
    let why =
        "integration \"transcript\": the payload has no value at \"/audio_url\"; the integration's submit needs it";
    assert_eq!(settled["reason"], why);
    assert_eq!(app.deployment.third_party.seen(name).submits, 0);
    Ok(())
}

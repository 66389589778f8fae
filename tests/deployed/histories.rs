//! Inside a Map the local engine lists only task events, and the other states
//! are derived from the definition. Here the derivation is checked: the Map's
//! own states run as a workflow without a Map, whose history lists every state.

use serde_json::{Value, json};
use stepwait_local::history::{Step, derive_path, listed_path, transitions, whole_execution};
use stepwait_local::scripted::{Answer, Script, millis};
use stepwait_tests::{Application, Ended, Trouble};

crate::tests![
    the_derived_path_is_the_listed_one_of_the_same_states_without_a_map,
    the_transitions_of_a_whole_execution_are_those_of_its_states,
];

struct Case {
    name: &'static str,
    integration: &'static str,
    script: fn() -> Script,
    path: &'static [&'static str],
}

fn later() -> Answer {
    Answer::throttled(http::HeaderValue::from_static("80"))
}

fn busy() -> Answer {
    Answer::throttled(http::HeaderValue::from_static("0"))
}

const CASES: [Case; 5] = [
    Case {
        name: "path-polled",
        integration: "transcript",
        script: || Script::succeeds_after(millis(100)),
        path: &["Prepare", "How to wait?", "Submit", "Poll", "Finished?", "Keep result"],
    },
    Case {
        name: "path-two-rounds",
        integration: "transcript",
        script: || Script::succeeds_after(millis(100)).check_answers([later()]),
        path: &[
            "Prepare",
            "How to wait?",
            "Submit",
            "Poll",
            "Finished?",
            "Wait until next round",
            "Poll",
            "Finished?",
            "Keep result",
        ],
    },
    Case {
        name: "path-called-back",
        integration: "identity-check",
        script: || Script::succeeds_after(millis(100)),
        path: &["Prepare", "How to wait?", "Submit and await", "Keep result"],
    },
    Case {
        name: "path-called-back-badly",
        integration: "identity-check",
        script: || Script::fails_after(millis(100), "no").submit_answers([busy()]),
        path: &["Prepare", "How to wait?", "Submit and await", "Close", "Keep result"],
    },
    Case { name: "path-unknown", integration: "nobody", script: Script::never_ends, path: &["Prepare", "Keep result"] },
];

/// The Map's states as a workflow of their own, run with what the Map would pass.
async fn run_without_map(app: &Application, processor: &Value, case: &Case) -> Result<Ended, Trouble> {
    let states = app.deployment.engine.states();
    let name = format!("{}-alone", case.name);
    app.script(&name, (case.script)());
    let definition = json!({ "StartAt": processor["StartAt"], "States": processor["States"] });
    let machine = states.create_state_machine(&name, &definition).await?;
    let input = json!({
        "subject": name,
        "requests": 1,
        "request": { "integration": case.integration, "key": "#0", "payload": payload(&name) },
    });
    let arn = states.start_execution(&machine, &name, &input).await?;
    app.end_of(&arn).await
}

fn payload(reference: &str) -> Value {
    json!({ "audio_url": "https://a/1", "applicant": "Ada", "reference": reference })
}

fn names(path: &[Step]) -> Vec<&str> {
    path.iter().map(|step| step.state.as_str()).collect()
}

async fn the_derived_path_is_the_listed_one_of_the_same_states_without_a_map(app: &Application) -> Result<(), Trouble> {
    let main = app.deployment.stack.output("MainStateMachineArn")?;
    let definition = app.deployment.engine.states().definition(main).await?;
    let processor = &definition["States"]["For each request"]["ItemProcessor"];
    for case in &CASES {
        let alone = run_without_map(app, processor, case).await?;
        assert_eq!(alone.status(), "SUCCEEDED", "{}: {}", case.name, alone.cause());
        let listed = listed_path(&alone.events)?;
        assert_eq!(names(&listed), case.path, "{}", case.name);

        // The derivation sees only what it would see inside a Map.
        let task_events: Vec<Value> = alone
            .events
            .iter()
            .filter(|event| ["TaskScheduled", "TaskSucceeded", "TaskFailed"].iter().any(|kind| event["type"] == *kind))
            .cloned()
            .collect();
        let derived = derive_path(processor, &task_events, None)?;
        assert_eq!(derived, listed, "{}", case.name);
    }
    Ok(())
}

async fn the_transitions_of_a_whole_execution_are_those_of_its_states(app: &Application) -> Result<(), Trouble> {
    let main = app.deployment.stack.output("MainStateMachineArn")?;
    let definition = app.deployment.engine.states().definition(main).await?;
    for case in &CASES {
        app.script(case.name, (case.script)());
        let ended =
            app.run(case.name, json!([{ "integration": case.integration, "payload": payload(case.name) }])).await?;
        let whole = whole_execution(&definition, &ended.events, None)?;
        let retries: u32 = whole.iterations.iter().flatten().map(|step| step.retries).sum();
        // Check input, the Map, Record results, Notify, Did all succeed?, and Done or Some failed.
        let around = 6;
        assert_eq!(transitions(&whole.listed), around, "{}", case.name);
        assert_eq!(whole.transitions(), around + u32::try_from(case.path.len())? + retries, "{}", case.name);
    }
    Ok(())
}

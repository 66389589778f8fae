use super::printed;
use crate::{Arguments, Command};
use clap::Parser;
use serde_json::{Value, json};
use std::path::Path;

/// What a command line prints, with files named from the repository's root.
fn fragment(arguments: &[&str]) -> Result<String, String> {
    let (name, rest) = arguments.split_first().unwrap();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../integrations/{name}.toml"));
    let line = ["stepwait", "fragment", file.to_str().unwrap()].into_iter().chain(rest.iter().copied());
    let parsed = Arguments::try_parse_from(line).map_err(|error| error.to_string())?;
    let Command::Fragment(arguments) = parsed.command else { panic!("another command") };
    printed(&arguments)
}

fn json_of(arguments: &[&str]) -> Value {
    serde_json::from_str(&fragment(arguments).unwrap()).unwrap()
}

/// The names of the states, and where each goes.
fn ways(states: &Value) -> Vec<(String, Vec<String>)> {
    let next = |state: &Value| {
        let entries = [&state["Catch"], &state["Choices"]].into_iter().filter_map(Value::as_array).flatten();
        let named = entries.map(|entry| &entry["Next"]).chain([&state["Next"], &state["Default"]]);
        named.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    states.as_object().unwrap().iter().map(|(name, state)| (name.clone(), next(state))).collect()
}

fn way(name: &str, next: &[&str]) -> (String, Vec<String>) {
    (name.to_owned(), next.iter().map(|next| (*next).to_owned()).collect())
}

#[test]
fn a_token_is_held_by_one_state_and_another_closes_its_wait() {
    let states = json_of(&["identity-check"]);
    assert_eq!(
        ways(&states),
        [way("Close identity-check", &[]), way("Wait for identity-check", &["Close identity-check"])]
    );
    let wait = &states["Wait for identity-check"];
    assert_eq!(
        (&wait["End"], &wait["TimeoutSeconds"], &wait["HeartbeatSeconds"]),
        (&json!(true), &json!(259_201), &Value::Null)
    );
    assert_eq!(wait["Output"], "{% $merge([$states.input, { 'identity_check': $states.result }]) %}");
}

#[test]
fn a_polled_job_is_waited_for_by_a_loop_of_three_states() {
    let states = json_of(&["transcript", "--next", "Store"]);
    assert_eq!(
        ways(&states),
        [
            way("Close transcript", &["Store"]),
            way("Wait for transcript", &["Close transcript", "transcript finished?"]),
            way("Wait until transcript's next round", &["Wait for transcript"]),
            way(
                "transcript finished?",
                &[
                    "Store",
                    "Wait until transcript's next round",
                    "Wait until transcript's next round",
                    "Close transcript"
                ]
            ),
        ]
    );
}

#[test]
fn a_wait_that_did_not_succeed_goes_where_the_command_line_says() {
    let token = json_of(&["identity-check", "--next", "Go", "--on-failure", "Stop"]);
    assert_eq!(token["Wait for identity-check"]["Next"], "Go");
    assert_eq!(token["Close identity-check"]["Next"], "Did identity-check succeed?");
    let choice = &token["Did identity-check succeed?"];
    assert_eq!((&choice["Choices"][0]["Next"], &choice["Default"]), (&json!("Go"), &json!("Stop")));
    let nested = json_of(&["transcript", "--next", "Go", "--on-failure", "Stop"]);
    assert_eq!(nested["Close transcript"]["Next"], "transcript finished?");
    assert_eq!(nested["transcript finished?"]["Choices"][0]["Next"], "Stop");
}

#[test]
fn what_a_wait_is_called_names_its_states_its_field_and_its_key() {
    let states = json_of(&["identity-check", "--as", "second-check"]);
    assert_eq!(ways(&states), [way("Close second-check", &[]), way("Wait for second-check", &["Close second-check"])]);
    let wait = &states["Wait for second-check"];
    assert_eq!(wait["Output"], "{% $merge([$states.input, { 'second_check': $states.result }]) %}");
    assert_eq!(wait["Arguments"]["Payload"]["direct"]["integration"], "identity-check");
}

#[test]
fn a_key_and_a_payload_are_taken_as_expressions() {
    let states = json_of(&["identity-check", "--key", "$states.input.id", "--payload", "{% $states.input.person %}"]);
    let direct = &states["Wait for identity-check"]["Arguments"]["Payload"]["direct"];
    assert_eq!(direct["key"], "{% $string($states.input.id) %}");
    assert_eq!(direct["payload"], "{% $states.input.person %}");
}

#[test]
fn a_policy_names_what_the_states_call() {
    assert_eq!(
        json_of(&["transcript", "--policy"])["Statement"],
        json!([
            { "Effect": "Allow", "Action": "states:StartSyncExecution", "Resource": ["${PollStateMachineArn}"] },
            { "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": ["${CloseFunctionArn}"] },
        ])
    );
}

#[test]
fn outputs_of_a_stack_are_put_in_and_one_that_is_missing_is_named() {
    let folder = std::env::temp_dir().join(format!("stepwait-fragment-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("outputs.json");
    let name = file.to_str().unwrap();
    std::fs::write(&file, r#"{"Outputs": [{"OutputKey": "CloseFunctionArn", "OutputValue": "arn:close"}]}"#).unwrap();
    let missing = fragment(&["identity-check", "--stack-outputs", name]);
    std::fs::write(
        &file,
        r#"[{"OutputKey": "CloseFunctionArn", "OutputValue": "arn:close"},
            {"OutputKey": "SubmitFunctionArn", "OutputValue": "arn:submit"}]"#,
    )
    .unwrap();
    let filled = fragment(&["identity-check", "--whole", "--stack-outputs", name]);
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(
        missing,
        Err(format!(
            "error: {name}: the stack has no output SubmitFunctionArn; deploy the template again, or name the right stack"
        ))
    );
    let machine: Value = serde_json::from_str(&filled.unwrap()).unwrap();
    assert_eq!(machine["StartAt"], "Wait for identity-check");
    assert_eq!(machine["States"]["Wait for identity-check"]["Arguments"]["FunctionName"], "arn:submit");
    assert!(!machine.to_string().contains("${"));
}

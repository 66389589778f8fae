//! What `stepwait fragment` prints for each integration file that is here, looked at
//! as the shipped definitions are.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use stepwait_core::decide::round::BreakEven;
use stepwait_core::integration::{Integration, Strategy};
use stepwait_core::plan::{TokenBounds, rounds_of_fragment};
use stepwait_fragment::{Fragment, Options, Outputs};

use super::errors::check_names;
use super::expressions::{check_expressions, check_languages};
use super::findings::Findings;
use super::machine::{Machine, machine, repository};
use super::messages::check_payloads;
use super::shape::check_ways;
use super::template::Template;

/// The most characters of a state's name (Amazon States Language).
const NAME_CHARS: usize = 80;

/// Every integration file, the examples included.
fn integrations() -> Vec<Integration> {
    let mut found = Vec::new();
    for folder in ["integrations", "integrations/examples"] {
        for entry in std::fs::read_dir(repository().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "toml") {
                let name = path.file_stem().unwrap().to_str().unwrap();
                found.push(Integration::parse(name, &std::fs::read_to_string(&path).unwrap()).unwrap());
            }
        }
    }
    assert!(found.iter().any(|i| i.strategy == Strategy::Poll) && found.len() > 20, "{}", found.len());
    found
}

/// With a state that comes next, and one for waits that did not succeed.
fn pasted() -> Options {
    Options { next: Some("Go on".to_owned()), on_failure: Some("Apologise".to_owned()), ..Options::default() }
}

fn fragment(integration: &Integration, options: &Options) -> Fragment {
    Fragment::of(integration, options).unwrap()
}

/// The fragments as whole machines: as they are, and with what comes next.
fn machines() -> Vec<Machine> {
    let mut machines = Vec::new();
    for integration in integrations() {
        let name = format!("fragment of {}", integration.name);
        machines.push(Machine::of(&name, &fragment(&integration, &Options::default()).whole_text()));
        let mut whole = fragment(&integration, &pasted()).whole();
        for next in ["Go on", "Apologise"] {
            whole["States"][next] = json!({ "Type": "Succeed", "Comment": "The workflow's own." });
        }
        machines.push(Machine::of(&name, &whole.to_string()));
    }
    machines
}

#[test]
fn every_fragment_is_sound() {
    let mut findings = Findings::default();
    for machine in &machines() {
        check_ways(machine, &mut findings);
        check_names(machine, &mut findings);
        check_expressions(machine, &mut findings);
        check_languages(machine, &mut findings);
        check_payloads(machine, &mut findings);
        for state in machine.states() {
            let comment = state.json["Comment"].as_str().unwrap_or_default();
            findings.unless(!comment.is_empty(), &state, "has no Comment");
            findings.unless(state.name.chars().count() <= NAME_CHARS, &state, "has too long a name");
            let is_task = state.json["Type"] == "Task";
            findings.unless(!is_task || state.timeout().is_some(), &state, "may last for ever");
            findings.unless(!is_task || !state.list("Retry").is_empty(), &state, "has no Retry");
        }
    }
    findings.assert_none();
}

#[test]
fn what_is_printed_is_the_machine_that_is_looked_at() {
    for integration in integrations() {
        let fragment = fragment(&integration, &Options::default());
        let whole: Value = serde_json::from_str(&fragment.whole_text()).unwrap();
        assert_eq!(whole, fragment.whole(), "{}", integration.name);
        assert_eq!(serde_json::from_str::<Value>(&fragment.text()).unwrap(), whole["States"], "{}", integration.name);
    }
}

#[test]
fn a_fragments_bounds_are_the_files_and_the_main_workflows() {
    let main = machine("main.asl.json");
    for integration in integrations() {
        let name = &integration.name;
        let states = fragment(&integration, &Options::default()).whole()["States"].clone();
        let (wait, close) = (&states[format!("Wait for {name}")], &states[format!("Close {name}")]);
        assert_eq!(close["Retry"], main.state("Close").json["Retry"], "{name}");
        assert_eq!(close["TimeoutSeconds"], main.state("Close").json["TimeoutSeconds"], "{name}");
        let deadline = integration.deadline.as_secs();
        match integration.strategy {
            Strategy::Callback | Strategy::Pooled => {
                assert_eq!(wait["Retry"], main.state("Submit and await").json["Retry"], "{name}");
                assert_eq!(wait["TimeoutSeconds"], deadline + 1, "{name}");
                let silence = TokenBounds::of(&integration).heartbeat_seconds;
                assert_eq!(wait["HeartbeatSeconds"].as_u64(), silence, "{name}");
                assert!(silence.is_none_or(|silence| silence < deadline + 1), "{name}");
                assert_eq!(wait["Arguments"]["Payload"]["direct"]["deadline_seconds"], deadline, "{name}");
            }
            Strategy::Poll => {
                assert_eq!(wait["Retry"], main.state("Poll").json["Retry"], "{name}");
                assert_eq!(wait["TimeoutSeconds"], main.state("Poll").json["TimeoutSeconds"], "{name}");
                let rounds = rounds_of_fragment(&integration, BreakEven::default()).unwrap();
                let choices = states[format!("{name} finished?")]["Choices"].to_string();
                assert_eq!(choices.matches(&format!("rounds < {rounds}")).count(), 2, "{name}: {choices}");
                let input = wait["Arguments"]["Input"].as_str().unwrap();
                assert!(input.contains(&format!("'deadline_seconds': {deadline}")), "{name}: {input}");
            }
        }
    }
}

#[test]
fn fragments_of_all_integrations_fit_into_one_workflow() {
    let (mut names, mut count) = (BTreeSet::new(), 0);
    for integration in integrations() {
        for options in [Options::default(), pasted()] {
            let fragment = fragment(&integration, &options);
            if options == Options::default() {
                count += fragment.states().len();
                names.extend(fragment.states().iter().map(|(name, _)| name.clone()));
            }
        }
    }
    assert_eq!(names.len(), count);
}

#[test]
fn a_stacks_outputs_fill_all_that_is_left_open() {
    let outputs: Vec<Value> = Template::read()
        .outputs()
        .map(|name| json!({ "OutputKey": name, "OutputValue": format!("arn:{name}") }))
        .collect();
    let outputs = Outputs::parse(&json!({ "Stacks": [{ "Outputs": outputs }] }).to_string()).unwrap();
    for integration in integrations() {
        let fragment = fragment(&integration, &Options::default());
        for text in [fragment.text(), fragment.whole_text(), fragment.policy().to_string()] {
            let filled = outputs.fill(&text).unwrap();
            assert!(text.contains("${") && !filled.contains("${"), "{filled}");
        }
    }
}

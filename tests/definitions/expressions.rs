//! JSONata, and that it is not mixed with JSONPath.

use super::findings::Findings;
use super::jsonata::Expression;
use super::machine::{Language, Machine, State, machines};

/// The functions of JSONata 2.0.6 (docs.jsonata.org, function library), without
/// `$eval`, which Step Functions refuses.
const FUNCTIONS: &str = "string length substring substringBefore substringAfter uppercase lowercase trim pad contains \
    split join match replace base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl \
    number abs floor ceil round power sqrt random formatNumber formatBase formatInteger parseInteger sum max min \
    average boolean not exists count append sort reverse shuffle distinct zip keys lookup spread merge sift each \
    error assert type now millis fromMillis toMillis map filter single reduce";

/// The functions that Step Functions adds (Developer Guide, "Transforming data
/// with JSONata").
const EXTRA_FUNCTIONS: &str = "partition range hash random uuid parse";

/// The fields of a state that only one language has, at the state's own level.
const JSONATA_FIELDS: [&str; 3] = ["Arguments", "Output", "Items"];
const JSON_PATH_FIELDS: [&str; 15] = [
    "InputPath",
    "Parameters",
    "ResultSelector",
    "ResultPath",
    "OutputPath",
    "ItemsPath",
    "TimeoutSecondsPath",
    "HeartbeatSecondsPath",
    "SecondsPath",
    "TimestampPath",
    "ErrorPath",
    "CausePath",
    "MaxConcurrencyPath",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentagePath",
];

#[test]
fn every_expression_can_be_read_and_every_name_in_it_is_defined() {
    let mut findings = Findings::default();
    for machine in &machines() {
        check_expressions(machine, &mut findings);
    }
    findings.assert_none();
}

#[test]
fn an_expression_with_an_unknown_name_is_found_wherever_it_stands() {
    let machine = Machine::of(
        "toy.asl.json",
        r#"{"StartAt": "A", "QueryLanguage": "JSONata", "States": {"A": {"Type": "Pass",
            "Assign": {"x": "{% $eval('1') %}"},
            "Output": {"a": "{% $state.input %}", "b": ["{% $states.inputs.c %}", "{% $count([%}", "see {% 1 %}"],
                "d": "{% $states.errorOutput %}"}}}}"#,
    );
    let mut findings = Findings::default();
    check_expressions(&machine, &mut findings);
    let place = "statemachines/toy.asl.json, state \"A\": ";
    let found: Vec<&str> = findings.lines().into_iter().map(|line| line.strip_prefix(place).unwrap()).collect();
    assert_eq!(
        found,
        [
            "Assign/x: $eval is no function of Step Functions, and nothing in the expression binds it; correct the name",
            "Output/a: $state is no function of Step Functions, and nothing in the expression binds it; correct the name",
            "Output/b/0: $states.inputs does not exist; use input, result, errorOutput or context",
            "Output/b/1: the expression cannot be read (`]` is missing); correct it",
            "Output/b/2: the text holds an expression and is none, so it is passed on as it stands; enclose all of it in {% and %}",
            "Output/d: $states.errorOutput exists only in a Catch",
        ]
    );
}

#[test]
fn a_state_is_written_in_one_language() {
    let mut findings = Findings::default();
    for machine in &machines() {
        check_languages(machine, &mut findings);
    }
    findings.assert_none();
}

#[test]
fn a_state_that_mixes_languages_is_found() {
    let machine = Machine::of(
        "toy.asl.json",
        r#"{"StartAt": "A", "States": {
            "A": {"Type": "Task", "QueryLanguage": "JSONata", "Parameters": {"x.$": "$.x"}, "Next": "B"},
            "B": {"Type": "Task", "Catch": [{"ErrorEquals": ["States.ALL"], "Output": "{% $states.input %}"}], "End": true}
        }}"#,
    );
    let mut findings = Findings::default();
    check_language(machine.state("A"), &mut findings);
    check_language(machine.state("B"), &mut findings);
    assert_eq!(
        findings.lines(),
        [
            "statemachines/toy.asl.json, state \"A\": Parameters belongs to JSONPath; write it in JSONata",
            "statemachines/toy.asl.json, state \"A\": Parameters/x.$ is a JSONPath, which JSONata passes on as it stands",
            "statemachines/toy.asl.json, state \"B\": Output belongs to JSONata; declare the state's QueryLanguage",
            "statemachines/toy.asl.json, state \"B\": Catch/0/Output is JSONata, which JSONPath passes on as it stands",
        ]
    );
}

#[test]
fn json_path_is_used_only_where_a_timeout_is_a_path() {
    let mut findings = Findings::default();
    for machine in &machines() {
        for state in machine.states() {
            let uses_paths = state.texts().iter().any(|(_, text)| is_json_path(text));
            let needs_them = state.json["TimeoutSecondsPath"].is_string();
            findings.unless(!uses_paths || needs_them, &state, "uses JSONPath without need; write it in JSONata");
        }
    }
    findings.assert_none();
}

/// Looks for expressions that cannot be evaluated.
pub(crate) fn check_expressions(machine: &Machine, findings: &mut Findings) {
    for (state, path, source) in sources(machine) {
        check_expression(state, &path, source, findings);
    }
}

/// Looks for states that mix languages.
pub(crate) fn check_languages(machine: &Machine, findings: &mut Findings) {
    for state in machine.states() {
        check_language(state, findings);
    }
}

/// Every text with a mark of JSONata, and where it stands.
fn sources(machine: &Machine) -> Vec<(State<'_>, String, &str)> {
    let marked = |text: &str| text.contains("{%") || text.contains("%}");
    let mut sources = Vec::new();
    for state in machine.states() {
        let marked = state.texts().into_iter().filter(|(_, text)| marked(text));
        sources.extend(marked.map(|(path, text)| (state, path, text)));
    }
    sources
}

fn check_expression(state: State<'_>, path: &str, text: &str, findings: &mut Findings) {
    let Some(source) = enclosed(text) else {
        let what =
            "the text holds an expression and is none, so it is passed on as it stands; enclose all of it in {% and %}";
        findings.add(&state, format_args!("{path}: {what}"));
        return;
    };
    let expression = match Expression::parse(source) {
        Ok(expression) => expression,
        Err(why) => {
            findings.add(&state, format_args!("{path}: the expression cannot be read ({why}); correct it"));
            return;
        }
    };
    for name in expression.free_variables() {
        let mut known = FUNCTIONS.split_whitespace().chain(EXTRA_FUNCTIONS.split_whitespace()).chain(["states", ""]);
        findings.unless(
            known.any(|known| known == name),
            &state,
            format_args!(
                "{path}: ${name} is no function of Step Functions, and nothing in the expression binds it; correct the name"
            ),
        );
    }
    let gives_result = state.json["Type"] == "Task" || state.json["Type"] == "Map";
    for of_states in expression.paths().iter().filter_map(|path| path.strip_prefix("states.")) {
        // What there is, and where: Developer Guide, "Reserved variable".
        let field = of_states.split('.').next().unwrap_or_default();
        let problem = match field {
            "input" | "context" => continue,
            "errorOutput" if path.starts_with("Catch/") => continue,
            "errorOutput" => "exists only in a Catch",
            "result" if gives_result && (path.starts_with("Output") || path.starts_with("Assign")) => continue,
            "result" => "exists only in what a Task or Map gives",
            _ => "does not exist; use input, result, errorOutput or context",
        };
        findings.add(&state, format_args!("{path}: $states.{field} {problem}"));
    }
}

/// What stands between `{%` and `%}`, if they enclose the whole text.
fn enclosed(text: &str) -> Option<&str> {
    let inside = text.strip_prefix("{%")?.strip_suffix("%}")?;
    (!inside.contains("{%") && !inside.contains("%}")).then_some(inside)
}

/// A reference path, or a call of an intrinsic function such as `States.Format(…)`.
fn is_json_path(text: &str) -> bool {
    let is_path = ["$.", "$[", "$$."].iter().any(|mark| text.starts_with(mark)) || text == "$" || text == "$$";
    is_path || text.starts_with("States.") && text.contains('(')
}

fn check_language(state: State<'_>, findings: &mut Findings) {
    let language = state.language();
    let entries = state.list("Catch").iter().chain(state.list("Choices")).chain([state.json]);
    for field in entries.filter_map(|entry| entry.as_object()).flat_map(|entry| entry.keys()) {
        let field = field.as_str();
        match language {
            Language::JsonPath if JSONATA_FIELDS.contains(&field) => {
                findings.add(&state, format_args!("{field} belongs to JSONata; declare the state's QueryLanguage"));
            }
            Language::Jsonata if JSON_PATH_FIELDS.contains(&field) => {
                findings.add(&state, format_args!("{field} belongs to JSONPath; write it in JSONata"));
            }
            Language::JsonPath | Language::Jsonata => {}
        }
    }
    for (path, text) in state.texts() {
        match language {
            Language::Jsonata if path.ends_with(".$") || is_json_path(text) => {
                findings.add(&state, format_args!("{path} is a JSONPath, which JSONata passes on as it stands"));
            }
            Language::JsonPath if text.contains("{%") => {
                findings.add(&state, format_args!("{path} is JSONata, which JSONPath passes on as it stands"));
            }
            Language::JsonPath | Language::Jsonata => {}
        }
    }
}

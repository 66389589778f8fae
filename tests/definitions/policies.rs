//! Who may do what; logging and tracing.

use std::collections::{BTreeMap, BTreeSet};

use stepwait_flow::metric::{ALL, RECONCILED};
use stepwait_flow::reconcile::Summary;

use super::findings::Findings;
use super::machine::machines;
use super::template::{Template, actions};

/// Actions that know no resource (Service Authorization Reference, for X-Ray and
/// for CloudWatch Logs' vended log delivery).
const WITHOUT_RESOURCE: [&str; 12] = [
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    "xray:GetSamplingRules",
    "xray:GetSamplingTargets",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
];

/// What every function does: its own logs and traces.
const OF_EVERY_FUNCTION: [&str; 4] =
    ["logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTelemetryRecords", "xray:PutTraceSegments"];

/// What the code of a function does beyond that: the ports that its step in
/// `stepwait_flow` calls, as `stepwait_aws` provides them.
fn actions_of_code(function: &str) -> &'static [&'static str] {
    const READ: &str = "dynamodb:GetItem";
    const UPDATE: &str = "dynamodb:UpdateItem";
    const PUT: &str = "dynamodb:PutItem";
    const QUERY: &str = "dynamodb:Query";
    const SECRET: &str = "secretsmanager:GetSecretValue";
    const SUCCEED: &str = "states:SendTaskSuccess";
    const FAIL: &str = "states:SendTaskFailure";
    const HEARTBEAT: &str = "states:SendTaskHeartbeat";
    const KEEP: &str = "s3:PutObject";
    match function {
        // Pins the integration file.
        "prepare" => &[PUT],
        // Pin the file where nobody has planned, read the pinned one, move the wait, keep a large result, and
        // resume a task whose outcome is there.
        "submit" => &[READ, PUT, UPDATE, SECRET, KEEP, SUCCEED, FAIL],
        // The same but the pinning, and tell a task that its job is under way.
        "webhook" => &[READ, UPDATE, SECRET, KEEP, SUCCEED, FAIL, HEARTBEAT],
        // Read the pinned file, keep a large result and store an outcome; the workflow goes on by itself.
        "check-status" => &[READ, UPDATE, SECRET, KEEP],
        // The same, for all waits of an execution too.
        "close" => &[READ, UPDATE, QUERY, SECRET, KEEP],
        // All that the others do, with whatever is due.
        "reconcile" => &[READ, UPDATE, QUERY, SECRET, KEEP, SUCCEED, FAIL],
        other => panic!("what may {other} do? add it here"),
    }
}

#[test]
fn no_statement_allows_more_than_it_names() {
    let template = Template::read();
    let mut findings = Findings::default();
    for (id, statement) in template.statements() {
        let place = format!("template.yaml, {id}");
        for action in actions(statement) {
            findings.unless(!action.contains('*'), &place, format_args!("allows {action}; name the actions"));
            let named = statement["Resource"] != "*" || WITHOUT_RESOURCE.contains(&action);
            findings.unless(named, &place, format_args!("allows {action} on every resource; name the resource"));
        }
        let listed = statement["Resource"].as_array().is_some_and(|all| all.iter().any(|one| one == "*"));
        findings.unless(!listed, &place, "lists \"*\" among its resources; name them");
        findings.unless(!statement["Resource"].is_null(), &place, "has a statement without Resource; name it");
    }
    findings.assert_none();
}

#[test]
fn every_function_and_workflow_has_a_role_of_its_own() {
    let template = Template::read();
    let mut held_by = BTreeMap::<&str, Vec<&str>>::new();
    for kind in ["AWS::Serverless::Function", "AWS::Serverless::StateMachine"] {
        for (id, properties) in template.resources(kind) {
            held_by.entry(Template::role(properties)).or_default().push(id);
        }
    }
    let shared: Vec<_> = held_by.iter().filter(|(_, holders)| holders.len() > 1).collect();
    assert!(shared.is_empty(), "template.yaml: give each holder a role of its own: {shared:?}");
    assert_eq!(held_by.len(), template.resources("AWS::IAM::Role").len(), "template.yaml has a role that nobody holds");
}

#[test]
fn a_functions_role_allows_what_its_code_does_and_nothing_else() {
    let template = Template::read();
    let mut findings = Findings::default();
    for (function, properties) in template.functions() {
        let role = Template::role(properties);
        let expected = OF_EVERY_FUNCTION.iter().chain(actions_of_code(function)).copied().collect();
        compare(&template, role, &expected, &mut findings);
    }
    findings.assert_none();
}

#[test]
fn a_workflows_role_allows_what_its_tasks_do_and_nothing_else() {
    let template = Template::read();
    let mut findings = Findings::default();
    for machine in &machines() {
        let of_task = |resource: &str| match resource {
            "arn:aws:states:::lambda:invoke" | "arn:aws:states:::lambda:invoke.waitForTaskToken" => {
                "lambda:InvokeFunction"
            }
            "arn:aws:states:::aws-sdk:sfn:startSyncExecution" => "states:StartSyncExecution",
            "arn:aws:states:::dynamodb:putItem" => "dynamodb:PutItem",
            "arn:aws:states:::sns:publish" => "sns:Publish",
            other => panic!("which action does {other} need? add it here"),
        };
        let of_tasks = machine.tasks().into_iter().map(|task| of_task(task.json["Resource"].as_str().unwrap()));
        let expected = of_tasks.chain(WITHOUT_RESOURCE).collect();
        compare(&template, Template::role(template.state_machine(&machine.file)), &expected, &mut findings);
    }
    findings.assert_none();
}

#[test]
fn every_line_that_is_counted_has_its_metric_by_integration() {
    let template = Template::read();
    let filters = template.resources("AWS::Logs::MetricFilter");
    let mut findings = Findings::default();
    for metric in ALL {
        let pattern = format!("{{ $.metric = \"{metric}\" }}");
        let of_metric = filters.iter().filter(|(_, properties)| properties["FilterPattern"] == pattern.as_str());
        let dimensions: Vec<_> = of_metric
            .filter(|(_, properties)| properties["LogGroupName"]["Ref"] == "FunctionLogs")
            .map(|(_, properties)| &properties["MetricTransformations"][0]["Dimensions"])
            .collect();
        let expected = serde_json::json!([{ "Key": "integration", "Value": "$.integration" }]);
        findings.unless(
            dimensions == [&expected],
            &"template.yaml",
            format_args!("has no single MetricFilter of FunctionLogs for {pattern}, by integration; add it"),
        );
    }
    findings.assert_none();
    let of_runs = filters.iter().filter(|(_, properties)| is_of_runs(properties)).count();
    assert_eq!(filters.len(), ALL.len() + of_runs, "template.yaml counts lines that nobody writes");
}

fn is_of_runs(filter: &serde_json::Value) -> bool {
    let pattern = filter["FilterPattern"].as_str().unwrap();
    pattern.starts_with(&format!("{{ $.metric = \"{RECONCILED}\""))
}

#[test]
fn what_is_measured_of_the_reconcilers_runs_stands_in_their_summary() {
    let template = Template::read();
    let fields = serde_json::to_value(Summary::default()).unwrap();
    let mut measured = BTreeSet::new();
    for (id, properties) in template.resources("AWS::Logs::MetricFilter") {
        if !is_of_runs(properties) {
            continue;
        }
        let value = properties["MetricTransformations"][0]["MetricValue"].as_str().unwrap();
        let field = value.strip_prefix("$.").unwrap();
        assert!(fields[field].is_u64(), "template.yaml, {id}: a summary has no {field}");
        measured.insert(field);
    }
    assert_eq!(measured, BTreeSet::from(["closed", "delivered", "oldest_due_ms"]));
}

#[test]
fn workflows_are_traced_and_their_logs_hold_no_task_tokens() {
    let template = Template::read();
    let mut findings = Findings::default();
    for (id, properties) in template.resources("AWS::Serverless::StateMachine") {
        let place = format!("template.yaml, {id}");
        let logging = &properties["Logging"];
        let without_data = logging["IncludeExecutionData"] == false;
        findings.unless(
            without_data,
            &place,
            "logs execution data, and task tokens with it; set IncludeExecutionData: false",
        );
        let logs = logging["Level"] != "OFF" && logging["Destinations"].is_array();
        findings.unless(logs, &place, "does not log; set Logging.Level and Destinations");
        findings.unless(properties["Tracing"]["Enabled"] == true, &place, "is not traced; set Tracing.Enabled");
    }
    findings.assert_none();
}

fn compare<'a>(template: &'a Template, role: &str, expected: &BTreeSet<&'a str>, findings: &mut Findings) {
    let place = format!("template.yaml, {role}");
    let allowed = template.actions(role);
    for action in allowed.difference(expected) {
        findings.add(&place, format_args!("allows {action}, which is not needed; remove it"));
    }
    for action in expected.difference(&allowed) {
        findings.add(&place, format_args!("does not allow {action}, which is needed; add it"));
    }
}

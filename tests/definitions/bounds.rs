//! Durations that must be longer or shorter than others, on both sides of a
//! definition.

use std::time::Duration;

use serde_json::{Value, json};
use stepwait_core::decide::round::{BREAK_EVEN, ROUND};
use stepwait_core::integration::MAX_DEADLINE;
use stepwait_core::plan::RETRIES_IN_LINE;
use stepwait_core::wait::SUBMIT_LOCK;
use stepwait_flow::reconcile::RUN_TIME;
use stepwait_flow::third_party::RESULT_TIME;
use stepwait_flow::webhook::ANSWER_TIME;

use super::findings::Findings;
use super::machine::{Machine, State, machine, machines};
use super::template::Template;

/// The longest that an Express execution may last (Step Functions quotas).
const EXPRESS_LIMIT: Duration = Duration::from_secs(300);
/// The longest that a Standard execution may last, a year (Step Functions quotas).
const STANDARD_LIMIT: Duration = Duration::from_secs(365 * 24 * 60 * 60);
/// What storing an outcome and its large result may take: the bucket's five
/// seconds, and as many for the table.
const STORING: Duration = Duration::from_secs(10);
/// So many waits of the longest deadline, one after the other, fit into an execution.
const LONGEST_WAITS: u32 = 4;

#[test]
fn a_submit_in_progress_is_retried_until_its_lock_has_run_out() {
    let machines = machines();
    let mut findings = Findings::default();
    for task in machines.iter().flat_map(Machine::tasks).filter(|task| task.function() == Some("submit")) {
        let retried_for = retried_for(task, "SubmitInProgress");
        findings.unless(
            retried_for > SUBMIT_LOCK,
            &task,
            format_args!(
                "SubmitInProgress is retried for {retried_for:?}, and the lock lasts {SUBMIT_LOCK:?}; raise MaxAttempts"
            ),
        );
    }
    findings.assert_none();
}

#[test]
fn a_submit_stands_in_line_for_as_many_attempts_as_the_plan_has_history_for() {
    let main = machine("main.asl.json");
    for task in main.tasks().into_iter().filter(|task| task.function() == Some("submit")) {
        assert_eq!(retry(task, "AtCapacity")["MaxAttempts"], RETRIES_IN_LINE, "{task}");
    }
}

#[test]
fn a_submit_within_a_round_is_retried_as_the_main_workflows_and_stands_in_line_as_long() {
    let (main, poll) = (machine("main.asl.json"), machine("poll.asl.json"));
    let (outside, inside) = (main.state("Submit"), poll.state("Submit"));
    let without_line: Vec<&Value> =
        outside.list("Retry").iter().filter(|entry| entry["ErrorEquals"] != json!(["AtCapacity"])).collect();
    assert_eq!(inside.list("Retry").iter().collect::<Vec<_>>(), without_line);
    assert_eq!(inside.timeout(), outside.timeout());
    let in_line = retry(outside, "AtCapacity");
    let grows = format!(
        "$min([{}, {} * $power({}, $states.input.in_line)])",
        in_line["MaxDelaySeconds"], in_line["IntervalSeconds"], in_line["BackoffRate"]
    );
    let seconds = inside.list("Catch")[0]["Output"]["seconds"].as_str().unwrap();
    assert!(seconds.contains(&grows), "{inside}: {seconds} does not grow as {grows}");
}

#[test]
fn the_lock_on_a_submit_outlasts_the_function_that_holds_it() {
    let function = Template::read().function_timeout("submit");
    assert!(
        SUBMIT_LOCK > function,
        "a submit may run for {function:?}, and its lock lasts {SUBMIT_LOCK:?}; raise SUBMIT_LOCK"
    );
}

#[test]
fn a_function_ends_before_the_task_that_calls_it() {
    let template = Template::read();
    let mut findings = Findings::default();
    for machine in &machines() {
        for task in machine.tasks() {
            // A task with a token lasts until its deadline, whatever its function does.
            if let (Some(function), Some(task_ends)) = (task.function(), task.timeout()) {
                let function_ends = template.function_timeout(function);
                findings.unless(
                    function_ends < task_ends,
                    &task,
                    format_args!(
                        "ends after {task_ends:?}, and {function} may take {function_ends:?}; raise TimeoutSeconds"
                    ),
                );
            }
        }
    }
    findings.assert_none();
}

#[test]
fn a_function_that_looks_at_jobs_has_time_for_the_last_page_and_to_store_what_it_found() {
    let template = Template::read();
    let last_page = stepwait_aws::http::Limits::default().whole;
    for function in ["submit", "check-status", "close"] {
        let ends = template.function_timeout(function);
        let look = RESULT_TIME + last_page;
        assert!(ends >= look + STORING, "{function} ends after {ends:?}, and a look may take {look:?}; raise Timeout");
    }
}

#[test]
fn the_listener_has_time_to_store_what_a_look_found_that_its_sender_waits_for() {
    let ends = Template::read().function_timeout("webhook");
    assert!(ends >= ANSWER_TIME + STORING, "webhook ends after {ends:?}, and may take {ANSWER_TIME:?}; raise Timeout");
}

#[test]
fn what_the_reconciler_has_begun_when_its_time_is_up_has_time_to_end() {
    let ends = Template::read().function_timeout("reconcile");
    // Another look may begin at the last moment: the closing of a wait.
    let look = RESULT_TIME + stepwait_aws::http::Limits::default().whole;
    assert!(ends >= RUN_TIME + look + STORING, "reconcile ends after {ends:?}; raise Timeout");
}

#[test]
fn a_round_has_time_for_a_last_look_before_express_ends_it() {
    let poll = machine("poll.asl.json");
    let ends = poll.timeout().unwrap();
    let look = poll.state("Check status").timeout().unwrap();
    assert!(ends < EXPRESS_LIMIT, "{poll}: an Express execution ends at {EXPRESS_LIMIT:?}; lower TimeoutSeconds");
    assert!(ends >= ROUND + look, "{poll}: the last look begins at {ROUND:?} and takes {look:?}; raise TimeoutSeconds");
}

#[test]
fn the_task_that_calls_a_round_outlasts_it() {
    let main = machine("main.asl.json");
    let task = main.state("Poll");
    let round = machine("poll.asl.json").timeout().unwrap();
    assert!(task.timeout().unwrap() > round, "{task}: a round may last {round:?}; raise TimeoutSeconds");
}

#[test]
fn the_definitions_tell_people_the_durations_that_the_code_decides_by() {
    let mut findings = Findings::default();
    let (main, poll) = (machine("main.asl.json"), machine("poll.asl.json"));
    let (break_even, round) = ("${BreakEvenSeconds} s".to_owned(), format!("{} s", ROUND.as_secs()));
    for (place, json, said) in [
        (&poll as &dyn std::fmt::Display, &poll.json, &break_even),
        (&poll, &poll.json, &round),
        (&poll.state("Wait inside the round"), poll.state("Wait inside the round").json, &break_even),
        (&main.state("Wait until next round"), main.state("Wait until next round").json, &break_even),
    ] {
        let comment = json["Comment"].as_str().unwrap_or_default();
        findings.unless(comment.contains(said), place, format_args!("the Comment does not name {said}; correct it"));
    }
    findings.assert_none();
}

#[test]
fn the_templates_break_even_is_that_of_the_price_table_and_bounded_by_a_round() {
    let template = Template::read();
    let parameter = template.parameter("BreakEvenSeconds");
    assert_eq!(parameter["Default"], BREAK_EVEN.as_secs());
    assert_eq!((&parameter["MinValue"], &parameter["MaxValue"]), (&Value::from(1), &Value::from(ROUND.as_secs())));
}

#[test]
fn the_main_workflow_has_time_for_its_longest_waits() {
    let main = machine("main.asl.json");
    let timeout = main.timeout().unwrap();
    assert_eq!(timeout, STANDARD_LIMIT);
    assert!(
        timeout >= MAX_DEADLINE * LONGEST_WAITS,
        "{main}: {LONGEST_WAITS} waits of {MAX_DEADLINE:?} do not fit; correct the Comment"
    );
}

/// The entry of a task's Retry that names an error.
fn retry<'a>(task: State<'a>, error: &str) -> &'a Value {
    let names_it = |retry: &&Value| retry["ErrorEquals"].as_array().unwrap().iter().any(|name| name == error);
    task.list("Retry").iter().find(names_it).unwrap_or_else(|| panic!("{task}: {error} is not retried"))
}

/// How long a task goes on retrying an error, at least.
fn retried_for(task: State<'_>, error: &str) -> Duration {
    let retry = retry(task, error);
    if retry["JitterStrategy"] == "FULL" {
        // Every delay may then be none at all.
        return Duration::ZERO;
    }
    let number =
        |field: &str| retry[field].as_u64().unwrap_or_else(|| panic!("{task}: {field} must be a whole number"));
    let most = retry["MaxDelaySeconds"].as_u64().unwrap_or(u64::MAX);
    let delays =
        std::iter::successors(Some(number("IntervalSeconds")), |delay| delay.checked_mul(number("BackoffRate")));
    delays.zip(0..number("MaxAttempts")).map(|(delay, _)| Duration::from_secs(delay.min(most))).sum()
}

#[test]
fn delays_grow_up_to_their_bound_and_jitter_promises_none() {
    let retried = |rest: &str| {
        let text = format!(
            r#"{{"StartAt": "A", "States": {{"A": {{"Type": "Task", "Retry": [{{"ErrorEquals": ["E"],
                "IntervalSeconds": 2, "BackoffRate": 3, "MaxAttempts": 4 {rest}}}]}}}}}}"#
        );
        retried_for(super::machine::Machine::of("toy.asl.json", &text).state("A"), "E")
    };
    assert_eq!(retried(""), Duration::from_secs(2 + 6 + 18 + 54));
    assert_eq!(retried(r#", "MaxDelaySeconds": 10"#), Duration::from_secs(2 + 6 + 10 + 10));
    assert_eq!(retried(r#", "JitterStrategy": "FULL""#), Duration::ZERO);
}

//! What the events say themselves, and that the derivation says the same.

use serde_json::json;

use super::super::{Kind, Whole, derive_path, event_time_ms, listed_path, whole_execution};
use super::events::{INVOKE, POLL, TOKEN, done, entered, fails, history, step, task, waits_both_ways};

#[test]
fn what_is_derived_from_the_tasks_is_what_the_states_listed_say() {
    let events = history(&[
        &[entered("Task", "Prepare")],
        &fails(INVOKE, "Throttled"),
        &done(INVOKE),
        &[entered("Choice", "How to wait?")],
        &[entered("Task", "Submit")],
        &done(INVOKE),
        &[entered("Task", "Poll")],
        &done(POLL),
        &[entered("Choice", "Finished?")],
        &[entered("Wait", "Wait for next round")],
        &[entered("Task", "Poll")],
        &done(POLL),
        &[entered("Choice", "Finished?")],
        &[entered("Pass", "Done")],
        &[json!({"type": "ExecutionSucceeded"})],
    ]);

    let listed = listed_path(&events).unwrap();
    let derived = derive_path(&waits_both_ways(), &events, Some(&["Done"])).unwrap();

    assert_eq!(listed.len(), 9);
    assert_eq!(listed[0], task("Prepare", 1));
    assert_eq!(derived, listed);
}

#[test]
fn an_execution_with_a_map_is_its_listed_states_and_the_derived_iteration() {
    let definition = json!({"StartAt": "Each request", "States": {
        "Each request": {"Type": "Map", "ItemProcessor": waits_both_ways(), "Next": "Notify"},
        "Notify": {"Type": "Task", "Resource": "arn:aws:states:::sns:publish", "End": true},
    }});
    let events = history(&[
        &[json!({"type": "ExecutionStarted"}), entered("Map", "Each request")],
        &done(INVOKE),
        &fails(TOKEN, "Broken"),
        &done(TOKEN),
        &[json!({"type": "MapStateExited"}), entered("Task", "Notify")],
        &done("arn:aws:states:::sns:publish"),
        &[json!({"type": "TaskStateExited"}), json!({"type": "ExecutionSucceeded"})],
    ]);

    let whole = whole_execution(&definition, &events, None).unwrap();

    assert_eq!(
        whole,
        Whole {
            listed: vec![step("Each request", Kind::Map), task("Notify", 0)],
            iterations: vec![vec![
                task("Prepare", 0),
                step("How to wait?", Kind::Choice),
                task("Await", 1),
                step("Done", Kind::Pass),
            ]],
        }
    );
    assert_eq!(whole.transitions(), 7);
}

#[test]
fn an_event_tells_its_time_in_text_or_in_seconds() {
    let text = json!({"timestamp": "2026-11-23T20:29:01.234Z"});
    let seconds = json!({"timestamp": 1_795_465_741.234});
    let nothing = json!({"id": 9});

    assert_eq!(event_time_ms(&text), Ok(1_795_465_741_234));
    assert_eq!(event_time_ms(&seconds), Ok(1_795_465_741_234));
    assert_eq!(
        event_time_ms(&nothing).unwrap_err().to_string(),
        "event 9: `timestamp` is missing, or neither ISO 8601 nor seconds since 1970"
    );
}

//! Paths that can be told.

use serde_json::json;

use super::super::{Kind, derive_path, transitions};
use super::events::{
    INVOKE, POLL, TOKEN, done, failed, fails, history, scheduled, step, succeeded, task, waits_both_ways,
};

#[test]
fn a_token_wait_goes_through_the_choice_that_leads_to_its_task() {
    let events = history(&[&done(INVOKE), &done(TOKEN)]);

    let steps = derive_path(&waits_both_ways(), &events, None).unwrap();

    assert_eq!(
        steps,
        [task("Prepare", 0), step("How to wait?", Kind::Choice), task("Await", 0), step("Done", Kind::Pass)]
    );
    assert_eq!(transitions(&steps), 4);
}

#[test]
fn every_round_of_a_poll_goes_through_its_choice_and_its_wait() {
    let events = history(&[&done(INVOKE), &done(INVOKE), &done(POLL), &done(POLL)]);

    let steps = derive_path(&waits_both_ways(), &events, Some(&["Failed"])).unwrap();

    assert_eq!(
        steps,
        [
            task("Prepare", 0),
            step("How to wait?", Kind::Choice),
            task("Submit", 0),
            task("Poll", 0),
            step("Finished?", Kind::Choice),
            step("Wait for next round", Kind::Wait),
            task("Poll", 0),
            step("Finished?", Kind::Choice),
            step("Failed", Kind::Pass),
        ]
    );
    assert_eq!(transitions(&steps), 9);
}

#[test]
fn a_failure_is_tried_again_until_its_retrier_is_used_up_and_then_caught() {
    // One attempt for `Throttled`, three (the default) for anything else.
    let events = history(&[
        &done(INVOKE),
        &fails(TOKEN, "Throttled"),
        &fails(TOKEN, "Broken"),
        &fails(TOKEN, "Broken"),
        &fails(TOKEN, "Broken"),
        &fails(TOKEN, "Broken"),
        &done(INVOKE),
    ]);

    let steps = derive_path(&waits_both_ways(), &events, Some(&["Failed"])).unwrap();

    assert_eq!(
        steps,
        [
            task("Prepare", 0),
            step("How to wait?", Kind::Choice),
            task("Await", 4),
            task("Close", 0),
            step("Closed", Kind::Choice),
            step("Failed", Kind::Pass),
        ]
    );
    assert_eq!(transitions(&steps), 10);
}

#[test]
fn the_first_matching_retrier_decides_even_if_it_allows_no_attempt() {
    let events = history(&[&done(INVOKE), &fails(TOKEN, "Stop"), &done(INVOKE)]);

    let steps = derive_path(&waits_both_ways(), &events, Some(&["Done"])).unwrap();

    assert_eq!(
        steps[2..],
        [task("Await", 0), task("Close", 0), step("Closed", Kind::Choice), step("Done", Kind::Pass)]
    );
}

#[test]
fn a_timeout_is_not_a_task_failure_but_everything_is_caught_by_all() {
    let mut events = history(&[&done(INVOKE), &[scheduled(TOKEN)]]);
    events.push(json!({"id": 4, "type": "TaskTimedOut", "taskTimedOutEventDetails": {"resource": TOKEN}}));
    events.extend(history(&[&done(INVOKE)]));

    let steps = derive_path(&waits_both_ways(), &events, Some(&["Done"])).unwrap();

    assert_eq!(steps[2..4], [task("Await", 0), task("Close", 0)]);
}

#[test]
fn the_first_matching_catcher_decides() {
    let events = history(&[&done(INVOKE), &done(INVOKE), &fails(POLL, "Refused")]);

    let steps = derive_path(&waits_both_ways(), &events, None).unwrap();

    assert_eq!(steps[3..], [task("Poll", 0), step("Failed", Kind::Pass)]);
}

#[test]
fn a_failure_that_nothing_catches_ends_the_path_at_its_task() {
    let events = history(&[&fails(INVOKE, "Stop")]);

    let steps = derive_path(&waits_both_ways(), &events, None).unwrap();

    assert_eq!(steps, [task("Prepare", 0)]);
}

#[test]
fn a_result_that_could_not_be_shaped_is_a_failure_of_its_task() {
    let events =
        history(&[&[scheduled(INVOKE), succeeded(INVOKE, &json!({})), failed(INVOKE, "States.QueryEvaluationError")]]);
    let definition = json!({"StartAt": "Only", "States": {
        "Only": {
            "Type": "Task", "Resource": INVOKE, "End": true,
            "Catch": [{"ErrorEquals": ["States.QueryEvaluationError"], "Next": "Bad"}],
        },
        "Bad": {"Type": "Fail"},
    }});

    let steps = derive_path(&definition, &events, None).unwrap();

    assert_eq!(steps, [task("Only", 0), step("Bad", Kind::Fail)]);
}

#[test]
fn a_task_still_at_work_ends_the_path_so_far() {
    let events = history(&[&done(INVOKE), &[scheduled(TOKEN)]]);

    let steps = derive_path(&waits_both_ways(), &events, None).unwrap();

    assert_eq!(steps, [task("Prepare", 0), step("How to wait?", Kind::Choice), task("Await", 0)]);
}

#[test]
fn a_choice_between_equal_tasks_is_settled_by_the_task_that_follows() {
    let definition = json!({"StartAt": "Which?", "States": {
        "Which?": {"Type": "Choice", "Choices": [{"Next": "Left"}], "Default": "Right"},
        "Left": {"Type": "Task", "Resource": INVOKE, "Next": "Token"},
        "Right": {"Type": "Task", "Resource": INVOKE, "Next": "Poll"},
        "Token": {"Type": "Task", "Resource": TOKEN, "End": true},
        "Poll": {"Type": "Task", "Resource": POLL, "End": true},
    }});
    let events = history(&[&done(INVOKE), &done(POLL)]);

    let steps = derive_path(&definition, &events, None).unwrap();

    assert_eq!(steps, [step("Which?", Kind::Choice), task("Right", 0), task("Poll", 0)]);
}

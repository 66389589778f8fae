//! Histories that do not tell, and the errors that say so.

use serde_json::json;

use super::super::{DeriveError, derive_path};
use super::events::{INVOKE, POLL, TOKEN, done, fails, history, succeeded, waits_both_ways};

#[test]
fn a_task_that_cannot_come_next_is_an_error_that_names_it() {
    let events = history(&[&done(INVOKE), &done(POLL)]);

    let error = derive_path(&waits_both_ways(), &events, None).unwrap_err();

    assert_eq!(
        error,
        DeriveError::NoPath { id: 3, after: "task `Prepare` (retries: 0)".to_owned(), resource: POLL.to_owned() }
    );
    assert_eq!(
        error.to_string(),
        "event 3: no path leads from task `Prepare` (retries: 0) to a task with the resource \
         `arn:aws:states:::aws-sdk:sfn:startSyncExecution`"
    );
}

#[test]
fn one_attempt_more_than_the_retrier_allows_is_an_error() {
    let events = history(&[&done(INVOKE), &fails(TOKEN, "Throttled"), &fails(TOKEN, "Throttled"), &done(TOKEN)]);

    let error = derive_path(&waits_both_ways(), &events, None).unwrap_err();

    assert_eq!(
        error,
        DeriveError::NoPath { id: 7, after: "task `Await` (retries: 1)".to_owned(), resource: TOKEN.to_owned() }
    );
}

#[test]
fn a_choice_after_the_last_task_needs_to_be_told_and_both_paths_are_named() {
    let events = history(&[&done(INVOKE), &done(INVOKE), &done(POLL)]);

    let Err(DeriveError::Ambiguous { first, second }) = derive_path(&waits_both_ways(), &events, None) else {
        panic!("expected two paths");
    };

    let so_far = "Prepare → How to wait? → Submit → Poll → Finished?";
    let mut paths = [first, second];
    paths.sort();
    assert_eq!(paths, [format!("{so_far} → Done"), format!("{so_far} → Failed")]);
}

#[test]
fn an_end_that_cannot_be_reached_is_an_error() {
    let events = history(&[&done(INVOKE), &done(TOKEN)]);

    let error = derive_path(&waits_both_ways(), &events, Some(&["Failed"])).unwrap_err();

    assert_eq!(error, DeriveError::NoEnd { after: "task `Await` (retries: 0)".to_owned() });
}

#[test]
fn success_without_a_task_is_an_error() {
    let events = history(&[&[succeeded(INVOKE, &json!({}))]]);

    let error = derive_path(&waits_both_ways(), &events, None).unwrap_err();

    assert_eq!(error, DeriveError::Event { id: 1, reason: "a task succeeds that was not scheduled".to_owned() });
}

#[test]
fn a_definition_that_is_none_or_leads_nowhere_or_inside_is_an_error() {
    let events = history(&[&done(INVOKE)]);

    let error = derive_path(&json!({"States": {}}), &events, None).unwrap_err();
    assert_eq!(error, DeriveError::Definition { reason: "missing field `StartAt`".to_owned() });

    let nowhere = json!({"StartAt": "Gone", "States": {}});
    let error = derive_path(&nowhere, &events, None).unwrap_err();
    assert_eq!(error, DeriveError::UnknownState { state: "Gone".to_owned() });

    let inside = json!({"StartAt": "Each", "States": {"Each": {"Type": "Map", "End": true}}});
    let error = derive_path(&inside, &events, None).unwrap_err();
    assert_eq!(error, DeriveError::Nested { state: "Each".to_owned() });
}

#[test]
fn a_definition_whose_choices_all_lead_to_each_other_is_given_up_in_time() {
    let names: Vec<String> = (0..12).map(|number| format!("Choice {number}")).collect();
    let mut states = serde_json::Map::new();
    for name in &names {
        let choices: Vec<_> = names.iter().map(|next| json!({"Next": next})).collect();
        states.insert(name.clone(), json!({"Type": "Choice", "Choices": choices}));
    }
    let definition = json!({"StartAt": "Choice 0", "States": states});

    let error = derive_path(&definition, &history(&[&done(INVOKE)]), None).unwrap_err();

    assert_eq!(error, DeriveError::TooManyPaths { limit: 1_024 });
}

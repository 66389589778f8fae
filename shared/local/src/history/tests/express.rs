//! Nested executions and how long they ran.

use std::time::Duration;

use serde_json::json;

use super::super::{DeriveError, Round, express_rounds};
use super::events::{INVOKE, POLL, done, history, scheduled, succeeded};

#[test]
fn each_round_lasted_from_its_start_to_its_stop_however_times_are_written() {
    let texts = json!({
        "ExecutionArn": "arn:1",
        "StartDate": "2026-11-23T20:29:01.500Z",
        "StopDate": "2026-11-23T20:29:04.000Z",
    });
    let numbers = json!({"ExecutionArn": "arn:2", "StartDate": 1_795_465_741.1, "StopDate": 1_795_465_742});
    let events = history(&[
        &done(INVOKE),
        &[scheduled(POLL), succeeded(POLL, &texts)],
        &[scheduled(POLL), succeeded(POLL, &numbers)],
    ]);

    assert_eq!(
        express_rounds(&events),
        Ok(vec![
            Round { execution_arn: "arn:1".to_owned(), lasted: Duration::from_millis(2_500) },
            Round { execution_arn: "arn:2".to_owned(), lasted: Duration::from_millis(900) },
        ])
    );
}

#[test]
fn a_round_that_does_not_say_when_it_ran_is_an_error() {
    let events = history(&[&[scheduled(POLL), succeeded(POLL, &json!({"ExecutionArn": "arn:1"}))]]);

    assert_eq!(
        express_rounds(&events),
        Err(DeriveError::Event {
            id: 2,
            reason: "the task's output lacks `ExecutionArn`, `StartDate` or `StopDate`".to_owned()
        })
    );
}

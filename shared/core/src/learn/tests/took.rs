//! How long a job took, by who brought its end.

use super::super::{Took, took};
use crate::test_support::{at, outcome};
use crate::wait::{Outcome, OutcomeKind, Source};
use crate::{ErrorName, Timestamp};
use serde_json::Value;
use std::time::Duration;

const SUBMITTED: &str = "2026-11-23T12:00:00Z";

/// What a wait tells that ended so at 12:30.
fn told(kind: OutcomeKind, source: Source, pending_at: Option<&str>) -> Took {
    took(Some(at(SUBMITTED)), &Outcome { source, pending_at: pending_at.map(at), ..outcome(kind) })
}

fn success() -> OutcomeKind {
    OutcomeKind::Succeeded { output: Value::Null }
}

fn minutes(after: u64, by: u64) -> Took {
    Took::Within(Duration::from_mins(after)..=Duration::from_mins(by))
}

#[test]
fn a_webhook_tells_the_time_itself() {
    assert_eq!(told(success(), Source::Webhook, None), minutes(30, 30));
    assert_eq!(told(success(), Source::Webhook, Some("2026-11-23T12:10:00Z")), minutes(30, 30));
}

#[test]
fn a_look_tells_that_the_job_has_ended_since_the_look_before() {
    for source in [Source::Poll, Source::Reconciler, Source::Close] {
        assert_eq!(told(success(), source, Some("2026-11-23T12:28:00Z")), minutes(28, 30), "{source:?}");
        assert_eq!(told(success(), source, Some(SUBMITTED)), minutes(0, 30), "{source:?}");
        assert_eq!(told(success(), source, None), Took::Unknown, "{source:?}");
    }
}

#[test]
fn who_says_that_a_job_has_ended_without_having_looked_tells_no_time() {
    for source in [Source::Submit, Source::Operator] {
        assert_eq!(told(success(), source, Some(SUBMITTED)), Took::Unknown, "{source:?}");
    }
    assert_eq!(took(None, &outcome(success())), Took::Unknown);
}

#[test]
fn only_an_end_of_the_job_itself_is_one() {
    for error in ErrorName::ALL {
        let is_end = matches!(error, ErrorName::JobFailed | ErrorName::ResultTooLarge);
        let expected = if is_end { minutes(29, 30) } else { Took::NotEnded };
        let told = told(OutcomeKind::failed(*error, "no"), Source::Poll, Some("2026-11-23T12:29:00Z"));
        assert_eq!(told, expected, "{error}");
    }
    for kind in [OutcomeKind::expired("late"), OutcomeKind::cancelled("by hand")] {
        assert_eq!(told(kind, Source::Close, Some(SUBMITTED)), Took::NotEnded);
    }
}

#[test]
fn clocks_that_differ_make_no_time_negative() {
    let early = Outcome { source: Source::Webhook, ..outcome(success()) };
    assert_eq!(took(Some(at("2026-11-23T12:31:00Z")), &early), minutes(0, 0));
    assert_eq!(told(success(), Source::Poll, Some("2026-11-23T12:31:00Z")), minutes(30, 30));
    let far = Outcome { pending_at: Some(Timestamp::MIN), at: Timestamp::MAX, ..early };
    assert!(matches!(took(Some(Timestamp::MIN), &far), Took::Within(_)));
}

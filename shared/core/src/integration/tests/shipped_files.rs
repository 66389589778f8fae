//! The files in `integrations/` parse, and mean what their texts say.

use crate::integration::{Auth, Integration, Jitter, JobState, Method, Schedule, Scheme, Strategy, UnknownStatus};
use crate::test_support::render;
use std::time::Duration;

const IDENTITY_CHECK: &str = include_str!("../../../../../integrations/identity-check.toml");
const FORM_CHECK: &str = include_str!("../../../../../integrations/form-check.toml");
const LINK_CHECK: &str = include_str!("../../../../../integrations/link-check.toml");
const RENDERING: &str = include_str!("../../../../../integrations/rendering.toml");
const TRANSCRIPT: &str = include_str!("../../../../../integrations/transcript.toml");
const TRANSCRIPT_BATCH: &str = include_str!("../../../../../integrations/transcript-batch.toml");
const TRANSCRIPT_POOLED: &str = include_str!("../../../../../integrations/transcript-pooled.toml");
const TRANSCRIPT_URGENT: &str = include_str!("../../../../../integrations/transcript-urgent.toml");

fn shipped(name: &str, text: &str) -> Integration {
    Integration::parse(name, text).unwrap()
}

#[test]
fn the_shipped_files_parse() {
    let parsed = [
        shipped("form-check", FORM_CHECK),
        shipped("identity-check", IDENTITY_CHECK),
        shipped("link-check", LINK_CHECK),
        shipped("rendering", RENDERING),
        shipped("transcript", TRANSCRIPT),
        shipped("transcript-batch", TRANSCRIPT_BATCH),
        shipped("transcript-pooled", TRANSCRIPT_POOLED),
        shipped("transcript-urgent", TRANSCRIPT_URGENT),
    ]
    .map(|i| (i.name.to_string(), i.strategy, i.deadline, i.callback.is_some()));
    let expected = [
        ("form-check", Strategy::Callback, Duration::from_hours(72), true),
        ("identity-check", Strategy::Callback, Duration::from_hours(72), true),
        ("link-check", Strategy::Callback, Duration::from_hours(72), true),
        ("rendering", Strategy::Poll, Duration::from_mins(10), false),
        ("transcript", Strategy::Poll, Duration::from_mins(30), false),
        ("transcript-batch", Strategy::Pooled, Duration::from_hours(72), false),
        ("transcript-pooled", Strategy::Pooled, Duration::from_hours(72), false),
        ("transcript-urgent", Strategy::Poll, Duration::from_secs(6), false),
    ]
    .map(|(name, strategy, deadline, webhooks)| (name.to_owned(), strategy, deadline, webhooks));
    assert_eq!(parsed, expected);
}

#[test]
fn every_section_becomes_what_the_file_says() {
    let integration = render(&[]);
    assert_eq!(integration.description, "Renders films");
    assert_eq!(integration.base_url.as_str(), "https://render.example.com/api/");
    assert_eq!(
        integration.auth,
        Some(Auth {
            scheme: Some(Scheme::Bearer { secret: "render/api-token".to_owned() }),
            headers: vec![],
            query: vec![]
        })
    );
    assert_eq!(integration.submit.request.map(|request| request.method), Some(Method::Post));
    assert_eq!(integration.submit.job_id.to_string(), "body:/id");
    assert_eq!(integration.submit.idempotency_header.as_deref(), Some("idempotency-key"));
    assert_eq!(integration.status.request.method, Method::Get);
    assert_eq!(integration.status.map.map(|map| map.value.to_string()).as_deref(), Some("body:/state"));
    assert_eq!(integration.result.output.map(|at| at.to_string()).as_deref(), Some("body:/film"));
    assert_eq!(integration.cancel.map(|cancel| cancel.request.method), Some(Method::Delete));
    let callback = integration.callback.unwrap();
    assert_eq!(callback.job_id.unwrap().to_string(), "body:/job/id");
    let secrets = callback.verify.unwrap().secrets;
    assert_eq!(secrets.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["render/webhook"]);
    let schedule = Schedule {
        first: Duration::from_secs(5),
        min: Duration::from_secs(2),
        max: Duration::from_secs(60),
        growth_percent: 200,
        jitter: Jitter::Full,
        checks: None,
        reconcile: std::time::Duration::from_mins(10),
        learning: None,
    };
    assert_eq!(integration.schedule, schedule);
}

#[test]
fn each_status_value_means_what_its_list_says_and_others_what_the_policy_says() {
    let patient = render(&[]).status.map.unwrap();
    let strict = render(&[("[result]", "unknown = \"failure\"\n[result]")]).status.map.unwrap();
    let cases = [
        ("done", JobState::Succeeded, JobState::Succeeded),
        ("broken", JobState::Failed, JobState::Failed),
        ("queued", JobState::Pending, JobState::Pending),
        ("running", JobState::Pending, JobState::Pending),
        ("paused", JobState::Unknown(UnknownStatus::Retry), JobState::Unknown(UnknownStatus::Failure)),
        ("Done", JobState::Unknown(UnknownStatus::Retry), JobState::Unknown(UnknownStatus::Failure)),
        ("", JobState::Unknown(UnknownStatus::Retry), JobState::Unknown(UnknownStatus::Failure)),
    ];
    for (value, patiently, strictly) in cases {
        assert_eq!((patient.state_of(value), strict.state_of(value)), (patiently, strictly), "{value:?}");
    }
}

#[test]
fn what_a_file_leaves_out_has_the_documented_default() {
    let text = r#"
description = "d"
strategy = "poll"
deadline = "1h 30m"
base_url = "https://example.com"
submit = { path = "/", job_id = "header:X-Job" }
status = { path = "/{job_id}", value = "body:", succeeded = ["ok"], failed = [] }
"#;
    let integration = shipped("d", text);
    assert_eq!(integration.deadline, Duration::from_mins(90));
    assert_eq!(
        (integration.submit.request.unwrap().method, integration.status.request.method),
        (Method::Post, Method::Get)
    );
    assert_eq!(integration.submit.job_id.to_string(), "header:x-job");
    assert!(integration.result.output.is_none() && integration.cancel.is_none() && integration.auth.is_none());
    assert_eq!(integration.schedule.first, Duration::from_secs(2));
    assert_eq!((integration.schedule.min, integration.schedule.max), (Duration::from_secs(2), Duration::from_mins(1)));
}

#[test]
fn a_file_with_a_callback_section_is_polled_instead_by_changing_one_line() {
    let polled = IDENTITY_CHECK.replace(r#"strategy = "callback""#, r#"strategy = "poll""#);
    assert_ne!(polled, IDENTITY_CHECK);
    assert_eq!(shipped("identity-check", &polled).strategy, Strategy::Poll);
}

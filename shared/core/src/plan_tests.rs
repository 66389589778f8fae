use super::{
    MAX_PAYLOAD_BYTES, PlanError, TokenBounds, deadline_seconds, direct_wait, plan, plan_direct, rounds_of_fragment,
};
use crate::ErrorName;
use crate::decide::round::BreakEven;
use crate::integration::{MissingValue, Strategy};
use crate::message::{Direct, PrepareInput};
use crate::test_support::{at, render, render_name, wait_id};
use crate::wait::WaitId;
use serde_json::{Value, json};

const NOW: &str = "2026-11-23T12:00:00.250Z";
const CALLBACK: (&str, &str) = (r#"strategy = "poll""#, r#"strategy = "callback""#);

fn request(payload: Value) -> PrepareInput {
    PrepareInput {
        integration: "render".to_owned(),
        payload,
        key: "film-1".to_owned(),
        execution_arn: "arn:execution".to_owned(),
        requests: 1,
    }
}

/// Asks for a plan of a sound request with this payload.
fn planned(changes: &[(&str, &str)], input: PrepareInput) -> Result<crate::message::Plan, PlanError> {
    plan(&render(changes), input, at(NOW), BreakEven::default())
}

fn sound() -> PrepareInput {
    request(json!({"scene": 1}))
}

#[test]
fn a_plan_fixes_identity_deadline_and_bounds() {
    let integration = render(&[]);
    let plan = plan(&integration, sound(), at(NOW), BreakEven::default()).unwrap();
    assert_eq!(plan.waiting_on, "render by poll until 2026-11-23T13:00:00Z");
    assert_eq!(plan.strategy, Strategy::Poll);
    assert_eq!(plan.payload, json!({"scene": 1}));
    assert_eq!((plan.timeout_seconds, plan.heartbeat_seconds), (3_601, 3_600));
    // 3,600 s in rounds of at least 72 s, one cut short and one for the last look.
    assert_eq!(plan.max_rounds, 52);
    assert_eq!(plan.wait.id, wait_id());
    assert_eq!(plan.wait.integration, render_name());
    assert_eq!(plan.wait.digest, integration.digest);
    assert_eq!((plan.wait.key.as_str(), plan.wait.execution_arn.as_str()), ("film-1", "arn:execution"));
    assert_eq!((plan.wait.started_at, plan.wait.deadline), (at(NOW), at("2026-11-23T13:00:00.250Z")));
}

#[test]
fn a_wait_by_callback_takes_no_rounds() {
    let plan = planned(&[CALLBACK], sound()).unwrap();
    assert_eq!((plan.strategy, plan.max_rounds), (Strategy::Callback, 0));
    assert_eq!(plan.waiting_on, "render by callback until 2026-11-23T13:00:00Z");
}

#[test]
fn the_same_request_of_the_same_execution_is_the_same_wait_and_any_other_is_another() {
    let id = |input: PrepareInput| planned(&[], input).unwrap().wait.id;
    assert_eq!(id(request(json!({"scene": 2}))), wait_id());
    assert_ne!(id(PrepareInput { key: "film-2".to_owned(), ..sound() }), wait_id());
    assert_ne!(id(PrepareInput { execution_arn: "arn:other".to_owned(), ..sound() }), wait_id());
    assert_eq!(wait_id(), WaitId::derive("arn:execution", &render_name(), "film-1"));
}

#[test]
fn a_payload_that_lacks_what_a_placeholder_needs_is_refused_before_anything_is_sent() {
    let error = planned(&[], request(json!({"scenes": []}))).unwrap_err();
    let missing = MissingValue::Payload("/scene".to_owned());
    assert_eq!(error, PlanError::Payload { integration: "render".to_owned(), missing });
    assert_eq!(error.name(), ErrorName::InvalidRequest);
    assert_eq!(
        error.to_string(),
        r#"integration "render": the payload has no value at "/scene"; the integration's submit needs it"#
    );
}

#[test]
fn a_payload_is_carried_up_to_its_limit_and_refused_beyond() {
    // The limit counts JSON: the object, its key and the quotes take 12 bytes.
    let sized = |bytes: usize| request(json!({"scene": "x".repeat(bytes - r#"{"scene":""}"#.len())}));
    assert!(planned(&[], sized(MAX_PAYLOAD_BYTES)).is_ok());
    let error = planned(&[], sized(MAX_PAYLOAD_BYTES + 1)).unwrap_err();
    assert_eq!(error, PlanError::PayloadTooLarge { integration: "render".to_owned(), bytes: 65_537 });
    assert_eq!(error.name(), ErrorName::InvalidRequest);
    assert_eq!(
        error.to_string(),
        r#"integration "render": the payload has 65537 bytes, at most 65536 can be carried; pass a reference instead"#
    );
}

#[test]
fn a_key_is_taken_up_to_its_limit_in_characters_and_refused_beyond() {
    let keyed = |chars: usize| PrepareInput { key: "ä".repeat(chars), ..sound() };
    assert!(planned(&[], keyed(64)).is_ok());
    let error = planned(&[], keyed(65)).unwrap_err();
    assert_eq!((error.name(), &error), (ErrorName::InvalidRequest, &PlanError::KeyTooLong));
    assert_eq!(error.to_string(), "the request's key has more than 64 characters; use a shorter one");
}

#[test]
fn rounds_that_do_not_fit_into_the_executions_history_are_refused() {
    let shared_by = |requests: u64| planned(&[], PrepareInput { requests, ..sound() });
    // 20,000 events, 12 a round: 1,666 rounds, 52 for each of 32 requests.
    assert_eq!(shared_by(32).unwrap().max_rounds, 52);
    let error = shared_by(33).unwrap_err();
    assert_eq!(
        error,
        PlanError::TooManyRounds { integration: "render".to_owned(), rounds: 52, requests: 33, allowed: 50 }
    );
    assert_eq!(error.name(), ErrorName::TooManyRounds);
    assert_eq!(
        error.to_string(),
        r#"integration "render": up to 52 polling rounds in an execution of 33 requests, but its history holds only 50 for each; raise schedule.interval, lower deadline, or send fewer requests"#
    );
}

#[test]
fn a_third_party_with_limits_leaves_room_in_the_history_for_standing_in_line() {
    let limited = [("[schedule]", "[limits]\nin_flight = 3\n\n[schedule]")];
    let shared_by = |requests: u64| planned(&limited, PrepareInput { requests, ..sound() });
    // 20,000 events for 25 requests are 800 each; 40 attempts in line take 160 of them, and 53 rounds of 12 fit.
    assert_eq!(shared_by(25).unwrap().max_rounds, 52);
    let error = shared_by(26).unwrap_err();
    let integration = "render".to_owned();
    assert_eq!(error, PlanError::TooManyRounds { integration, rounds: 52, requests: 26, allowed: 50 });
    assert!(matches!(shared_by(u64::MAX), Err(PlanError::TooManyRounds { allowed: 0, .. })));
}

#[test]
fn requests_that_wait_by_callback_share_a_history_without_limit() {
    assert!(planned(&[CALLBACK], PrepareInput { requests: u64::MAX, ..sound() }).is_ok());
}

#[test]
fn an_execution_of_no_requests_counts_as_one_of_one() {
    assert_eq!(planned(&[], PrepareInput { requests: 0, ..sound() }).unwrap().max_rounds, 52);
}

#[test]
fn the_shortest_deadline_and_the_end_of_time_make_a_plan() {
    let short = planned(&[(r#"deadline = "1h""#, r#"deadline = "1s""#)], sound()).unwrap();
    assert_eq!((short.timeout_seconds, short.heartbeat_seconds, short.max_rounds), (2, 1, 2));
    let last = plan(&render(&[]), sound(), crate::Timestamp::MAX, BreakEven::default()).unwrap();
    assert_eq!(last.wait.deadline, crate::Timestamp::MAX);
}

#[test]
fn a_heartbeat_is_what_the_file_says_and_shorter_than_the_timeout() {
    let job_id = r#"job_id = "body:/job/id""#;
    let with =
        |text: &str| planned(&[CALLBACK, (job_id, &format!("{job_id}\nheartbeat = \"{text}\""))], sound()).unwrap();
    assert_eq!((with("30m").heartbeat_seconds, with("30m").timeout_seconds), (1_800, 3_601));
    assert_eq!(with("59m 59s").heartbeat_seconds, 3_599);
}

fn direct(payload: Value) -> Direct {
    Direct {
        integration: "render".to_owned(),
        key: "film-1".to_owned(),
        payload,
        execution_arn: "arn:execution".to_owned(),
        started_at: at(NOW),
        deadline_seconds: 3_600,
    }
}

#[test]
fn a_wait_without_a_plan_is_the_one_that_a_plan_would_have_made() {
    let integration = render(&[]);
    let planned = plan(&integration, sound(), at(NOW), BreakEven::default()).unwrap().wait;
    assert_eq!(plan_direct(&integration, &direct(json!({"scene": 1})), false), Ok(planned.clone()));
    // Closing needs no payload.
    assert_eq!(direct_wait(&integration, &direct(Value::Null)), planned);
    let brief = Direct { deadline_seconds: 60, ..direct(Value::Null) };
    assert_eq!(direct_wait(&integration, &brief).deadline, at("2026-11-23T12:01:00.250Z"));
    let long = Direct { deadline_seconds: u64::MAX, ..direct(Value::Null) };
    assert_eq!(direct_wait(&integration, &long).deadline, planned.deadline);
}

#[test]
fn states_for_another_way_to_wait_are_refused_and_so_is_a_request_that_cannot_be_made() {
    let sound = direct(json!({"scene": 1}));
    for (changes, with_token, made) in
        [(&[][..], true, "a task token"), (&[CALLBACK], false, "rounds of the nested workflow")]
    {
        let integration = render(changes);
        let now = integration.strategy.as_str();
        let refused = PlanError::OtherWay { integration: "render".to_owned(), now, made };
        assert_eq!(refused.name(), ErrorName::OutdatedFragment);
        assert_eq!(plan_direct(&integration, &sound, with_token), Err(refused));
        assert!(plan_direct(&integration, &sound, !with_token).is_ok());
    }
    let refused = plan_direct(&render(&[]), &direct(json!({})), false).unwrap_err();
    assert_eq!(refused.name(), ErrorName::InvalidRequest);
}

#[test]
fn a_token_state_is_told_the_files_bounds() {
    let fraction = render(&[CALLBACK, (r#"deadline = "1h""#, r#"deadline = "1500ms""#)]);
    assert_eq!(TokenBounds::of(&fraction), TokenBounds { timeout_seconds: 3, heartbeat_seconds: None });
    assert_eq!(deadline_seconds(&fraction), 2);
}

#[test]
fn a_fragment_may_take_one_round_more_than_a_plan_and_those_in_line_share_its_history() {
    assert_eq!(rounds_of_fragment(&render(&[]), BreakEven::default()), Ok(53));
    let limited = |deadline: &str| {
        let changes = [("[schedule]", "[limits]\nin_flight = 3\n\n[schedule]"), (r#"deadline = "1h""#, deadline)];
        rounds_of_fragment(&render(&changes), BreakEven::default())
    };
    // 20,000 events are 1,666 rounds of 12; 40 of them may stand in line.
    let error = limited(r#"deadline = "2days""#).unwrap_err();
    assert!(matches!(error, PlanError::TooManyRounds { requests: 1, allowed: 1_626, .. }), "{error:?}");
    assert!(limited(r#"deadline = "1day""#).is_ok());
}

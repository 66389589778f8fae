//! Looks at a job: to whom credentials go, and which errors add up.

use super::{SLOW, api, bench, changed};
use crate::direct::Bench;
use crate::finish;
use serde_json::json;
use std::time::Duration;
use stepwait_core::answer::TransportError;
use stepwait_core::decide::check::Verdict;
use stepwait_core::message::{Action, CheckInput, Checked, PollState, SubmitInput};
use stepwait_core::request::Job;
use stepwait_core::wait::{JobId, Kept};
use stepwait_flow::check::check;
use stepwait_flow::submit::submit;
use stepwait_flow::third_party::{RESULT_TIME, collect_result};

fn submitted(bench: &Bench) {
    let input = SubmitInput { token: None, ..bench.attempt(0) };
    finish(submit(&bench.world, &bench.book, input)).unwrap();
}

fn look(bench: &Bench, poll: PollState) -> Checked {
    let job_id = JobId::parse("job-1").unwrap();
    finish(check(&bench.world, &bench.book, CheckInput { wait: bench.plan.wait.clone(), job_id, poll })).unwrap()
}

#[test]
fn a_kept_url_on_a_followed_host_is_asked_without_credentials() {
    let bench =
        changed("elsewhere", |text| text.replace("[auth]", "[hosts]\nfollow = [\"elsewhere.example.net\"]\n\n[auth]"));
    submitted(&bench);
    look(&bench, PollState::default());
    let state = bench.world.state();
    let (_, sent) = state.vendor.requests.last().unwrap();
    assert_eq!(sent.url, "https://elsewhere.example.net/jobs/job-1?sig=kept-signature");
    assert_eq!((sent.header("authorization"), sent.credentials), (None, false));
}

#[test]
fn a_kept_url_of_the_third_party_is_asked_with_credentials_and_what_was_kept() {
    let bench = bench("kept", SLOW);
    submitted(&bench);
    look(&bench, PollState::default());
    let state = bench.world.state();
    let (_, sent) = state.vendor.requests.last().unwrap();
    assert_eq!(sent.url, "https://vendor.example.com/operations/job-1?sig=kept-signature");
    let header = |name| sent.header(name).map(|value| value.expose().to_owned());
    assert_eq!(header("authorization").as_deref(), Some("Bearer api-token"));
    assert_eq!(header("x-ticket").as_deref(), Some(api::TICKET));
}

#[test]
fn a_status_url_that_may_not_be_asked_fails_the_wait_at_once_and_calls_the_job_off() {
    let bench = bench("elsewhere", SLOW);
    submitted(&bench);
    let settled = look(&bench, PollState::default()).settled.unwrap();
    assert_eq!(settled.error.as_deref(), Some("BadAnswer"));
    assert_eq!(
        settled.reason.as_deref(),
        Some(
            "elsewhere: the status request: the address is on \"https://elsewhere.example.net\", but requests go to that of `base_url` only, and by https to the hosts of [hosts]; name its host there if they may go to it"
        )
    );
    let state = bench.world.state();
    assert_eq!((state.vendor.looks, state.vendor.cancels), (0, 1));
}

#[test]
fn a_good_answer_starts_both_counts_anew() {
    let bench = bench("down", SLOW);
    submitted(&bench);
    let again = look(&bench, PollState { refusals: 1, ..PollState::default() });
    assert_eq!((again.action, again.poll.failures, again.poll.refusals), (Action::Wait, 1, 1));

    bench.world.state().vendor.api = Some(|_, _, _, _| Ok(api::answer(200, &json!({ "status": "queued" }))));
    let pending = look(&bench, again.poll);
    assert_eq!((pending.poll.checks, pending.poll.failures, pending.poll.refusals), (2, 0, 0));
}

#[test]
fn an_answer_that_breaks_off_counts_towards_the_budget_which_its_last_look_uses_up() {
    let bench = bench("down", SLOW);
    submitted(&bench);
    bench.world.state().vendor.api = Some(|_, _, _, _| Err(TransportError::Broken));
    let second = look(&bench, PollState { failures: 1, ..PollState::default() });
    assert_eq!((second.action, second.poll.failures), (Action::Wait, 2));
    let third = look(&bench, second.poll);
    assert_eq!(third.action, Action::Done);
    assert_eq!(third.settled.unwrap().error.as_deref(), Some("ThirdPartyUnavailable"));
}

#[test]
fn a_look_at_the_deadline_asks_nobody() {
    let bench = bench("kept", SLOW);
    submitted(&bench);
    bench.world.state().now = bench.plan.wait.deadline;
    assert_eq!(look(&bench, PollState::default()).action, Action::Expired);
    assert_eq!(bench.world.state().vendor.looks, 0);
}

#[test]
fn an_access_token_is_asked_for_once_and_replaced_once_when_it_is_refused() {
    let bench = bench("oauth", SLOW);
    submitted(&bench);
    look(&bench, PollState::default());
    let tokens = || {
        let state = bench.world.state();
        state.vendor.requests.iter().filter(|(_, sent)| sent.url.ends_with("/token")).count()
    };
    assert_eq!(tokens(), 2);

    // From here on every token is refused.
    bench.world.state().vendor.api = Some(|vendor, request, now, effects| {
        if request.url.ends_with("/token") {
            return api::api(vendor, request, now, effects);
        }
        Ok(api::answer(401, &json!({})))
    });
    let sent = bench.world.state().vendor.requests.len();
    assert_eq!(look(&bench, PollState::default()).poll.refusals, 1);
    assert_eq!(tokens(), 3);
    assert_eq!(bench.world.state().vendor.requests.len() - sent, 3, "refused, a new token, refused");
}

#[test]
fn an_access_token_that_has_expired_is_not_sent() {
    let bench = bench("oauth", SLOW);
    submitted(&bench);
    bench.world.state().now += Duration::from_secs(3570);
    let deadline = bench.world.state().now + Duration::from_secs(60);
    let wait = stepwait_core::message::WaitRef { deadline, ..bench.plan.wait.clone() };
    let job_id = JobId::parse("job-1").unwrap();
    finish(check(&bench.world, &bench.book, CheckInput { wait, job_id, poll: PollState::default() })).unwrap();
    let state = bench.world.state();
    let (_, sent) = state.vendor.requests.last().unwrap();
    assert_eq!(sent.header("authorization").map(|value| value.expose()), Some("Bearer access-3"));
}

#[test]
fn a_token_endpoint_that_is_down_is_asked_again_like_any_other_error() {
    let bench = bench("oauth", SLOW);
    submitted(&bench);
    bench.world.state().now += Duration::from_secs(3570);
    bench.world.state().vendor.api = Some(|_, request, _, _| {
        assert!(request.url.ends_with("/token"), "nothing is sent without a token");
        Ok(api::answer(503, &json!({})))
    });
    let deadline = bench.world.state().now + Duration::from_secs(600);
    let wait = stepwait_core::message::WaitRef { deadline, ..bench.plan.wait.clone() };
    let job_id = JobId::parse("job-1").unwrap();
    let checked =
        finish(check(&bench.world, &bench.book, CheckInput { wait, job_id, poll: PollState::default() })).unwrap();
    assert_eq!((checked.poll.checks, checked.poll.failures, checked.poll.refusals), (1, 1, 0));
}

#[test]
fn an_access_token_goes_to_the_hosts_of_its_own_version_of_the_file_only() {
    let bench = bench("oauth", SLOW);
    submitted(&bench);
    let kept: Vec<String> = bench.world.state().access.keys().cloned().collect();
    assert_eq!(kept, std::slice::from_ref(&bench.plan.wait.digest));
}

#[test]
fn a_result_is_not_asked_for_when_the_look_took_its_time_already() {
    let bench = bench("paged", SLOW);
    submitted(&bench);
    let (integration, _) = bench.book.current("paged").unwrap();
    let kept = Kept::default();
    let bindings = Job { wait_id: None, job_id: "job-1", kept: &kept }.bindings();
    let done = api::answer(200, &json!({ "status": "completed" }));
    let collect = |took| {
        let began = bench.world.state().now - took;
        let base_url = &integration.base_url;
        finish(collect_result(&bench.world, integration, base_url, &bindings, &done, false, began)).unwrap()
    };
    let sent = || bench.world.state().vendor.requests.len();
    let before = sent();
    let reason = "the result did not arrive within 25 s".to_owned();
    let late = Verdict::AskAgain { reason, retry_after: None };
    assert_eq!((collect(RESULT_TIME + Duration::from_millis(1)), sent()), (late, before));
    assert!(matches!(collect(RESULT_TIME), Verdict::Ended(_)));
    assert_eq!(sent(), before + 2);
}

//! The same crowds where the third party answers for many jobs in one request.

use crate::crowd_reconciled::{CROWD, Crowd, MINUTE, most_in_a_second};
use crate::world::{End, Vendor, World, answer, document};
use serde_json::{Value, json};
use stepwait_core::answer::{Answer, TransportError};
use stepwait_core::request::OutgoingRequest;
use stepwait_core::wait::{JobId, OutcomeKind};
use stepwait_core::{ErrorName, Timestamp};

/// The ids that a request asks for; none where it calls a job off.
fn ids(request: &OutgoingRequest) -> Vec<JobId> {
    let ids = request.url.split_once("?ids=").map(|(_, ids)| ids.split("%2C"));
    ids.into_iter().flatten().map(|id| JobId::parse(id).unwrap()).collect()
}

/// A third party that answers for many jobs at once, those that nobody asked for
/// included, and in an order of its own; of one it knows nothing.
#[expect(clippy::unnecessary_wraps, reason = "the shape of an API")]
fn in_its_own_order(
    vendor: &mut Vendor,
    request: &OutgoingRequest,
    now: Timestamp,
    _: usize,
) -> Result<Answer, TransportError> {
    let asked = ids(request).into_iter().filter(|id| id.as_str() != UNKNOWN);
    let mut jobs: Vec<Value> = asked.map(|id| document(&id, vendor.look(&id, now))).collect();
    jobs.push(document(&JobId::parse("somebody-elses").unwrap(), End::Failure));
    jobs.reverse();
    Ok(answer(200, &json!({ "checks": jobs })))
}

/// The job that the third party does not like.
const UNKNOWN: &str = "job-7";

/// A third party that refuses a request for good if it holds an id that it does not know.
fn or_nothing(
    vendor: &mut Vendor,
    request: &OutgoingRequest,
    now: Timestamp,
    effects: usize,
) -> Result<Answer, TransportError> {
    if ids(request).iter().any(|id| id.as_str() == UNKNOWN) {
        return Ok(answer(422, &json!({ "reason": "there is no such check" })));
    }
    in_its_own_order(vendor, request, now, effects)
}

/// A third party that breaks down over a request that holds that id among others.
fn or_breaks_down(
    vendor: &mut Vendor,
    request: &OutgoingRequest,
    now: Timestamp,
    _: usize,
) -> Result<Answer, TransportError> {
    let ids = ids(request);
    if ids.len() > 1 && ids.contains(&unknown()) {
        return Ok(answer(500, &json!({})));
    }
    let jobs: Vec<Value> = ids.iter().map(|id| document(id, vendor.look(id, now))).collect();
    Ok(answer(200, &json!({ "checks": jobs })))
}

/// How many waits ended with their own job's result, and how the others did.
fn results(world: &World) -> (usize, Vec<(JobId, ErrorName)>) {
    let state = world.state();
    let (mut own, mut others) = (0, Vec::new());
    for row in state.store.table.waits.values() {
        let job = row.job_id.clone().unwrap();
        match &row.outcome.as_ref().unwrap().kind {
            OutcomeKind::Succeeded { output } if *output == json!({ "of": job }) => own += 1,
            kind @ (OutcomeKind::Succeeded { .. }
            | OutcomeKind::Failed { .. }
            | OutcomeKind::Expired { .. }
            | OutcomeKind::Cancelled { .. }) => others.push((job, kind.failure().unwrap().0)),
        }
    }
    (own, others)
}

/// Each id that was asked for, in whichever request.
fn asked_for(world: &World) -> usize {
    world.state().vendor.requests.iter().map(|(_, request)| ids(request).len()).sum()
}

fn unknown() -> JobId {
    JobId::parse(UNKNOWN).unwrap()
}

#[test]
fn a_thousand_jobs_are_asked_for_a_hundred_at_a_time_and_each_wait_gets_its_own_result() {
    let (seen, world) = Crowd { together: Some((100, in_its_own_order)), ..CROWD }.play_until_ended();
    let others = vec![(unknown(), ErrorName::CheckRefused)];
    assert_eq!(results(&world), (999, others));
    assert_eq!((seen.ended, seen.resumed, seen.most_writes > 2), (1_000, 1_000, true));
    // Two hundred fall due in each of five minutes, spread over eight shards.
    let requests = seen.requests.iter().filter(|at| **at < seen.requests[0] + MINUTE * 5).count();
    assert!((40..=48).contains(&requests), "{requests}");
    // The unknown one is looked at ten times before that ends its wait.
    assert_eq!(asked_for(&world), 999 + 10);
}

#[test]
fn an_id_that_is_refused_is_found_by_halving_and_spoils_nothing_for_the_others() {
    let (seen, world) = Crowd { together: Some((100, or_nothing)), ..CROWD }.play_until_ended();
    assert_eq!(results(&world), (999, vec![(unknown(), ErrorName::CheckRefused)]));
    assert_eq!(seen.resumed, 1_000);
    assert!(seen.summaries.iter().take(11).map(|run| run.ended).sum::<u64>() == 999, "{:?}", seen.summaries);
    // Some 25 jobs are halved five times: two requests each; and nine times the one is looked at alone.
    assert!(seen.requests.len() <= 48 + 2 * 5 + 9, "{}", seen.requests.len());
}

#[test]
fn an_id_over_which_the_third_party_breaks_down_is_looked_at_alone_in_the_end() {
    let (seen, world) = Crowd { together: Some((100, or_breaks_down)), ..CROWD }.play_until_ended();
    assert_eq!((results(&world), seen.resumed), ((1_000, Vec::new()), 1_000));
    // Three looks in vain, ten minutes apart, and then the one that finds it.
    assert!((35..=45).contains(&seen.minutes), "{}", seen.minutes);
}

#[test]
fn limits_count_a_request_for_many_jobs_once() {
    let limits = "[limits]\nper_second = 1";
    let (seen, world) =
        Crowd { limits, waits: 400, together: Some((500, in_its_own_order)), ..CROWD }.play_until_ended();
    assert_eq!(results(&world).0, 399);
    assert!(seen.summaries.iter().all(|run| run.left == 0), "{:?}", seen.summaries);
    assert!(most_in_a_second(&seen.requests) <= 2, "{}", most_in_a_second(&seen.requests));
}

#[test]
fn runs_side_by_side_and_runs_that_die_lose_no_wait_that_is_asked_for_with_others() {
    for (runs, dies_after) in [(3, None), (1, Some(9)), (1, Some(12))] {
        let crowd = Crowd { runs, dies_after, together: Some((40, in_its_own_order)), waits: 500, ..CROWD };
        let (seen, world) = Crowd { begins_after: MINUTE * 60, ..crowd }.play_until_ended();
        assert_eq!((results(&world).0, seen.resumed), (499, 500), "{runs} {dies_after:?}");
    }
}

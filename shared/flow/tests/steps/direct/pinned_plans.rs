//! Waits whose looks go by a plan that was bundled with their version of the file.
//! The plans here are other ones than would be made of these files now, as those of a
//! version with another way to make them are.

use super::Bench;
use crate::scenarios::{NEVER, POOLED_JOB, PROMPT, Scenario, pin, written};
use crate::world::{Script, World};
use std::time::Duration;
use stepwait_core::integration::{IntegrationName, Method};
use stepwait_core::message::{CheckInput, SubmitInput, Submitted};
use stepwait_flow::check::check;
use stepwait_flow::submit::submit;

/// A job that is never done, and of whose kind others took an hour.
const SCRIPT: Script = Script { takes: NEVER, ..PROMPT };

/// A bench whose wait is pinned to a version with that plan; `None`: to one from
/// before plans were bundled.
fn bench(integration: &'static str, plan: Option<&str>) -> Bench {
    let mut bench = Bench::new(&Scenario { integration, script: SCRIPT, ..POOLED_JOB });
    bench.plan.wait.digest = pinned(&bench.world, integration, plan);
    bench
}

/// Keeps a version with that plan; its digest.
fn pinned(world: &World, integration: &'static str, plan: Option<&str>) -> String {
    let name = IntegrationName::parse(integration).unwrap();
    let text = format!("{}learned = {{ jobs = \"128 per doubling, 58m: 9, 59m: 20\" }}\n", written(integration));
    let digest = pin(world, &name, &text);
    let mut state = world.state();
    let mut file: serde_json::Value = serde_json::from_str(&state.store.pins[&(name.clone(), digest)]).unwrap();
    let learned = file["schedule"]["learned"].as_object_mut().unwrap();
    let made = learned.remove("plan").unwrap();
    if let Some(plan) = plan {
        assert_ne!(made, plan);
        learned.insert("plan".to_owned(), plan.into());
    }
    let digest = plan.unwrap_or("before").replace(' ', "-");
    state.store.pins.insert((name, digest.clone()), file.to_string());
    digest
}

impl Bench {
    /// Submits as the nested workflow does.
    fn submit_nested(&self) -> Submitted {
        let input = SubmitInput { token: None, ..self.attempt(0) };
        crate::finish(submit(&self.world, &self.book, input)).unwrap()
    }
}

#[test]
fn a_nested_wait_is_looked_at_by_the_plan_that_was_bundled_with_its_version() {
    let bench = bench("transcript", Some("20 40 9"));
    let submitted = bench.submit_nested();
    let (job_id, mut poll) = (submitted.job_id.unwrap(), submitted.poll);
    let mut seconds = vec![submitted.seconds];
    for _ in 0..2 {
        bench.world.state().now += Duration::from_secs(*seconds.last().unwrap());
        let input = CheckInput { wait: bench.plan.wait.clone(), job_id: job_id.clone(), poll };
        let checked = crate::finish(check(&bench.world, &bench.book, input)).unwrap();
        seconds.push(checked.seconds);
        poll = checked.poll;
    }
    assert_eq!(seconds, [20, 40, 9]);
}

#[test]
fn a_pooled_wait_is_looked_at_by_the_plan_that_was_bundled_with_its_version() {
    let bench = bench("transcript-pooled", Some("1200 1200"));
    bench.submit(0);
    let submitted_at = bench.row().submitted_at.unwrap();
    for _ in 0..50 {
        bench.world.state().now += Duration::from_mins(1);
        crate::reconcile(&bench.world, &bench.book).unwrap();
    }
    let state = bench.world.state();
    let looks = state.vendor.requests.iter().filter(|(_, request)| request.method == Method::Get);
    let minutes: Vec<i64> = looks.map(|(at, _)| at.duration_since(submitted_at).as_mins()).collect();
    assert_eq!(minutes[..2], [20, 40], "{minutes:?}");
}

#[test]
fn what_a_version_without_a_plan_makes_of_the_same_jobs_is_not_taken_for_the_plan_of_another() {
    let mut bench = bench("transcript", None);
    let made = bench.submit_nested().seconds;
    assert!(made > 60, "{made}");
    let other = Scenario { integration: "transcript", script: SCRIPT, ..POOLED_JOB };
    bench.plan = other.plan_keyed(&bench.world, &bench.book, "#1");
    bench.plan.wait.digest = pinned(&bench.world, "transcript", Some("20 40 9"));
    assert_eq!(bench.submit_nested().seconds, 20);
}

//! One kind of delivery, to one environment or to several at once.

use std::time::{Duration, Instant};

use bytes::Bytes;
use indicatif::ProgressBar;
use serde_json::Value;
use stepwait_load::aws::Aws;
use stepwait_local::runtime::{Environment, Invocation, Reply};
use tokio::task::JoinSet;

use super::check::Check;
use super::counts::Counts;
use super::spread::Spread;
use crate::Trouble;

/// What came of a phase.
#[derive(Clone, Debug)]
pub(super) struct Phase {
    pub(super) name: &'static str,
    pub(super) environments: usize,
    pub(super) deliveries: usize,
    /// From the first event handed over to the last answer.
    pub(super) lasted: Duration,
    /// Of each invocation.
    pub(super) took: Spread,
    /// Calls of DynamoDB and Step Functions.
    pub(super) aws_calls: u64,
    /// The time that all calls took within the services.
    pub(super) aws_time: Duration,
    counts: Counts,
    invocations: Vec<Invocation>,
}

/// What must have come of a phase.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Expected {
    /// The status of every answer.
    pub(super) status: u16,
    /// Claims applied.
    pub(super) claims: usize,
    /// Events kept.
    pub(super) kept: usize,
    /// Tasks resumed.
    pub(super) resumed: usize,
    /// The most calls to resume them.
    pub(super) most_calls: usize,
    /// Deliveries marked.
    pub(super) marked: usize,
}

impl Expected {
    pub(super) fn checks(self, phase: &Phase) -> [Check; 6] {
        let answered = with_status(&phase.invocations, self.status);
        let Counts { claims, kept, marked, resumed, resume_calls, .. } = phase.counts;
        let status = match self.status {
            200 => "answers with status 200",
            202 => "answers with status 202",
            401 => "answers with status 401",
            _ => "answers with the expected status",
        };
        let label = phase.label();
        [
            Check::exactly(&label, status, phase.deliveries, answered),
            Check::exactly(&label, "claims applied", self.claims, claims),
            Check::exactly(&label, "events kept", self.kept, kept),
            Check::exactly(&label, "tasks resumed", self.resumed, resumed),
            Check::between(&label, "calls to resume a task", self.resumed, self.most_calls, resume_calls),
            Check::exactly(&label, "deliveries marked", self.marked, marked),
        ]
    }
}

impl Phase {
    pub(super) fn label(&self) -> String {
        format!("{}, {} at once", self.name, self.environments)
    }

    pub(super) fn per_second(&self) -> f64 {
        rate(self.deliveries, self.lasted)
    }

    pub(super) fn invocations(&self) -> &[Invocation] {
        &self.invocations
    }

    /// The part of an invocation's time, on average, that the services took.
    pub(super) fn aws_time_each(&self) -> Duration {
        let deliveries = u32::try_from(self.deliveries).unwrap_or(u32::MAX);
        self.aws_time.checked_div(deliveries).unwrap_or_default()
    }
}

/// Deliveries a second; at most 2^32 are counted.
fn rate(deliveries: usize, lasted: Duration) -> f64 {
    f64::from(u32::try_from(deliveries).unwrap_or(u32::MAX)) / lasted.as_secs_f64().max(f64::EPSILON)
}

/// Hands the events out in turns, and waits for all answers.
pub(super) async fn run(
    aws: &Aws,
    name: &'static str,
    environments: Vec<Environment>,
    events: Vec<Bytes>,
    bar: &ProgressBar,
) -> Result<(Vec<Environment>, Phase), Trouble> {
    let deliveries = events.len();
    let at_once = environments.len();
    let mut shares = vec![Vec::with_capacity(deliveries.div_ceil(at_once.max(1))); at_once];
    for (number, event) in events.into_iter().enumerate() {
        if let Some(share) = shares.get_mut(number % at_once.max(1)) {
            share.push(event);
        }
    }
    let before = Counts::of(aws);
    let began = Instant::now();
    let mut running = JoinSet::new();
    for (mut environment, share) in environments.into_iter().zip(shares) {
        let bar = bar.clone();
        running.spawn(async move {
            let answers = environment.invoke(share, || bar.inc(1)).await;
            (environment, answers)
        });
    }
    let mut environments = Vec::with_capacity(at_once);
    let mut invocations = Vec::with_capacity(deliveries);
    while let Some(ended) = running.join_next().await {
        let (environment, answers) = ended?;
        invocations.extend(answers?);
        environments.push(environment);
    }
    let lasted = began.elapsed();
    let counts = Counts::of(aws).since(before);
    let took = Spread::of(invocations.iter().map(|invocation| invocation.took));
    let (aws_calls, aws_time) = (counts.calls, counts.time);
    let phase =
        Phase { name, environments: at_once, deliveries, lasted, took, aws_calls, aws_time, counts, invocations };
    Ok((environments, phase))
}

/// How many answers have this status.
pub(super) fn with_status(invocations: &[Invocation], status: u16) -> usize {
    invocations.iter().filter(|invocation| status_of(&invocation.reply) == Some(status)).count()
}

/// The status of an answer as a function URL reads it.
fn status_of(reply: &Reply) -> Option<u16> {
    let Reply::Response(body) = reply else {
        return None;
    };
    let response: Value = serde_json::from_slice(body).ok()?;
    response["statusCode"].as_u64()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_and_an_answer_of_another_shape_have_no_status() {
        let response = |text: &'static str| Reply::Response(Bytes::from_static(text.as_bytes()));
        assert_eq!(status_of(&response(r#"{"statusCode":202,"body":"{}"}"#)), Some(202));
        assert_eq!(status_of(&response(r#"{"statusCode":"202"}"#)), None);
        assert_eq!(status_of(&Reply::Error(Bytes::from_static(br#"{"statusCode":202}"#))), None);
    }

    #[test]
    fn a_rate_is_of_the_whole_time_and_not_of_nothing() {
        assert!((rate(500, Duration::from_millis(250)) - 2_000.0).abs() < 1e-9);
        assert!(rate(0, Duration::ZERO).abs() < 1e-9);
    }
}

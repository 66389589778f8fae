//! Starting the executions and following them to their end.

use std::time::{Duration, Instant};

use serde_json::Value;
use stepwait_local::engine::{CallError, Deployment, Execution, NoSuchOutput, SetUpError};
use tokio::time::sleep;

use super::case::{CASES, Case};
use super::evidence::{Strategy, strategy};
use crate::screen::Screen;

/// Between two looks at all executions; a look takes some milliseconds.
const LOOK_GAP: Duration = Duration::from_millis(250);
/// The longest case takes some ten seconds; a loaded machine gets more.
const LONGEST: Duration = Duration::from_secs(120);

/// Why there is no table.
#[derive(Debug, thiserror::Error)]
pub(super) enum DemoError {
    #[error(transparent)]
    SetUp(#[from] SetUpError),
    #[error(transparent)]
    Output(#[from] NoSuchOutput),
    #[error(transparent)]
    Call(#[from] CallError),
    #[error(
        "still waiting after {} s: {}; this is the end of the engine's log:\n{log}",
        LONGEST.as_secs(), names.join(", ")
    )]
    StillRunning { names: Vec<&'static str>, log: String },
    #[error("the history of `{case}` cannot be read: {reason}")]
    History { case: &'static str, reason: String },
}

/// An execution that has ended.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) case: Case,
    pub(super) execution: Execution,
    pub(super) events: Vec<Value>,
}

/// Starts one execution a case and waits until all have ended.
pub(super) async fn run_all(deployment: &Deployment, screen: &Screen) -> Result<Vec<Finished>, DemoError> {
    let began = Instant::now();
    let mut running = Vec::new();
    for case in CASES {
        deployment.third_party.script(case.name, case.script());
        running.push((case, start(deployment, &case).await?));
    }
    let mut finished = Vec::new();
    while !running.is_empty() {
        if began.elapsed() > LONGEST {
            return Err(DemoError::StillRunning {
                names: running.iter().map(|(case, _)| case.name).collect(),
                log: deployment.engine.log_tail(),
            });
        }
        let mut still_running = Vec::new();
        for (case, execution) in running {
            match look(deployment, screen, case, &execution).await? {
                Some(end) => finished.push(end),
                None => still_running.push((case, execution)),
            }
        }
        running = still_running;
        sleep(LOOK_GAP).await;
    }
    finished.sort_by_key(|end| CASES.iter().position(|case| case.name == end.case.name));
    Ok(finished)
}

async fn start(deployment: &Deployment, case: &Case) -> Result<String, DemoError> {
    let main = deployment.stack.output("MainStateMachineArn")?;
    let states = deployment.engine.states();
    Ok(states.start_execution(main, case.name, &case.input()).await?)
}

/// Shows how an execution stands, and gives it once it has ended.
async fn look(
    deployment: &Deployment,
    screen: &Screen,
    case: Case,
    execution_arn: &str,
) -> Result<Option<Finished>, DemoError> {
    let states = deployment.engine.states();
    // In this order: the history of one that has ended is complete.
    let execution = states.describe_execution(execution_arn).await?;
    let events = states.history(execution_arn).await?;
    let seen = deployment.third_party.seen(case.name);
    let counts = format!("{}, {}", counted(seen.checks.len(), "check"), counted(seen.webhooks.len(), "webhook"));
    if execution.is_running() {
        screen.show(case.name, &format!("{} ({counts})", waiting(&case, strategy(&events))));
        return Ok(None);
    }
    screen.finish(case.name, &format!("{} ({counts})", execution.status.to_lowercase()));
    Ok(Some(Finished { case, execution, events }))
}

fn waiting(case: &Case, strategy: Option<Strategy>) -> String {
    let whom = case.integration;
    match strategy {
        None => format!("prepares to wait on {whom}"),
        Some(Strategy::Poll) => format!("waits on {whom}, polling"),
        Some(Strategy::Callback) => format!("waits on {whom} to call back"),
    }
}

fn counted(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_on_whom_and_how_an_execution_waits() {
        let [polled, called_back, ..] = CASES;
        assert_eq!(waiting(&polled, None), "prepares to wait on transcript");
        assert_eq!(waiting(&polled, Some(Strategy::Poll)), "waits on transcript, polling");
        assert_eq!(waiting(&called_back, Some(Strategy::Callback)), "waits on identity-check to call back");
    }

    #[test]
    fn one_is_singular() {
        assert_eq!(counted(0, "check"), "0 checks");
        assert_eq!(counted(1, "check"), "1 check");
    }
}

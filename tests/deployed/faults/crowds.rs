//! Many at once: deliveries of one event, and reconcilers over the same work.

use super::{ended_once, listener, result};
use crate::reconciling::{ONE_RECONCILER, look_at, now, submitted};
use crate::waits::edges;
use futures_util::future::{join_all, try_join_all};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::json;
use std::time::Duration;
use stepwait_core::wait::{Source, WaitId};
use stepwait_local::runtime::Environment;
use stepwait_local::scripted::{Script, millis};
use stepwait_tests::{Application, Trouble};

crate::tests![
    an_event_that_is_delivered_fifty_times_at_once_ends_its_wait_once,
    two_reconcilers_side_by_side_over_the_same_work_end_each_wait_once,
];

/// Deliveries of one event.
const DELIVERIES: usize = 50;

/// Listeners that are started at the same time: starting one is work for a processor.
const STARTS_AT_ONCE: usize = 4;

/// Waits whose webhooks were lost.
const WAITS: usize = 3;

/// Until the looks are due: time to see to it that they are, for all waits.
const UNTIL_DUE: Duration = Duration::from_secs(10);

/// Whether a line of a function's log says this of a wait, as JSON or as text.
fn says(line: &str, id: &WaitId, message: &str) -> bool {
    line.contains(message) && line.contains(id.as_str())
}

/// Whether it says that the task took what it was sent.
fn is_taken(line: &str) -> bool {
    line.contains("\"taken\":true") || line.contains("taken=true")
}

async fn an_event_that_is_delivered_fifty_times_at_once_ends_its_wait_once(app: &Application) -> Result<(), Trouble> {
    let name = "fifty-at-once";
    app.script(name, Script::never_ends());
    let edges = edges(app).await?;
    let (arn, row) = submitted(app, &edges, name).await?;
    // Each has a process of its own that is up before anything is delivered, so
    // that all are in the same places at the same time.
    let endpoint = format!("http://{}", app.deployment.engine.address());
    let starting = stream::iter(0..DELIVERIES).map(|_| listener::start(app, endpoint.clone()));
    let mut listeners: Vec<_> = starting.buffer_unordered(STARTS_AT_ONCE).try_collect().await?;
    let delivery = listener::delivery(app, row.job_id.as_ref().ok_or("there is no job")?.as_str())?;
    let answers = listeners.iter_mut().map(|listener| listener::answer(listener, delivery.clone()));
    let answers = try_join_all(answers).await?;

    assert!(answers.iter().all(|(status, _)| *status == 200), "{answers:?}");
    let ended = app.end_of(&arn).await?;
    let row = ended_once(app, &edges, name, &ended, Source::Webhook).await?;
    assert_eq!(result(app, name).await?, json!({ "score": 1 }));
    let printed: Vec<String> = listeners.iter().map(Environment::printed).collect();
    let lines = || printed.iter().flat_map(|printed| printed.lines());
    assert_eq!(lines().filter(|line| says(line, &row.id, "outcome stored")).count(), 1);
    assert_eq!(lines().filter(|line| says(line, &row.id, "outcome sent") && is_taken(line)).count(), 1);
    let seen = app.deployment.third_party.seen(name);
    assert_eq!((seen.submits, seen.checks.len(), seen.webhooks.len()), (1, 0, 0));
    Ok(())
}

async fn two_reconcilers_side_by_side_over_the_same_work_end_each_wait_once(app: &Application) -> Result<(), Trouble> {
    let _alone = ONE_RECONCILER.write().await;
    let edges = edges(app).await?;
    let names: Vec<String> = (0..WAITS).map(|number| format!("side-by-side-{number}")).collect();
    let waits = try_join_all(names.iter().map(|name| {
        // Held back until there are two, looks are certain to be made side by side.
        app.script(name, Script::succeeds_after(millis(100)).webhook_lost().checks_together(2));
        submitted(app, &edges, name)
    }))
    .await?;
    let due = now()? + UNTIL_DUE;
    try_join_all(waits.iter().map(|(_, row)| look_at(app, row, due))).await?;
    tokio::time::sleep(Duration::try_from(due.duration_since(now()?)).unwrap_or_default()).await;
    let event = json!({});
    for run in join_all([app.invoke("Reconcile", &event), app.invoke("Reconcile", &event)]).await {
        let run = run?;
        assert!(run["looked_at"].is_number(), "{run}");
    }

    for (name, (arn, _)) in names.iter().zip(&waits) {
        let ended = app.end_of(arn).await?;
        let row = ended_once(app, &edges, name, &ended, Source::Reconciler).await?;
        assert_eq!(result(app, name).await?, json!({ "score": 97, "reference": name }));
        let log = app.log_lines().await?;
        assert_eq!(log.iter().filter(|(_, line)| says(line, &row.id, "outcome stored")).count(), 1);
        let seen = app.deployment.third_party.seen(name);
        // Each of the two asked once, or the scheduled one in the place of one of them, or beside both.
        assert!(matches!(seen.checks.len(), 2 | 3), "{seen:?}");
        assert_eq!((seen.submits, seen.webhooks.len()), (1, 0));
    }
    Ok(())
}

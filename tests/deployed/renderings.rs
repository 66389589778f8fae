//! A third party that says little: kept URLs, results in pages and in S3, and
//! limits that all executions share.
//!
//! What one test does to the limits another would feel, so these run one by one.

use crate::closing::{let_time_pass, timeout};
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;
use stepwait_local::scripted::{Answer, Script, millis, secs};
use stepwait_tests::{Application, Item, Trouble};
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

crate::tests![
    a_small_result_in_pages_comes_inline,
    a_large_result_is_stored_apart_and_its_address_comes_instead,
    six_requests_at_once_are_never_more_than_two_jobs_at_a_time,
    a_throttled_check_keeps_everybody_away_and_fails_nobody,
    a_third_party_that_is_down_is_left_alone_until_a_probe_gets_through,
    the_url_that_was_kept_stands_in_no_history_and_in_no_log,
    a_rendering_that_passes_its_deadline_is_called_off_by_the_url_that_was_kept,
];

/// Held by the test whose turn it is.
static TURN: Mutex<()> = Mutex::const_new(());

/// The limits' row; times on it are microseconds since 1970.
const GATE: &str = "V#rendering";

/// The row of those who have a job at the third party.
const PLACES: &str = "V#rendering#places";

/// The longest until what is waited for is there; reached only by a defect.
const PATIENCE: Duration = secs(30);

/// Between two looks at a row.
const LOOK_GAP: Duration = millis(50);

fn request(reference: &str) -> Value {
    json!({ "integration": "rendering", "payload": { "film": "metropolis", "reference": reference } })
}

fn frames(count: usize) -> Value {
    (0..count).map(|number| json!({ "frame": number, "image": "x".repeat(64) })).collect()
}

/// The row with this key, once it is as expected.
async fn row_when(app: &Application, pk: &str, expected: impl Fn(&Item) -> bool) -> Result<Item, Trouble> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if let Some(row) = app.row(pk).await?.filter(|row| expected(row)) {
            return Ok(row);
        }
        sleep(LOOK_GAP).await;
    }
    Err(format!("{pk} was not as expected within {PATIENCE:?}").into())
}

/// The first wait of an execution, once its job is noted on it.
async fn submitted(app: &Application, arn: &str) -> Result<Item, Trouble> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if let Some(row) = app.waits_of(arn).await?.pop().filter(|row| row.text("job_id").is_some()) {
            return Ok(row);
        }
        sleep(LOOK_GAP).await;
    }
    Err(format!("{arn} was not submitted within {PATIENCE:?}").into())
}

/// Until when everybody stays away, in milliseconds since 1970.
fn paused_until_ms(gate: &Item) -> i64 {
    gate.number("paused_until_us").and_then(|us| us.parse::<i64>().ok()).unwrap_or_default() / 1_000
}

async fn a_small_result_in_pages_comes_inline(app: &Application) -> Result<(), Trouble> {
    let _turn = TURN.lock().await;
    let name = "rendering-small";
    app.script(name, Script::succeeds_with(frames(150), millis(100)));
    let ended = app.run(name, json!([request(name)])).await?;

    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    let seen = app.deployment.third_party.seen(name);
    assert_eq!((seen.submits, seen.pages, seen.cancels), (1, 2, 0));
    assert_eq!(ended.summary(0)["job_id"], seen.jobs[0].as_str());
    let item = app.recorded(name, Some("#0")).await?.ok_or("the result was not recorded")?;
    let result: Value = serde_json::from_str(item.text("result").ok_or("no result")?)?;
    assert_eq!(result, frames(150));
    Ok(())
}

async fn a_large_result_is_stored_apart_and_its_address_comes_instead(app: &Application) -> Result<(), Trouble> {
    let _turn = TURN.lock().await;
    let name = "rendering-large";
    // About 90 bytes each: 100 KiB.
    let expected = frames(1_150);
    app.script(name, Script::succeeds_with(expected.clone(), millis(100)));
    let ended = app.run(name, json!([request(name)])).await?;

    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    assert_eq!(app.deployment.third_party.seen(name).pages, 12);
    let item = app.recorded(name, Some("#0")).await?.ok_or("the result was not recorded")?;
    let pointer: Value = serde_json::from_str(item.text("result").ok_or("no result")?)?;
    let stored_at = pointer["stored_at"].as_str().ok_or_else(|| format!("no address in {pointer}"))?;
    let bytes = expected.to_string().into_bytes();
    assert!(bytes.len() > 100_000, "{}", bytes.len());
    assert_eq!(pointer, json!({ "stored_at": stored_at, "content_type": "application/json", "bytes": bytes.len() }));
    let bucket = app.deployment.stack.output("ResultBucketName")?;
    let wait = ended.summary(0)["wait_id"].as_str().ok_or("no wait")?;
    assert!(stored_at.starts_with(&format!("s3://{bucket}/rendering/{wait}/")), "{stored_at}");
    assert!(app.deployment.engine.s3().object(stored_at).await? == bytes, "the object is not the result");
    Ok(())
}

async fn six_requests_at_once_are_never_more_than_two_jobs_at_a_time(app: &Application) -> Result<(), Trouble> {
    let _turn = TURN.lock().await;
    // One reference for all, so that the third party counts them together.
    let name = "rendering-crowd";
    app.script(name, Script::succeeds_after(millis(400)));
    let three = json!([request(name), request(name), request(name)]);
    let executions = [app.start(name, three.clone()).await?, app.start("rendering-crowd-too", three).await?];
    for arn in executions {
        let ended = app.end_of(&arn).await?;
        assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    }

    let seen = app.deployment.third_party.seen(name);
    assert_eq!((seen.jobs.len(), seen.submits, seen.most_under_way), (6, 6, 2));
    let places = app.row(PLACES).await?.ok_or("nobody ever took a place")?;
    assert_eq!(places.members("holders"), Vec::<&str>::new());
    Ok(())
}

async fn a_throttled_check_keeps_everybody_away_and_fails_nobody(app: &Application) -> Result<(), Trouble> {
    let _turn = TURN.lock().await;
    let (first, second) = ("rendering-throttled", "rendering-behind");
    let later = Answer::throttled(HeaderValue::from_static("6"));
    app.script(first, Script::succeeds_after(millis(100)).check_answers([later]));
    let throttled = app.start(first, json!([request(first)])).await?;
    let seen = app.deployment.third_party.wait_until(first, |seen| seen.checks.len() == 1, PATIENCE).await?;
    let asked_for = seen.checks[0] + 6_000;
    let gate = row_when(app, GATE, |gate| paused_until_ms(gate) >= asked_for).await?;
    // It comes while everybody stays away.
    let behind = app.start(second, json!([request(second)])).await?;
    for arn in [throttled, behind] {
        let ended = app.end_of(&arn).await?;
        assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    }

    let until = paused_until_ms(&gate);
    let third_party = &app.deployment.third_party;
    let (seen, seen_behind) = (third_party.seen(first), third_party.seen(second));
    assert!(seen.checks[1] >= until, "{seen:?}, not before {until}");
    assert_eq!(seen.checks.len(), 2);
    // Its job is done as soon as it is submitted.
    assert!(seen_behind.done_at_ms >= Some(until), "{seen_behind:?}, not before {until}");
    assert_eq!((seen_behind.submits, seen_behind.checks.len()), (1, 1));
    Ok(())
}

async fn a_third_party_that_is_down_is_left_alone_until_a_probe_gets_through(app: &Application) -> Result<(), Trouble> {
    let _turn = TURN.lock().await;
    let name = "rendering-down";
    let down = || Answer::status(StatusCode::SERVICE_UNAVAILABLE, &json!({}));
    // As many as open the breaker, and the first probe.
    app.script(name, Script::succeeds_after(millis(100)).check_answers((0..6).map(|_| down())));
    let ended = app.run(name, json!([request(name)])).await?;

    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());
    let checks = app.deployment.third_party.seen(name).checks;
    assert_eq!(checks.len(), 7);
    assert!(checks[5] - checks[4] >= 5_000, "the first pause, in ms: {checks:?}");
    assert!(checks[6] - checks[5] >= 10_000, "the second pause, in ms: {checks:?}");
    let gate = app.row(GATE).await?.ok_or("there is no gate")?;
    assert_eq!(gate.number("failures"), Some("0"));
    Ok(())
}

async fn the_url_that_was_kept_stands_in_no_history_and_in_no_log(app: &Application) -> Result<(), Trouble> {
    let _turn = TURN.lock().await;
    let name = "rendering-kept";
    app.script(name, Script::succeeds_after(millis(600)));
    let ended = app.run(name, json!([request(name)])).await?;
    assert_eq!(ended.status(), "SUCCEEDED", "{}", ended.cause());

    let wait = &app.waits_of(&ended.arn).await?[0];
    let kept: Value = serde_json::from_str(wait.text("kept").ok_or("nothing is kept on the wait")?)?;
    let url = kept["operation"].as_str().ok_or("the operation is not kept")?;
    let base = app.deployment.third_party.base_url();
    let (operation, key) = url.split_once("?key=").ok_or("the URL has no key")?;
    let job = wait.text("job_id").ok_or("no job on the wait")?;
    assert_eq!(operation, format!("{base}/v1/operations/{job}"));

    let history = serde_json::to_string(&ended.events)?;
    // It is all there, or nothing would be shown.
    assert!(history.contains(job));
    // By `Retry-After`, not by the file, which says 1.
    let submits: Vec<Value> = ended.events.iter().filter_map(answer_of_submit).collect();
    assert_eq!(submits.iter().map(|submit| submit["seconds"].clone()).collect::<Vec<_>>(), [json!(2)]);
    let lines = app.log_lines().await?;
    assert!(lines.iter().any(|(_, line)| line.contains(job)));
    for secret in [key, "/v1/operations/"] {
        assert!(!history.contains(secret), "the kept URL stands in the history");
        let found = lines.iter().find(|(_, line)| line.contains(secret));
        assert!(found.is_none(), "the kept URL stands in {found:?}");
    }
    Ok(())
}

/// What the submit function answered, if that is the event.
fn answer_of_submit(event: &Value) -> Option<Value> {
    let output = event["taskSucceededEventDetails"]["output"].as_str()?;
    let payload = serde_json::from_str::<Value>(output).ok()?["Payload"].take();
    (payload["action"] == "wait" && payload["job_id"].is_string()).then_some(payload)
}

async fn a_rendering_that_passes_its_deadline_is_called_off_by_the_url_that_was_kept(
    app: &Application,
) -> Result<(), Trouble> {
    let _turn = TURN.lock().await;
    let name = "rendering-expired";
    app.script(name, Script::never_ends());
    let arn = app.start(name, json!([request(name)])).await?;
    let wait = submitted(app, &arn).await?;
    let_time_pass(app, &wait).await?;
    let settled = app.invoke("Close", &timeout(&wait)?).await?;

    assert_eq!(settled["outcome"], "expired", "{settled}");
    // Without the key, which stands in the kept URL alone, it would not have counted.
    assert_eq!(app.deployment.third_party.seen(name).cancels, 1);
    let places = app.row(PLACES).await?.ok_or("nobody ever took a place")?;
    assert_eq!(places.members("holders"), Vec::<&str>::new());
    app.deployment.engine.states().stop_execution(&arn).await?;
    Ok(())
}

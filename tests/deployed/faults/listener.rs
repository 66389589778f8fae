//! The compiled listener, in a process of the test's own, with the variables that
//! the deployed one has and the same table and tasks; and its end.

use super::approved;
use super::hold::{Call, Hold, When};
use bytes::Bytes;
use serde_json::Value;
use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;
use stepwait_local::runtime::{Environment, LISTENER_LIMIT, Reply, function_url_event};
use stepwait_tests::{Application, Trouble};
use tokio::time::timeout;

/// It comes to the call within a second; the rest is for a machine that does much else.
const LONGEST: Duration = Duration::from_secs(60);

/// The number of SIGKILL (signal(7)).
const SIGKILL: i32 = 9;

/// Starts a listener that calls AWS at this endpoint.
pub(super) async fn start(app: &Application, endpoint: String) -> Result<Environment, Trouble> {
    let mut variables = app.deployment.engine.lambda().environment("WebhookFunction").await?;
    variables.insert("AWS_ENDPOINT_URL".to_owned(), endpoint);
    let executable = app.deployment.executables.get("webhook").ok_or("there is no listener")?;
    Ok(Environment::start(executable, &variables, LISTENER_LIMIT).await?)
}

/// A delivery that the job is approved, signed now.
pub(super) fn delivery(app: &Application, job: &str) -> Result<Bytes, Trouble> {
    let body = approved(job);
    let (id, now) = (format!("evt_of_{job}"), std::time::UNIX_EPOCH.elapsed()?.as_secs());
    let signature = app.deployment.third_party.webhook_secret().sign(&id, i64::try_from(now)?, body.as_bytes());
    let now = now.to_string();
    let signed = [("webhook-id", id.as_str()), ("webhook-signature", &signature), ("webhook-timestamp", &now)];
    Ok(Bytes::from(function_url_event("/webhooks/identity-check", &signed, &body).to_string()))
}

/// The HTTP status that it answers to a delivery, and what it answers besides.
pub(super) async fn answer(listener: &mut Environment, delivery: Bytes) -> Result<(u64, Value), Trouble> {
    let invocation = listener.invoke(vec![delivery], || {}).await?.pop().ok_or("there is no answer")?;
    let Reply::Response(said) = &invocation.reply else {
        return Err(format!("the listener failed: {:?}", invocation.reply).into());
    };
    let said: Value = serde_json::from_slice(said)?;
    Ok((said["statusCode"].as_u64().ok_or("the answer has no status")?, said))
}

/// Delivers to a listener that the job is approved, and kills its process when it
/// has come to the call that is picked, which is returned.
pub(super) async fn killed(
    app: &Application,
    job: &str,
    when: When,
    picks: impl Fn(&Call) -> bool + Send + Sync + 'static,
) -> Result<Call, Trouble> {
    let hold = Hold::start(app.deployment.engine.address(), when, picks).await?;
    let mut listener = start(app, hold.endpoint()).await?;
    let delivery = delivery(app, job)?;
    let call = tokio::select! {
        answered = answer(&mut listener, delivery) => {
            return Err(format!("the listener got past the call: {:?}", answered?).into());
        }
        held = timeout(LONGEST, hold.held()) => {
            held.map_err(|_| format!("the listener did not come to the call within {LONGEST:?}"))??
        }
    };
    let status = listener.kill().await?;
    assert_eq!(status.signal(), Some(SIGKILL), "{status}");
    Ok(call)
}

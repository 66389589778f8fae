//! The webhooks that belong to a conversation, and what each means.

use crate::Case;
use serde_json::{Value, json};
use stepwait_core::wait::{JobId, OutcomeKind};
use stepwait_core::webhook::{Delivery, Event, News, read_event};
use stepwait_tests::Trouble;
use stepwait_trial::RecordedEvent;

/// Which webhooks mean something else than the recording says, or another job.
pub(crate) fn differences(case: &Case, job_id: Option<&JobId>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (n, event) in (1..).zip(&case.fixture.events) {
        match means(case, event, job_id) {
            Ok(means) if means == event.means => {}
            Ok(means) => wrong.push(format!("event {n} means {means:?} and not {:?}", event.means)),
            Err(trouble) => wrong.push(format!("event {n}: {trouble}")),
        }
    }
    wrong
}

fn means(case: &Case, event: &RecordedEvent, job_id: Option<&JobId>) -> Result<&'static str, Trouble> {
    let callback = case.integration.callback.as_ref().ok_or("the file has no [callback]")?;
    let delivery = Delivery::from_event(json!({
        "rawPath": format!("/webhooks/{}", case.integration.name),
        "rawQueryString": event.query.as_deref().unwrap_or_default(),
        "headers": event.headers,
        "body": match &event.body {
            Value::Null => String::new(),
            // A form is written as the text that it is.
            Value::String(text) => text.clone(),
            json @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => json.to_string(),
        },
    }))?;
    Ok(match read_event(&case.integration, callback, &delivery)? {
        Event::Other => "ignored",
        Event::OfJob { job_id: named, .. } | Event::OfWait { named: Some(named), .. } if Some(&named) != job_id => {
            return Err(format!("it is of job {named}, and the conversation of {job_id:?}").into());
        }
        Event::OfJob { news, .. } | Event::OfWait { news, .. } => match news {
            News::Pending | News::Unlisted(_) => "pending",
            News::Look { .. } => "look",
            News::Ended(OutcomeKind::Succeeded { .. }) => "ended: succeeded",
            News::Ended(OutcomeKind::Failed { .. } | OutcomeKind::Expired { .. } | OutcomeKind::Cancelled { .. }) => {
                "ended: failed"
            }
        },
    })
}

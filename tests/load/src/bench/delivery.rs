//! Deliveries as a function URL hands them to its function.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use serde_json::{Value, json};
use stepwait_load::aws::End;
use stepwait_local::runtime::function_url_event;
use stepwait_local::scripted::WebhookSecret;

/// Signs deliveries, each with an id of its own.
#[derive(Debug)]
pub(super) struct Deliveries {
    secret: WebhookSecret,
    sent: AtomicU64,
}

impl Deliveries {
    pub(super) const fn signed_with(secret: WebhookSecret) -> Self {
        Self { secret, sent: AtomicU64::new(0) }
    }

    /// The event that a check was approved, signed now; about 1 KiB.
    pub(super) fn approved(&self, job_id: &str) -> Bytes {
        let document = |kind: &str| json!({ "kind": kind, "country": "GB", "valid": true, "expires": "2031-12-10" });
        let documents = ["passport", "driving licence", "residence permit", "utility bill"].map(document);
        let body = json!({
            "type": "check.completed",
            "data": {
                "check_id": job_id,
                "state": "approved",
                "report": {
                    "score": 97,
                    "applicant": "Ada Lovelace",
                    "documents": documents,
                    "watch_lists": { "sanctions": false, "politically_exposed": false, "adverse_media": false },
                },
            },
        });
        let body = body.to_string();
        let id = format!("msg_{}", self.sent.fetch_add(1, Ordering::Relaxed));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let signature = self.secret.sign(&id, i64::try_from(now).unwrap_or(i64::MAX), body.as_bytes());
        let now = now.to_string();
        let signed = [("webhook-id", id.as_str()), ("webhook-signature", &signature), ("webhook-timestamp", &now)];
        let event = function_url_event("/webhooks/identity-check", &signed, &body);
        Bytes::from(event.to_string())
    }
}

/// Whether a task was resumed with the result of that job.
pub(super) fn is_result_of(end: &End, job_id: &str) -> bool {
    let End::Success(output) = end else {
        return false;
    };
    serde_json::from_str::<Value>(output).is_ok_and(|settled| settled["job_id"] == job_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_success_that_names_the_job_is_its_result() {
        let end = End::Success(r#"{"outcome":"succeeded","job_id":"chk_1","output":"{}"}"#.to_owned());
        assert!(is_result_of(&end, "chk_1"));
        assert!(!is_result_of(&end, "chk_2"));
        assert!(!is_result_of(&End::Failure { error: "JobFailed".to_owned(), cause: "chk_1".to_owned() }, "chk_1"));
    }

    #[test]
    fn two_deliveries_of_one_event_differ_in_their_ids_and_signatures_alone() {
        let secret = WebhookSecret::parse(crate::bench::FORGERS_SECRET).unwrap();
        let deliveries = Deliveries::signed_with(secret);
        let read = |bytes: Bytes| serde_json::from_slice::<Value>(&bytes).unwrap();
        let [one, two] = [read(deliveries.approved("chk_1")), read(deliveries.approved("chk_1"))];
        assert_eq!(one["body"], two["body"]);
        assert_eq!((&one["headers"]["webhook-id"], &two["headers"]["webhook-id"]), (&json!("msg_0"), &json!("msg_1")));
        assert_ne!(one["headers"]["webhook-signature"], two["headers"]["webhook-signature"]);
    }
}

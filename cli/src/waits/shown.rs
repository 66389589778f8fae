//! A wait's row, as far as people and programs may see it.

use std::fmt::Write as _;

use serde_json::{Value, json};
use stepwait_core::Timestamp;
use stepwait_core::wait::transition::{Handover, handover};
use stepwait_core::wait::{Outcome, WaitRow};

/// The most characters of a reason that are shown; programs get all of them.
const MAX_REASON_CHARS: usize = 300;

/// For programs.
pub(super) fn as_json(row: &WaitRow) -> Value {
    json!({
        "id": row.id,
        "status": row.status,
        "integration": row.integration,
        "integration_digest": row.digest,
        "job_id": row.job_id,
        "execution_arn": row.execution_arn,
        "started_at": row.started_at,
        "submitted_at": row.submitted_at,
        "deadline": row.deadline,
        "submit_attempts": row.submit.as_ref().map_or(0, |mark| mark.attempts),
        "has_task": row.token.is_some(),
        "outcome": row.outcome,
        "delivery": delivery(row),
        "late": row.late,
        "due": row.due,
        "failures": row.failures,
        "refusals": row.refusals,
    })
}

/// For people.
pub(super) fn as_text(row: &WaitRow, now: Timestamp) -> String {
    let mut text = String::new();
    let mut line = |name: &str, what: &str| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name:>12}  {what}");
    };
    line("wait", row.id.as_str());
    line("status", row.status.as_str());
    line("on", row.integration.as_str());
    line("job", row.job_id.as_ref().map_or("none noted", |job_id| job_id.as_str()));
    line("execution", &row.execution_arn);
    line("began", &row.started_at.to_string());
    let is_over = if row.outcome.is_none() && row.deadline < now { ", which has passed" } else { "" };
    line("deadline", &format!("{}{is_over}", row.deadline));
    if let Some(outcome) = &row.outcome {
        line("outcome", &said(outcome));
    }
    line("delivery", delivery(row));
    for late in &row.late {
        line("later", &said(late));
    }
    if let Some(due) = row.due {
        line("due", &format!("from {due} the reconciler may look at it"));
    }
    if row.failures > 0 || row.refusals > 0 {
        line("trouble", &format!("{} looks in a row without a usable answer, {} refused", row.failures, row.refusals));
    }
    text.trim_end().to_owned()
}

fn delivery(row: &WaitRow) -> &'static str {
    match handover(row) {
        Handover::NoToken => "no task holds a token: a workflow that polls reads the outcome itself",
        Handover::Done => "the task has the outcome",
        Handover::NoOutcome => "there is no outcome yet",
        Handover::Send { .. } => "the task does not have the outcome yet",
    }
}

fn said(outcome: &Outcome) -> String {
    let what = match outcome.kind.failure() {
        None => "succeeded".to_owned(),
        Some((error, reason)) => format!("{error}: {}", reason.chars().take(MAX_REASON_CHARS).collect::<String>()),
    };
    format!("{what} (by {:?}, {})", outcome.source, outcome.at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use stepwait_core::TaskToken;
    use stepwait_core::wait::change::{Awaited, TakenJob};
    use stepwait_core::wait::memory::Memory;
    use stepwait_core::wait::{
        Capability, Change, Generation, Guarded, JobId, OutcomeKind, Registration, Source, WaitId,
    };

    fn row() -> WaitRow {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let integration = stepwait_core::integration::IntegrationName::parse("identity-check").unwrap();
        let id = WaitId::derive("arn:execution", &integration, "#0");
        let mine = Generation::from_u64(7);
        let registration = Registration {
            id: id.clone(),
            generation: mine,
            token: Some(TaskToken::new("the-task-token")),
            integration: integration.clone(),
            digest: "d1".to_owned(),
            started_at: at("2026-11-24T00:00:00Z"),
            deadline: at("2026-11-27T00:00:00Z"),
            execution_arn: "arn:execution".to_owned(),
            capability: Some(Capability::of(0xfeed_beef)),
            due_from: at("2026-11-24T00:05:00Z"),
        };
        let kept =
            [("upload_url".to_owned(), "https://kept.example.com/?signature=1".to_owned())].into_iter().collect();
        let job_id = JobId::parse("chk_1").unwrap();
        let taken = TakenJob { mine, operation: "op".to_owned(), job_id: job_id.clone(), kept };
        let outcome = Outcome {
            kind: OutcomeKind::cancelled("no longer wanted"),
            source: Source::Operator,
            at: at("2026-11-24T01:00:00Z"),
            pending_at: None,
            job_id: Some(job_id),
            event_id: None,
        };
        let claim = Change::Claim {
            integration,
            outcome: Box::new(outcome),
            operation: "op".to_owned(),
            awaited: Awaited::ByToken,
        };
        let mut table = Memory::default();
        for change in [Change::Register(Box::new(registration)), Change::Submitted(taken), claim] {
            assert!(matches!(table.update(&id, &change, at("2026-11-24T01:00:00Z")), Guarded::Applied(_)));
        }
        table.waits.remove(&id).unwrap()
    }

    #[test]
    fn a_wait_is_shown_like_this() {
        let text = as_text(&row(), "2026-11-24T01:00:05Z".parse().unwrap());
        let expected = "        wait  w-ID
      status  CANCELLED
          on  identity-check
         job  chk_1
   execution  arn:execution
       began  2026-11-24T00:00:00Z
    deadline  2026-11-27T00:00:00Z
     outcome  WaitCancelled: no longer wanted (by Operator, 2026-11-24T01:00:00Z)
    delivery  the task does not have the outcome yet
         due  from 2026-11-24T01:00:30Z the reconciler may look at it";
        assert_eq!(text, expected.replace("w-ID", row().id.as_str()));
    }

    #[test]
    fn neither_the_task_token_nor_the_capability_nor_what_was_kept_is_shown() {
        let row = row();
        let capability = row.capability.as_ref().map(|capability| capability.expose().to_owned()).unwrap();
        for shown in [as_json(&row).to_string(), as_text(&row, row.deadline)] {
            for secret in ["the-task-token", "kept.example.com", capability.as_str()] {
                assert!(!shown.contains(secret), "{secret} in {shown}");
            }
            assert!(shown.contains("chk_1"), "{shown}");
        }
    }
}

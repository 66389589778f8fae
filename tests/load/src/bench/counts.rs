//! What the services have counted, between two moments.

use std::time::Duration;

use stepwait_load::aws::Aws;

/// The attributes by which the table of waits notes a step of the protocol: the
/// nonce of a claim, which no two claims share even where they store the same
/// outcome; the event on the job's row; the mark of the delivery.
pub(super) const CLAIM: &str = "outcome_operation";
const EVENT: &str = "event";
const MARK: &str = "delivered_generation";

/// Counts since the services started, or between two moments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Claims that were applied.
    pub(super) claims: u64,
    /// Events that were kept or replaced.
    pub(super) kept: u64,
    /// Deliveries that were marked.
    pub(super) marked: u64,
    /// Tasks that were resumed.
    pub(super) resumed: u64,
    /// Calls to resume one, those that came too late included.
    pub(super) resume_calls: u64,
    /// Calls of DynamoDB and Step Functions.
    pub(super) calls: u64,
    /// The time that all calls took within the services.
    pub(super) time: Duration,
}

impl Counts {
    pub(super) fn of(aws: &Aws) -> Self {
        let calls = aws.calls();
        let number = |operation: &str| calls.get(operation).map_or(0, |calls| calls.count);
        let secrets = number("GetSecretValue");
        Self {
            claims: aws.tables().all_changes(CLAIM),
            kept: aws.tables().all_changes(EVENT),
            marked: aws.tables().all_changes(MARK),
            resumed: aws.tasks().ended(),
            resume_calls: number("SendTaskSuccess") + number("SendTaskFailure"),
            calls: calls.values().map(|calls| calls.count).sum::<u64>() - secrets,
            time: aws.time(),
        }
    }

    /// What was counted since an earlier moment.
    pub(super) fn since(self, earlier: Self) -> Self {
        Self {
            claims: self.claims - earlier.claims,
            kept: self.kept - earlier.kept,
            marked: self.marked - earlier.marked,
            resumed: self.resumed - earlier.resumed,
            resume_calls: self.resume_calls - earlier.resume_calls,
            calls: self.calls - earlier.calls,
            time: self.time.saturating_sub(earlier.time),
        }
    }
}

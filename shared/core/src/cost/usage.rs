//! What is counted, and what it comes to.

use super::prices::{EXPRESS_MEMORY, EXPRESS_REQUEST, LAMBDA_MEMORY, LAMBDA_REQUEST, Price, READ, TRANSITION, WRITE};

/// What waiting takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// State transitions of the Standard workflow.
    pub transitions: u64,
    /// Rounds of the Express workflow.
    pub express_requests: u64,
    /// Memory of those rounds, in megabyte-milliseconds.
    pub express_mb_ms: u64,
    /// Invocations of functions.
    pub lambda_requests: u64,
    /// Memory of those invocations, in megabyte-milliseconds.
    pub lambda_mb_ms: u64,
    /// Write units of DynamoDB.
    pub writes: u64,
    /// Read units of DynamoDB.
    pub reads: u64,
    /// Looks at the job.
    pub looks: u64,
    /// All requests to the third party: the submit, the looks, the result's and the one that calls off.
    pub requests: u64,
}

impl Usage {
    /// The usage of `n` waits like this one.
    #[must_use]
    pub const fn times(self, n: u64) -> Self {
        Self {
            transitions: self.transitions.saturating_mul(n),
            express_requests: self.express_requests.saturating_mul(n),
            express_mb_ms: self.express_mb_ms.saturating_mul(n),
            lambda_requests: self.lambda_requests.saturating_mul(n),
            lambda_mb_ms: self.lambda_mb_ms.saturating_mul(n),
            writes: self.writes.saturating_mul(n),
            reads: self.reads.saturating_mul(n),
            looks: self.looks.saturating_mul(n),
            requests: self.requests.saturating_mul(n),
        }
    }

    /// What it costs, in nano-dollars.
    #[must_use]
    pub fn nano_dollars(&self) -> u64 {
        self.bill().iter().fold(0, |sum, (units, price)| sum.saturating_add(price.of(*units)))
    }

    const fn bill(&self) -> [(u64, Price); 7] {
        [
            (self.transitions, TRANSITION),
            (self.express_requests, EXPRESS_REQUEST),
            (self.express_mb_ms, EXPRESS_MEMORY),
            (self.lambda_requests, LAMBDA_REQUEST),
            (self.lambda_mb_ms, LAMBDA_MEMORY),
            (self.writes, WRITE),
            (self.reads, READ),
        ]
    }
}

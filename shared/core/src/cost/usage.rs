//! What is counted, and what it comes to.

use super::assumed::{FUNCTION_MB, LOG_BYTES_OF_INVOCATION, LOG_BYTES_OF_LINE};
use super::prices::{Architecture, Item, Prices};
use std::time::Duration;

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
    /// Requests to an HTTP API in front of webhooks.
    pub http_api_requests: u64,
    /// Write units of DynamoDB.
    pub writes: u64,
    /// Read units of DynamoDB.
    pub reads: u64,
    /// Bytes of logs.
    pub log_bytes: u64,
    /// Operations of a Lambda durable function.
    pub durable_operations: u64,
    /// Bytes that a Lambda durable function writes.
    pub durable_bytes: u64,
    /// Looks at the job.
    pub looks: u64,
    /// All requests to the third party: the submit, the looks, the result's and the one that calls off.
    pub requests: u64,
}

impl Usage {
    /// The usage of `n` waits like this one.
    #[must_use]
    pub fn times(self, n: u64) -> Self {
        self.with(Self::default(), |mine, _| mine.saturating_mul(n))
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.with(other, u64::saturating_add)
    }

    /// The part of it that falls to `part` of `whole` waits, rounded up.
    pub(super) fn part(self, part: u64, whole: u64) -> Self {
        let whole = u128::from(whole.max(1));
        self.with(Self::default(), |mine, _| {
            u64::try_from((u128::from(mine) * u128::from(part)).div_ceil(whole)).unwrap_or(u64::MAX)
        })
    }

    fn with(self, other: Self, of: impl Fn(u64, u64) -> u64) -> Self {
        Self {
            transitions: of(self.transitions, other.transitions),
            express_requests: of(self.express_requests, other.express_requests),
            express_mb_ms: of(self.express_mb_ms, other.express_mb_ms),
            lambda_requests: of(self.lambda_requests, other.lambda_requests),
            lambda_mb_ms: of(self.lambda_mb_ms, other.lambda_mb_ms),
            http_api_requests: of(self.http_api_requests, other.http_api_requests),
            writes: of(self.writes, other.writes),
            reads: of(self.reads, other.reads),
            log_bytes: of(self.log_bytes, other.log_bytes),
            durable_operations: of(self.durable_operations, other.durable_operations),
            durable_bytes: of(self.durable_bytes, other.durable_bytes),
            looks: of(self.looks, other.looks),
            requests: of(self.requests, other.requests),
        }
    }

    /// Adds invocations of a function, each billed so long, that write so many lines
    /// to the log altogether beside Lambda's own.
    pub(super) fn invoke(&mut self, n: u64, billed: Duration, lines: u64) {
        self.lambda_requests += n;
        self.lambda_mb_ms += n * super::walk::milliseconds(billed) * FUNCTION_MB;
        self.log_bytes += n * LOG_BYTES_OF_INVOCATION + lines * LOG_BYTES_OF_LINE;
    }

    /// What it costs, in nano-dollars.
    #[must_use]
    pub fn nano_dollars(&self, prices: &Prices, architecture: Architecture) -> u64 {
        let of = |(item, units)| prices.of(item, units);
        self.bill(architecture).map(of).iter().fold(0, |sum, part| sum.saturating_add(*part))
    }

    /// What is billed.
    #[must_use]
    pub const fn bill(&self, architecture: Architecture) -> [(Item, u64); 11] {
        [
            (Item::Transition, self.transitions),
            (Item::ExpressRequest, self.express_requests),
            (Item::ExpressMemory, self.express_mb_ms),
            (Item::LambdaRequest, self.lambda_requests),
            (architecture.memory(), self.lambda_mb_ms),
            (Item::HttpApiRequest, self.http_api_requests),
            (Item::Write, self.writes),
            (Item::Read, self.reads),
            (Item::LogByte, self.log_bytes),
            (Item::DurableOperation, self.durable_operations),
            (Item::DurableByte, self.durable_bytes),
        ]
    }
}

//! What the model assumes where nothing can be counted.

use std::time::Duration;

/// How long each invocation of a function is billed, 100 ms: most of it is spent
/// waiting for the third party's answer.
pub const INVOCATION: Duration = Duration::from_millis(100);

/// The memory of each function in MB, as the template has it.
pub const FUNCTION_MB: u64 = 128;

/// The memory that an Express round is billed in MB: the least there is, as its
/// state holds no more than a few KB.
pub const ROUND_MB: u64 = 64;

/// What an Express round's duration is rounded up to: 100 ms, by AWS's price list.
pub const ROUND_STEP: Duration = Duration::from_millis(100);

/// Write units of a wait's row on the polled path, one: up to 1 KB with its outcome.
pub const ROW_UNITS: u64 = 1;

/// Write units of a wait's row that holds a task token, two: a token has
/// about a thousand characters, at most 2,048.
pub const TOKEN_ROW_UNITS: u64 = 2;

/// The same in words, for whoever reads the numbers.
pub const IN_WORDS: [&str; 5] = [
    "one request in each execution of the main workflow, nothing retried, nobody in line, each random delay at its mean",
    "each invocation billed 100 ms at the template's 128 MB on arm64; each Express round at 64 MB",
    "rows of up to 1 KB, with a task token of up to 2 KB; a result in one page of up to 1 KB",
    "the job begins when the submit returns; a webhook comes once, when the job ends",
    "not counted: free tiers, logs, traces, SNS, secrets, an HTTP API before webhooks, data transfer",
];

//! What the model assumes where nothing can be counted.

use std::time::Duration;

/// How long each invocation of a function is billed, 100 ms: most of it is spent
/// waiting for the third party's answer.
pub const INVOCATION: Duration = Duration::from_millis(100);

/// The memory of each function in MB, as the template has it.
pub const FUNCTION_MB: u64 = 128;

/// The memory of the reconciler in MB, as the template has it.
pub const RECONCILER_MB: u64 = 256;

/// The memory that an Express round is billed in MB: the least there is, as its
/// state holds no more than a few KB.
pub const ROUND_MB: u64 = 64;

/// What an Express round's duration is rounded up to: 100 ms, by AWS's price list.
pub const ROUND_STEP: Duration = Duration::from_millis(100);

/// The bytes that Lambda itself logs of an invocation, 700: its beginning and its
/// report as JSON, and the 26 bytes that are billed on top of each line.
pub const LOG_BYTES_OF_INVOCATION: u64 = 700;

/// The bytes of a line that a function logs, 250, with those 26.
pub const LOG_BYTES_OF_LINE: u64 = 250;

/// The bytes of a wait's entry in the reconciler's index, 350: its key and time,
/// where it stands, its integration and digest, three times, and the job's id.
pub const ENTRY_BYTES: u64 = 350;

/// How long a run of the reconciler takes that finds nothing, 60 ms: a row and an
/// empty page for each shard, all shards at a time.
pub const RUN: Duration = Duration::from_millis(60);

/// How long a run takes longer for each page of a shard, 25 ms: it is read, and
/// the place behind it kept.
pub const PAGE: Duration = Duration::from_millis(25);

/// How long a run takes longer for each entry, 25 microseconds: it is parsed, and
/// found to need nobody.
pub const ENTRY: Duration = Duration::from_micros(25);

/// How long a run takes for each look at the least, half a millisecond, however
/// many are under way at a time: a function of 256 MB has a seventh of a processor
/// (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>), which
/// is taken to be used up by 2,000 requests a second.
pub const LOOK: Duration = Duration::from_micros(500);

/// The same in words, for whoever reads the numbers.
pub const IN_WORDS: [&str; 6] = [
    "one request in each execution of the main workflow, nothing retried, nobody in line, each random delay at its mean",
    "each invocation billed 100 ms at the template's 128 MB on arm64; each Express round at 64 MB",
    "rows of up to 1 KB, with a task token of up to 2 KB; a result in one page of up to 1 KB; what indexes write",
    "the job begins when the submit returns; a webhook comes once, when the job ends",
    "a thousand waits are open at a time; the reconciler runs once a minute at 256 MB, and reads 350 bytes of each that has a task token",
    "not counted: free tiers, traces, SNS, secrets, an HTTP API before webhooks, storage, data transfer",
];

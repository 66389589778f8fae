//! How many calls a process has under way at a time, beside those of third
//! parties. A run of the reconciler works on hundreds of waits at once, and all of
//! them may end together: without a bound each would open a connection of its own
//! to each service, and Lambda allows a process 1,024 file descriptors
//! (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>). With
//! 512 third parties' connections, these leave a hundred for everything else. No
//! other function comes near them.

use tokio::sync::{Semaphore, SemaphorePermit};

/// Calls of DynamoDB, 256: at 5 ms each, 50,000 a second.
static TABLE: Semaphore = Semaphore::const_new(256);

/// Calls of Step Functions and of S3, 64 each: who waits for them has its outcome stored.
static TASKS: Semaphore = Semaphore::const_new(64);
static RESULTS: Semaphore = Semaphore::const_new(64);

/// Answers of third parties that are being read and have turned out large, 16:
/// each may have as many MB, which a function of 256 MB has not for hundreds.
static LARGE_ANSWERS: Semaphore = Semaphore::const_new(16);

/// Leave to do it, until dropped. None of them is ever closed.
pub(crate) type Leave = Option<SemaphorePermit<'static>>;

pub(crate) async fn call_table() -> Leave {
    TABLE.acquire().await.ok()
}

pub(crate) async fn call_tasks() -> Leave {
    TASKS.acquire().await.ok()
}

pub(crate) async fn keep_result() -> Leave {
    RESULTS.acquire().await.ok()
}

pub(crate) async fn read_large_answer() -> Leave {
    LARGE_ANSWERS.acquire().await.ok()
}

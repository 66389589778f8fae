//! How many calls a process has under way at a time, beside those of third
//! parties. A run of the reconciler works on hundreds of waits at once, and all of
//! them may end together: without a bound each would open a connection of its own
//! to each service, and Lambda allows a process 1,024 file descriptors
//! (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>). With
//! 512 third parties' connections, these leave a hundred for everything else. No
//! other function comes near them.

use std::sync::LazyLock;
use tokio::sync::{Semaphore, SemaphorePermit, watch};

/// Calls of DynamoDB, 256: at 5 ms each, 50,000 a second.
static TABLE: Semaphore = Semaphore::const_new(256);

/// Calls of Step Functions, 64: who waits for them has its outcome stored.
static TASKS: Semaphore = Semaphore::const_new(64);

/// Calls of S3, 16: each has a result of up to 2 MiB in memory.
static RESULTS: Semaphore = Semaphore::const_new(16);

/// Results that are being stored, or are there and wait for that.
static TO_KEEP: LazyLock<watch::Sender<usize>> = LazyLock::new(watch::Sender::default);

/// From how many of them on no further large answer is read, 16: else hundreds of
/// jobs that end together would have their results in memory while S3 is slow. Of
/// those that are read by then 16 may follow: in all, 32 results of 2 MiB at most.
const MOST_TO_KEEP: usize = 16;

/// Answers of third parties that are being read and have turned out large, 16:
/// with 2 MiB each that is an eighth of a function of 256 MB.
static LARGE_ANSWERS: Semaphore = Semaphore::const_new(16);

/// Results in pages that are being collected, 4: parsed, each may have 24 MiB, and
/// has it until its last page is there.
static PAGES: Semaphore = Semaphore::const_new(4);

/// Leave to do it, until dropped. None of them is ever closed.
pub(crate) type Leave = Option<SemaphorePermit<'static>>;

pub(crate) async fn call_table() -> Leave {
    TABLE.acquire().await.ok()
}

pub(crate) async fn call_tasks() -> Leave {
    TASKS.acquire().await.ok()
}

/// Leave to store a result; counted from the beginning, until dropped.
pub(crate) struct ToKeep {
    _leave: Leave,
    _counted: Counted,
}

struct Counted;

impl Counted {
    fn begin() -> Self {
        TO_KEEP.send_modify(|count| *count += 1);
        Self
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        TO_KEEP.send_modify(|count| *count -= 1);
    }
}

pub(crate) async fn keep_result() -> ToKeep {
    let counted = Counted::begin();
    ToKeep { _leave: RESULTS.acquire().await.ok(), _counted: counted }
}

pub(crate) async fn read_large_answer() -> Leave {
    let leave = LARGE_ANSWERS.acquire().await.ok();
    // Nobody closes it; whoever stores a result needs nothing that is held here.
    let _ = TO_KEEP.subscribe().wait_for(|count| *count < MOST_TO_KEEP).await;
    leave
}

pub(crate) async fn collect_pages() -> Leave {
    PAGES.acquire().await.ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::timeout;

    const MOMENT: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn no_large_answer_is_read_while_too_many_results_wait_to_be_stored() {
        let mut storing = Vec::new();
        for _ in 0..MOST_TO_KEEP {
            drop(read_large_answer().await);
            storing.push(keep_result().await);
        }
        // The next one waits for S3, and is counted already.
        let waiting = tokio::spawn(keep_result());
        assert!(timeout(MOMENT, read_large_answer()).await.is_err());
        storing.truncate(MOST_TO_KEEP - 1);
        assert!(timeout(MOMENT, read_large_answer()).await.is_err());
        drop(storing);
        drop(waiting.await.unwrap());
        assert!(read_large_answer().await.is_some());
    }
}

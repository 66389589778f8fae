//! The ways of waiting that are not ours, as people build them, each counted as
//! sparingly as it can be built: without a table of waits where none is needed,
//! without retries, without anything for what goes wrong.

use super::Usage;
use super::assumed::{ROUND_MB, ROUND_STEP};
use super::walk::milliseconds;
use std::time::Duration;

/// The states of a loop that each look adds: Wait, Task, Choice.
pub const LOOP_STATES: u64 = 3;

/// The states that each Express execution adds which is never left early: the Task
/// that runs it, and the Choice behind it.
pub const EXPRESS_STATES: u64 = 2;

/// How long such an execution lasts at most, 290 seconds: AWS ends it at 300.
pub const EXPRESS_LASTS: Duration = Duration::from_secs(290);

/// The state that holds a task token.
const TOKEN_STATES: u64 = 1;

/// Write units of a callback without more: its token is stored, its end noted, in a
/// row of up to 1 KB, and one more for the event.
const CALLBACK_WRITES: u64 = 3;

/// Read units of it: the token is found.
const CALLBACK_READS: u64 = 1;

/// Operations of a durable function beside its steps: its start and its end.
const DURABLE_FRAME: u64 = 2;

/// Operations of a durable function for a callback: it is created, and completed.
const DURABLE_CALLBACK: u64 = 2;

/// What a durable step writes, 1 KB.
const DURABLE_STEP_BYTES: u64 = 1_000;

/// The lines that a look logs.
const LINES: u64 = 1;

/// Looks by a function, each billed so long.
fn looks(n: u64, look: Duration) -> Usage {
    let mut usage = Usage { looks: n, requests: n, ..Usage::default() };
    usage.invoke(n, look, n * LINES);
    usage
}

/// A loop of the Standard workflow.
pub(super) fn standard_loop(n: u64, look: Duration) -> Usage {
    Usage { transitions: n * LOOP_STATES, ..looks(n, look) }
}

/// A Wait, and a Task that fails until the job has ended: each Retry is a transition.
pub(super) fn retry_loop(n: u64, look: Duration) -> Usage {
    Usage { transitions: n + 1, ..looks(n, look) }
}

/// Express executions one after the other, until a time in milliseconds.
pub(super) fn express_only(n: u64, until_ms: u64, look: Duration) -> Usage {
    let count = until_ms.div_ceil(milliseconds(EXPRESS_LASTS)).max(1);
    let step = milliseconds(ROUND_STEP);
    let express_mb_ms = until_ms.div_ceil(step) * step * ROUND_MB;
    Usage { transitions: count * EXPRESS_STATES, express_requests: count, express_mb_ms, ..looks(n, look) }
}

/// A task token, a table, and a listener behind an HTTP API.
pub(super) fn callback(listener: Duration) -> Usage {
    let mut usage = Usage {
        transitions: TOKEN_STATES,
        http_api_requests: 1,
        writes: CALLBACK_WRITES,
        reads: CALLBACK_READS,
        ..Usage::default()
    };
    usage.invoke(1, listener, LINES);
    usage
}

/// A durable function that looks, and is suspended between its looks.
pub(super) fn durable_polling(n: u64, look: Duration) -> Usage {
    Usage { durable_operations: DURABLE_FRAME + n, durable_bytes: n * DURABLE_STEP_BYTES, ..looks(n, look) }
}

/// A durable function that is suspended until a listener behind an HTTP API
/// completes its callback, and then goes on.
pub(super) fn durable_callback(listener: Duration) -> Usage {
    let mut usage = Usage { transitions: 0, ..callback(listener) };
    usage.invoke(1, listener, LINES);
    Usage { durable_operations: DURABLE_FRAME + DURABLE_CALLBACK, ..usage }
}

/// The submit by a state of its own.
pub(super) fn submit_by_state(submit: Duration) -> Usage {
    Usage { transitions: 1, ..submit_by_function(submit) }
}

/// The submit by a function that a state calls which is counted already.
pub(super) fn submit_by_function(submit: Duration) -> Usage {
    let mut usage = Usage { requests: 1, ..Usage::default() };
    usage.invoke(1, submit, LINES);
    usage
}

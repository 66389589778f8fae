//! A wait as it is stored, and the rules by which all who could finish it agree.
//!
//! Two ideas carry it. **Outcome first**: the first terminal outcome is written
//! to the wait's row by one conditional update, and only then is the task
//! resumed with it. (An attempt to submit that failed is reported to its task too,
//! so that Retry sees it; that is no end of the wait.) **A rendezvous row**: the row keyed
//! by the third party's own id is at once the link from that id to the wait and
//! the mailbox for an event that arrives before the link exists; whoever
//! updates it reads all of it back, so one side always sees the other.
//!
//! What may happen to a wait is a [`Change`](change::Change), which is a guarded
//! update as data ([`update`]); a store applies it or refuses it, and
//! [`transition`] says what follows, or why it was refused. [`memory`] is such a
//! store; the other is DynamoDB. [`due`] is how the reconciler finds its work.

mod capability;
pub mod change;
pub mod due;
mod generation;
mod id;
mod kept;
pub mod memory;
mod outcome;
mod row;
pub mod transition;
pub mod update;

pub use capability::Capability;
pub use change::{Awaited, Change};
pub use generation::Generation;
pub use id::{JobId, JobIdError, WaitId};
pub use kept::{Kept, MAX_KEPT_BYTES};
pub use outcome::{MAX_INLINE_BYTES, Outcome, OutcomeKind, Source, StoredResult};
pub use row::{Guarded, Registration, Rendezvous, Status, SubmitMark, WaitRow};

use std::time::Duration;

/// How long a wait's row is kept after its deadline, 14 days: late events are
/// still matched to it, and whoever was on holiday can still look at it.
pub const KEEP_AFTER_DEADLINE: Duration = Duration::from_hours(14 * 24);

/// Until when a link from a job's id to its wait is kept.
#[must_use]
pub fn kept_until(deadline: crate::Timestamp) -> crate::Timestamp {
    deadline.saturating_add(crate::duration::signed(KEEP_AFTER_DEADLINE)).unwrap_or(crate::Timestamp::MAX)
}

/// How long one attempt may hold the right to send the submit, 90 seconds:
/// longer than the submit function may run (60 s), so that a live attempt is
/// never joined by a second one.
pub const SUBMIT_LOCK: Duration = Duration::from_secs(90);

/// How long nobody else delivers an outcome that was just stored, 30 seconds:
/// whoever stored it does so at once, and the reconciler only what was left lying.
pub const DELIVERY_GRACE: Duration = Duration::from_secs(30);

/// How long after its deadline a wait that has not ended is closed by the
/// reconciler, 10 minutes: the workflow closes it itself, with retries that may
/// take that long, and only one that was stopped does not.
pub const CLOSE_GRACE: Duration = Duration::from_mins(10);

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
//! The store applies guarded updates ([`Guarded`]); the functions in
//! [`protocol`] say what follows from what came back.

mod generation;
mod id;
mod kept;
mod outcome;
pub mod protocol;
mod row;

pub use generation::Generation;
pub use id::{JobId, JobIdError, WaitId};
pub use kept::{Kept, MAX_KEPT_BYTES};
pub use outcome::{MAX_INLINE_BYTES, Outcome, OutcomeKind, Source, StoredResult};
pub use row::{Guarded, Registration, Rendezvous, Status, SubmitMark, WaitRow};

use std::time::Duration;

/// How long a wait's row is kept after its deadline, 14 days: late events are
/// still matched to it, and whoever was on holiday can still look at it.
pub const KEEP_AFTER_DEADLINE: Duration = Duration::from_hours(14 * 24);

/// How long one attempt may hold the right to send the submit, 90 seconds:
/// longer than the submit function may run (60 s), so that a live attempt is
/// never joined by a second one.
pub const SUBMIT_LOCK: Duration = Duration::from_secs(90);

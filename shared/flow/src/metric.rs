//! The names by which log lines are counted: each stands in the field `metric`,
//! and the template makes a metric of it, by integration; of a run of the
//! reconciler, one of each number that is worth an alarm.

/// A third party uses a status that its file does not list.
pub const UNLISTED_STATUS: &str = "unlisted_status";

/// A terminal event is kept for a job that is not known yet. One in a while is a
/// webhook that was faster than the answer to its submit; many are jobs that
/// nobody here started.
pub const EARLY_EVENT: &str = "early_event";

/// An outcome contradicts the one that is stored.
pub const CONTRADICTION: &str = "contradiction";

/// A delivery was refused: somebody forges, or a secret was rotated on one side only.
pub const DELIVERY_REFUSED: &str = "delivery_refused";

/// A terminal event came after its wait had ended without it.
pub const LATE_EVENT: &str = "late_event";

/// A run of the reconciler; the line's other fields are those of its summary.
pub const RECONCILED: &str = "reconciled";

/// Every one that is counted by integration.
pub const ALL: [&str; 5] = [UNLISTED_STATUS, EARLY_EVENT, CONTRADICTION, DELIVERY_REFUSED, LATE_EVENT];

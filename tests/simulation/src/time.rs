//! Virtual time: milliseconds since the world began.

use stepwait_core::Timestamp;

/// In milliseconds.
pub(crate) const SECOND: u64 = 1_000;
/// In milliseconds.
pub(crate) const MINUTE: u64 = 60 * SECOND;
/// In milliseconds.
pub(crate) const HOUR: u64 = 60 * MINUTE;
/// In milliseconds.
pub(crate) const DAY: u64 = 24 * HOUR;

/// When the world begins, 2026-11-23T12:00:00Z, in milliseconds since 1970.
const BEGAN_AT: i64 = 1_795_435_200_000;

/// The time that a clock shows which is off by so many milliseconds.
pub(crate) fn shown(now: u64, off_by: i64) -> Timestamp {
    Timestamp::from_millisecond(BEGAN_AT + i64::try_from(now).unwrap_or(i64::MAX / 2) + off_by).unwrap()
}

/// The world's time at which a right clock shows that; the beginning for all before it.
pub(crate) fn of(shown: Timestamp) -> u64 {
    u64::try_from(shown.as_millisecond() - BEGAN_AT).unwrap_or(0)
}

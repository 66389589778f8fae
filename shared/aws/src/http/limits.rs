//! How long an exchange may take.

use std::time::Duration;

/// The time limits of an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Until a connection is there, looking the name up and TLS included.
    pub connect: Duration,
    /// Until the answer's headers are there, counted from the beginning.
    pub first_byte: Duration,
    /// Until the whole answer is there, redirects included.
    pub whole: Duration,
    /// How long an idle connection is kept and used again.
    pub idle: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // One lost SYN is sent again within three seconds.
            connect: Duration::from_secs(5),
            // A server that has not begun by then will not end in time, and two
            // seconds are enough for the largest body that is read.
            first_byte: Duration::from_secs(8),
            // The check function may run 45 seconds, in which it may look at a job,
            // fetch its result and store it.
            whole: Duration::from_secs(10),
            // Servers close theirs after 5 seconds or more, and a function that was
            // frozen meanwhile must not send a submit into a connection that is gone.
            idle: Duration::from_secs(4),
        }
    }
}

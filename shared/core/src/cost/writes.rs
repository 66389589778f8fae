//! What the table of waits writes in a wait's life, in write units.
//!
//! An update is billed by the size of the whole row, and once more for each index
//! of which it changes an entry: one unit where an entry comes, changes or goes,
//! two where it moves, since one goes and one comes. Which change moves what is
//! decided by [`Change::update`](crate::wait::Change::update); a test plays each
//! list with it and compares.

/// Write units of a wait's row without a task token, one: up to 1 KB, its outcome included.
const PLAIN: u64 = 1;

/// Write units of a wait's row that holds a task token, two: a token has about a
/// thousand characters, at most 2,048, and the row about 1.5 KB.
const WITH_TOKEN: u64 = 2;

/// A write, and what it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Write {
    /// What is written.
    pub what: &'static str,
    /// Units for the item itself.
    pub item: u64,
    /// Units for its entries in the two indexes.
    pub entries: u64,
}

const fn write(what: &'static str, item: u64, entries: u64) -> Write {
    Write { what, item, entries }
}

/// The link from the job's id to its wait, a row of its own.
const LINKED: Write = write("the job's id is linked", 1, 0);

/// A submit whose task holds a token.
pub const SUBMIT_WITH_TOKEN: [Write; 4] = [
    write("registered, in both indexes", WITH_TOKEN, 2),
    write("the right to send is taken", WITH_TOKEN, 0),
    LINKED,
    write("the job is noted", WITH_TOKEN, 1),
];

/// The end of a wait whose task holds a token.
pub const END_WITH_TOKEN: [Write; 2] = [
    write("the outcome is stored, and due to be delivered", WITH_TOKEN, 2),
    write("delivered, and due no more", WITH_TOKEN, 1),
];

/// A submit whose workflow polls itself.
pub const SUBMIT_POLLED: [Write; 4] = [
    write("registered, in both indexes", PLAIN, 2),
    write("the right to send is taken", PLAIN, 0),
    LINKED,
    write("the job is noted", PLAIN, 1),
];

/// The end of a wait whose workflow polls itself.
pub const END_POLLED: [Write; 1] = [write("the outcome is stored, and due no more", PLAIN, 1)];

/// The end of a wait that its workflow closes though its task held a token.
pub const CLOSED_WITH_TOKEN: [Write; 1] = [write("the outcome is stored, and due no more", WITH_TOKEN, 1)];

/// An event is kept beside its job's link.
pub const EVENT_KEPT: [Write; 1] = [write("the event is kept", 1, 0)];

/// Units of all these writes.
#[must_use]
pub const fn units(writes: &[Write]) -> u64 {
    let (mut sum, mut n) = (0, 0);
    while n < writes.len() {
        sum += writes[n].item + writes[n].entries;
        n += 1;
    }
    sum
}

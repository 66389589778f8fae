//! Mistakes that can be built into the simulated table, the world, and the workflows, to
//! see that the rules notice them.

/// One mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// The last outcome to be stored wins, not the first.
    LastClaimWins,
    /// Whoever meets at the rendezvous row is not shown the event that waits there.
    MailboxNotRead,
    /// An event is acknowledged and not kept.
    MailNotKept,
    /// A delivery is marked also where a later attempt has taken over.
    DeliveredWhateverAttempt,
    /// An attempt takes over also where a later one has.
    EarlierAttemptTakesOver,
    /// The right to send is given to everybody.
    LockIgnored,
    /// A job's id is linked again to whoever comes last.
    LastBindWins,
    /// A wait whose outcome is stored leaves the reconciler's index before it is delivered.
    LeavesIndexEarly,
    /// Nobody reconciles.
    NoReconciler,
    /// A workflow of one's own makes a wait's key without its place in the Map.
    KeyWithoutPlace,
    /// A workflow of one's own makes a wait's key anew for each attempt.
    KeyOfEachAttempt,
    /// Rounds hand on how often they looked, and not since when the job is there.
    SubmitTimeForgotten,
}

impl Mistake {
    /// Every mistake.
    pub const ALL: [Self; 12] = [
        Self::LastClaimWins,
        Self::MailboxNotRead,
        Self::MailNotKept,
        Self::DeliveredWhateverAttempt,
        Self::EarlierAttemptTakesOver,
        Self::LockIgnored,
        Self::LastBindWins,
        Self::LeavesIndexEarly,
        Self::NoReconciler,
        Self::KeyWithoutPlace,
        Self::KeyOfEachAttempt,
        Self::SubmitTimeForgotten,
    ];
}

//! Mistakes that can be seeded into the protocol, to see that the checker finds them.

/// A mistake in the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mistake {
    /// An event for a job that is not known yet is answered with 2xx and dropped.
    NoMailbox,
    /// Binding does not look whether an event was there first.
    MailboxNotRead,
    /// The listener resumes the task before it stores the outcome.
    SendBeforePersist,
    /// Storing an outcome overwrites the one that is stored.
    LastWriteWins,
    /// A delivery is noted as seen before it is worked on, and its duplicate answered with 2xx.
    DedupeBeforeWork,
    /// `Close` expires the wait without a last look.
    BlindExpire,
    /// `Close` overwrites a stored outcome.
    CloseOverwrites,
    /// The listener sends with the token that it read before it stored the
    /// outcome, and marks the delivery for the attempt that it read after.
    StaleToken,
    /// The key of a rendezvous row is the job's id alone.
    NoIntegrationInKey,
    /// An overtaken attempt stores its token and generation over the newer ones.
    UnfencedTokenWrite,
    /// The listener answers with 2xx before the event is stored.
    AcknowledgeBeforePersist,
    /// Nothing looks for what others have left.
    NoReconciler,
    /// The mark of a delivery is written whatever the generation is by then.
    UnconditionalDeliveredMark,
    /// The delivery is marked before the outcome is sent.
    MarkBeforeSend,
    /// Who lost the race to store an outcome sends its own.
    LoserSendsItsOwn,
    /// Attempts send without taking the right to.
    NoSubmitIntent,
    /// An attempt sends although an earlier one may have, and no key keeps the jobs one.
    ResendBlindly,
    /// `Close` makes no row where there is none.
    CloseLeavesAbsent,
    /// `Close` cancels the job before it stores that the wait was given up.
    CallOffBeforeMark,
    /// An attempt that finds the wait closed does not call its job off.
    NoCallOff,
    /// Binding takes a job from the wait that it is bound to.
    BindBlindly,
    /// A duplicate is acknowledged because an event is in the mailbox, whatever became of it.
    DuplicateStopsAtMailbox,
    /// Storing the outcome takes the wait out of the reconciler's index.
    ClaimLeavesIndex,
}

impl Mistake {
    /// Every mistake.
    pub const ALL: [Self; 23] = [
        Self::NoMailbox,
        Self::MailboxNotRead,
        Self::SendBeforePersist,
        Self::LastWriteWins,
        Self::DedupeBeforeWork,
        Self::BlindExpire,
        Self::CloseOverwrites,
        Self::StaleToken,
        Self::NoIntegrationInKey,
        Self::UnfencedTokenWrite,
        Self::AcknowledgeBeforePersist,
        Self::NoReconciler,
        Self::UnconditionalDeliveredMark,
        Self::MarkBeforeSend,
        Self::LoserSendsItsOwn,
        Self::NoSubmitIntent,
        Self::ResendBlindly,
        Self::CloseLeavesAbsent,
        Self::CallOffBeforeMark,
        Self::NoCallOff,
        Self::BindBlindly,
        Self::DuplicateStopsAtMailbox,
        Self::ClaimLeavesIndex,
    ];
}

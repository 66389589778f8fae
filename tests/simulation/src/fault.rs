//! What can go wrong, and where: the two axes of the table of coverage.

use stepwait_core::wait::Change;
use stepwait_core::wait::update::Meeting;

/// An enum whose variants are counted and have names.
macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($variant:ident $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $(#[doc = $text] $variant,)+ }

        impl $name {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// What it is called in traces and tables.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// Its place in a table.
            #[must_use]
            pub const fn index(self) -> usize {
                self as usize
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }
    };
}

named! {
    /// What goes wrong at one effect.
    Fault {
        CrashBefore "crash before",
        CrashAfter "crash after",
        LostAnswer "answer lost",
        NotDone "not done",
        Twice "applied twice",
        Hang "hangs",
        Throttled "throttled",
        Stale "shows the past",
    }
}

named! {
    /// One call of a port.
    Effect {
        Register "register",
        BeginSubmit "begin submit",
        ReleaseSubmit "release submit",
        MarkUnknown "mark submit unknown",
        MarkSubmitted "mark submitted",
        NoteJob "note job of ended wait",
        Claim "claim",
        KeepLate "keep late",
        MarkDelivered "mark delivered",
        Postpone "postpone",
        Bind "bind",
        Mail "mail",
        ReadRendezvous "read rendezvous",
        Read "read",
        ReadBegun "read what was begun",
        ReadDue "read due",
        ReadExecution "read execution",
        ReadSweep "read sweep",
        KeepSweep "keep sweep",
        Pin "pin",
        PinUnplanned "pin without a plan",
        ReadPin "read pin",
        KeepResult "keep result",
        ReadGate "read gate",
        PassGate "pass gate",
        TurnGate "turn gate",
        TakePlace "take place",
        LeavePlace "leave place",
        ReadSecret "read secret",
        Heartbeat "heartbeat",
        Resume "resume",
        SendSubmit "send submit request",
        SendLookUp "send look-up request",
        SendStatus "send status request",
        SendCancel "send cancel request",
    }
}

named! {
    /// What goes wrong with a whole run of a step.
    Mishap {
        NotStarted "not started",
        GivenUp "given up while it runs",
        Doubled "run twice",
        Slow "runs out of time",
    }
}

named! {
    /// Whatever runs as one process; a round is an Express execution.
    Step {
        Prepare "prepare",
        Submit "submit",
        SubmitUnplanned "submit without a plan",
        SubmitInRound "submit in a round",
        Round "round",
        Check "check",
        Close "close",
        CloseUnplanned "close without a plan",
        Receive "receive",
        Reconcile "reconcile",
        Stopped "close what was stopped",
        Finish "end by hand",
    }
}

named! {
    /// Cases that must come up, or the rules about them hold for nothing.
    Witness {
        EarlyEvent "an event before the submit's answer",
        UnboundMail "an event kept for a job that is not known yet",
        MailMet "a submit that found an event waiting",
        Contradiction "an event that contradicts the stored outcome",
        Duplicate "an event that was acknowledged before",
        Overtaken "an event received before an older one",
        LastDeliveryLost "a sender that gave up",
        LostAttempt "an attempt with a token that is out of date",
        SecondAttempt "a second attempt to submit",
        LockHeld "an attempt that found the right to send taken",
        LookedUp "a job found by looking it up",
        IdOfAnother "a job id that belongs to another wait",
        SameIdElsewhere "one job id at two third parties",
        GoneToken "an outcome sent with a token of no use",
        Redelivered "an outcome sent again with a new token",
        ByReconciler "a wait ended by the reconciler's look",
        ClosedByReconciler "a wait closed by the reconciler",
        DeliveredByReconciler "an outcome delivered by the reconciler",
        StoredWins "a close that found an outcome stored",
        Expired "a wait that expired",
        ByHand "a wait ended by hand",
        ExecutionStopped "an execution stopped from outside",
        StopMissed "a stop that nobody was told of",
        Deployed "a wait on a version that is no longer deployed",
        OverlappingRuns "two runs of the reconciler at a time",
        SweepContinued "a sweep that a later run went on with",
        SweepOvertaken "a sweep whose place another run had kept",
        ZombieActed "an effect of a process that was given up",
        ActedAfterItsEnd "an effect applied after its process had ended",
        ClockWasOff "a process whose clock was off by over a second",
        SubmitUnknown "a submit of which nobody knows whether it arrived",
        AtCapacity "a submit that stood in line",
        RoundRanOn "a round that ran on without its workflow",
        RoundFailed "a round that failed",
        LargeResult "a result stored apart",
        HeardAlive "a task that was told its job is under way",
        HeartbeatMissed "a task whose third party fell silent",
        CloseFailed "a wait that its workflow could not close",
        ApartByPlace "two waits of one workflow that differ by their places",
        BegunBefore "a submit without a plan whose wait was begun before",
        ClosedUnbegun "a wait closed that nobody had begun",
        SubmittedAgain "a submit that another round repeated",
        ShorterThanMade "a wait of less time than its states were made for",
        RoundInLine "a round that stood in line",
        RoundRefused "a round whose submit was refused",
        FoundByPlan "a job found by its plan",
        FoundBehindPlan "a job found behind all times of its plan",
        LookedByChance "a look by chance where a plan looks at nothing",
        LookPutOff "a look that a third party put off",
    }
}

impl Effect {
    /// The effect that a change of a wait is.
    pub(crate) const fn of_change(change: &Change) -> Self {
        match change {
            Change::Register(_) => Self::Register,
            Change::BeginSubmit { .. } => Self::BeginSubmit,
            Change::ReleaseSubmit { .. } => Self::ReleaseSubmit,
            Change::SubmitUnknown { .. } => Self::MarkUnknown,
            Change::Submitted(_) => Self::MarkSubmitted,
            Change::NoteJob(_) => Self::NoteJob,
            Change::Claim { .. } => Self::Claim,
            Change::KeepLate(_) => Self::KeepLate,
            Change::Delivered { .. } => Self::MarkDelivered,
            Change::Postpone { .. } => Self::Postpone,
        }
    }

    /// The effect that a read of a wait is: a step without a plan begins by finding out
    /// whether another attempt has begun the wait.
    pub(crate) const fn of_read(step: Step, is_first: bool) -> Self {
        if is_first && step.is_unplanned() { Self::ReadBegun } else { Self::Read }
    }

    /// The effect that keeping a version is: where there is no plan, the submit keeps it.
    pub(crate) const fn of_pin(step: Step) -> Self {
        if step.is_unplanned() { Self::PinUnplanned } else { Self::Pin }
    }

    /// The effect that a meeting is.
    pub(crate) const fn of_meeting(meeting: &Meeting) -> Self {
        match meeting {
            Meeting::Bind { .. } => Self::Bind,
            Meeting::Mail { .. } => Self::Mail,
        }
    }
}

impl Fault {
    /// Those that are drawn for an effect; the others are ways of the world.
    pub(crate) const DRAWN: [Self; 6] =
        [Self::CrashBefore, Self::CrashAfter, Self::LostAnswer, Self::NotDone, Self::Twice, Self::Hang];

    /// Why the fault cannot happen to the effect.
    #[must_use]
    pub fn impossible(self, effect: Effect) -> Option<&'static str> {
        let is_index = matches!(effect, Effect::ReadDue | Effect::ReadExecution);
        let is_task = matches!(effect, Effect::Resume | Effect::Heartbeat);
        match self {
            Self::Stale if !is_index => Some("all other reads are consistent, and writes show nothing"),
            Self::Throttled if !is_task => Some("only Step Functions' bucket is simulated; elsewhere it is `not done`"),
            Self::CrashBefore
            | Self::CrashAfter
            | Self::LostAnswer
            | Self::NotDone
            | Self::Twice
            | Self::Hang
            | Self::Throttled
            | Self::Stale => None,
        }
    }
}

impl Step {
    /// Whether it begins or ends a wait that has no plan.
    pub(crate) const fn is_unplanned(self) -> bool {
        matches!(self, Self::SubmitUnplanned | Self::SubmitInRound | Self::CloseUnplanned)
    }

    /// Whether it submits.
    pub(crate) const fn submits(self) -> bool {
        matches!(self, Self::Submit | Self::SubmitUnplanned | Self::SubmitInRound)
    }
}

impl Mishap {
    /// Why the mishap cannot happen to the step.
    #[must_use]
    pub const fn impossible(self, step: Step) -> Option<&'static str> {
        match (self, step) {
            (Self::Doubled, Step::Round) => Some("a round that is started again was given up before"),
            (Self::Slow, Step::Round) => Some("a round has no work of its own; its checks have"),
            (Self::GivenUp, Step::Reconcile | Step::Stopped) => Some("nobody waits for what an event starts"),
            (Self::GivenUp | Self::Slow, Step::Finish) => Some("a person waits as long as it takes"),
            (Self::NotStarted, Step::Finish) => Some("what a person does not do is no run"),
            (
                Self::NotStarted | Self::GivenUp | Self::Doubled | Self::Slow,
                Step::Prepare
                | Step::Submit
                | Step::SubmitUnplanned
                | Step::SubmitInRound
                | Step::Round
                | Step::Check
                | Step::Close
                | Step::CloseUnplanned
                | Step::Receive
                | Step::Reconcile
                | Step::Stopped
                | Step::Finish,
            ) => None,
        }
    }
}

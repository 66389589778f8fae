//! What must be reached in some state, so that no rule holds for want of a case.

use crate::configuration::{JobIds, Repetition};
use crate::machine::Protocol;
use crate::properties::is_pending;
use crate::state::{Course, End, JobNumber, Process, Status, World};
use crate::{Operation, Who};

/// An interleaving that matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Witness {
    /// An event is in the mailbox before its job is bound.
    EventBeforeBind,
    /// Binding finds an event and goes on to claim with it.
    EventFoundByBind,
    /// An overtaken attempt was refused and stopped.
    OvertakenStops,
    /// An overtaken attempt claims with the event that it found.
    OvertakenClaims,
    /// Who lost the race delivers a stored outcome that contradicts its own.
    LostWithContradiction,
    /// An outcome is sent again as the task has a new token.
    DeliveredAgain,
    /// The generation moved between sending and marking.
    MovedUnderDelivery,
    /// A token is sent an outcome after its attempt was over.
    SentToGoneToken,
    /// Two listeners want to claim at the same time.
    TwoListenersClaim,
    /// A delivery meets a wait that has ended.
    DeliveryMeetsEnd,
    /// `Close` returns an outcome that another stored.
    CloseReturnsStored,
    /// The last look finds that the job has ended.
    LastLookFindsEnd,
    /// `Close` comes before any attempt registered.
    CloseBeforeRegister,
    /// An attempt finds its wait closed, and calls its job off.
    LateAttemptCallsOff,
    /// The event of a job that we called off comes in.
    EchoOfCancelling,
    /// An attempt finds the right to send taken.
    LockHeld,
    /// An attempt sends again what an earlier one may have sent.
    SentAgain,
    /// An attempt finds the job by asking the third party.
    FoundByLookUp,
    /// The fate of a submit is unknown.
    FateUnknown,
    /// A wait ends because its job belongs to another.
    JobIdTaken,
    /// Both waits end well though their jobs' ids are the same text.
    SameTextBothSucceed,
    /// The reconciler delivers what another stored.
    ReconcilerDelivers,
    /// The reconciler stores the end of a job.
    ReconcilerEnds,
    /// The reconciler closes a wait past its deadline.
    ReconcilerExpires,
    /// A wait ends by hand.
    EndedByHand,
    /// A check returns an outcome.
    CheckReturns,
    /// A wait whose execution was stopped is closed.
    StoppedIsClosed,
    /// At rest a wait is pending on a job that is under way.
    RestsPending,
    /// At rest every wait is over.
    RestsOver,
}

impl Witness {
    /// Every witness.
    pub const ALL: [Self; 29] = [
        Self::EventBeforeBind,
        Self::EventFoundByBind,
        Self::OvertakenStops,
        Self::OvertakenClaims,
        Self::LostWithContradiction,
        Self::DeliveredAgain,
        Self::MovedUnderDelivery,
        Self::SentToGoneToken,
        Self::TwoListenersClaim,
        Self::DeliveryMeetsEnd,
        Self::CloseReturnsStored,
        Self::LastLookFindsEnd,
        Self::CloseBeforeRegister,
        Self::LateAttemptCallsOff,
        Self::EchoOfCancelling,
        Self::LockHeld,
        Self::SentAgain,
        Self::FoundByLookUp,
        Self::FateUnknown,
        Self::JobIdTaken,
        Self::SameTextBothSucceed,
        Self::ReconcilerDelivers,
        Self::ReconcilerEnds,
        Self::ReconcilerExpires,
        Self::EndedByHand,
        Self::CheckReturns,
        Self::StoppedIsClosed,
        Self::RestsPending,
        Self::RestsOver,
    ];

    /// Its bit in a set.
    pub(crate) const fn bit(self) -> u64 {
        1 << self as u64
    }

    /// Whether a state shows it.
    pub(crate) fn is_seen(self, protocol: &Protocol, world: &World) -> bool {
        let c = protocol.configuration();
        let deliverer =
            |test: fn(&Process, &World) -> bool| protocol.deliverers().any(|who| test(world.process(who), world));
        let submit = |test: fn(&Process, u8, &World) -> bool| {
            protocol.attempts().any(|(who, attempt)| test(world.process(who), attempt, world))
        };
        let any_row = |test: fn(&crate::state::Row) -> bool| world.rows.iter().any(test);
        match self {
            Self::EventBeforeBind => world.rendezvous.iter().any(|row| row.event.is_some() && row.wait.is_none()),
            Self::EventFoundByBind => submit(|p, _, _| p.at == Operation::Claim && is_event(p)),
            Self::OvertakenStops => submit(|p, _, _| p.at == Operation::Superseded),
            Self::OvertakenClaims => submit(|p, attempt, world| {
                p.at == Operation::Claim && is_event(p) && attempt < world.tasks[usize::from(p.wait)].attempt
            }),
            Self::LostWithContradiction => deliverer(|p, _| {
                let ends = (p.carried.map(|mine| mine.end), p.seen.outcome.map(|stored| stored.end));
                p.at == Operation::Send && ends.0.is_some() && ends.0 != ends.1
            }),
            Self::DeliveredAgain => deliverer(|p, _| p.at == Operation::Send && p.seen.delivered != 0),
            Self::MovedUnderDelivery => deliverer(|p, world| {
                p.at == Operation::MarkDelivered && world.rows[usize::from(p.wait)].generation != p.seen.generation
            }),
            Self::SentToGoneToken => deliverer(|p, world| {
                p.at == Operation::Send && world.tasks[usize::from(p.wait)].attempt != p.seen.token
            }),
            Self::TwoListenersClaim => world.listeners.iter().all(|p| p.at == Operation::Claim),
            Self::DeliveryMeetsEnd => world
                .listeners
                .iter()
                .any(|p| p.at == Operation::Claim && world.rows[usize::from(p.wait)].status == Status::Ended),
            Self::CloseReturnsStored => world
                .closes
                .iter()
                .any(|p| p.at == Operation::Return && p.seen.outcome.is_some_and(|outcome| !outcome.end.is_given_up())),
            Self::LastLookFindsEnd => world.closes.iter().any(|p| p.at == Operation::Claim && is_event(p)),
            Self::CloseBeforeRegister => world.closes.iter().any(|p| p.at == Operation::Register),
            Self::LateAttemptCallsOff => submit(|p, _, _| p.at == Operation::CallOff),
            Self::EchoOfCancelling => world
                .listeners
                .iter()
                .any(|p| p.at == Operation::Mail && p.carried.is_some_and(|event| event.end == End::CalledOff)),
            Self::LockHeld => submit(|p, attempt, world| {
                let row = &world.rows[usize::from(p.wait)];
                p.at == Operation::Report && !p.is_final && row.is_locked && row.operation != attempt
            }),
            Self::SentAgain => {
                submit(|p, _, world| p.at == Operation::Post && world.rows[usize::from(p.wait)].begun > 1)
            }
            Self::FoundByLookUp => {
                c.repetition == Repetition::LookUp
                    && submit(|p, _, world| p.at == Operation::Bind && world.rows[usize::from(p.wait)].begun > 1)
            }
            Self::FateUnknown => any_row(|row| row.status == Status::Unknown),
            Self::JobIdTaken => any_row(|row| row.outcome.is_some_and(|outcome| outcome.end == End::JobIdTaken)),
            Self::SameTextBothSucceed => {
                c.ids == JobIds::SameTextTwice
                    && world.tasks.iter().all(|task| task.resumed.is_some_and(|with| with.end == End::Succeeded))
            }
            Self::ReconcilerDelivers => world.reconciler.at == Operation::Send && world.reconciler.carried.is_none(),
            Self::ReconcilerEnds => world.reconciler.at == Operation::Claim && is_event(&world.reconciler),
            Self::ReconcilerExpires => {
                world.reconciler.at == Operation::Claim
                    && world.reconciler.carried.is_some_and(|outcome| outcome.end == End::Overdue)
            }
            Self::EndedByHand => any_row(|row| row.outcome.is_some_and(|outcome| outcome.end == End::ByHand)),
            Self::CheckReturns => world.checks.iter().any(|p| p.at == Operation::Return),
            Self::StoppedIsClosed => {
                let is_stopped = world.tasks[0].course == Course::Stopped;
                is_stopped && world.rows[0].outcome.is_some_and(|outcome| outcome.end == End::Overdue)
            }
            Self::RestsPending => {
                let is_waited_for = |job: &JobNumber| {
                    let known = &world.jobs[job.index()];
                    known.is_started && known.end.is_none() && is_pending(world, job.wait())
                };
                JobNumber::ALL.iter().any(is_waited_for) && protocol.is_at_rest(world, true)
            }
            Self::RestsOver => {
                let tasks = &world.tasks[..usize::from(c.waits)];
                tasks.iter().all(|task| matches!(task.course, Course::Over(_))) && protocol.is_at_rest(world, true)
            }
        }
    }
}

/// Whether what a process carries says how a job ended.
fn is_event(p: &Process) -> bool {
    p.carried.is_some_and(|outcome| matches!(outcome.end, End::Succeeded | End::Failed))
}

impl Protocol {
    /// All who deliver outcomes.
    fn deliverers(&self) -> impl Iterator<Item = Who> {
        self.processes().iter().copied().filter(|who| match who {
            Who::Submit { .. } | Who::Listener(_) | Who::Reconciler | Who::Operator => true,
            Who::Check { .. } | Who::Close { .. } => false,
        })
    }

    /// All attempts to submit, with their numbers.
    fn attempts(&self) -> impl Iterator<Item = (Who, u8)> {
        self.processes().iter().filter_map(|&who| match who {
            Who::Submit { attempt, .. } => Some((who, attempt)),
            Who::Listener(_) | Who::Check { .. } | Who::Close { .. } | Who::Reconciler | Who::Operator => None,
        })
    }
}

//! Outcome first: store it, send the stored one, mark it. Shared by all who end a wait.

use crate::configuration::{Configuration as C, Strategy};
use crate::state::{Outcome, Process, Seen, World};
use crate::{Answer, Mistake, Operation, Who};

/// What a process does that has delivered what there was to deliver.
fn after_delivery(who: Who) -> Operation {
    match who {
        Who::Submit { .. } | Who::Check { .. } | Who::Close { .. } => Operation::Return,
        Who::Listener(_) => Operation::Acknowledge,
        Who::Reconciler => Operation::Idle,
        Who::Operator => Operation::Over,
    }
}

/// Stores what the process carries; `None` if it learns nothing, else what it read back.
pub(crate) fn claim(c: &C, world: &mut World, who: Who, p: &Process, answer: Answer) -> Option<Seen> {
    let mine = p.carried?;
    let overwrites =
        c.has(Mistake::LastWriteWins) || (c.has(Mistake::CloseOverwrites) && matches!(who, Who::Close { .. }));
    let is_workflow = match who {
        Who::Submit { .. } => c.strategy == Strategy::Poll,
        Who::Check { .. } | Who::Close { .. } => true,
        Who::Listener(_) | Who::Reconciler | Who::Operator => false,
    };
    let is_to_deliver = !is_workflow && !c.has(Mistake::ClaimLeavesIndex);
    let row = answer.of(|| world.rows[usize::from(p.wait)].claim(mine, is_to_deliver, overwrites))?;
    let mut seen = Seen::from(row);
    if c.has(Mistake::LoserSendsItsOwn) {
        seen.outcome = Some(mine);
    }
    Some(seen)
}

/// Goes on to deliver what was read back, if a task holds a token and has not been resumed.
/// The reconciler and a person take a wait out of the index that has nothing left to deliver.
pub(crate) fn hand_over(c: &C, who: Who, p: &mut Process, seen: Seen) {
    let takes_out = matches!(who, Who::Reconciler | Who::Operator);
    p.seen = seen;
    p.at = match (is_due(&seen), c.has(Mistake::MarkBeforeSend)) {
        (true, false) => Operation::Send,
        (true, true) => Operation::MarkDelivered,
        (false, _) if takes_out => Operation::MarkDelivered,
        (false, _) => end(p, after_delivery(who)),
    };
}

/// Whether a task holds a token and has not been resumed.
fn is_due(seen: &Seen) -> bool {
    seen.outcome.is_some() && seen.token != 0 && seen.delivered != seen.generation
}

/// Sends; `None` if the process learns nothing.
pub(crate) fn send(c: &C, world: &mut World, who: Who, p: &mut Process, answer: Answer) -> Option<()> {
    let outcome: Outcome = p.seen.outcome?;
    let (wait, token) = (usize::from(p.wait), p.seen.token);
    answer.of(|| world.resume(wait, token, outcome))?;
    let is_early = c.has(Mistake::SendBeforePersist) && matches!(who, Who::Listener(_));
    p.at = if c.has(Mistake::MarkBeforeSend) {
        end(p, after_delivery(who))
    } else if is_early && world.rows[wait].outcome.is_none() {
        Operation::Claim
    } else {
        Operation::MarkDelivered
    };
    Some(())
}

/// Marks; where the generation moved, the outcome is due again.
pub(crate) fn mark(c: &C, world: &mut World, who: Who, p: &mut Process, answer: Answer) -> Option<()> {
    let to = p.seen.generation;
    let moved = answer.of(|| world.rows[usize::from(p.wait)].mark_delivered(c, to))?;
    if !is_due(&p.seen) {
        // Only taken out: where the generation moved, a later attempt gets the outcome itself.
        p.at = end(p, after_delivery(who));
        return Some(());
    }
    match moved {
        None if c.has(Mistake::MarkBeforeSend) => p.at = Operation::Send,
        None => p.at = end(p, after_delivery(who)),
        Some(row) if is_due(&row.into()) => hand_over(c, who, p, row.into()),
        // Whoever delivered it to the later attempt has taken it out too.
        Some(_) => p.at = end(p, after_delivery(who)),
    }
    Some(())
}

/// Forgets what is not needed any more, so that ends that differ in nothing are one.
fn end(p: &mut Process, next: Operation) -> Operation {
    let keeps_job = next == Operation::Return || next == Operation::Acknowledge;
    let job = p.job.filter(|_| keeps_job);
    let wait = if next == Operation::Return { p.wait } else { 0 };
    *p = Process { job, wait, ..Process::default() };
    next
}

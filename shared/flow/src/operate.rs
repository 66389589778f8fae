//! What a person does by hand: look at a wait, and end it. Nobody calls a third
//! party here: only the deployed functions know where it is.

use crate::StepError;
use crate::aftermath::hand_over;
use crate::ports::{Clock, Tasks, WaitStore};
use crate::settle::claim;
use stepwait_core::ErrorName;
use stepwait_core::wait::{Awaited, Outcome, OutcomeKind, Source, WaitId, WaitRow};

/// A wait that has an outcome: by hand, or from before.
#[derive(Clone, Debug, PartialEq)]
pub struct Finished {
    /// The wait as it is now.
    pub row: WaitRow,
    /// Whether it had ended before: then the stored outcome counts, and not what was asked for.
    pub had_ended: bool,
    /// Whether a task was resumed with the outcome.
    pub resumed: bool,
}

/// Reads a wait as it is now.
///
/// # Errors
/// [`StepError`], when there is none of that id, or the table cannot be read.
pub async fn show<P: WaitStore>(ports: &P, id: &WaitId) -> Result<WaitRow, StepError> {
    let missing = || {
        let why = "it was never registered, or its row has expired, 14 days after its deadline";
        StepError::new(ErrorName::InvalidInput, format!("there is no wait {id} in this table: {why}"))
    };
    ports.read(id).await?.ok_or_else(missing)
}

/// Ends a wait as a person says, unless it has an outcome, and resumes its task
/// with what is stored. A wait that is given up is left to the reconciler, which
/// calls its job off too before it resumes the task.
///
/// # Errors
/// [`StepError`]; `TaskUnavailable` when the outcome is stored and not delivered,
/// which the reconciler does then.
pub async fn finish<P: WaitStore + Tasks + Clock>(
    ports: &P,
    id: &WaitId,
    kind: OutcomeKind,
) -> Result<Finished, StepError> {
    let before = show(ports, id).await?;
    let outcome = Outcome {
        kind,
        source: Source::Operator,
        at: ports.now(),
        pending_at: None,
        job_id: before.job_id.clone(),
        event_id: None,
    };
    let row = match before.outcome {
        Some(_) => before,
        None => {
            let claimed = claim(ports, id, &before.integration, &outcome, Awaited::ByToken).await?;
            let gone = || StepError::new(ErrorName::Defect, format!("wait {id} has gone while it was being ended"));
            claimed.ok_or_else(gone)?
        }
    };
    let had_ended = row.outcome.as_ref() != Some(&outcome);
    let is_given_up = row.outcome.as_ref().is_some_and(Outcome::gave_up);
    let resumed = if is_given_up { false } else { hand_over(ports, &row).await? };
    Ok(Finished { row, had_ended, resumed })
}

//! Hands an event of the state machine to the step.

use stepwait_aws::Edges;
use stepwait_core::message::{SubmitInput, Submitted};
use stepwait_flow::{Book, StepError};

pub(crate) async fn handle(edges: &Edges, book: &Book, input: SubmitInput) -> Result<Submitted, StepError> {
    stepwait_flow::submit::submit(edges, book, input).await
}

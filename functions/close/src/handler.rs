//! Hands an event of the state machine to the step.

use stepwait_aws::Edges;
use stepwait_core::message::{CloseInput, Settled};
use stepwait_flow::{Book, StepError};

pub(crate) async fn handle(edges: &Edges, book: &Book, input: CloseInput) -> Result<Settled, StepError> {
    stepwait_flow::close::close(edges, book, input).await
}

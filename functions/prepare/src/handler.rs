//! Hands an event of the state machine to the step.

use stepwait_aws::Edges;
use stepwait_core::message::{Plan, PrepareInput};
use stepwait_flow::{Book, StepError};

pub(crate) async fn handle(edges: &Edges, book: &Book, input: PrepareInput) -> Result<Plan, StepError> {
    stepwait_flow::prepare::prepare(edges, book, input).await
}

//! Hands an event of the state machine to the step.

use stepwait_aws::Edges;
use stepwait_core::message::{CheckInput, Checked};
use stepwait_flow::{Book, StepError};

pub(crate) async fn handle(edges: &Edges, book: &Book, input: CheckInput) -> Result<Checked, StepError> {
    stepwait_flow::check::check(edges, book, input).await
}

//! Hands an event to the step: of the main workflow, or of one's own.

use stepwait_aws::Edges;
use stepwait_core::message::{SubmitAnswer, SubmitEvent};
use stepwait_flow::submit::{submit, submit_direct};
use stepwait_flow::{Book, StepError};

pub(crate) async fn handle(edges: &Edges, book: &Book, event: SubmitEvent) -> Result<SubmitAnswer, StepError> {
    match event {
        SubmitEvent::Planned(input) => submit(edges, book, *input).await.map(SubmitAnswer::from),
        SubmitEvent::Direct(input) => submit_direct(edges, book, *input).await,
    }
}

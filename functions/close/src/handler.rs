//! Hands an event to the step: of a workflow, or of EventBridge.

use stepwait_aws::Edges;
use stepwait_core::message::{CloseEvent, Settled};
use stepwait_flow::close::{close, close_direct, stopped};
use stepwait_flow::{Book, StepError};

pub(crate) async fn handle(edges: &Edges, book: &Book, event: CloseEvent) -> Result<Option<Settled>, StepError> {
    match event {
        CloseEvent::GivenUp(input) => close(edges, book, *input).await.map(Some),
        CloseEvent::Direct(input) => close_direct(edges, book, *input).await.map(Some),
        CloseEvent::Stopped(input) => stopped(edges, book, &input).await.map(|_| None),
    }
}

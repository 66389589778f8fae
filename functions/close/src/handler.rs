//! Hands an event to the step: of the state machine, or of EventBridge.

use stepwait_aws::Edges;
use stepwait_core::message::{CloseEvent, Settled};
use stepwait_flow::{Book, StepError};

pub(crate) async fn handle(edges: &Edges, book: &Book, event: CloseEvent) -> Result<Option<Settled>, StepError> {
    match event {
        CloseEvent::GivenUp(input) => stepwait_flow::close::close(edges, book, *input).await.map(Some),
        CloseEvent::Stopped(input) => stepwait_flow::close::stopped(edges, book, &input).await.map(|_| None),
    }
}

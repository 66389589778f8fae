//! Runs the step, whatever the schedule's event says.

use serde_json::Value;
use stepwait_aws::Edges;
use stepwait_flow::reconcile::{Summary, run};
use stepwait_flow::{Book, StepError};

pub(crate) async fn handle(edges: &Edges, book: &Book, _event: Value) -> Result<Summary, StepError> {
    run(edges, book).await
}

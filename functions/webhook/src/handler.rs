//! Translates between HTTP, as function URLs, HTTP APIs and REST APIs carry it, and the step.

use serde_json::{Map, Value, json};
use stepwait_aws::Edges;
use stepwait_core::webhook::Delivery;
use stepwait_flow::webhook::{Reply, receive};
use stepwait_flow::{Book, StepError};

pub(crate) async fn handle(edges: &Edges, book: &Book, event: Value) -> Result<Value, StepError> {
    let reply = match Delivery::from_event(event) {
        Ok(delivery) => receive(edges, book, &delivery).await,
        Err(error) => Reply::new(if error.is_size() { 413 } else { 400 }, error.to_string()),
    };
    let (headers, body) = match reply.handshake {
        Some(answer) => (answer.headers, answer.body),
        None => (
            vec![("content-type".to_owned(), "application/json".to_owned())],
            json!({ "message": reply.message }).to_string(),
        ),
    };
    let headers: Map<String, Value> = headers.into_iter().map(|(name, value)| (name, value.into())).collect();
    // Both formats of an answer have these three.
    Ok(json!({ "statusCode": reply.status, "headers": headers, "body": body }))
}

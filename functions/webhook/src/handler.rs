//! Translates between HTTP, as function URLs and HTTP APIs carry it, and the step.

use serde_json::{Value, json};
use stepwait_aws::Edges;
use stepwait_core::webhook::{Delivery, DeliveryError};
use stepwait_flow::webhook::{Reply, receive};
use stepwait_flow::{Book, StepError};

pub(crate) async fn handle(edges: &Edges, book: &Book, event: Value) -> Result<Value, StepError> {
    let reply = match Delivery::from_event(event) {
        Ok(delivery) => receive(edges, book, &delivery).await,
        Err(error @ DeliveryError::TooLarge) => Reply { status: 413, message: error.to_string() },
        Err(error @ (DeliveryError::NotHttp | DeliveryError::BadBase64)) => {
            Reply { status: 400, message: error.to_string() }
        }
    };
    Ok(json!({
        "statusCode": reply.status,
        "headers": { "content-type": "application/json" },
        "body": json!({ "message": reply.message }).to_string(),
    }))
}

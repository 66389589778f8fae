mod answers;
mod redirects;
mod requests;
pub(crate) mod server;

use super::{HttpEdge, Limits, Reach};
use std::time::Duration;
use stepwait_core::answer::{Answer, TransportError};
use stepwait_core::integration::Method;
use stepwait_core::request::OutgoingRequest;
use stepwait_flow::ports::ThirdParty as _;

/// Limits that no test reaches; one of them is shortened to what a test can wait for.
const LONG: Limits = Limits {
    connect: Duration::from_hours(1),
    first_byte: Duration::from_hours(1),
    whole: Duration::from_hours(1),
    idle: Duration::from_secs(1),
};
const SHORT: Duration = Duration::from_millis(200);

fn get(url: impl Into<String>) -> OutgoingRequest {
    OutgoingRequest {
        method: Method::Get,
        url: url.into(),
        headers: Vec::new(),
        secret_query: Vec::new(),
        body: None,
        credentials: false,
        redirects: false,
        most_bytes: 64 * 1024,
        until: None,
    }
}

async fn ask(request: OutgoingRequest) -> Result<Answer, TransportError> {
    HttpEdge::new(Reach::LOOPBACK).unwrap().send(request).await
}

//! Calls to the engine: plain HTTP to its loopback address, unsigned.
//!
//! The engine tells the JSON services apart by `X-Amz-Target` and wants no
//! signature, so no AWS SDK is needed here. A call is made once: it either
//! works or its error says why.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::client::legacy::Client as HttpClient;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use tokio::time::timeout;

/// The longest call invokes a function, which may run for half a minute.
const CALL_LIMIT: Duration = Duration::from_secs(60);
/// A page of a history with full payloads stays below this, in bytes.
const ANSWER_LIMIT: usize = 16 << 20;

/// A call to the local engine did not give an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// No answer came.
    #[error("{call}: no answer from the local engine at {address} ({reason}): see whether it still runs")]
    Unanswered {
        /// The operation.
        call: String,
        /// The engine's address.
        address: SocketAddr,
        /// Why not.
        reason: String,
    },
    /// The engine refused.
    #[error("{call}: {code} (HTTP {status}): {message}")]
    Refused {
        /// The operation.
        call: String,
        /// The HTTP status.
        status: u16,
        /// The error's name, as AWS has it.
        code: String,
        /// The engine's words.
        message: String,
    },
    /// The answer has not the shape the operation's answer has.
    #[error("{call}: the answer lacks a usable `{field}`")]
    Unexpected {
        /// The operation.
        call: String,
        /// What was looked for.
        field: String,
    },
}

/// Talks to one engine.
#[derive(Clone, Debug)]
pub(super) struct Client {
    address: SocketAddr,
    http: HttpClient<HttpConnector, Full<Bytes>>,
}

/// An HTTP answer, read to its end.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: http::HeaderMap,
    pub(super) body: Bytes,
}

impl Client {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self { address, http: HttpClient::builder(TokioExecutor::new()).build_http() }
    }

    /// Calls an operation of a JSON service, as in `AWSStepFunctions.StartExecution`.
    pub(super) async fn json(&self, target: &str, input: &Value) -> Result<Value, CallError> {
        let request = Request::post("/")
            .header("Content-Type", "application/x-amz-json-1.0")
            .header("X-Amz-Target", target)
            .body(Full::from(input.to_string()));
        let answer = self.send(target, request).await?;
        if !answer.status.is_success() {
            return Err(refused(target, &answer));
        }
        serde_json::from_slice(&answer.body).map_err(|_| unexpected(target, "body"))
    }

    /// Calls an operation of a REST service.
    pub(super) async fn rest(
        &self,
        call: &str,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Result<Answer, CallError> {
        let request = Request::builder().method(method).uri(path).body(Full::from(body));
        let answer = self.send(call, request).await?;
        if answer.status.is_success() { Ok(answer) } else { Err(refused(call, &answer)) }
    }

    /// Whether the engine answers that it is up.
    pub(super) async fn is_healthy(&self) -> bool {
        self.rest("health", Method::GET, "/_ministack/health", Vec::new()).await.is_ok()
    }

    async fn send(&self, call: &str, request: http::Result<Request<Full<Bytes>>>) -> Result<Answer, CallError> {
        let unanswered =
            |reason: String| CallError::Unanswered { call: call.to_owned(), address: self.address, reason };
        let mut request = request.map_err(|error| unanswered(error.to_string()))?;
        let absolute = format!("http://{}{}", self.address, request.uri());
        *request.uri_mut() = absolute.parse().map_err(|error: http::uri::InvalidUri| unanswered(error.to_string()))?;
        let exchange = async {
            let answer = self.http.request(request).await.map_err(|error| unanswered(error.to_string()))?;
            let (parts, body) = answer.into_parts();
            let body = Limited::new(body, ANSWER_LIMIT)
                .collect()
                .await
                .map_err(|error| unanswered(error.to_string()))?
                .to_bytes();
            Ok(Answer { status: parts.status, headers: parts.headers, body })
        };
        timeout(CALL_LIMIT, exchange).await.map_err(|_| unanswered(format!("waited {} s", CALL_LIMIT.as_secs())))?
    }
}

/// A text member of an answer.
pub(super) fn text(call: &str, answer: &Value, field: &str) -> Result<String, CallError> {
    answer[field].as_str().map(str::to_owned).ok_or_else(|| unexpected(call, field))
}

/// A list member of an answer.
pub(super) fn list(call: &str, answer: &mut Value, field: &str) -> Result<Vec<Value>, CallError> {
    match answer[field].take() {
        Value::Array(members) => Ok(members),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            Err(unexpected(call, field))
        }
    }
}

pub(super) fn unexpected(call: &str, field: &str) -> CallError {
    CallError::Unexpected { call: call.to_owned(), field: field.to_owned() }
}

fn refused(call: &str, answer: &Answer) -> CallError {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    // Some services put their namespace before the name: `com.amazon…#Name`.
    let code = body["__type"].as_str().and_then(|code| code.rsplit('#').next()).unwrap_or("an error without a name");
    let message = body["message"].as_str().or(body["Message"].as_str());
    CallError::Refused {
        call: call.to_owned(),
        status: answer.status.as_u16(),
        code: code.to_owned(),
        message: match message {
            Some(message) => message.to_owned(),
            None => String::from_utf8_lossy(&answer.body).into_owned(),
        },
    }
}

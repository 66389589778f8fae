//! Webhooks on their way.
//!
//! Every delivery connects to one address, whatever its URL says: the engine on
//! loopback tells function URLs apart by their Host header, and nothing sent
//! from here may leave the machine. One connection a delivery, plain HTTP.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, HOST, USER_AGENT};
use http::{Method, Request, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::clock::epoch_s;
use super::server::BODY_LIMIT_BYTES;
use super::signing::{Signing, WebhookSecret};

/// A receiver on loopback that has not answered by then never will; vendors give
/// up after 5 to 30 seconds.
const DELIVERY_TIMEOUT: Duration = Duration::from_secs(10);

/// A webhook to send by hand, outside any script.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Where it is meant to go: gives the Host header and the path.
    pub url: String,
    /// Its body, as it is.
    pub body: Vec<u8>,
    /// Its signature.
    pub sign: Signing,
}

/// How a webhook is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// A POST of JSON.
    Json,
    /// A POST of a form.
    Form,
    /// A GET of a link, whatever the body.
    Link,
}

impl Manner {
    fn method(self) -> Method {
        match self {
            Self::Json | Self::Form => Method::POST,
            Self::Link => Method::GET,
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Json | Self::Link => "application/json",
            Self::Form => "application/x-www-form-urlencoded",
        }
    }
}

/// What a webhook was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The body, at most 1 MiB.
    pub body: Vec<u8>,
}

/// Why a webhook was not answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// The courier does not know the engine's address yet.
    #[error("webhook to {url}: no address to deliver to; call `deliver_via` once the engine is up")]
    NoAddress {
        /// The webhook's URL.
        url: String,
    },
    /// The URL has no host, or a header cannot be written.
    #[error("webhook to {url}: not a request that can be sent: {reason}")]
    Malformed {
        /// The webhook's URL.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The connection could not be made or broke.
    #[error("webhook to {url}: {address} did not answer: {reason}")]
    Broken {
        /// The webhook's URL.
        url: String,
        /// Where it was sent.
        address: SocketAddr,
        /// What happened.
        reason: String,
    },
    /// No answer within ten seconds.
    #[error("webhook to {url}: {address} did not answer within {DELIVERY_TIMEOUT:?}")]
    TimedOut {
        /// The webhook's URL.
        url: String,
        /// Where it was sent.
        address: SocketAddr,
    },
}

/// Signs webhooks and takes them to their receiver.
#[derive(Debug)]
pub(super) struct Courier {
    secret: WebhookSecret,
    address: Mutex<Option<SocketAddr>>,
    event_prefix: String,
    next_event: AtomicU64,
}

impl Courier {
    pub(super) fn new(secret: WebhookSecret, run: &str) -> Self {
        Self { secret, address: Mutex::new(None), event_prefix: format!("evt_{run}"), next_event: AtomicU64::new(1) }
    }

    pub(super) fn secret(&self) -> &WebhookSecret {
        &self.secret
    }

    pub(super) fn deliver_via(&self, address: SocketAddr) {
        *self.address.lock().unwrap_or_else(PoisonError::into_inner) = Some(address);
    }

    /// An id for one event; its copies and retries share it.
    pub(super) fn event_id(&self) -> String {
        let number = self.next_event.fetch_add(1, Ordering::Relaxed);
        format!("{}_{number}", self.event_prefix)
    }

    /// Sends a webhook with an id of its own.
    pub(super) async fn deliver(&self, delivery: Delivery, manner: Manner) -> Result<DeliveryAnswer, DeliveryError> {
        let id = self.event_id();
        self.deliver_event(&id, delivery, manner).await
    }

    /// Sends a webhook once.
    pub(super) async fn deliver_event(
        &self,
        id: &str,
        delivery: Delivery,
        manner: Manner,
    ) -> Result<DeliveryAnswer, DeliveryError> {
        let Delivery { url, body, sign } = delivery;
        let registered = *self.address.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(address) = registered else {
            return Err(DeliveryError::NoAddress { url });
        };
        let signature = match sign {
            Signing::Valid => self.secret.headers(id, epoch_s(), &body),
            Signing::WithSecret(secret) => secret.headers(id, epoch_s(), &body),
            Signing::At(timestamp) => self.secret.headers(id, timestamp, &body),
            Signing::None => Vec::new(),
            Signing::Raw(headers) => headers,
        };
        let request = request(&url, signature, body, manner)
            .map_err(|reason| DeliveryError::Malformed { url: url.clone(), reason })?;
        match tokio::time::timeout(DELIVERY_TIMEOUT, exchange(address, request)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(DeliveryError::Broken { url, address, reason: error.to_string() }),
            Err(_) => Err(DeliveryError::TimedOut { url, address }),
        }
    }
}

/// The request in origin form: the URL's host goes into the Host header, and its
/// scheme counts for nothing.
fn request(
    url: &str,
    signature: Vec<(String, String)>,
    body: Vec<u8>,
    manner: Manner,
) -> Result<Request<Full<Bytes>>, String> {
    let uri: Uri = url.parse().map_err(|error| format!("{error}"))?;
    let host = uri.authority().ok_or("the URL names no host")?.as_str();
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut request = Request::builder()
        .method(manner.method())
        .uri(path)
        .header(HOST, host)
        .header(CONNECTION, "close")
        .header(CONTENT_TYPE, manner.content_type())
        .header(USER_AGENT, "scripted-third-party");
    for (name, value) in signature {
        request = request.header(name, value);
    }
    request.body(Full::new(Bytes::from(body))).map_err(|error| error.to_string())
}

/// One request and its answer on a connection of their own, which is closed
/// whenever this future ends or is dropped.
async fn exchange(
    address: SocketAddr,
    request: Request<Full<Bytes>>,
) -> Result<DeliveryAnswer, Box<dyn std::error::Error + Send + Sync>> {
    let stream = TcpStream::connect(address).await?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    // Owns the sender: once it is gone, the connection closes and ends as well.
    let answer = async move {
        let response = sender.send_request(request).await?;
        let status = response.status().as_u16();
        let body = Limited::new(response.into_body(), BODY_LIMIT_BYTES).collect().await?.to_bytes().to_vec();
        Ok(DeliveryAnswer { status, body })
    };
    // What breaks the connection shows in the answer too.
    let (answered, _) = tokio::join!(answer, connection);
    answered
}

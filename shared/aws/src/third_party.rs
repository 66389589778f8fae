//! The one place from which third parties are called: HTTPS only (plain HTTP to
//! this machine where the deployment allows it), no redirects, no proxy from
//! the environment, bounded time, bounded bodies.

use crate::Edges;
use std::time::Duration;
use stepwait_core::answer::{Answer, MAX_BODY_BYTES, TransportError};
use stepwait_core::integration::Method;
use stepwait_core::request::OutgoingRequest;
use stepwait_flow::ports::ThirdParty;
use url::{Host, Url};

/// Until a connection is there, 5 seconds: one lost SYN is sent again within three.
const CONNECT: Duration = Duration::from_secs(5);

/// Until the whole answer is there, 10 seconds: the check function may run 14,
/// and needs the rest to start, to read a secret and to store an outcome.
const WHOLE: Duration = Duration::from_secs(10);

/// How long an idle connection is used again, 4 seconds: servers close theirs
/// after 5 or more, and a function that was frozen meanwhile must not send a
/// submit into a connection that is gone.
const IDLE: Duration = Duration::from_secs(4);

/// The most headers of an answer that are kept, and the most bytes of each: what
/// common servers allow is 100 of 8 KiB, and locators need one or two.
const MAX_HEADERS: usize = 64;
const MAX_HEADER_BYTES: usize = 4 * 1024;

#[derive(Debug)]
pub(crate) struct HttpEdge {
    client: reqwest::Client,
    allow_loopback: bool,
}

impl HttpEdge {
    pub(crate) fn new(allow_loopback: bool) -> Result<Self, lambda_runtime::Error> {
        // Only the first call in a process installs; a later one finds the same provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .pool_idle_timeout(IDLE)
            .user_agent(concat!("stepwait/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { client, allow_loopback })
    }

    fn may_call(&self, url: &Url) -> bool {
        url.scheme() == "https" || (url.scheme() == "http" && self.allow_loopback && is_loopback(url))
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

impl ThirdParty for Edges {
    async fn send(&self, request: OutgoingRequest) -> Result<Answer, TransportError> {
        let url = Url::parse(&request.url).map_err(|_| TransportError::Refused)?;
        if !self.http.may_call(&url) {
            return Err(TransportError::Refused);
        }
        let mut outgoing = self.http.client.request(method(request.method), url);
        for (name, value) in &request.headers {
            let mut value =
                reqwest::header::HeaderValue::from_str(value.expose()).map_err(|_| TransportError::Unsendable)?;
            // Keeps the value out of any debug output on the way.
            value.set_sensitive(true);
            outgoing = outgoing.header(name, value);
        }
        if let Some(body) = request.body {
            outgoing = outgoing.body(body);
        }
        let mut response = outgoing.send().await.map_err(|e| transport(&e))?;
        let mut body = Vec::new();
        let mut truncated = false;
        while let Some(chunk) = response.chunk().await.map_err(|_| TransportError::Broken)? {
            let room = MAX_BODY_BYTES - body.len();
            body.extend_from_slice(chunk.get(..room.min(chunk.len())).unwrap_or_default());
            if chunk.len() > room {
                truncated = true;
                break;
            }
        }
        let headers = response
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .filter(|(_, value)| value.len() <= MAX_HEADER_BYTES)
            .take(MAX_HEADERS)
            .collect();
        Ok(Answer { status: response.status().as_u16(), headers, body, truncated })
    }
}

fn transport(error: &reqwest::Error) -> TransportError {
    if error.is_connect() { TransportError::NotConnected } else { TransportError::Broken }
}

const fn method(method: Method) -> reqwest::Method {
    match method {
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
        Method::Put => reqwest::Method::PUT,
        Method::Patch => reqwest::Method::PATCH,
        Method::Delete => reqwest::Method::DELETE,
    }
}

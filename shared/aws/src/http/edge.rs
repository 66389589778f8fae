//! One request, one answer.

use super::limits::Limits;
use super::reach::{Reach, WhyNot, may_call};
use super::redirect;
use super::resolver::CheckedResolver;
use crate::clock::now;
use crate::{at_once, tls};
use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, ClientBuilder, Response};
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use stepwait_core::answer::{Answer, TransportError};
use stepwait_core::integration::Method;
use stepwait_core::request::OutgoingRequest;
use stepwait_flow::ports::ThirdParty;
use tokio::time::timeout;
use url::Url;

/// The most headers of an answer that are kept, which are all that the client
/// reads, and the most bytes of each: as much as common servers allow, so that
/// no link to a next page is lost.
const MAX_HEADERS: usize = 100;
const MAX_HEADER_BYTES: usize = 8 * 1024;

/// From how many bytes on an answer counts as large, 64 KiB: hundreds of smaller
/// ones may be in memory at a time, and of larger ones a few.
const LARGE_BYTES: usize = 64 * 1024;

/// Calls third parties.
#[derive(Debug)]
pub struct HttpEdge {
    https: Client,
    /// Reaches this machine or private networks only; there if they are within reach.
    plain: Option<Client>,
    reach: Reach,
    limits: Limits,
}

/// The HTTP client cannot be made: a defect of the build, or of the certificates
/// that it is told to trust.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the http client cannot be made: {0}")]
pub struct SetUpError(String);

impl SetUpError {
    pub(crate) fn of(error: &dyn Error) -> Self {
        Self(error.to_string())
    }
}

/// What all clients have in common.
///
/// # Errors
/// [`SetUpError`] when the certificates to trust cannot be used.
pub(crate) fn client_builder() -> Result<ClientBuilder, SetUpError> {
    let tls = tls::client_config().map_err(|e| SetUpError::of(&e))?;
    Ok(Client::builder()
        .tls_backend_preconfigured(tls)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .user_agent(concat!("stepwait/", env!("CARGO_PKG_VERSION"))))
}

impl HttpEdge {
    /// Calls what is within reach.
    ///
    /// # Errors
    /// [`SetUpError`] when the HTTP client cannot be made.
    pub fn new(reach: Reach) -> Result<Self, SetUpError> {
        Self::with_limits(reach, Limits::default())
    }

    /// Calls what is within reach, within other limits of time.
    ///
    /// # Errors
    /// [`SetUpError`] when the HTTP client cannot be made.
    pub fn with_limits(reach: Reach, limits: Limits) -> Result<Self, SetUpError> {
        let client = |reach| {
            let builder = client_builder()?;
            Ok::<_, SetUpError>(
                builder
                    .dns_resolver(Arc::new(CheckedResolver(reach)))
                    .gzip(true)
                    .connect_timeout(limits.connect)
                    .pool_idle_timeout(limits.idle),
            )
        };
        let build = |builder: ClientBuilder| builder.build().map_err(|e| SetUpError::of(&e));
        let https = build(client(reach)?.https_only(true))?;
        let plain = if reach.is_wide() { Some(build(client(reach.of_plain_http())?)?) } else { None };
        Ok(Self { https, plain, reach, limits })
    }

    async fn answer(&self, request: OutgoingRequest) -> Result<Answer, TransportError> {
        let hops = redirect::most_hops(&request);
        let most_bytes = request.most_bytes;
        let mut url = Url::parse(&request.url).map_err(|_| TransportError::Refused)?;
        for (name, value) in &request.secret_query {
            url.query_pairs_mut().append_pair(name, value.expose());
        }
        let outgoing = Outgoing::new(request)?;
        may_call(&url, self.reach).map_err(refused)?;
        let mut response = self.dial(&url, &outgoing).await?;
        for _ in 0..hops {
            let target = redirect::target(&url, &response).filter(|target| may_call(target, self.reach).is_ok());
            let Some(target) = target else { break };
            url = target;
            // Something was answered already, so nothing is certain any more.
            response = self.dial(&url, &outgoing).await.map_err(|_| TransportError::Broken)?;
        }
        read(response, most_bytes).await
    }

    /// Sends a request and reads the answer's headers. The host's addresses are
    /// checked on the way, the URL was checked before.
    async fn dial(&self, url: &Url, outgoing: &Outgoing) -> Result<Response, TransportError> {
        let client = if url.scheme() == "https" { Some(&self.https) } else { self.plain.as_ref() };
        let request = client.ok_or(TransportError::Refused)?.request(outgoing.method.clone(), url.clone());
        let request = request.headers(outgoing.headers.clone());
        let request = match &outgoing.body {
            Some(body) => request.body(body.clone()),
            None => request,
        };
        let answered = timeout(self.limits.first_byte, request.send()).await.map_err(|_| TransportError::Broken)?;
        answered.map_err(|error| failure(&error))
    }

    #[cfg(test)]
    pub(super) async fn dial_unchecked(&self, request: OutgoingRequest) -> Result<Response, TransportError> {
        let url = Url::parse(&request.url).unwrap();
        self.dial(&url, &Outgoing::new(request)?).await
    }
}

impl ThirdParty for HttpEdge {
    async fn send(&self, request: OutgoingRequest) -> Result<Answer, TransportError> {
        let whole = match request.until {
            None => self.limits.whole,
            // What lies in the past leaves no time at all, and nothing is sent.
            Some(until) => match Duration::try_from(until.duration_since(now())) {
                Ok(left) if !left.is_zero() => left.min(self.limits.whole),
                Ok(_) | Err(_) => return Err(TransportError::NotConnected),
            },
        };
        timeout(whole, self.answer(request)).await.unwrap_or(Err(TransportError::Broken))
    }
}

/// A request in the client's terms.
struct Outgoing {
    method: reqwest::Method,
    headers: HeaderMap,
    body: Option<Bytes>,
}

impl Outgoing {
    fn new(request: OutgoingRequest) -> Result<Self, TransportError> {
        let mut headers = HeaderMap::new();
        for (name, value) in &request.headers {
            let name = HeaderName::try_from(name.as_str()).map_err(|_| TransportError::Unsendable)?;
            let mut value = HeaderValue::from_str(value.expose()).map_err(|_| TransportError::Unsendable)?;
            // Keeps the value out of any debug output on the way.
            value.set_sensitive(true);
            headers.append(name, value);
        }
        Ok(Self { method: method(request.method), headers, body: request.body.map(Bytes::from) })
    }
}

/// Reads an answer to its end, or to as many decoded bytes as are wanted of it.
async fn read(mut response: Response, most_bytes: usize) -> Result<Answer, TransportError> {
    let mut body = Vec::new();
    let mut truncated = false;
    let mut leave = None;
    while let Some(chunk) = response.chunk().await.map_err(|_| TransportError::Broken)? {
        if leave.is_none() && body.len() + chunk.len() > LARGE_BYTES {
            leave = at_once::read_large_answer().await;
        }
        let room = most_bytes.saturating_sub(body.len());
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

fn failure(error: &reqwest::Error) -> TransportError {
    if error.is_builder() {
        return TransportError::Unsendable;
    }
    let mut causes = std::iter::successors(error.source(), |cause| (*cause).source());
    match causes.find_map(|cause| cause.downcast_ref::<WhyNot>()) {
        // Said by the resolver.
        Some(why) => refused(*why),
        None if error.is_connect() => TransportError::NotConnected,
        None => TransportError::Broken,
    }
}

/// Leaves in the log what the error does not say.
fn refused(why: WhyNot) -> TransportError {
    tracing::warn!(%why, "a request was not sent");
    TransportError::Refused
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

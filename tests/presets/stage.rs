//! A server that plays a recorded conversation: it expects each request in its
//! turn, and notes what is otherwise.

use crate::Case;
use crate::mapped::original;
use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use stepwait_core::integration::{Integration, Scheme};
use stepwait_tests::Trouble;
use stepwait_trial::{Fixture, Leg, Names, RecordedRequest};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

/// The largest body of a request, 1 MiB.
const MAX_BODY_BYTES: usize = 1024 * 1024;

/// The server; it closes when it is dropped.
pub(crate) struct Stage {
    address: SocketAddr,
    script: Arc<Script>,
    server: JoinHandle<()>,
}

struct Script {
    fixture: Fixture,
    names: Names,
    base_url: Url,
    /// The headers by which requests to the API's own host are authorized.
    credentials: Vec<String>,
    progress: Mutex<Progress>,
}

#[derive(Default)]
struct Progress {
    played: usize,
    wrong: Vec<String>,
}

impl Stage {
    /// Opens on a free port.
    pub(crate) async fn open(case: &Case, names: Names) -> Result<Self, Trouble> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let script = Arc::new(Script {
            fixture: case.fixture.clone(),
            names,
            base_url: case.integration.base_url.clone(),
            credentials: credentials(&case.integration),
            progress: Mutex::default(),
        });
        let server = tokio::spawn(serve(listener, Arc::clone(&script)));
        Ok(Self { address, script, server })
    }

    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Whether the conversation is called off here.
    pub(crate) fn is_to_stop(&self) -> bool {
        self.script.fixture.stops_after(self.script.progress().played)
    }

    /// What was not as recorded.
    pub(crate) fn close(self) -> Vec<String> {
        let mut progress = self.script.progress();
        let mut wrong = std::mem::take(&mut progress.wrong);
        for (n, exchange) in (1..).zip(&self.script.fixture.exchanges).skip(progress.played) {
            wrong.push(format!("exchange {n} ({}) was not asked for", exchange.leg.as_str()));
        }
        wrong
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(listener: TcpListener, script: Arc<Script>) {
    while let Ok((stream, _)) = listener.accept().await {
        let script = Arc::clone(&script);
        tokio::spawn(async move {
            let service = service_fn(|request| script.answer(request));
            // One that is cut off on purpose is no error here.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

impl Script {
    /// Answers a request; an error cuts the connection.
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Trouble> {
        let (head, body) = request.into_parts();
        let body = Limited::new(body, MAX_BODY_BYTES).collect().await?.to_bytes();
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
        let url = original(target).ok_or("a request that is not mapped")?;
        let text = |bytes: &[u8]| self.names.symbolic(&String::from_utf8_lossy(bytes));
        let now = RecordedRequest {
            method: head.method.to_string(),
            url: self.names.symbolic(&url),
            headers: head.headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect(),
            body: (!body.is_empty()).then(|| text(&body)),
        };
        let mut progress = self.progress();
        let n = progress.played + 1;
        let Some(exchange) = self.fixture.exchanges.get(progress.played) else {
            progress.wrong.push(format!("{} {} was asked when all was said", now.method, now.url));
            return Err("nothing is left to say".into());
        };
        progress.played = n;
        let whole = format!("exchange {n} ({})", exchange.leg.as_str());
        let differences = exchange.request.differences(&now);
        progress.wrong.extend(differences.into_iter().map(|found| found.of(&whole).to_string()));
        let authorized = self.authorization(exchange.leg, &now, &Url::parse(&url)?);
        progress.wrong.extend(authorized.map(|wrong| format!("{whole}: {wrong}")));
        drop(progress);
        // A recorded error cuts the connection.
        let answer = exchange.received()??;
        let mut response = Response::builder().status(answer.status);
        for (name, value) in &answer.headers {
            response = response.header(name, self.names.actual(value));
        }
        let body = match String::from_utf8(answer.body) {
            Ok(text) => self.names.actual(&text).into_bytes(),
            Err(bytes) => bytes.into_bytes(),
        };
        Ok(response.body(Full::from(body))?)
    }

    /// What is wrong with a request's credentials: they go to the API's own host, and nowhere else.
    fn authorization(&self, leg: Leg, now: &RecordedRequest, url: &Url) -> Option<String> {
        if leg == Leg::Token {
            return None;
        }
        let is_own = url.origin() == self.base_url.origin();
        let wrong = self.credentials.iter().find(|name| now.headers.contains_key(*name) != is_own)?;
        Some(format!("the credential {wrong} {}", if is_own { "is missing" } else { "went to another host" }))
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn credentials(integration: &Integration) -> Vec<String> {
    let Some(auth) = &integration.auth else {
        return Vec::new();
    };
    let mut names: Vec<_> = auth.headers.iter().map(|(name, _)| name.clone()).collect();
    match &auth.scheme {
        Some(Scheme::Bearer { .. } | Scheme::Basic { .. } | Scheme::OAuth2(_)) => {
            names.push("authorization".to_owned())
        }
        Some(Scheme::Hmac(hmac)) => names.extend(hmac.headers.iter().map(|(name, _)| name.clone())),
        None => {}
    }
    names
}

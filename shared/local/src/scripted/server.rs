//! The listener around the desk, and the handle that tests hold.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};

use super::courier::{Courier, Delivery, DeliveryAnswer, DeliveryError, Manner};
use super::desk::{Desk, Tokens};
use super::ledger::Ledger;
use super::seen::{Seen, TimedOut};
use super::{Script, WebhookSecret};

/// Largest body read from a caller, or from a webhook's receiver.
pub(super) const BODY_LIMIT_BYTES: usize = 1024 * 1024;

/// One connection carries one request; it outlives a held submit (30 s) and a
/// slow answer, and a client that never sends its request does not stay.
const CONNECTION_LIMIT: Duration = Duration::from_secs(90);

/// Answers under way when the server is stopped have this long to get out.
const STOP_GRACE: Duration = Duration::from_secs(2);

/// The pause after a connection could not be accepted, for want of file
/// descriptors, until others have closed.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The scripted third party, listening until it is stopped or dropped.
#[derive(Debug)]
pub struct ThirdParty {
    address: SocketAddr,
    desk: Arc<Desk>,
    stopping: Arc<Notify>,
    server: JoinHandle<()>,
}

/// The third party could not listen.
#[derive(Debug, thiserror::Error)]
#[error("scripted third party: cannot listen on 127.0.0.1: {0}")]
pub struct StartError(#[from] std::io::Error);

impl ThirdParty {
    /// Starts listening on a free port of 127.0.0.1, with tokens and a webhook
    /// secret of its own.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start() -> Result<Self, StartError> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let run = format!("{:016x}", random());
        let secret = WebhookSecret::from_key(random_key());
        let tokens = Tokens {
            transcripts: format!("transcripts-{:016x}", random()),
            checks: format!("checks-{:016x}", random()),
            renderings: format!("renderings-{:016x}", random()),
        };
        let courier = Arc::new(Courier::new(secret, &run));
        let desk = Arc::new(Desk::new(Arc::new(Ledger::new(run)), courier, tokens));
        let stopping = Arc::new(Notify::new());
        let server = tokio::spawn(serve(listener, Arc::clone(&desk), Arc::clone(&stopping)));
        Ok(Self { address, desk, stopping, server })
    }

    /// The address at which all vendors listen.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where all vendors are reached: `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The bearer token for transcripts.
    #[must_use]
    pub fn transcripts_token(&self) -> &str {
        &self.desk.tokens.transcripts
    }

    /// The bearer token for identity checks.
    #[must_use]
    pub fn checks_token(&self) -> &str {
        &self.desk.tokens.checks
    }

    /// The bearer token for renderings.
    #[must_use]
    pub fn renderings_token(&self) -> &str {
        &self.desk.tokens.renderings
    }

    /// What identity checks sign their webhooks with.
    #[must_use]
    pub fn webhook_secret(&self) -> &WebhookSecret {
        self.desk.courier.secret()
    }

    /// From now on webhooks connect to this address, whatever their URL's host,
    /// which goes into the Host header.
    pub fn deliver_via(&self, address: SocketAddr) {
        self.desk.courier.deliver_via(address);
    }

    /// What happens to the next jobs submitted with this reference. A script
    /// replaces an earlier one; jobs already submitted keep theirs.
    pub fn script(&self, reference: &str, script: Script) {
        self.desk.ledger.script(reference, script);
    }

    /// What was seen of this reference so far.
    #[must_use]
    pub fn seen(&self, reference: &str) -> Seen {
        self.desk.ledger.seen(reference)
    }

    /// Waits until what was seen of this reference is as expected.
    ///
    /// # Errors
    /// When it is not within that time; the error tells what was seen instead.
    pub async fn wait_until(
        &self,
        reference: &str,
        expected: impl Fn(&Seen) -> bool,
        at_most: Duration,
    ) -> Result<Seen, TimedOut> {
        let ledger = &self.desk.ledger;
        ledger.wait_until(reference, expected, at_most).await
    }

    /// Sends a webhook by hand, once, with a `webhook-id` of its own. It is not
    /// counted.
    ///
    /// # Errors
    /// When it was not answered.
    pub async fn deliver(&self, delivery: Delivery) -> Result<DeliveryAnswer, DeliveryError> {
        self.deliver_as(Manner::Json, delivery).await
    }

    /// The same, as a form or as a link that is called.
    ///
    /// # Errors
    /// When it was not answered.
    pub async fn deliver_as(&self, manner: Manner, delivery: Delivery) -> Result<DeliveryAnswer, DeliveryError> {
        self.desk.courier.deliver(delivery, manner).await
    }

    /// Stops listening, lets answers under way get out (2 s at most) and ends
    /// all jobs. When this returns, the port is closed and no task is left.
    pub async fn stop(mut self) {
        self.stopping.notify_one();
        if tokio::time::timeout(STOP_GRACE, &mut self.server).await.is_err() {
            self.server.abort();
            // Aborted, it ends at its next step; its result is of no interest.
            let _ = (&mut self.server).await;
        }
        self.desk.end_lives().await;
    }
}

/// Dropped without being stopped: the port closes as soon as the runtime gets to
/// it, and answers under way are cut off.
impl Drop for ThirdParty {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Accepts until told to stop, then waits for the answers under way. Dropping it
/// drops the listener and every connection.
async fn serve(listener: TcpListener, desk: Arc<Desk>, stopping: Arc<Notify>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stopping.notified() => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, from)) => {
                    connections.spawn(converse(stream, from, Arc::clone(&desk)));
                }
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            },
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// One connection, one request: no client can be surprised by a kept connection
/// that has just been closed.
async fn converse(stream: TcpStream, from: SocketAddr, desk: Arc<Desk>) {
    let service = service_fn(|request| desk.answer(request, from));
    let connection = http1::Builder::new().keep_alive(false).serve_connection(TokioIo::new(stream), service);
    // A client that goes away, or a script that hangs up, is no error here.
    let _ = tokio::time::timeout(CONNECTION_LIMIT, connection).await;
}

/// The standard library's only randomness, which seeds its hash maps. It keeps
/// two runs apart; it guards nothing beyond this machine's loopback.
pub(super) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

fn random_key() -> [u8; 32] {
    let mut key = [0; 32];
    for chunk in key.chunks_exact_mut(8) {
        chunk.copy_from_slice(&random().to_be_bytes());
    }
    key
}

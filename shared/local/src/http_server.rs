//! A server on loopback: a function from whole requests to whole responses.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

/// The most bytes of a body, 6 MiB: the most that Lambda takes as a response
/// (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>).
const MAX_BODY_BYTES: usize = 6 * 1024 * 1024;

/// The pause after a connection could not be accepted, for want of file
/// descriptors, until others have closed.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// A server; dropped, it ends with all its connections.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Server {
    /// Listens on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start<H, F>(handle: H) -> io::Result<Self>
    where
        H: Fn(Request<Bytes>) -> F + Clone + Send + 'static,
        F: Future<Output = Response<Bytes>> + Send + 'static,
    {
        Self::bind(None, handle).await
    }

    /// The same over TLS.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start_with_tls<H, F>(tls: Arc<ServerConfig>, handle: H) -> io::Result<Self>
    where
        H: Fn(Request<Bytes>) -> F + Clone + Send + 'static,
        F: Future<Output = Response<Bytes>> + Send + 'static,
    {
        Self::bind(Some(TlsAcceptor::from(tls)), handle).await
    }

    async fn bind<H, F>(tls: Option<TlsAcceptor>, handle: H) -> io::Result<Self>
    where
        H: Fn(Request<Bytes>) -> F + Clone + Send + 'static,
        F: Future<Output = Response<Bytes>> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        Ok(Self { address: listener.local_addr()?, task: tokio::spawn(serve(listener, tls, handle)) })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve<H, F>(listener: TcpListener, tls: Option<TlsAcceptor>, handle: H)
where
    H: Fn(Request<Bytes>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<Bytes>> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(receive(stream, tls.clone(), handle.clone()));
                }
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            },
        }
    }
}

async fn receive<H, F>(stream: TcpStream, tls: Option<TlsAcceptor>, handle: H)
where
    H: Fn(Request<Bytes>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<Bytes>> + Send + 'static,
{
    // Without it small answers wait for an acknowledgement, up to 40 ms.
    let _ = stream.set_nodelay(true);
    match tls {
        None => converse(stream, handle).await,
        // A client that does not trust the certificate goes away, which is no error here.
        Some(tls) => {
            if let Ok(stream) = tls.accept(stream).await {
                converse(stream, handle).await;
            }
        }
    }
}

async fn converse<S, H, F>(stream: S, handle: H)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    H: Fn(Request<Bytes>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<Bytes>> + Send + 'static,
{
    let service = service_fn(move |request: Request<Incoming>| {
        let handle = handle.clone();
        async move {
            let (head, body) = request.into_parts();
            let response = match Limited::new(body, MAX_BODY_BYTES).collect().await {
                Ok(body) => handle(Request::from_parts(head, body.to_bytes())).await,
                Err(_) => respond(StatusCode::PAYLOAD_TOO_LARGE, "text/plain", Bytes::new()),
            };
            Ok::<_, Infallible>(response.map(Full::new))
        }
    });
    // A client that goes away is no error here.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// A response with a body of that type.
pub fn respond(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response.headers_mut().insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(content_type));
    response
}

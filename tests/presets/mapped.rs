//! The HTTP edge, with every host mapped to one server of this machine:
//! `https://HOST/path` becomes `http://127.0.0.1:PORT/https/HOST/path`.

use std::net::SocketAddr;
use stepwait_aws::http::{HttpEdge, Reach};
use stepwait_core::answer::{Answer, TransportError};
use stepwait_core::request::OutgoingRequest;
use stepwait_flow::ports::ThirdParty;
use stepwait_tests::Trouble;

/// The edge, and where it leads.
pub(crate) struct Mapped {
    edge: HttpEdge,
    server: SocketAddr,
}

impl Mapped {
    pub(crate) fn to(server: SocketAddr) -> Result<Self, Trouble> {
        Ok(Self { edge: HttpEdge::new(Reach::LOOPBACK)?, server })
    }
}

/// The URL that a mapped one stands for.
pub(crate) fn original(path_and_query: &str) -> Option<String> {
    let (scheme, rest) = path_and_query.strip_prefix('/')?.split_once('/')?;
    Some(format!("{scheme}://{rest}"))
}

impl ThirdParty for Mapped {
    async fn send(&self, request: OutgoingRequest) -> Result<Answer, TransportError> {
        let (scheme, rest) = request.url.split_once("://").ok_or(TransportError::Refused)?;
        let url = format!("http://{}/{scheme}/{rest}", self.server);
        self.edge.send(OutgoingRequest { url, ..request }).await
    }
}

//! AWS as one function sees it: the engine, but for one call that is held back for
//! ever, before or after it has taken effect.

use bytes::Bytes;
use http::{Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::Arc;
use stepwait_local::http_server::{Server, respond};
use stepwait_tests::Trouble;
use tokio::sync::watch;

/// When a call is held back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// It never takes effect.
    Before,
    /// It has taken effect, and its answer never comes.
    After,
}

/// A call of an AWS service.
#[derive(Clone, Debug)]
pub(super) struct Call {
    operation: String,
    /// What it asks for.
    pub(super) body: Value,
}

impl Call {
    /// Whether it is of this operation.
    pub(super) fn is(&self, operation: &str) -> bool {
        self.operation == operation
    }

    /// Whether it changes a row whose key begins so.
    pub(super) fn changes(&self, key: &str) -> bool {
        self.is("UpdateItem") && self.body["Key"]["pk"]["S"].as_str().is_some_and(|pk| pk.starts_with(key))
    }

    /// Whether its expressions name this attribute.
    pub(super) fn names(&self, attribute: &str) -> bool {
        let names = self.body["ExpressionAttributeNames"].as_object();
        names.is_some_and(|names| names.values().any(|name| name == attribute))
    }
}

/// The services, listening until dropped.
#[derive(Debug)]
pub(super) struct Hold {
    server: Server,
    held: watch::Receiver<Option<Call>>,
}

type Http = Client<HttpConnector, Full<Bytes>>;

impl Hold {
    /// Passes all calls on to the engine but the one that is picked.
    pub(super) async fn start(
        engine: SocketAddr,
        when: When,
        picks: impl Fn(&Call) -> bool + Send + Sync + 'static,
    ) -> Result<Self, Trouble> {
        let (holding, held) = watch::channel(None);
        let (holding, picks) = (Arc::new(holding), Arc::new(picks));
        let http: Http = Client::builder(TokioExecutor::new()).build_http();
        let server = Server::start(move |request| {
            let (holding, picks, http) = (Arc::clone(&holding), Arc::clone(&picks), http.clone());
            async move {
                let Some(call) = read(&request).filter(|call| picks(call)) else {
                    return pass_on(&http, engine, request).await;
                };
                if when == When::After {
                    pass_on(&http, engine, request).await;
                }
                holding.send_replace(Some(call));
                // The caller is killed meanwhile, which closes the connection.
                std::future::pending().await
            }
        })
        .await?;
        Ok(Self { server, held })
    }

    /// Where the services are reached.
    pub(super) fn endpoint(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// Waits until the call has come.
    pub(super) async fn held(&self) -> Result<Call, Trouble> {
        let mut held = self.held.clone();
        let call = held.wait_for(Option::is_some).await?.clone();
        Ok(call.ok_or("nothing is held")?)
    }
}

fn read(request: &Request<Bytes>) -> Option<Call> {
    let target = request.headers().get("x-amz-target")?.to_str().ok()?;
    let (_, operation) = target.split_once('.')?;
    Some(Call { operation: operation.to_owned(), body: serde_json::from_slice(request.body()).ok()? })
}

async fn pass_on(http: &Http, engine: SocketAddr, request: Request<Bytes>) -> Response<Bytes> {
    let unanswered = |why: String| respond(StatusCode::BAD_GATEWAY, "text/plain", why);
    let (mut head, body) = request.into_parts();
    let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
    head.uri = match format!("http://{engine}{path}").parse::<Uri>() {
        Ok(uri) => uri,
        Err(error) => return unanswered(error.to_string()),
    };
    head.headers.remove(http::header::HOST);
    match http.request(Request::from_parts(head, Full::new(body))).await {
        Ok(answer) => {
            let (head, body) = answer.into_parts();
            match body.collect().await {
                Ok(body) => Response::from_parts(head, body.to_bytes()),
                Err(error) => unanswered(error.to_string()),
            }
        }
        Err(error) => unanswered(error.to_string()),
    }
}

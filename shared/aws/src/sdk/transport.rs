//! The SDK's requests over reqwest. What is sent again, and when, stays the SDK's
//! to decide: it is told what broke, by its own kinds of error.

use crate::http::{SetUpError, client_builder};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use reqwest::{Client, Request};
use std::time::Duration;
use tokio::time::timeout;

/// Until a connection is there, 3.1 seconds: the SDK's own default, which leaves
/// time for one lost SYN.
const CONNECT: Duration = Duration::from_millis(3_100);

/// The client of all services of AWS: these are reached wherever the configuration
/// says that they are, so no address is out of reach.
///
/// # Errors
/// [`SetUpError`] when the HTTP client cannot be made.
pub(crate) fn client() -> Result<Client, SetUpError> {
    client_builder()?.connect_timeout(CONNECT).build().map_err(|e| SetUpError::of(&e))
}

/// Sends over one client, whatever the operation; the time for the first byte is
/// the operation's own.
#[derive(Clone, Debug)]
pub(super) struct Transport {
    client: Client,
    first_byte: Option<Duration>,
}

impl Transport {
    pub(super) const fn over(client: Client) -> Self {
        Self { client, first_byte: None }
    }
}

impl HttpClient for Transport {
    fn http_connector(&self, settings: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(Self { client: self.client.clone(), first_byte: settings.read_timeout() })
    }
}

impl HttpConnector for Transport {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let Self { client, first_byte } = self.clone();
        HttpConnectorFuture::new(async move {
            let sent = client.execute(outgoing(request)?);
            let answered = match first_byte {
                Some(most) => timeout(most, sent).await.map_err(|late| ConnectorError::timeout(late.into()))?,
                None => sent.await,
            };
            incoming(answered.map_err(failure)?)
        })
    }
}

fn outgoing(request: HttpRequest) -> Result<Request, ConnectorError> {
    let (head, body) = request.try_into_http1x().map_err(|e| ConnectorError::user(e.into()))?.into_parts();
    // All operations that are used send JSON, which is in memory.
    let body = body.bytes().map(Bytes::copy_from_slice);
    let body = body.ok_or_else(|| ConnectorError::user("a body that streams is not sent here".into()))?;
    http::Request::from_parts(head, body).try_into().map_err(failure)
}

fn incoming(response: reqwest::Response) -> Result<HttpResponse, ConnectorError> {
    let response = http::Response::from(response).map(SdkBody::from_body_1_x);
    HttpResponse::try_from(response).map_err(|e| ConnectorError::other(e.into(), None))
}

/// The kind of an error. Whatever is neither the request's fault nor a matter of
/// time is the connection's, and may be tried once more.
fn failure(error: reqwest::Error) -> ConnectorError {
    if error.is_builder() {
        ConnectorError::user(error.into())
    } else if error.is_timeout() {
        ConnectorError::timeout(error.into())
    } else {
        ConnectorError::io(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::client;
    use crate::http::test_server::{Reply, Server, reply};
    use aws_sdk_sfn::config::retry::RetryConfig;
    use aws_sdk_sfn::config::timeout::TimeoutConfig;
    use aws_sdk_sfn::error::ProvideErrorMetadata as _;
    use std::time::Duration;

    fn sfn(server: &Server) -> aws_sdk_sfn::Client {
        aws_sdk_sfn::Client::new(&super::super::at(client().unwrap(), &server.url("")))
    }

    #[tokio::test]
    async fn a_call_is_signed_and_its_answer_read() {
        let server = Server::start(vec![reply("200 OK", "", "{}")]).await;
        sfn(&server).send_task_success().task_token("token").output("{}").send().await.unwrap();
        let [request] = server.received().try_into().unwrap();
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
        assert_eq!(head.lines().next(), Some("POST / HTTP/1.1"));
        assert_eq!(header("x-amz-target"), Some("AWSStepFunctions.SendTaskSuccess"));
        assert!(header("authorization").unwrap().starts_with("AWS4-HMAC-SHA256 Credential=local/"), "{head}");
        assert_eq!(body, r#"{"taskToken":"token","output":"{}"}"#);
    }

    #[tokio::test]
    async fn a_connection_that_breaks_and_a_server_that_is_busy_are_tried_again() {
        for first in [Reply::Bytes(Vec::new()), reply("503 Service Unavailable", "", "{}")] {
            let server = Server::start(vec![first, reply("200 OK", "", "{}")]).await;
            sfn(&server).send_task_heartbeat().task_token("token").send().await.unwrap();
            assert_eq!(server.received().len(), 2);
        }
    }

    #[tokio::test]
    async fn a_server_that_stays_silent_longer_than_the_call_may_take_is_a_timeout() {
        let server = Server::start(vec![Reply::Silence(Vec::new())]).await;
        let short = TimeoutConfig::builder().read_timeout(Duration::from_millis(100)).build();
        let config = aws_sdk_sfn::Config::builder().timeout_config(short).retry_config(RetryConfig::disabled());
        let call = sfn(&server).send_task_heartbeat().task_token("token").customize().config_override(config);
        let aws_sdk_sfn::error::SdkError::DispatchFailure(error) = call.send().await.unwrap_err() else { panic!() };
        assert!(error.is_timeout());
    }

    #[tokio::test]
    async fn a_refusal_is_told_by_its_name_and_not_tried_again() {
        let refusal = r#"{"__type":"com.amazonaws.states#TaskTimedOut","message":"gone"}"#;
        let server = Server::start(vec![reply("400 Bad Request", "", refusal)]).await;
        let error = sfn(&server).send_task_heartbeat().task_token("token").send().await.unwrap_err();
        assert_eq!(error.code(), Some("TaskTimedOut"));
        assert_eq!(server.received().len(), 1);
    }
}

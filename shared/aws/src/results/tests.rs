use super::{ResultBucket, error_code};
use crate::http::test_server::{Reply, Server, reply};
use crate::sdk::client;
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use aws_types::SdkConfig;
use aws_types::region::Region;
use stepwait_flow::ports::StoreError;

fn config(server: &Server) -> SdkConfig {
    let credentials = Credentials::new("id", "hunter2", Some("session".to_owned()), None, "test");
    SdkConfig::builder()
        .endpoint_url(server.url(""))
        .region(Region::new("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .build()
}

async fn put(server: &Server) -> Result<(), StoreError> {
    let bucket = ResultBucket::new("kept".to_owned(), &config(server), client().unwrap()).unwrap();
    bucket.put("waits/w 1.json", "application/json", b"{\"id\":1}".to_vec()).await
}

fn unavailable(why: &str) -> Result<(), StoreError> {
    Err(StoreError::Unavailable(why.to_owned()))
}

fn denied() -> Reply {
    reply("403 Forbidden", "", "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code><Message>no</Message></Error>")
}

fn busy() -> Reply {
    reply("503 Slow Down", "", "<Error><Code>SlowDown</Code></Error>")
}

#[tokio::test]
async fn a_result_is_put_with_its_type_and_a_signature() {
    let server = Server::start(vec![reply("200 OK", "", "")]).await;
    assert_eq!(put(&server).await, Ok(()));
    let [request] = server.received().try_into().unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert_eq!(head.lines().next(), Some("PUT /kept/waits/w%201.json HTTP/1.1"));
    assert_eq!(body, "{\"id\":1}");
    let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
    assert_eq!(header("content-type"), Some("application/json"));
    assert_eq!(header("x-amz-security-token"), Some("session"));
    let authorization = header("authorization").unwrap();
    assert!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=id/"), "{authorization}");
    assert!(authorization.contains("/eu-central-1/s3/aws4_request, "), "{authorization}");
    let signed = "SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date;x-amz-security-token, ";
    assert!(authorization.contains(signed), "{authorization}");
    assert!(!request.contains("hunter2"));
}

#[tokio::test]
async fn a_busy_store_and_a_broken_connection_are_tried_once_more() {
    for first in [busy(), Reply::Bytes(Vec::new())] {
        let server = Server::start(vec![first, reply("200 OK", "", "")]).await;
        assert_eq!(put(&server).await, Ok(()));
        assert_eq!(server.received().len(), 2);
    }
}

#[tokio::test]
async fn a_store_that_stays_busy_is_unavailable_after_two_attempts() {
    let server = Server::start(vec![busy()]).await;
    assert_eq!(put(&server).await, unavailable("s3 answered 503 (SlowDown) to a put into bucket \"kept\""));
    assert_eq!(server.received().len(), 2);
}

#[tokio::test]
async fn a_refusal_is_not_tried_again_and_says_its_code() {
    let server = Server::start(vec![denied()]).await;
    assert_eq!(put(&server).await, unavailable("s3 answered 403 (AccessDenied) to a put into bucket \"kept\""));
    assert_eq!(server.received().len(), 1);
}

#[test]
fn without_a_region_or_credentials_there_is_no_bucket() {
    let bare = SdkConfig::builder().build();
    let error = ResultBucket::new("kept".to_owned(), &bare, client().unwrap()).unwrap_err();
    assert_eq!(error, StoreError::Unavailable("s3: the aws configuration names no region".to_owned()));
}

#[test]
fn an_error_document_is_read_for_its_code_only() {
    assert_eq!(error_code(b"<Error><Code>NoSuchBucket</Code></Error>"), Some("NoSuchBucket"));
    for other in [&b""[..], b"<html>busy</html>", b"<Code>no\nletters</Code>", b"<Code>", b"\xff<Code>A</Code>"] {
        assert_eq!(error_code(other), None);
    }
}

//! Whatever a server does ends as an answer or as an error, in time and in bounds.

use super::server::{Reply, Server, reply};
use super::{LONG, SHORT, ask, get};
use crate::clock::now;
use crate::http::{HttpEdge, Limits, Reach};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;
use std::time::Duration;
use stepwait_core::answer::{Answer, BodyError, TransportError};
use stepwait_core::request::OutgoingRequest;
use stepwait_flow::ports::ThirdParty as _;

const GZIP: &str = "content-encoding: gzip\r\n";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Answers once and returns what came of it.
async fn answer(with: Reply) -> Result<Answer, TransportError> {
    let server = Server::start(vec![with]).await;
    ask(get(server.url("/job"))).await
}

async fn body(with: Reply) -> Vec<u8> {
    let answer = answer(with).await.unwrap();
    assert!(!answer.truncated);
    answer.body
}

#[tokio::test]
async fn an_answer_comes_with_its_status_its_headers_and_its_body() {
    let headers = "X-State: done\r\nX-State: twice\r\n";
    let answer = answer(reply("418 I'm a teapot", headers, r#"{"id":1}"#)).await.unwrap();
    assert_eq!(answer.status, 418);
    let expected = [("connection", "close"), ("x-state", "done"), ("x-state", "twice"), ("content-length", "8")];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(answer.headers, expected);
    assert_eq!((answer.body, answer.truncated), (br#"{"id":1}"#.to_vec(), false));
}

#[tokio::test]
async fn an_empty_body_is_an_empty_body() {
    assert_eq!(body(reply("200 OK", "", "")).await, b"");
    assert_eq!(body(Reply::Bytes(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec())).await, b"");
}

#[tokio::test]
async fn html_and_bytes_that_are_no_text_are_handed_on_whatever_they_claim_to_be() {
    let json = "content-type: application/json; charset=latin1\r\n";
    for bytes in [&b"<html>busy</html>"[..], b"\xff\xfe\x00{", b"{\"cut\": "] {
        assert_eq!(body(reply("200 OK", json, bytes)).await, bytes);
    }
    let html = "content-type: text/html\r\n";
    assert_eq!(body(reply("200 OK", html, r#"{"id":1}"#)).await, br#"{"id":1}"#);
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_broken() {
    let cut = [
        "",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\ncontent-type: applic",
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"id\":1}",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n8\r\n{\"id\":1}\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ];
    for bytes in cut {
        assert_eq!(answer(Reply::Bytes(bytes.into())).await, Err(TransportError::Broken), "{bytes:?}");
    }
}

#[tokio::test]
async fn what_is_not_http_is_broken() {
    for bytes in [&b"SSH-2.0-OpenSSH_9.2\r\n"[..], b"HTTP/9.9 200 OK\r\n\r\n", b"HTTP/1.1 2000 OK\r\n\r\n", &[0; 64]] {
        assert_eq!(answer(Reply::Bytes(bytes.to_vec())).await, Err(TransportError::Broken), "{bytes:?}");
    }
    let lengths = "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab";
    assert_eq!(answer(Reply::Bytes(lengths.into())).await, Err(TransportError::Broken));
}

#[tokio::test]
async fn a_body_is_read_as_far_as_is_wanted_and_no_further() {
    for (size, kept, truncated) in [(65_535, 65_535, false), (65_536, 65_536, false), (65_537, 65_536, true)] {
        let answer = answer(reply("200 OK", "", vec![b'x'; size])).await.unwrap();
        assert_eq!((answer.body.len(), answer.truncated), (kept, truncated));
    }
    let server = Server::start(vec![reply("200 OK", "", "{}")]).await;
    let mut nothing = get(server.url("/"));
    nothing.most_bytes = 0;
    let answer = ask(nothing).await.unwrap();
    assert_eq!((answer.body.len(), answer.truncated), (0, true));
}

#[tokio::test]
async fn a_body_without_end_is_cut() {
    let head = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    let answer = answer(Reply::Endless(head, vec![b'['; 32 * 1024])).await.unwrap();
    assert_eq!((answer.body.len(), answer.truncated), (65_536, true));
    assert_eq!(answer.json(), Err(BodyError::TooLarge(65_536)));
}

#[tokio::test]
async fn a_compressed_body_is_decoded_and_no_longer_claims_to_be_compressed() {
    let answer = answer(reply("200 OK", GZIP, gzip(br#"{"id":1}"#))).await.unwrap();
    assert_eq!(answer.body, br#"{"id":1}"#);
    assert_eq!((answer.header("content-encoding"), answer.header("content-length")), (None, None));
}

#[tokio::test]
async fn a_body_compressed_a_thousandfold_is_cut_by_its_decoded_bytes() {
    let bomb = gzip(&vec![b'0'; 64 * 1024 * 1024]);
    assert!(bomb.len() < 64 * 1024 * 1024 / 1000);
    let answer = answer(reply("200 OK", GZIP, bomb)).await.unwrap();
    assert_eq!((answer.body.len(), answer.truncated), (65_536, true));
}

#[tokio::test]
async fn a_compressed_body_that_is_cut_off_or_not_compressed_at_all_is_broken() {
    let whole = gzip(br#"{"id":1}"#);
    assert_eq!(answer(reply("200 OK", GZIP, &whole[..whole.len() - 6])).await, Err(TransportError::Broken));
    assert_eq!(answer(reply("200 OK", GZIP, r#"{"id":1}"#)).await, Err(TransportError::Broken));
}

#[tokio::test]
async fn an_empty_body_that_claims_to_be_compressed_is_empty() {
    let nothing = answer(reply("200 OK", GZIP, "")).await.unwrap();
    assert_eq!((nothing.status, nothing.body), (200, Vec::new()));
    let accepted = answer(Reply::Bytes(b"HTTP/1.1 204 No Content\r\ncontent-encoding: gzip\r\n\r\n".to_vec())).await;
    assert_eq!(accepted.unwrap().status, 204);
}

#[tokio::test]
async fn headers_without_end_are_broken() {
    let many = Reply::Endless(b"HTTP/1.1 200 OK\r\n".to_vec(), b"x-more: and more\r\n".repeat(100));
    assert_eq!(answer(many).await, Err(TransportError::Broken));
    let long = Reply::Endless(b"HTTP/1.1 200 OK\r\nx-long: ".to_vec(), vec![b'x'; 32 * 1024]);
    assert_eq!(answer(long).await, Err(TransportError::Broken));
}

#[tokio::test]
async fn headers_of_at_most_8_kib_are_kept_and_an_answer_with_over_a_hundred_is_broken() {
    let headers: String = (0..90).map(|n| format!("x-{n}: {n}\r\n")).collect();
    let long = format!("x-long: {}\r\nx-fits: {}\r\nx-text: caf\u{e9}\r\n", "a".repeat(8193), "b".repeat(8192));
    let answer = answer(reply("200 OK", &(long + &headers), "{}")).await.unwrap();
    assert_eq!(answer.header("x-long"), None);
    assert_eq!(answer.header("x-text"), None);
    assert_eq!(answer.header("x-fits").unwrap().len(), 8192);
    assert_eq!((answer.header("x-0"), answer.header("x-89")), (Some("0"), Some("89")));
    let many: String = (0..120).map(|n| format!("x-{n}: {n}\r\n")).collect();
    assert_eq!(
        super::ask(super::get(Server::start(vec![reply("200 OK", &many, "{}")]).await.url("/"))).await,
        Err(TransportError::Broken)
    );
}

#[tokio::test]
async fn a_server_that_is_silent_or_only_hints_is_broken_when_the_time_for_the_first_byte_is_over() {
    let impatient = HttpEdge::with_limits(Reach::LOOPBACK, Limits { first_byte: SHORT, ..LONG }).unwrap();
    let hints = Reply::Endless(Vec::new(), b"HTTP/1.1 103 Early Hints\r\n\r\n".to_vec());
    let half = Reply::Silence(b"HTTP/1.1 200 OK\r\ncontent-le".to_vec());
    for silent in [Reply::Silence(Vec::new()), half, hints] {
        let server = Server::start(vec![silent]).await;
        assert_eq!(impatient.send(get(server.url("/"))).await, Err(TransportError::Broken));
    }
}

#[tokio::test]
async fn a_body_that_stops_halfway_is_broken_when_the_time_for_the_whole_is_over() {
    let half = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{\"id\"";
    let server = Server::start(vec![Reply::Silence(half.into())]).await;
    let impatient = HttpEdge::with_limits(Reach::LOOPBACK, Limits { whole: SHORT, ..LONG }).unwrap();
    assert_eq!(impatient.send(get(server.url("/"))).await, Err(TransportError::Broken));
}

#[tokio::test]
async fn an_answer_that_nobody_waits_for_any_more_is_given_up_and_one_that_nobody_waited_for_is_not_asked_for() {
    let patient = HttpEdge::with_limits(Reach::LOOPBACK, LONG).unwrap();
    let server = Server::start(vec![Reply::Silence(Vec::new())]).await;
    let until = |time| OutgoingRequest { until: Some(time), ..get(server.url("/")) };
    assert_eq!(patient.send(until(now())).await, Err(TransportError::NotConnected));
    assert_eq!(patient.send(until(now() + SHORT)).await, Err(TransportError::Broken));
    let hasty = HttpEdge::with_limits(Reach::LOOPBACK, Limits { whole: SHORT, ..LONG }).unwrap();
    let server = Server::start(vec![Reply::Silence(Vec::new())]).await;
    let later = OutgoingRequest { until: Some(now() + Duration::from_hours(1)), ..get(server.url("/")) };
    assert_eq!(hasty.send(later).await, Err(TransportError::Broken), "the shorter of the two counts");
}

//! What is sent, and what is not sent at all.

use super::server::{Server, reply};
use super::{LONG, SHORT, ask, get};
use crate::http::resolver::{CheckedResolver, within};
use crate::http::{HttpEdge, Limits, Place, Reach, WhyNot};
use reqwest::dns::Resolve as _;
use std::net::{IpAddr, SocketAddr};
use stepwait_core::SecretValue;
use stepwait_core::answer::TransportError;
use stepwait_core::integration::Method;
use stepwait_flow::ports::ThirdParty as _;
use tokio::net::{TcpListener, TcpStream};

fn sockets(addresses: &str) -> Vec<SocketAddr> {
    addresses.split_whitespace().map(|address| SocketAddr::new(address.parse().unwrap(), 0)).collect()
}

#[tokio::test]
async fn a_request_is_sent_as_it_was_made() {
    let server = Server::start(vec![reply("200 OK", "", "{}")]).await;
    let mut request = get(server.url("/v1/jobs?x=%20y"));
    request.method = Method::Put;
    request.headers = vec![("X-Key".to_owned(), SecretValue::new("k v"))];
    request.body = Some(r#"{"scene":1}"#.to_owned());
    ask(request).await.unwrap();
    let received = server.received().remove(0);
    let (head, body) = received.split_once("\r\n\r\n").unwrap();
    assert_eq!(body, r#"{"scene":1}"#);
    let mut lines = head.lines();
    assert_eq!(lines.next(), Some("PUT /v1/jobs?x=%20y HTTP/1.1"));
    let mut headers: Vec<&str> = lines.collect();
    headers.sort_unstable();
    let host = format!("host: 127.0.0.1:{}", server.port());
    let agent = concat!("user-agent: stepwait/", env!("CARGO_PKG_VERSION"));
    assert_eq!(headers, ["accept-encoding: gzip", "accept: */*", "content-length: 11", &host, agent, "x-key: k v"]);
}

#[tokio::test]
async fn a_header_that_cannot_be_written_is_not_sent() {
    let server = Server::start(vec![reply("200 OK", "", "{}")]).await;
    for (name, value) in [
        ("authorization", "Bearer one\n"),
        ("authorization", "Bearer one\r\nx-admin: 1"),
        ("authorization", "\0"),
        ("x y", "1"),
        ("", "1"),
        ("x\r\ny", "1"),
    ] {
        let mut request = get(server.url("/"));
        request.headers = vec![(name.to_owned(), SecretValue::new(value))];
        assert_eq!(ask(request).await, Err(TransportError::Unsendable), "{name:?}: {value:?}");
    }
    assert_eq!(server.received(), Vec::<String>::new());
}

#[tokio::test]
async fn a_url_that_cannot_be_read_is_refused() {
    let edge = HttpEdge::new(Reach::PUBLIC).unwrap();
    for url in ["", "/v1/jobs", "https://", "https://256.1.1.1/", "https://[::1/", "https://a b/", "https://x:99999/"] {
        assert_eq!(edge.send(get(url)).await, Err(TransportError::Refused), "{url:?}");
    }
}

#[tokio::test]
async fn a_server_on_this_machine_is_not_even_dialled_by_a_deployed_function() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let edge = HttpEdge::new(Reach::PUBLIC).unwrap();
    for url in [
        format!("http://127.0.0.1:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        format!("https://localhost:{port}/"),
        format!("https://2130706433:{port}/"),
        format!("https://[::ffff:127.0.0.1]:{port}/"),
    ] {
        assert_eq!(edge.send(get(&url)).await, Err(TransportError::Refused), "{url}");
    }
    // Past the check of the URL, as a name would come that nobody knows to be this machine.
    let name = get(format!("https://localhost:{port}/"));
    assert_eq!(edge.dial_unchecked(name).await.unwrap_err(), TransportError::Refused);
    // Connections are accepted in the order they were made, so there was none before this one.
    let own = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    assert_eq!(listener.accept().await.unwrap().1, own.local_addr().unwrap());
}

#[tokio::test]
async fn a_name_is_looked_up_within_reach() {
    let refused = CheckedResolver(Reach::PUBLIC).resolve("localhost".parse().unwrap()).await.err().unwrap();
    let Some(WhyNot::Address(address, Place::Loopback)) = refused.downcast_ref::<WhyNot>() else {
        panic!("{refused:?}")
    };
    assert!(address.is_loopback());
    let allowed = CheckedResolver(Reach::LOOPBACK).resolve("localhost".parse().unwrap()).await.unwrap();
    assert!(allowed.map(|found| found.ip()).all(|ip: IpAddr| ip.is_loopback()));
    let server = Server::start(vec![reply("200 OK", "", "{}")]).await;
    let edge = HttpEdge::new(Reach::LOOPBACK).unwrap();
    let answer = edge.send(get(format!("http://localhost:{}/", server.port()))).await.unwrap();
    assert_eq!(answer.status, 200);
}

#[test]
fn of_several_addresses_only_those_within_reach_are_dialled() {
    let mixed = sockets("10.0.0.1 93.184.215.14 ::1 2606:4700:4700::1111 169.254.169.254");
    assert_eq!(within(mixed.clone(), Reach::PUBLIC), Ok(sockets("93.184.215.14 2606:4700:4700::1111")));
    assert_eq!(within(mixed.clone(), Reach::LOOPBACK.of_plain_http()), Ok(sockets("::1")));
    assert_eq!(within(mixed, Reach::PRIVATE.of_plain_http()), Ok(sockets("10.0.0.1 ::1")));
}

#[test]
fn if_all_addresses_are_out_of_reach_the_first_one_is_named() {
    let why = WhyNot::Address("10.0.0.1".parse().unwrap(), Place::Private);
    assert_eq!(within(sockets("10.0.0.1 ::1"), Reach::PUBLIC), Err(why));
    assert_eq!(within([], Reach::PUBLIC), Ok(vec![]));
}

#[tokio::test]
async fn the_runtimes_port_is_refused_where_this_machine_is_within_reach() {
    let server = Server::start(vec![reply("200 OK", "", "the next event")]).await;
    let edge = HttpEdge::new(Reach::LOOPBACK.except_port(server.port())).unwrap();
    assert_eq!(edge.send(get(server.url("/next"))).await, Err(TransportError::Refused));
    assert_eq!(server.received(), Vec::<String>::new());
}

#[tokio::test]
async fn where_nobody_listens_there_is_no_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let edge = HttpEdge::new(Reach::LOOPBACK).unwrap();
    assert_eq!(edge.send(get(url)).await, Err(TransportError::NotConnected));
    // No name has a label of more than 63 bytes (RFC 1035), so nobody has to be asked for this one.
    let unknown = format!("https://{}.example/", "a".repeat(64));
    assert_eq!(edge.send(get(unknown)).await, Err(TransportError::NotConnected));
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls_is_not_connected() {
    let server = Server::start(vec![reply("200 OK", "", "{}")]).await;
    let edge = HttpEdge::with_limits(Reach::LOOPBACK, Limits { connect: SHORT, ..LONG }).unwrap();
    let url = format!("https://127.0.0.1:{}/", server.port());
    assert_eq!(edge.send(get(url)).await, Err(TransportError::NotConnected));
}

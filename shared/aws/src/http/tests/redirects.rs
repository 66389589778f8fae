//! Redirects: none, unless the request asks for them; then a few, on the same server.

use super::server::{Reply, Server, reply};
use super::{ask, get};
use stepwait_core::SecretValue;
use stepwait_core::answer::TransportError;
use stepwait_core::integration::Method;

fn to(location: &str) -> Reply {
    reply("302 Found", &format!("location: {location}\r\n"), "")
}

fn done() -> Reply {
    reply("200 OK", "", "{}")
}

fn paths(server: &Server) -> Vec<String> {
    server.received().iter().map(|request| request.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect()
}

#[tokio::test]
async fn a_redirect_is_an_answer_unless_the_request_follows_it() {
    let server = Server::start(vec![to("/elsewhere"), done()]).await;
    let answer = ask(get(server.url("/job"))).await.unwrap();
    assert_eq!((answer.status, answer.header("location")), (302, Some("/elsewhere")));
    assert_eq!(paths(&server), ["GET /job"]);
}

#[tokio::test]
async fn a_redirect_on_the_same_server_is_followed_with_the_credentials() {
    let server = Server::start(vec![to("elsewhere?x=1"), done()]).await;
    let mut request = get(server.url("/v1/job"));
    request.redirects = true;
    request.headers = vec![("authorization".to_owned(), SecretValue::new("Bearer one"))];
    assert_eq!(ask(request).await.unwrap().status, 200);
    assert_eq!(paths(&server), ["GET /v1/job", "GET /v1/elsewhere?x=1"]);
    assert!(server.received().iter().all(|request| request.contains("\r\nauthorization: Bearer one\r\n")));
}

#[tokio::test]
async fn three_redirects_are_followed_and_the_fourth_is_the_answer() {
    let server = Server::start(vec![to("/2"), to("/3"), to("/4"), to("/5"), done()]).await;
    let mut request = get(server.url("/1"));
    request.redirects = true;
    let answer = ask(request).await.unwrap();
    assert_eq!((answer.status, answer.header("location")), (302, Some("/5")));
    assert_eq!(paths(&server), ["GET /1", "GET /2", "GET /3", "GET /4"]);
}

#[tokio::test]
async fn a_redirect_to_itself_ends() {
    let server = Server::start(vec![to("/job")]).await;
    let mut request = get(server.url("/job"));
    request.redirects = true;
    assert_eq!(ask(request).await.unwrap().status, 302);
    assert_eq!(server.received().len(), 4);
}

#[tokio::test]
async fn a_redirect_to_another_host_port_or_scheme_is_not_followed() {
    let other = Server::start(vec![done()]).await;
    let same = Server::start(vec![done()]).await;
    let port = same.port();
    for location in [
        other.url("/"),
        format!("http://localhost:{port}/"),
        format!("https://127.0.0.1:{port}/"),
        "//169.254.169.254/latest/meta-data/".to_owned(),
        "file:///etc/passwd".to_owned(),
        "https://".to_owned(),
    ] {
        let server = Server::start(vec![to(&location), done()]).await;
        let mut request = get(server.url("/job"));
        request.redirects = true;
        assert_eq!(ask(request).await.unwrap().status, 302, "{location}");
        assert_eq!(paths(&server), ["GET /job"], "{location}");
    }
    assert_eq!((other.received(), same.received()), (vec![], vec![]));
}

#[tokio::test]
async fn a_redirect_that_names_a_user_is_not_followed_even_on_the_same_server() {
    let server = Server::start_with(|address| vec![to(&format!("http://user@{address}/")), done()]).await;
    let mut request = get(server.url("/job"));
    request.redirects = true;
    assert_eq!(ask(request).await.unwrap().status, 302);
    assert_eq!(paths(&server), ["GET /job"]);
}

#[tokio::test]
async fn a_redirect_to_the_same_server_by_its_whole_url_is_followed() {
    let server = Server::start_with(|address| vec![to(&format!("http://{address}/elsewhere")), done()]).await;
    let mut request = get(server.url("/job"));
    request.redirects = true;
    assert_eq!(ask(request).await.unwrap().status, 200);
    assert_eq!(paths(&server), ["GET /job", "GET /elsewhere"]);
}

#[tokio::test]
async fn only_a_get_follows_and_only_redirects_are_followed() {
    let server = Server::start(vec![to("/elsewhere"), done()]).await;
    let mut post = get(server.url("/job"));
    post.method = Method::Post;
    post.redirects = true;
    assert_eq!(ask(post).await.unwrap().status, 302);
    for status in ["201 Created", "202 Accepted", "300 Multiple Choices", "304 Not Modified"] {
        let server = Server::start(vec![reply(status, "location: /elsewhere\r\n", ""), done()]).await;
        let mut request = get(server.url("/job"));
        request.redirects = true;
        assert_eq!(ask(request).await.unwrap().status.to_string(), status[..3]);
        assert_eq!(paths(&server), ["GET /job"], "{status}");
    }
}

#[tokio::test]
async fn a_redirect_that_breaks_is_broken_as_the_first_request_did_arrive() {
    let server = Server::start(vec![to("/elsewhere"), Reply::Bytes(Vec::new())]).await;
    let mut request = get(server.url("/job"));
    request.redirects = true;
    assert_eq!(ask(request).await, Err(TransportError::Broken));
}

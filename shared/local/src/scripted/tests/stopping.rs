//! Nothing stays behind.

use tokio::net::TcpStream;

use super::super::{Answer, Script, ThirdParty, millis, secs};
use super::peers::{PATIENCE, ask_checks, check, open};

#[tokio::test]
async fn after_a_stop_nothing_listens() {
    let third_party = ThirdParty::start().await.unwrap();
    let base_url = third_party.base_url();
    let address = base_url.strip_prefix("http://").unwrap();
    third_party.script("r1", Script::succeeds_after(secs(3_600)));
    ask_checks(&third_party, "POST /v1/checks", &check("r1")).await.unwrap();

    third_party.stop().await;

    let refused = TcpStream::connect(address).await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn a_stop_does_not_wait_for_an_answer_that_takes_too_long() {
    let third_party = ThirdParty::start().await.unwrap();
    let slow = Answer::slow(secs(3_600));
    third_party.script("r1", Script::never_ends().submit_answers([slow]));
    let base_url = third_party.base_url();
    let bearer = format!("Bearer {}", third_party.checks_token());
    let headers = [("authorization", bearer.as_str())];
    let body = check("r1").to_string();
    let _unanswered = open(&third_party, "POST /v1/checks", &headers, &body).await;
    third_party.wait_until("r1", |seen| seen.jobs.len() == 1, PATIENCE).await.unwrap();

    tokio::time::timeout(PATIENCE, third_party.stop()).await.unwrap();

    let address = base_url.strip_prefix("http://").unwrap();
    let refused = TcpStream::connect(address).await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn dropped_it_closes_its_port() {
    let third_party = ThirdParty::start().await.unwrap();
    let base_url = third_party.base_url();
    let address = base_url.strip_prefix("http://").unwrap();

    drop(third_party);

    let closed = async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::time::sleep(millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, closed).await.unwrap();
}

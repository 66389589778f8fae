//! What `send` sends, and what it makes of the answer.

use crate::support::{NOW, SECRET, run, verified};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::thread::JoinHandle;

const NAME: &str = "identity-check";

fn secret() -> String {
    format!("identity-check/webhook={SECRET}")
}

/// A listener on this machine that answers the same to each request, and returns
/// them as they came.
fn listener(status: &str, body: &str, requests: usize) -> (String, JoinHandle<Vec<Vec<u8>>>) {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    let answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}", body.len());
    let thread = std::thread::spawn(move || {
        let mut received = Vec::new();
        for _ in 0..requests {
            let (stream, _) = socket.accept().unwrap();
            let mut reader = BufReader::new(stream);
            let (mut request, mut length) = (Vec::new(), 0);
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                request.extend_from_slice(line.as_bytes());
                if let Some(bytes) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = bytes.trim().parse().unwrap();
                }
                if line == "\r\n" {
                    break;
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            request.extend_from_slice(&body);
            reader.get_mut().write_all(answer.as_bytes()).unwrap();
            received.push(request);
        }
        received
    });
    (url, thread)
}

#[test]
fn what_a_listener_receives_is_genuine_as_often_as_it_was_asked_for() {
    let (url, listener) = listener("202 Accepted", r#"{"message":"kept: the job is not known yet"}"#, 3);
    let arguments = [
        "send",
        NAME,
        "--secret",
        &secret(),
        "--now",
        NOW,
        "--job-id",
        "c-1",
        "--delivery-id",
        "msg_1",
        "--times",
        "3",
        "--allow-private",
        "--format",
        "json",
        "--url",
        &url,
    ];
    let said = run(&arguments, b"");
    assert_eq!((said.status, said.err.as_str()), (0, ""), "{said:?}");
    let answers: Vec<serde_json::Value> = said.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 3);
    for answer in answers {
        assert_eq!(
            (answer["status"].as_u64(), answer["message"].as_str()),
            (Some(202), Some("kept: the job is not known yet"))
        );
        assert_eq!(answer["url"], format!("{url}/webhooks/identity-check"));
    }
    let received = listener.join().unwrap();
    assert_eq!(received.len(), 3);
    for request in received {
        let (status, told) = verified(NAME, &request, &["--secret", &secret()]);
        assert_eq!((status, told["verdict"].as_str()), (0, Some("accepted")), "{told:#}");
        assert_eq!((told["event"]["job_id"].as_str(), told["event"]["status"].as_u64()), (Some("c-1"), Some(200)));
        assert!(std::str::from_utf8(&request).unwrap().contains("webhook-id: msg_1\r\n"));
    }
}

#[test]
fn an_answer_that_is_no_success_shows_in_the_status() {
    let (url, listener) =
        listener("401 Unauthorized", r#"{"message":"none of the 1 signatures matches any of the 1 secrets"}"#, 1);
    let said =
        run(&["send", NAME, "--secret", &secret(), "--tamper", "signature", "--allow-private", "--url", &url], b"");
    assert_eq!(said.status, 1);
    let lines: Vec<_> = said.out.lines().collect();
    assert_eq!(lines[0], format!("POST {url}/webhooks/identity-check  66 bytes"));
    assert!(
        lines[1].starts_with("401 ")
            && lines[1].ends_with(" ms  none of the 1 signatures matches any of the 1 secrets"),
        "{said:?}"
    );
    assert_eq!(listener.join().unwrap().len(), 1);
}

#[test]
fn a_waits_own_address_is_called_as_it_is() {
    let (url, listener) = listener("200 OK", "{}", 1);
    let url = format!("{url}/webhooks/identity-check/w-1/capability?x=1");
    let said = run(&["send", NAME, "--secret", &secret(), "--allow-private", "--wait-url", &url], b"");
    assert_eq!(said.status, 0, "{said:?}");
    let received = String::from_utf8(listener.join().unwrap().remove(0)).unwrap();
    assert!(received.starts_with("POST /webhooks/identity-check/w-1/capability?x=1 HTTP/1.1\r\n"), "{received}");
}

#[test]
fn nobody_is_called_on_this_machine_unless_that_is_allowed() {
    let said = run(&["send", NAME, "--secret", &secret(), "--url", "http://127.0.0.1:1"], b"");
    assert_eq!((said.status, said.out.as_str()), (2, ""));
    assert_eq!(
        said.err,
        "error: http://127.0.0.1:1/webhooks/identity-check cannot be called: plain http is spoken with this machine or a private network only, where that is allowed; use https; --allow-private lets requests go to this machine and to private networks\n"
    );
    let said = run(&["send", NAME, "--secret", &secret(), "--url", "http://127.0.0.1:1", "--allow-private"], b"");
    assert_eq!((said.status, said.out.as_str()), (3, ""));
    assert_eq!(said.err, "error: http://127.0.0.1:1/webhooks/identity-check: could not connect\n");
}

#[test]
fn an_event_that_the_file_does_not_read_is_sent_with_a_note() {
    let said = run(&["send", NAME, "--secret", &secret(), "--body", "{}", "--dry-run"], b"");
    assert_eq!(said.status, 0);
    assert_eq!(
        said.err,
        "note: the listener cannot use this event: the event has no job id at body:/data/check_id; check callback.job_id; give one by --body\n"
    );
}

#[test]
fn a_status_of_ones_own_is_put_where_the_file_reads_it() {
    for (status, says) in
        [("declined", "failed: JobFailed: status \"declined\""), ("in_review", "pending: the job is under way")]
    {
        let said = run(&["send", NAME, "--secret", &secret(), "--status", status, "--now", NOW, "--dry-run"], b"");
        let (_, told) = verified(NAME, said.out.as_bytes(), &["--secret", &secret()]);
        assert_eq!(told["event"]["says"], says);
    }
}

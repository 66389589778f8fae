//! The other ends of the wire, by hand, so that nothing is tested against
//! itself: a caller and a webhook receiver.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::super::{ThirdParty, secs};

/// Longer than anything here takes on a busy machine; reached only by a defect.
pub(super) const PATIENCE: Duration = secs(20);

/// A message as it was on the wire.
#[derive(Clone, Debug)]
pub(super) struct Message {
    /// The request line or the status line.
    pub(super) start: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Message {
    async fn read(stream: &mut TcpStream) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            if line == "\r\n" {
                break;
            }
            lines.push(line.trim_end().to_owned());
        }
        let headers: Vec<(String, String)> = lines[1..]
            .iter()
            .map(|line| line.split_once(": ").unwrap())
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let mut message = Self { start: lines[0].clone(), headers, body: Vec::new() };
        let length = message.header("content-length").map_or(0, |text| text.parse().unwrap());
        message.body = vec![0; length];
        reader.read_exact(&mut message.body).await.ok()?;
        Some(message)
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn status(&self) -> u16 {
        self.start.split(' ').nth(1).unwrap().parse().unwrap()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// Sends one request; `None` when the connection was closed without an answer.
pub(super) async fn send(
    third_party: &ThirdParty,
    start: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Option<Message> {
    let mut stream = open(third_party, start, headers, body).await;
    tokio::time::timeout(PATIENCE, Message::read(&mut stream)).await.unwrap()
}

/// Sends one request and does not wait for its answer.
pub(super) async fn open(third_party: &ThirdParty, start: &str, headers: &[(&str, &str)], body: &str) -> TcpStream {
    let base_url = third_party.base_url();
    let address = base_url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = body.len();
    let mut request = format!("{start} HTTP/1.1\r\nhost: {address}\r\ncontent-length: {length}\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    request.push_str(body);
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// Asks the transcripts vendor, with its token.
pub(super) async fn ask_transcripts(third_party: &ThirdParty, start: &str, body: &Value) -> Option<Message> {
    let bearer = format!("Bearer {}", third_party.transcripts_token());
    let headers = [("authorization", bearer.as_str())];
    send(third_party, start, &headers, &body.to_string()).await
}

/// Asks the vendor of renderings, with its token.
pub(super) async fn ask_renderings(third_party: &ThirdParty, start: &str, body: &Value) -> Option<Message> {
    let bearer = format!("Bearer {}", third_party.renderings_token());
    let headers = [("authorization", bearer.as_str())];
    send(third_party, start, &headers, &body.to_string()).await
}

/// Asks the identity-check vendor, with its token.
pub(super) async fn ask_checks(third_party: &ThirdParty, start: &str, body: &Value) -> Option<Message> {
    let bearer = format!("Bearer {}", third_party.checks_token());
    let headers = [("authorization", bearer.as_str())];
    send(third_party, start, &headers, &body.to_string()).await
}

pub(super) fn transcript(reference: &str) -> Value {
    json!({"audio_url": "https://example.com/a.mp3", "reference": reference})
}

pub(super) fn rendering(reference: &str) -> Value {
    json!({"film": "metropolis", "reference": reference})
}

pub(super) fn check(reference: &str) -> Value {
    let webhook_url = "https://hooks.example.com/identity-check?v=1";
    json!({"applicant": "Ada", "reference": reference, "webhook_url": webhook_url})
}

/// Takes webhooks and answers them with a list of statuses, the last of which it
/// keeps on giving.
pub(super) struct Receiver {
    pub(super) address: SocketAddr,
    received: Arc<Mutex<Vec<Message>>>,
    task: JoinHandle<()>,
}

impl Receiver {
    pub(super) async fn answering(statuses: &'static [u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let inbox = Arc::clone(&received);
        let task = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let Some(message) = Message::read(&mut stream).await else {
                    continue;
                };
                let number = {
                    let mut inbox = inbox.lock().unwrap();
                    inbox.push(message);
                    inbox.len()
                };
                let status = statuses[number.min(statuses.len()) - 1];
                let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 2\r\n\r\nok");
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { address, received, task }
    }

    pub(super) fn received(&self) -> Vec<Message> {
        self.received.lock().unwrap().clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

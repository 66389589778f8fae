//! The server that a function asks for its invocations.

use crate::http_server::respond;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::{Notify, mpsc};

/// All paths begin with the interface's version.
const VERSION: &str = "/2018-06-01/runtime/";

/// An account, a Region and a trace that do not exist, in the form in which Lambda names them.
const FUNCTION_ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:measured";
const TRACE: &str = "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0";

/// What came of one invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// From the handing over of the event until the whole answer was there.
    pub took: Duration,
    /// The answer.
    pub reply: Reply,
}

/// What a function answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// Its response.
    Response(Bytes),
    /// Its error, as it reported it.
    Error(Bytes),
}

/// The interface of one environment.
#[derive(Debug)]
pub(super) struct Interface {
    began: Instant,
    /// How long an invocation may take, as the template has it.
    limit: Duration,
    events: tokio::sync::Mutex<mpsc::Receiver<Bytes>>,
    results: mpsc::Sender<Invocation>,
    running: Mutex<Running>,
    ready: OnceLock<Duration>,
    asked: Notify,
    answered: OnceLock<Duration>,
    init_error: OnceLock<Bytes>,
}

#[derive(Debug, Default)]
struct Running {
    invocations: u64,
    handed_over: Option<(String, Instant)>,
}

impl Interface {
    pub(super) fn new(limit: Duration, events: mpsc::Receiver<Bytes>, results: mpsc::Sender<Invocation>) -> Self {
        Self {
            began: Instant::now(),
            limit,
            events: tokio::sync::Mutex::new(events),
            results,
            running: Mutex::default(),
            ready: OnceLock::new(),
            asked: Notify::new(),
            answered: OnceLock::new(),
            init_error: OnceLock::new(),
        }
    }

    /// From the start until the function asked for its first invocation.
    pub(super) fn ready(&self) -> Option<Duration> {
        self.ready.get().copied()
    }

    /// Waits until the function asks for an invocation.
    pub(super) async fn asked(&self) {
        self.asked.notified().await;
    }

    /// From the start until its first answer was there.
    pub(super) fn answered(&self) -> Option<Duration> {
        self.answered.get().copied()
    }

    /// What the function said when it could not start.
    pub(super) fn init_error(&self) -> Option<Bytes> {
        self.init_error.get().cloned()
    }

    pub(super) async fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path().to_owned();
        let Some(what) = path.strip_prefix(VERSION) else {
            return unknown();
        };
        if (request.method(), what) == (&Method::GET, "invocation/next") {
            return self.next().await;
        }
        if request.method() != Method::POST {
            return unknown();
        }
        if what == "init/error" {
            let _ = self.init_error.set(request.into_body());
            return accepted();
        }
        match what.strip_prefix("invocation/").and_then(|rest| rest.split_once('/')) {
            Some((id, "response")) => self.done(id, Reply::Response(request.into_body())).await,
            Some((id, "error")) => self.done(id, Reply::Error(request.into_body())).await,
            _ => unknown(),
        }
    }

    /// Waits for an event and hands it over.
    async fn next(&self) -> Response<Bytes> {
        let _ = self.ready.set(self.began.elapsed());
        self.asked.notify_one();
        let Some(event) = self.events.lock().await.recv().await else {
            return respond(StatusCode::GONE, "text/plain", "the environment is being taken down");
        };
        let mut response = respond(StatusCode::OK, "application/json", event);
        let id = {
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            running.invocations += 1;
            let id = format!("00000000-0000-4000-8000-{:012x}", running.invocations);
            running.handed_over = Some((id.clone(), Instant::now()));
            id
        };
        let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + self.limit;
        for (name, value) in [
            ("lambda-runtime-aws-request-id", id.as_str()),
            ("lambda-runtime-deadline-ms", deadline.as_millis().to_string().as_str()),
            ("lambda-runtime-invoked-function-arn", FUNCTION_ARN),
            ("lambda-runtime-trace-id", TRACE),
        ] {
            if let Ok(value) = HeaderValue::from_str(value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }

    /// Takes an answer, if it is the running invocation's.
    async fn done(&self, id: &str, reply: Reply) -> Response<Bytes> {
        let handed_over = {
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            running.handed_over.take_if(|(running, _)| running == id)
        };
        let Some((_, since)) = handed_over else {
            return respond(StatusCode::BAD_REQUEST, "application/json", r#"{"errorType":"InvalidRequestID"}"#);
        };
        let _ = self.answered.set(self.began.elapsed());
        // Nobody may be waiting any more, when the environment is taken down.
        let _ = self.results.send(Invocation { took: since.elapsed(), reply }).await;
        accepted()
    }
}

fn accepted() -> Response<Bytes> {
    respond(StatusCode::ACCEPTED, "application/json", r#"{"status":"OK"}"#)
}

fn unknown() -> Response<Bytes> {
    respond(StatusCode::NOT_FOUND, "application/json", r#"{"errorType":"InvalidPath"}"#)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An interface, and the two ends that an environment holds.
    fn interface() -> (Interface, mpsc::Sender<Bytes>, mpsc::Receiver<Invocation>) {
        let (send, events) = mpsc::channel(4);
        let (results, receive) = mpsc::channel(4);
        (Interface::new(Duration::from_secs(45), events, results), send, receive)
    }

    async fn ask(interface: &Interface, method: &str, path: &str, body: &'static str) -> Response<Bytes> {
        let request = Request::builder().method(method).uri(format!("{VERSION}{path}"));
        interface.answer(request.body(Bytes::from_static(body.as_bytes())).unwrap()).await
    }

    #[tokio::test]
    async fn an_invocation_is_handed_over_with_its_id_and_its_deadline_and_answered_once() {
        let (interface, events, mut results) = interface();
        events.send(Bytes::from_static(b"{\"a\":1}")).await.unwrap();
        let next = ask(&interface, "GET", "invocation/next", "").await;
        assert_eq!((next.status(), next.body().as_ref()), (StatusCode::OK, &b"{\"a\":1}"[..]));
        let header = |name: &str| next.headers()[name].to_str().unwrap().to_owned();
        let id = header("lambda-runtime-aws-request-id");
        assert_eq!(id, "00000000-0000-4000-8000-000000000001");
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        let left = header("lambda-runtime-deadline-ms").parse::<u128>().unwrap() - now;
        assert!((40_000..=45_000).contains(&left), "{left} ms");

        let path = format!("invocation/{id}/response");
        assert_eq!(ask(&interface, "POST", &path, "{}").await.status(), StatusCode::ACCEPTED);
        assert_eq!(results.recv().await.unwrap().reply, Reply::Response(Bytes::from_static(b"{}")));
        assert_eq!(ask(&interface, "POST", &path, "{}").await.status(), StatusCode::BAD_REQUEST);
        assert!(results.try_recv().is_err());
    }

    #[tokio::test]
    async fn an_error_is_told_apart_from_a_response_and_one_of_the_start_is_kept() {
        let (interface, events, mut results) = interface();
        events.send(Bytes::new()).await.unwrap();
        ask(&interface, "GET", "invocation/next", "").await;
        ask(&interface, "POST", "invocation/00000000-0000-4000-8000-000000000001/error", "no").await;
        assert_eq!(results.recv().await.unwrap().reply, Reply::Error(Bytes::from_static(b"no")));
        assert_eq!(interface.init_error(), None);
        assert_eq!(ask(&interface, "POST", "init/error", "bad").await.status(), StatusCode::ACCEPTED);
        assert_eq!(interface.init_error(), Some(Bytes::from_static(b"bad")));
        assert!(interface.ready() <= interface.answered());
    }

    #[tokio::test]
    async fn what_is_no_path_of_the_interface_is_not_found() {
        let (interface, _events, _results) = interface();
        for (method, path) in [("POST", "invocation/next"), ("GET", "init/error"), ("POST", "invocation/1/other")] {
            assert_eq!(ask(&interface, method, path, "").await.status(), StatusCode::NOT_FOUND, "{method} {path}");
        }
    }
}

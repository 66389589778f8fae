//! Answers that a vendor should not have given, but did.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::Full;
use serde_json::{Value, json};

/// One scripted answer, to a submit, a status check or a cancel.
///
/// Unless it [took effect](Answer::although_it_took_effect), the request changed
/// nothing at the vendor: a submit answered 503 made no job.
#[derive(Clone, Debug)]
pub struct Answer {
    form: Form,
    delay: Duration,
    takes_effect: bool,
}

#[derive(Clone, Debug)]
enum Form {
    Normal,
    Canned { status: StatusCode, headers: Vec<(HeaderName, HeaderValue)>, body: Bytes },
    HangUp,
}

/// The connection is to be closed without an answer.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the script closes this connection without an answer")]
pub(super) struct HangUp;

impl Answer {
    /// The normal answer; holds a place in a list whose second entry is odd.
    #[must_use]
    pub fn normal() -> Self {
        Self { form: Form::Normal, delay: Duration::ZERO, takes_effect: true }
    }

    /// The normal answer, this late. The request is worked on at once: a caller
    /// who gives up meanwhile has submitted all the same.
    #[must_use]
    pub fn slow(delay: Duration) -> Self {
        Self::normal().late_by(delay)
    }

    /// Any status with a JSON body.
    #[must_use]
    pub fn status(status: StatusCode, body: &Value) -> Self {
        Self::canned(status, "application/json", body.to_string())
    }

    /// 429 with this `Retry-After`, given as text because vendors send seconds,
    /// dates and nonsense.
    #[must_use]
    pub fn throttled(retry_after: HeaderValue) -> Self {
        let body = json!({"error": "too many requests"});
        Self::status(StatusCode::TOO_MANY_REQUESTS, &body).with_header(RETRY_AFTER, retry_after)
    }

    /// 200 with a web page, as a proxy or a maintenance window sends it.
    #[must_use]
    pub fn html() -> Self {
        Self::canned(StatusCode::OK, "text/html", "<!doctype html><title>We will be right back</title>")
    }

    /// 200 with JSON that stops in the middle.
    #[must_use]
    pub fn cut_off_json() -> Self {
        Self::canned(StatusCode::OK, "application/json", r#"{"id":"tr_1","stat"#)
    }

    /// 200 without a body.
    #[must_use]
    pub fn empty() -> Self {
        Self::canned(StatusCode::OK, "application/json", "")
    }

    /// 200 with valid JSON of about this many bytes.
    #[must_use]
    pub fn oversized(bytes: usize) -> Self {
        let body = json!({"padding": "x".repeat(bytes)});
        Self::status(StatusCode::OK, &body)
    }

    /// No answer: the connection is closed.
    #[must_use]
    pub fn hang_up() -> Self {
        Self { form: Form::HangUp, delay: Duration::ZERO, takes_effect: false }
    }

    /// The same answer, later.
    #[must_use]
    pub fn late_by(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// The request was worked on and only its answer went wrong: the submit made
    /// a job whose id the caller never learned.
    #[must_use]
    pub fn although_it_took_effect(mut self) -> Self {
        self.takes_effect = true;
        self
    }

    /// The same answer with one more header.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        if let Form::Canned { headers, .. } = &mut self.form {
            headers.push((name, value));
        }
        self
    }

    fn canned(status: StatusCode, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self {
            form: Form::Canned {
                status,
                headers: vec![(CONTENT_TYPE, HeaderValue::from_static(content_type))],
                body: body.into(),
            },
            delay: Duration::ZERO,
            takes_effect: false,
        }
    }

    pub(super) fn takes_effect(&self) -> bool {
        self.takes_effect
    }

    /// Gives this answer, after its delay; `normal` stands in where nothing odd
    /// was scripted.
    pub(super) async fn give(self, normal: Option<Response<Full<Bytes>>>) -> Result<Response<Full<Bytes>>, HangUp> {
        tokio::time::sleep(self.delay).await;
        match self.form {
            // A normal answer always takes effect, so there is one to give.
            Form::Normal => normal.ok_or(HangUp),
            Form::HangUp => Err(HangUp),
            Form::Canned { status, headers, body } => {
                let mut response = Response::new(Full::new(body));
                *response.status_mut() = status;
                response.headers_mut().extend(headers);
                Ok(response)
            }
        }
    }
}

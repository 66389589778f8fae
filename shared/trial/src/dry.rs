//! The requests that a trial would send, without sending them. What only an
//! answer tells stands in them as the file names it: `{job_id}`, `{kept:token}`,
//! `{answer:/file}`.

use crate::event::{Leg, ShownRequest};
use crate::fixture::StandIns;
use crate::outside::{carries_credential, shown};
use crate::trial::Trial;
use crate::veil::{REDACTED, Veil};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use stepwait_core::SecretValue;
use stepwait_core::answer::{Answer, Document};
use stepwait_core::authorize::token_request;
use stepwait_core::decide::submit::without_request;
use stepwait_core::integration::{
    Auth, Bindings, Integration, Jobs, MissingValue, RequestTemplate, Scheme, Target, WhenUnknown,
};
use stepwait_core::request::{OutgoingRequest, submit_request};
use stepwait_core::wait::Kept;
use url::Url;

/// The most values of an earlier answer that one request may need; a file has one or two.
const MAX_ANSWER_VALUES: usize = 32;

/// What stands for a value that is not known yet: it may stand in a path, in a
/// header and in a body without being escaped, and is replaced when it is shown.
const MARK: &str = "stepwait-unknown-";

/// A request that would be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DryRequest {
    /// Which one.
    pub leg: Leg,
    /// The request, or why it cannot be made.
    pub request: Result<ShownRequest, MissingValue>,
}

/// What stands for what is not known yet.
struct Unknown {
    /// The placeholders, by their marks.
    marks: BTreeMap<String, String>,
    job_id: String,
    kept: Kept,
}

/// The requests that a trial would send, in their order.
#[must_use]
pub fn dry_run(trial: &Trial<'_>) -> Vec<DryRequest> {
    let integration = trial.integration;
    let mut unknown = Unknown::of(trial);
    let secrets: Vec<_> =
        integration.submit.secrets().into_iter().map(|s| (s.to_owned(), SecretValue::new(REDACTED))).collect();
    let callback_url = trial.options.callback_url.as_deref();
    let starting = Bindings {
        payload: &trial.payload,
        jobs: Jobs::Unknown,
        wait_id: Some(trial.wait.id.as_str()),
        callback_url,
        kept: &Kept::default(),
        answer: None,
        secrets: &secrets,
    };
    let mut requests = Vec::new();
    if let Some(oauth) = integration.auth.as_ref().and_then(Auth::oauth2) {
        let stand_ins = StandIns::of(integration);
        let known = [&oauth.client_id, &oauth.client_secret].map(|name| (name.as_str(), stand_ins.value(name)));
        if let Ok(request) = token_request(oauth, &known) {
            requests.push((Leg::Token, Ok(request), false));
        }
    }
    if let Some(request) = submit_request(integration, &trial.base_url, &starting, Some(&trial.wait.id)).transpose() {
        requests.push((Leg::Submit, request, false));
    }
    if let WhenUnknown::LookUp(look_up) = &integration.submit.when_unknown {
        let request = look_up.request.render(integration, &trial.base_url, &starting);
        requests.push((Leg::LookUp, request, false));
    }
    let later = [
        (Leg::Status, Some(&integration.status.request)),
        (Leg::Result, integration.result.fetch.as_ref().map(|fetch| &fetch.request)),
        (Leg::Cancel, integration.cancel.as_ref().map(|cancel| &cancel.request)),
    ];
    for (leg, template) in later {
        if let Some(template) = template {
            let is_given = matches!(template.target, Target::Given(_));
            requests.push((leg, unknown.render(template, trial), is_given));
        }
    }
    let show =
        |request: OutgoingRequest, is_given| unknown.shown(&with_credentials(integration, request), trial, is_given);
    requests
        .into_iter()
        .map(|(leg, request, is_given)| DryRequest { leg, request: request.map(|request| show(request, is_given)) })
        .collect()
}

impl Unknown {
    fn of(trial: &Trial<'_>) -> Self {
        let mut unknown = Self { marks: BTreeMap::new(), job_id: String::new(), kept: Kept::default() };
        let submit = &trial.integration.submit;
        if submit.request.is_none()
            && let Ok(job) = without_request(trial.integration, &trial.payload)
        {
            unknown.job_id = job.id.as_str().to_owned();
        } else {
            unknown.job_id = unknown.mark("job_id");
        }
        unknown.kept =
            submit.keep.iter().map(|(name, _)| (name.clone(), unknown.mark(&format!("kept:{name}")))).collect();
        unknown
    }

    /// A mark that stands for a placeholder.
    fn mark(&mut self, placeholder: &str) -> String {
        let mark = format!("{MARK}{:02}", self.marks.len());
        self.marks.insert(mark.clone(), format!("{{{placeholder}}}"));
        mark
    }

    /// Makes a request of a job that there is not, with an answer that there
    /// was not: whatever the request lacks of it is added until nothing is lacking.
    fn render(&mut self, template: &RequestTemplate, trial: &Trial<'_>) -> Result<OutgoingRequest, MissingValue> {
        let mut answer = Answer { status: 200, headers: Vec::new(), body: Vec::new(), truncated: false };
        let mut body = Value::Object(Map::new());
        for _ in 0..MAX_ANSWER_VALUES {
            answer.body = body.to_string().into_bytes();
            let document = Document::of_answer(&answer);
            let bindings = Bindings {
                payload: &Value::Null,
                jobs: Jobs::One(&self.job_id),
                wait_id: Some(trial.wait.id.as_str()),
                callback_url: None,
                kept: &self.kept,
                answer: Some(&document),
                secrets: &[],
            };
            let missing = match template.render(trial.integration, &trial.base_url, &bindings) {
                Err(MissingValue::Unbound(name)) => name,
                other => return other,
            };
            match missing.split_once(':') {
                Some(("answer", pointer)) => {
                    let mark = self.mark(&missing);
                    put(&mut body, pointer, mark);
                }
                Some(("answer_header", name)) => {
                    let mark = self.mark(&missing);
                    answer.headers.push((name.to_owned(), mark));
                }
                _ => return Err(MissingValue::Unbound(missing)),
            }
        }
        Err(MissingValue::Unbound("answer".to_owned()))
    }

    fn shown(&self, request: &OutgoingRequest, trial: &Trial<'_>, is_given: bool) -> ShownRequest {
        let mut request = shown(trial.integration, request, &Veil::default());
        if is_given {
            // A mark is a relative address; what it stands for is a whole one.
            let base = trial.base_url.join(MARK).map(Url::into).unwrap_or_else(|_| String::new());
            request.url = request.url.replacen(&base, MARK, 1);
        }
        let name = |text: &str| {
            let text = text.replace(trial.wait.id.as_str(), "{wait_id}");
            self.marks.iter().fold(text, |text, (mark, placeholder)| text.replace(mark, placeholder))
        };
        ShownRequest {
            method: request.method,
            url: name(&request.url),
            headers: request.headers.iter().map(|(header, value)| (header.clone(), name(value))).collect(),
            body: request.body.as_deref().map(name),
        }
    }
}

/// Puts a text where a JSON Pointer points, objects all the way; list indices become keys, which read the same.
fn put(document: &mut Value, pointer: &str, text: String) {
    let mut place = document;
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        let Value::Object(fields) = place else { return };
        place = fields.entry(step).or_insert(Value::Null);
    }
    *place = Value::String(text);
}

/// Names the headers that authorize a request, where its host gets them.
fn with_credentials(integration: &Integration, mut request: OutgoingRequest) -> OutgoingRequest {
    let Some(auth) = integration.auth.as_ref().filter(|_| request.credentials) else {
        return request;
    };
    let mut headers: Vec<&str> = auth.headers.iter().map(|(name, _)| name.as_str()).collect();
    match &auth.scheme {
        Some(Scheme::Bearer { .. } | Scheme::Basic { .. } | Scheme::OAuth2(_)) => headers.push("authorization"),
        Some(Scheme::Hmac(hmac)) => headers.extend(hmac.headers.iter().map(|(name, _)| name.as_str())),
        None => {}
    }
    debug_assert!(headers.iter().all(|name| carries_credential(integration, name)), "each of them is redacted");
    for name in headers {
        request.set_header(name, SecretValue::new(REDACTED));
    }
    request
}

//! A third party whose paths behave as the subjects of the grammar need it.

pub(super) use crate::world::answer;
use crate::world::{End, Submission, Vendor, document};
use serde_json::{Value, json};
use std::time::Duration;
use stepwait_core::Timestamp;
use stepwait_core::answer::{Answer, TransportError};
use stepwait_core::integration::Method;
use stepwait_core::request::OutgoingRequest;
use stepwait_core::wait::JobId;
use url::Url;

/// What only the wait's own requests may know.
pub(super) const TICKET: &str = "kept-ticket";
pub(super) const SIGNATURE: &str = "kept-signature";

/// The characters of a large result: more than travels, 32 KiB.
pub(super) const LARGE: usize = 40_000;

/// Until a job is visible at `/late`.
const INVISIBLE: Duration = Duration::from_secs(30);

/// Answers one request.
pub(super) fn api(
    vendor: &mut Vendor,
    request: &OutgoingRequest,
    now: Timestamp,
    effects: usize,
) -> Result<Answer, TransportError> {
    let url = Url::parse(&request.url).unwrap();
    let mut path: Vec<&str> = url.path_segments().unwrap().collect();
    if path == ["token"] {
        let issued = vendor.requests.iter().filter(|(_, sent)| sent.url.ends_with("/token")).count();
        return Ok(answer(200, &json!({ "access_token": format!("access-{issued}"), "expires_in": 3600 })));
    }
    if path.first() == Some(&"secure") {
        path.remove(0);
        let login = request.header("authorization").map(|value| value.expose().to_owned());
        if login.is_none_or(|login| !login.starts_with("Bearer access-") || login == "Bearer access-1") {
            return Ok(answer(401, &json!({})));
        }
    }
    match (request.method, path.as_slice()) {
        (Method::Post, [_]) => submit(vendor, request, path[0], now, effects),
        (Method::Post, ["jobs", id, "cancel"]) => {
            vendor.call_off(&parse(id));
            Ok(answer(202, &json!({})))
        }
        (Method::Get, ["references"]) => {
            let wanted = url.query_pairs().find(|(name, _)| name == "reference").map(|(_, value)| value.into_owned());
            let found: Vec<_> = vendor.jobs.iter().filter(|job| job.key == wanted).collect();
            Ok(answer(200, &json!({ "data": found.iter().map(|job| json!({ "id": job.id })).collect::<Vec<_>>() })))
        }
        (Method::Get, ["results", id, rest @ ..]) => Ok(result(vendor, id, rest, url.query())),
        (Method::Get, [_, id, rest @ ..]) => Ok(status(vendor, request, &parse(id), rest, now)),
        (method, path) => panic!("{} {path:?}", method.as_str()),
    }
}

fn submit(
    vendor: &mut Vendor,
    request: &OutgoingRequest,
    path: &str,
    now: Timestamp,
    effects: usize,
) -> Result<Answer, TransportError> {
    vendor.submits.push(request.url.clone());
    let is_first = vendor.submits.len() == 1;
    match vendor.script.submission {
        Submission::Refused => return Ok(answer(422, &json!({}))),
        Submission::BusyFirst if is_first => return Ok(answer(429, &json!({}))),
        Submission::Taken | Submission::FirstAnswerLost | Submission::BusyFirst => {}
    }
    if path == "anonymous" {
        return Ok(answer(200, &json!({ "status": "completed", "text": "said at once" })));
    }
    let header = request.header("idempotency-key").map(|value| value.expose().to_owned());
    let known = vendor.jobs.iter().position(|job| header.is_some() && job.key == header);
    let body: Value = serde_json::from_str(request.body.as_deref().unwrap_or("null")).unwrap();
    let reference = body["reference"].as_str().map(str::to_owned);
    let index = known.unwrap_or_else(|| vendor.start(header.or(reference), now, effects));
    if is_first && vendor.script.submission == Submission::FirstAnswerLost {
        return Err(TransportError::Broken);
    }
    let id = vendor.jobs[index].id.clone();
    let mut said = document(&id, if path == "prompt" { End::Success } else { End::Pending });
    said["ticket"] = json!(TICKET);
    said["elsewhere"] = json!(format!("https://elsewhere.example.net/jobs/{id}?sig={SIGNATURE}"));
    let mut answer = answer(201, &said);
    answer.headers.push(("operation-location".to_owned(), format!("/operations/{id}?sig={SIGNATURE}")));
    Ok(answer)
}

fn status(vendor: &mut Vendor, request: &OutgoingRequest, id: &JobId, rest: &[&str], now: Timestamp) -> Answer {
    let Some(job) = vendor.jobs.iter().find(|job| job.id == *id) else {
        return answer(404, &json!({}));
    };
    let is_visible = now >= job.taken_at + INVISIBLE;
    if request.url.contains("/operations/") {
        let ticket = request.header("x-ticket").map(|value| value.expose().to_owned());
        if ticket.as_deref() != Some(TICKET) || !request.url.ends_with(&format!("?sig={SIGNATURE}")) {
            return answer(403, &json!({}));
        }
    }
    let end = vendor.look(id, now);
    match (rest, end) {
        (["down"], _) => answer(503, &json!({})),
        (["refusing"], _) => answer(403, &json!({})),
        (["late"], _) if !is_visible => answer(404, &json!({})),
        (["strange"], End::Pending) => answer(200, &json!({ "status": "pondering" })),
        _ => answer(200, &document(id, end)),
    }
}

fn result(vendor: &Vendor, id: &str, rest: &[&str], query: Option<&str>) -> Answer {
    assert!(vendor.jobs.iter().any(|job| job.id.as_str() == id), "the result of a job that nobody started");
    match (rest, query) {
        (["large"], _) => Answer { body: vec![b'x'; LARGE], ..answer(200, &json!(null)) },
        (["pages"], None) => answer(200, &json!({ "data": [1, 2], "next": "second" })),
        (["pages"], Some("cursor=second")) => answer(200, &json!({ "data": [3], "next": null })),
        ([], _) => answer(200, &json!({ "text": format!("what was said in {id}") })),
        (rest, query) => panic!("{rest:?} {query:?}"),
    }
}

fn parse(id: &str) -> JobId {
    JobId::parse(id).unwrap()
}

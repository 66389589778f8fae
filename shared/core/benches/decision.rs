//! What one decision costs: a status answer of 4 KiB in, the verdict and the
//! next step out. Beside it stands what nobody could do without, parsing the
//! same bytes as JSON.

use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::{Value, json};
use std::hint::black_box;
use std::time::Duration;
use stepwait_core::Timestamp;
use stepwait_core::answer::{Answer, TransportError};
use stepwait_core::decide::check::{self, Reading};
use stepwait_core::decide::round::{self, BreakEven, Next, Position};
use stepwait_core::integration::{Bundled, Integration};
use stepwait_core::learn::{Plan, Promptness};

/// A file of the common kind: a map of statuses, and an acceptor before it.
const FILE: &str = r#"
description = "Renders films"
strategy = "poll"
deadline = "1h"
base_url = "https://render.example.com"

[submit]
path = "/v1/jobs"
job_id = "body:/id"

[status]
path = "/v1/jobs/{job_id}"
value = "body:/state"
succeeded = ["done"]
failed = ["broken"]
pending = ["queued", "running"]
error = "body:/error/message"
progress = "body:/percent"
accept = [{ state = "failure", when = { at = "body:/errors/0", exists = true } }]
"#;

/// The bytes of the answer, 4 KiB.
const ANSWER_BYTES: usize = 4 * 1024;

/// What a vendor says of a job under way: a few fields of its own, and a list of frames.
fn body() -> Vec<u8> {
    let frame = |n: u32| json!({"frame": n, "state": "done", "took_ms": 1_200 + n, "url": format!("https://render.example.com/frames/{n}.png")});
    let frames: Vec<Value> = (0..36).map(frame).collect();
    let mut job = json!({"id": "j1", "state": "running", "percent": 42.5, "errors": [], "frames": frames, "note": ""});
    let missing = ANSWER_BYTES.saturating_sub(job.to_string().len());
    job["note"] = json!("x".repeat(missing));
    job.to_string().into_bytes()
}

/// How long jobs took: two kinds, over thirty buckets.
const JOBS: &str = "32 per doubling, 24s: 3, 25s: 9.5, 26s: 14, 27s: 21, 28s: 32.5, 29s: 40, 30s: 44, 31s: 41, 32s: 30, 33s: 22, 34s: 12.5, 35s: 6, 36s: 2, 8m: 4, 8m 16s: 6, 8m 32s: 7.5, 9m 4s: 11, 9m 20s: 12, 9m 36s: 13, 9m 52s: 16, 10m 8s: 17.5, 10m 24s: 12, 10m 40s: 9, 10m 56s: 8, 11m 12s: 5, 11m 28s: 4, 11m 44s: 2, 12m: 1, 12m 16s: 1, 14m: 0.5";

fn decide(integration: &Integration, received: &Result<Answer, TransportError>, now: Timestamp) -> Next {
    let since_submit = Some(Duration::from_mins(5));
    let look = check::read(black_box(integration), black_box(received), since_submit, now);
    let Reading::Verdict(verdict) = look.reading else {
        return Next { action: stepwait_core::message::Action::Done, seconds: 0 };
    };
    let position = Position {
        checks: 7,
        submitted_at: Some(now),
        round_started_at: now,
        deadline: Timestamp::MAX,
        now,
        break_even: BreakEven::default(),
    };
    round::next(&integration.schedule, &verdict, position, black_box(0x9E37_79B9))
}

fn decision(criterion: &mut Criterion) {
    let body = body();
    assert_eq!(body.len(), ANSWER_BYTES);
    let Ok(integration) = Integration::parse("render", FILE) else {
        return;
    };
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let received = Ok(Answer { status: 200, headers, body: body.clone(), truncated: false });
    let now = Timestamp::UNIX_EPOCH;

    let mut group = criterion.benchmark_group("4 KiB answer");
    group.bench_function("decision", |bencher| bencher.iter(|| decide(&integration, &received, now)));
    group.bench_function("parsing alone", |bencher| {
        bencher.iter(|| serde_json::from_slice::<Value>(black_box(&body)));
    });
    group.finish();
    criterion.bench_function("a learned plan", |bencher| {
        let Ok(jobs) = JOBS.parse() else { return };
        bencher.iter(|| Plan::of(black_box(&jobs), &integration.schedule, Promptness::AsTheBackoff));
    });
    // What a function does when it starts: the plan was made with the bundle.
    criterion.bench_function("a bundled file with a learned plan, read", |bencher| {
        let text = format!("{FILE}\n[schedule]\nlearned = {{ jobs = \"{JOBS}\" }}\n");
        let Ok(Bundled { digest, json }) = Integration::bundle("render", &text) else { return };
        bencher.iter(|| {
            let read = Integration::from_bundle("render", &digest, black_box(&json));
            read.map(|integration| integration.learned())
        });
    });
}

criterion_group!(benches, decision);
criterion_main!(benches);

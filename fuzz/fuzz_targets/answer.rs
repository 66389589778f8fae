//! Whatever a third party answers, to a submit, a look, a request for a result
//! or for a token, something bounded and readable is made of it, and an outcome
//! is read back from the table as it was stored.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::json;
use std::time::Duration;
use stepwait_core::answer::{Answer, Document, TransportError};
use stepwait_core::authorize::read_token;
use stepwait_core::decide::batch::{Part, Parts};
use stepwait_core::decide::check::{self, Reading, Verdict};
use stepwait_core::decide::collect::{Step, begin};
use stepwait_core::decide::submit::{self, Found, SubmitVerdict, TakenJob, read_look_up};
use stepwait_core::integration::{Batch, Integration, Locator, WhenUnknown, scalar_text};
use stepwait_core::pace::Heard;
use stepwait_core::request::Job;
use stepwait_core::wait::{Kept, MAX_KEPT_BYTES, WaitId};
use stepwait_fuzz::letter::Letter;
use stepwait_fuzz::{claims, files, now};

/// More pages than any of the files allows (the most is in `integration/result.rs`).
const MAX_PAGES: usize = 1_100;

fuzz_target!(|input: &[u8]| {
    // NAME CODE [cut] [at-once] [early], headers, body; or NAME and a kind of no answer.
    let letter = Letter::read(input);
    let integration = files::named(letter.word(0));
    let received = received(&letter);
    let since = letter.says("early").then(|| Duration::from_secs(1));
    look(integration, &received, since, letter.says("at-once"));
    if let (Some(batch), Ok(answer)) = (&integration.status.batch, &received) {
        among_many(integration, batch, answer, since);
    }
    submitted(integration, &received);
    if let Ok(answer) = &received {
        drop(read_token(answer, now()));
    }
    if let Heard::Throttled(pause) = Heard::of(&received, now()) {
        claims::pause(Some(pause));
    }
});

fn received(letter: &Letter<'_>) -> Result<Answer, TransportError> {
    Ok(Answer {
        status: match letter.word(1) {
            "unconnected" => return Err(TransportError::NotConnected),
            "broken" => return Err(TransportError::Broken),
            "unsendable" => return Err(TransportError::Unsendable),
            "refused" => return Err(TransportError::Refused),
            code => code.parse().unwrap_or(200),
        },
        headers: letter.headers.clone(),
        body: letter.body.to_vec(),
        truncated: letter.says("cut"),
    })
}

/// What the answer says of a job among many: its own part, an error that is everybody's, or nothing.
fn among_many(integration: &Integration, batch: &Batch, answer: &Answer, since: Option<Duration>) {
    let is_error = !(200..=299).contains(&answer.status);
    match Parts::of(batch, answer.clone()).of_job("j1") {
        Part::Unreadable(..) => assert!(!is_error),
        Part::Answer(own) if is_error => assert_eq!(own, *answer),
        Part::Answer(own) if own.status == 404 => assert!(own.body.is_empty()),
        Part::Answer(own) => {
            let part = own.json().expect("a part is JSON");
            let Some(Locator::Body(at)) = &batch.job_id else { return };
            assert_eq!(at.find(&part).and_then(scalar_text).as_deref(), Some("j1"), "{part}");
            look(integration, &Ok(own), since, false);
        }
    }
}

/// A look at the job, and the collection of its result from the same answer again and again.
fn look(integration: &Integration, received: &Result<Answer, TransportError>, since: Option<Duration>, at_once: bool) {
    let look = check::read(integration, received, since, now());
    for said in [&look.seen.value, &look.seen.progress].into_iter().flatten() {
        assert!(said.chars().count() <= 300 && !said.chars().any(char::is_control), "{said:?}");
    }
    if let Reading::Verdict(verdict) = &look.reading {
        decided(verdict);
    }
    let Ok(answer) = received else { return };
    let kept: Kept = integration.submit.keep.iter().map(|(name, _)| (name.clone(), "/kept".to_owned())).collect();
    let wait = WaitId::derive("arn:aws:states:::execution:x", &integration.name, "0");
    let bindings = Job { wait_id: Some(&wait), job_id: "j1", kept: &kept }.bindings();
    let document = Document::of_answer(answer);
    let mut step = begin(integration, &integration.base_url, &bindings, &document, at_once);
    for _ in 0..MAX_PAGES {
        match step {
            Step::Over(verdict) => return decided(&verdict),
            Step::Send(request, collector) => {
                assert!(!request.url.chars().any(char::is_control), "{:?}", request.url);
                step = collector.receive(received, now());
            }
        }
    }
    panic!("a result of more pages than any file allows");
}

fn decided(verdict: &Verdict) {
    claims::pause(verdict.retry_after());
    match verdict {
        Verdict::Pending { .. } => {}
        Verdict::AskAgain { reason, .. } | Verdict::Refused { reason, .. } => claims::readable(reason),
        Verdict::Ended(kind) => claims::outcome(kind),
    }
}

fn submitted(integration: &Integration, received: &Result<Answer, TransportError>) {
    let payload = json!({"owner": "me", "url": "/x", "reference": "r-1"});
    let verdict = submit::read(integration, received, &payload, now());
    match &verdict {
        SubmitVerdict::Taken { job, retry_after } => {
            claims::pause(*retry_after);
            taken(job);
        }
        SubmitVerdict::Done(job) => job.iter().for_each(taken),
        SubmitVerdict::NotTaken(why) | SubmitVerdict::Unknown(why) | SubmitVerdict::Refused(_, why) => {
            assert!(!why.is_empty());
        }
    }
    if let WhenUnknown::LookUp(look_up) = &integration.submit.when_unknown {
        match read_look_up(integration, look_up, received, &payload) {
            Found::Job(job) => taken(&job),
            Found::Nothing => {}
            Found::Unknown(why) => assert!(!why.is_empty()),
        }
    }
}

fn taken(job: &TakenJob) {
    claims::job_id(&job.id);
    for name in job.kept.names() {
        assert!(job.kept.get(name).is_some_and(|value| value.len() <= MAX_KEPT_BYTES), "{name}");
    }
    claims::same_again(&job.kept);
}

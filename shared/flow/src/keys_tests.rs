use super::{KeyCache, Loaded, MAX_DOCUMENTS, MAX_REQUESTS, Plan, load};
use crate::ports::{Clock, KeyCaches, Pace, SecretError, Secrets, ThirdParty, Tokens};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use stepwait_core::answer::{Answer, TransportError};
use stepwait_core::authorize::AccessToken;
use stepwait_core::integration::{Integration, Verification};
use stepwait_core::request::OutgoingRequest;
use stepwait_core::webhook::{Delivery, KeyDocument, KeyRequest};
use stepwait_core::{SecretValue, Timestamp};

const FILE: &str = r#"description = "Signs"
strategy = "callback"
deadline = "1h"
base_url = "https://api.example.com"

[submit]
path = "/jobs"
job_id = "body:/id"

[status]
path = "/jobs/{job_id}"
value = "body:/state"
succeeded = ["done"]
pending = ["running"]

[callback]
job_id = "body:/id"
thin = true
verify = VERIFY
"#;

fn verification(verify: &str) -> Verification {
    Integration::parse("signs", &FILE.replace("VERIFY", verify)).unwrap().callback.unwrap().verify.unwrap()
}

const PLAID: &str = r#"{ preset = "plaid", credentials = { client_id = "plaid/id", secret = "plaid/secret" } }"#;
const SET: &str = r#"{ jwt = "ES256", signature = { header = "X-T" }, body_hash = { claim = "/h" }, jwks = { url = "https://keys.example.com/jwks.json" } }"#;
const FAL: &str = r#"{ preset = "fal" }"#;

/// A delivery whose token names this key.
fn delivery(key_id: &str) -> Delivery {
    let token = format!("{}.e30.AAAA", URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"ES256","kid":"{key_id}"}}"#)));
    let headers = [("plaid-verification".to_owned(), token.clone()), ("x-t".to_owned(), token)];
    Delivery {
        method: "POST".to_owned(),
        domain: String::new(),
        path: "/webhooks/signs".to_owned(),
        query: String::new(),
        headers: headers.into_iter().collect(),
        body: b"{}".to_vec(),
    }
}

fn request(verify: &str, key_id: &str) -> KeyRequest {
    verification(verify).key_request(&delivery(key_id)).unwrap().unwrap()
}

fn answer(body: &str) -> Answer {
    Answer { status: 200, headers: Vec::new(), body: body.as_bytes().to_vec(), truncated: false }
}

fn set(key_id: &str) -> String {
    format!(r#"{{"keys":[{{"kid":"{key_id}"}}]}}"#)
}

fn document(request: &KeyRequest, key_id: &str) -> KeyDocument {
    request.read(&answer(&set(key_id))).unwrap()
}

fn second(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

#[test]
fn a_document_is_used_for_an_hour_and_a_set_without_names_for_five_minutes() {
    for (verify, fresh_s) in [(SET, 3_600), (FAL, 300)] {
        let mut cache = KeyCache::default();
        let request = request(verify, "k1");
        assert_eq!(cache.plan(&request, second(0)), Plan::Fetch);
        let document = document(&request, "k1");
        cache.keep(&request, document.clone(), second(0));
        assert_eq!(cache.plan(&request, second(fresh_s - 1)), Plan::Use(document), "{verify}");
        assert_eq!(cache.plan(&request, second(fresh_s)), Plan::Fetch, "{verify}");
    }
}

#[test]
fn a_key_that_a_set_lacks_is_asked_for_again_once_a_minute_whoever_names_it() {
    let mut cache = KeyCache::default();
    let known = request(SET, "k1");
    let document = document(&known, "k1");
    cache.keep(&known, document.clone(), second(0));
    for forged in ["k2", "k3", "k4"] {
        assert_eq!(cache.plan(&request(SET, forged), second(59)), Plan::Use(document.clone()), "{forged}");
    }
    assert_eq!(cache.plan(&request(SET, "k2"), second(60)), Plan::Fetch);
    cache.keep(&known, document.clone(), second(60));
    assert_eq!(cache.plan(&request(SET, "k3"), second(61)), Plan::Use(document));
}

#[test]
fn no_more_keys_are_asked_for_in_a_minute_than_the_limit_and_what_is_kept_goes_on() {
    let mut cache = KeyCache::default();
    let known = request(PLAID, "k1");
    let kept = known.read(&answer(r#"{"key":{"kid":"k1"}}"#)).unwrap();
    cache.keep(&known, kept.clone(), second(0));
    let plans = (0..15).map(|at| cache.plan(&request(PLAID, &format!("forged-{at}")), second(at))).collect::<Vec<_>>();
    assert_eq!(plans.iter().filter(|plan| **plan == Plan::Fetch).count(), MAX_REQUESTS);
    assert!(plans[MAX_REQUESTS..].iter().all(|plan| *plan == Plan::Rest));
    assert_eq!(cache.plan(&known, second(15)), Plan::Use(kept));
    assert_eq!(cache.plan(&request(PLAID, "k2"), second(60)), Plan::Fetch);
}

#[test]
fn no_more_documents_are_kept_than_the_limit_and_the_oldest_goes_first() {
    let mut cache = KeyCache::default();
    for at in 0..=MAX_DOCUMENTS {
        let request = request(PLAID, &format!("k{at}"));
        let document = request.read(&answer(&format!(r#"{{"key":{{"kid":"k{at}"}}}}"#))).unwrap();
        cache.keep(&request, document, second(i64::try_from(at).unwrap()));
    }
    assert_eq!(cache.documents.len(), MAX_DOCUMENTS);
    assert_eq!(cache.plan(&request(PLAID, "k0"), second(20)), Plan::Fetch);
    assert!(matches!(cache.plan(&request(PLAID, "k1"), second(20)), Plan::Use(_)));
}

/// A world with secrets and a keys' host, and nothing else.
#[derive(Default)]
struct World {
    secrets: BTreeMap<String, String>,
    answers: Mutex<Vec<Result<Answer, TransportError>>>,
    sent: Mutex<Vec<OutgoingRequest>>,
    keys: Mutex<KeyCache>,
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        second(0)
    }
    fn random(&self) -> u64 {
        0
    }
}

impl Secrets for World {
    async fn secret(&self, name: &str) -> Result<SecretValue, SecretError> {
        let missing = || SecretError { name: name.to_owned(), why: "not there".to_owned() };
        self.secrets.get(name).map(SecretValue::new).ok_or_else(missing)
    }
    fn forget_secret(&self, _: &str) {}
}

impl ThirdParty for World {
    async fn send(&self, request: OutgoingRequest) -> Result<Answer, TransportError> {
        self.sent.lock().unwrap().push(request);
        self.answers.lock().unwrap().pop().unwrap_or(Err(TransportError::NotConnected))
    }
}

impl Tokens for World {
    fn token(&self, _: &str) -> Option<AccessToken> {
        None
    }
    fn keep_token(&self, _: &str, _: Option<AccessToken>) {}
}

impl Pace for World {
    async fn note(&self, _: &Integration, _: &Result<Answer, TransportError>) {}
}

impl KeyCaches for World {
    fn key_cache(&self) -> &Mutex<KeyCache> {
        &self.keys
    }
}

fn loaded(world: &World, verify: &str, key_id: &str) -> Loaded {
    let (verification, delivery) = (verification(verify), delivery(key_id));
    let mut load = pin!(load(world, &verification, &delivery, Timestamp::MAX));
    match load.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(loaded) => loaded,
        Poll::Pending => panic!("nothing here waits"),
    }
}

fn names(loaded: &Loaded) -> Vec<&str> {
    loaded.secrets.iter().map(|(name, _)| name.as_str()).collect()
}

#[test]
fn secrets_that_do_not_count_now_are_not_loaded_and_one_that_is_missing_is_left_out() {
    let secrets = ["a", "b", "d"].map(|name| (name.to_owned(), format!("the secret {name}")));
    let world = World { secrets: secrets.into_iter().collect(), ..World::default() };
    let verify = r#"{ preset = "github", secrets = ["a", { name = "b", until = "2023-11-14T22:13:20Z" }, "c", { name = "d", from = "2023-11-14T22:13:20Z" }] }"#;
    let loaded = loaded(&world, verify, "k1");
    assert_eq!((names(&loaded), loaded.fetched.as_ref()), (vec!["a", "d"], None));
    assert_eq!(world.sent.lock().unwrap().len(), 0);
}

#[test]
fn keys_are_fetched_once_for_many_deliveries() {
    let world = World { answers: Mutex::new(vec![Ok(answer(&set("k1")))]), ..World::default() };
    for key_id in ["k1", "k1", "forged"] {
        assert!(loaded(&world, SET, key_id).fetched.is_some(), "{key_id}");
    }
    let sent = world.sent.lock().unwrap();
    let urls: Vec<&str> = sent.iter().map(|request| request.url.as_str()).collect();
    assert_eq!(urls, ["https://keys.example.com/jwks.json"]);
}

#[test]
fn keys_that_cannot_be_had_are_not_there_and_are_asked_for_again() {
    let answers = vec![Ok(answer(&set("k1"))), Ok(answer("<html>")), Ok(Answer { status: 500, ..answer("") })];
    let world = World { answers: Mutex::new(answers), ..World::default() };
    let fetched: Vec<bool> = (0..3).map(|_| loaded(&world, SET, "k1").fetched.is_some()).collect();
    assert_eq!(fetched, [false, false, true]);
    let down = World::default();
    assert_eq!(loaded(&down, SET, "k1").fetched, None);
}

#[test]
fn a_key_is_asked_for_with_credentials_and_not_at_all_without_them() {
    let secrets = [("plaid/id", "id"), ("plaid/secret", "hush")].map(|(name, text)| (name.to_owned(), text.to_owned()));
    let world = World {
        secrets: secrets.into_iter().collect(),
        answers: Mutex::new(vec![Ok(answer(r#"{"key":{"kid":"k1"}}"#))]),
        ..World::default()
    };
    assert!(loaded(&world, PLAID, "k1").fetched.is_some());
    let sent = world.sent.lock().unwrap();
    assert_eq!(sent[0].body.as_deref(), Some(r#"{"client_id":"id","key_id":"k1","secret":"hush"}"#));

    let without = World { answers: Mutex::new(vec![Ok(answer("{}"))]), ..World::default() };
    assert_eq!(loaded(&without, PLAID, "k1").fetched, None);
    assert_eq!(without.sent.lock().unwrap().len(), 0);
}

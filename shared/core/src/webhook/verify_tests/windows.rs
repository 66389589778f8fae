//! Secrets that count for a while.

use super::cases::{CASES, SENT};
use super::{URL, delivery, verification};
use crate::test_support::at;
use crate::webhook::{Delivery, KeyOutcome, Keys, Refusal, Verified, examine, sign, verify};
use crate::{SecretValue, Timestamp};

const ROTATED: &str = r#"{ preset = "github", secrets = [{ name = "new", from = "2021-02-01T00:00:00Z" }, { name = "old", until = "2021-03-01T00:00:00Z" }] }"#;

fn signed_with(secret: &str) -> Delivery {
    sign(&verification(ROTATED), &delivery(&[], b"{}"), &CASES[4].signing(secret)).unwrap()
}

/// What is said of a delivery signed with `secret`, if both secrets can be had, or those named.
fn checked(secret: &str, now: Timestamp, loaded: &[&str]) -> Result<Verified, Refusal> {
    let all = [("new", SecretValue::new("the-new-secret")), ("old", SecretValue::new("the-old-secret"))];
    let secrets: Vec<_> = all.into_iter().filter(|(name, _)| loaded.contains(name)).collect();
    verify(&verification(ROTATED), &signed_with(secret), &Keys { secrets: &secrets, fetched: None }, Some(URL), now)
}

fn genuine(unusable: &[&str]) -> Result<Verified, Refusal> {
    Ok(Verified { delivery_id: Some("d-1".to_owned()), unusable: unusable.iter().map(|s| (*s).to_owned()).collect() })
}

const fn no_match(secrets: usize) -> Result<Verified, Refusal> {
    Err(Refusal::NoMatch { signatures: 1, secrets })
}

#[test]
fn each_secret_counts_within_its_window_and_not_at_its_end() {
    let both = ["new", "old"];
    for (now, new, old) in [
        ("2021-01-31T23:59:59.999Z", no_match(1), genuine(&[])),
        ("2021-02-01T00:00:00Z", genuine(&[]), genuine(&[])),
        ("2021-02-28T23:59:59.999Z", genuine(&[]), genuine(&[])),
        ("2021-03-01T00:00:00Z", genuine(&[]), no_match(1)),
    ] {
        assert_eq!(checked("the-new-secret", at(now), &both), new, "{now}");
        assert_eq!(checked("the-old-secret", at(now), &both), old, "{now}");
    }
}

#[test]
fn a_secret_that_could_not_be_loaded_is_missed_only_if_no_other_vouches() {
    let now = at("2021-02-10T00:00:00Z");
    assert_eq!(checked("the-new-secret", now, &["new"]), genuine(&["old"]));
    let not_loaded = |names: &str| Err(Refusal::SecretsNotLoaded(names.to_owned()));
    assert_eq!(checked("the-old-secret", now, &["new"]), not_loaded("old"));
    assert_eq!(checked("the-new-secret", now, &[]), not_loaded("new, old"));
    assert_eq!(checked("anybody's secret", now, &["new"]), not_loaded("old"));
    // One that does not count at the time is not missed.
    assert_eq!(checked("the-new-secret", at("2021-03-02T00:00:00Z"), &["new"]), genuine(&[]));
    assert_eq!(checked("anybody's secret", at("2021-03-02T00:00:00Z"), &["new"]), no_match(1));
}

#[test]
fn with_no_secret_that_counts_nothing_is_accepted_and_it_is_our_fault() {
    let verification = verification(
        r#"{ preset = "github", secrets = [{ name = "a", until = "2021-01-01T00:00:00Z" }, { name = "b", from = "2022-01-01T00:00:00Z" }] }"#,
    );
    let secrets = [("a", SecretValue::new("the-new-secret")), ("b", SecretValue::new("the-new-secret"))];
    let keys = Keys { secrets: &secrets, fetched: None };
    let delivery = signed_with("the-new-secret");
    assert_eq!(verify(&verification, &delivery, &keys, Some(URL), at(SENT)), Err(Refusal::NoKey));
    assert!(Refusal::NoKey.is_ours());
    let examination = examine(&verification, &delivery, &keys, Some(URL), at(SENT));
    let outcomes: Vec<_> = examination.keys.iter().map(|key| (key.name.as_str(), key.outcome)).collect();
    assert_eq!(outcomes, [("a", KeyOutcome::NoLongerValid), ("b", KeyOutcome::NotYetValid)]);
}

//! A genuine delivery of every third party that signs is accepted, and none that
//! differs from it in what is signed, in its signature, in its secret or in its age.
#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use stepwait_core::Timestamp;
use stepwait_core::integration::Verification;
use stepwait_core::webhook::Delivery;
use stepwait_fuzz::now;
use stepwait_fuzz::sender::{self, Parts, SENDERS, Sender, Time, URL, verification};

/// The verifications of [`SENDERS`], in their order.
static VERIFICATIONS: LazyLock<Vec<Verification>> = LazyLock::new(|| {
    let written = |sender: &Sender| format!(r#"{{ preset = "{}", secrets = ["any"] }}"#, sender.preset);
    SENDERS.iter().map(|sender| verification(&written(sender))).collect()
});

/// The longest that any of them may be on its way, in seconds (Box).
const LONGEST_S: u64 = 600;

/// The shortest tolerance of any of them, in seconds (Paddle and Linear).
const SHORTEST_S: u64 = 60;

#[derive(Arbitrary, Debug)]
struct Input<'d> {
    sender: u8,
    change: Change<'d>,
    /// How long it was on its way, in seconds.
    age_s: i8,
    id: &'d str,
    body: &'d [u8],
}

/// The one thing in which a delivery differs from a genuine one.
#[derive(Arbitrary, Debug)]
enum Change<'d> {
    Nothing,
    /// A bit of the body.
    BodyBit(u32),
    /// A piece of the body is another.
    Body {
        from: u16,
        bytes: u8,
        becomes: &'d [u8],
    },
    /// A bit of the signature.
    SignatureBit(u8),
    /// The signature's bytes.
    Signature(&'d [u8]),
    /// The whole text of the signature's header, or of any other.
    Header {
        which: u8,
        becomes: &'d str,
    },
    /// A header is left out.
    Without(u8),
    /// When it says that it was sent.
    Time(i64),
    /// The same as a text.
    TimeText(&'d str),
    /// What it calls itself.
    Id(&'d str),
    /// The secret by which it is verified.
    Secret(&'d str),
    /// The sender is as old as this, in seconds, and signed it.
    Age(i64),
    /// It was signed for another address.
    Url(&'d str),
}

fuzz_target!(|input: Input<'_>| {
    let which = usize::from(input.sender) % SENDERS.len();
    let (Some(sender), Some(verification)) = (SENDERS.get(which), VERIFICATIONS.get(which)) else { return };
    let accepts = |delivery: &Delivery, secret: &str| sender::accepts(verification, delivery, secret, None, now());
    let sent = at(now(), i64::from(input.age_s).clamp(-59, 59));
    let Some(sent) = sent else { return };
    let (time, body) = (sender.write(sent), body(sender, sent, input.body));
    let id = if input.id.is_empty() { "msg_1" } else { input.id };
    let genuine = Parts { id, time: &time, body: &body, url: URL };
    let signature = sender.sign(&genuine);
    let text = sender.encode(&signature);
    let delivery = sender.delivery(&genuine, &text);
    assert!(accepts(&delivery, sender.secret()), "{}: a genuine delivery is refused", sender.preset);

    let mut changed = delivery.clone();
    match input.change {
        Change::Nothing => return,
        Change::BodyBit(bit) => flip(&mut changed.body, bit),
        Change::Body { from, bytes, becomes } => {
            let from = usize::from(from).min(body.len());
            let to = from.saturating_add(usize::from(bytes)).min(body.len());
            drop(changed.body.splice(from..to, becomes.iter().copied()));
        }
        Change::SignatureBit(bit) => {
            let mut other = signature.clone();
            flip(&mut other, u32::from(bit));
            changed = sender.delivery(&genuine, &sender.encode(&other));
        }
        Change::Signature(other) if other != signature => {
            changed = sender.delivery(&genuine, &sender.encode(other));
        }
        Change::Signature(_) => return,
        Change::Header { which, becomes } => {
            let which = usize::from(which) % changed.headers.len().max(1);
            let Some((name, value)) = changed.headers.iter_mut().nth(which) else { return };
            if name == "webhook-id" || name.contains("timestamp") {
                // Around a time white space means nothing, and it is signed as it stands.
                if becomes == value {
                    return;
                }
            } else if sender.holds(becomes, &signature) {
                return;
            }
            becomes.clone_into(value);
        }
        Change::Without(which) => {
            let name = changed.headers.keys().nth(usize::from(which) % changed.headers.len().max(1)).cloned();
            drop(name.and_then(|name| changed.headers.remove(&name)));
        }
        Change::Time(seconds) => {
            let Some(other) = Timestamp::from_second(seconds).ok().filter(|other| sender.write(*other) != time) else {
                return;
            };
            if !is_in_header(sender) {
                return;
            }
            changed = sender.delivery(&Parts { time: &sender.write(other), ..genuine }, &text);
        }
        Change::TimeText(other) => {
            // A field ends where the next begins, and white space around it is not part of it.
            if !is_in_header(sender) || other.split([',', ';']).any(|field| field.trim() == time) {
                return;
            }
            changed = sender.delivery(&Parts { time: other, ..genuine }, &text);
        }
        Change::Id(other) => {
            if !sender.preset.starts_with("standard-webhooks") || other == id {
                return;
            }
            changed = sender.delivery(&Parts { id: other, ..genuine }, &text);
        }
        Change::Secret(other) => {
            let is_same = sender.is_secret(other);
            assert!(is_same || !accepts(&delivery, other), "{}: by {other:?}", sender.preset);
            return;
        }
        Change::Age(seconds) => {
            let Some(old) = at(now(), seconds) else { return };
            let (time, body) = (sender.write(old), self::body(sender, old, input.body));
            let parts = Parts { time: &time, body: &body, ..genuine };
            let signed = sender.delivery(&parts, &sender.encode(&sender.sign(&parts)));
            let accepted = accepts(&signed, sender.secret());
            if sender.time == Time::None || seconds.unsigned_abs() < SHORTEST_S {
                assert!(accepted, "{}: {seconds} s are too old", sender.preset);
            } else if seconds.unsigned_abs() > LONGEST_S {
                assert!(!accepted, "{}: {seconds} s are not too old", sender.preset);
            }
            return;
        }
        Change::Url(other) => {
            if !matches!(sender.preset, "square" | "hubspot") || other == URL {
                return;
            }
            let parts = Parts { url: other, ..genuine };
            changed = sender.delivery(&parts, &sender.encode(&sender.sign(&parts)));
        }
    }
    if changed != delivery {
        assert!(!accepts(&changed, sender.secret()), "{}: accepted: {changed:?}", sender.preset);
    }
});

/// The body, which says when it was sent where the sender writes that there.
fn body(sender: &Sender, sent: Timestamp, bytes: &[u8]) -> Vec<u8> {
    match sender.time {
        Time::None | Time::Seconds | Time::Milliseconds | Time::Rfc3339 => bytes.to_vec(),
        Time::InBody => {
            let text = String::from_utf8_lossy(bytes);
            serde_json::json!({ "webhookTimestamp": sent.as_millisecond(), "text": text }).to_string().into_bytes()
        }
    }
}

fn is_in_header(sender: &Sender) -> bool {
    matches!(sender.time, Time::Seconds | Time::Milliseconds | Time::Rfc3339)
}

/// A time so many seconds before now.
fn at(now: Timestamp, seconds: i64) -> Option<Timestamp> {
    Timestamp::from_second(now.as_second().checked_sub(seconds)?).ok()
}

fn flip(bytes: &mut [u8], bit: u32) {
    let byte = usize::try_from(bit / 8).unwrap_or_default();
    if let Some(byte) = byte.checked_rem(bytes.len()).and_then(|n| bytes.get_mut(n)) {
        *byte ^= 1 << (bit % 8);
    }
}

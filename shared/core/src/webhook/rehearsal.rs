//! What trying a listener takes beside signing: a delivery that has all that is
//! signed, and one that was changed on its way.

use super::Delivery;
use super::parts::Parts;
use super::sign::{SignError, put, put_in_body};
use crate::Timestamp;
use crate::answer::parse_json;
use crate::integration::verify::{Covered, KeySource, Layout, Part, Place, Scheme, SignatureAt, Signed, TimestampRule};
use crate::integration::{JsonPointer, Verification, scalar_text};
use serde_json::Value;
use std::time::Duration;

/// What stands for a value that nobody gave.
const SAMPLE: &str = "sample";

/// How far from its end a signature is changed, in characters: behind it stand
/// padding and bits that decoding leaves out.
const TAIL_CHARS: usize = 10;

/// By how much a time is changed: little enough to be tolerated, so that only
/// the signature can tell.
const TIME_STEP: Duration = Duration::from_secs(1);

/// What is changed on the way, once a delivery was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tampering {
    /// The body.
    Body,
    /// The signature, or the secret that is shown.
    Signature,
    /// The time of sending.
    Timestamp,
}

impl Verification {
    /// Adds the values that are signed, that signing does not add, and that the
    /// delivery lacks: placeholders of no meaning, `key_id` where a delivery
    /// names its key, and an address that is admitted where it names a certificate.
    ///
    /// # Errors
    /// [`SignError`], when such a value stands in a JSON body, and the body is none.
    pub fn fill(&self, delivery: &mut Delivery, key_id: Option<&str>) -> Result<(), SignError> {
        let Scheme::Signed(signed) = &self.scheme else {
            return Ok(());
        };
        let rule = &signed.signature;
        match &rule.keys.source {
            Some(KeySource::Jwks { key_id: Some(place), .. }) => {
                put(place, &Value::from(key_id.unwrap_or(SAMPLE)), rule, delivery)?;
            }
            Some(KeySource::Certificate { url, rule: addresses }) if is_missing(signed, delivery, url) => {
                put(url, &Value::from(addresses.sample()), rule, delivery)?;
            }
            Some(KeySource::Jwks { key_id: None, .. } | KeySource::Certificate { .. }) | None => {}
        }
        let Covered::Content(content) = &signed.covered else {
            return Ok(());
        };
        let added = [signed.timestamp.as_ref().map(|rule| &rule.at), signed.body_hash.as_ref().map(|rule| &rule.at)];
        let named = self.id.as_ref().map(ToString::to_string);
        for part in &content.0 {
            let Part::Value(place) = part else { continue };
            let is_name = match place {
                Place::Header(name) => named.as_deref() == Some(format!("header:{name}").as_str()),
                Place::Body(pointer) => named.as_deref() == Some(format!("body:{pointer}").as_str()),
                Place::Field(_) | Place::Query(_) | Place::Form(_) | Place::Claim(_) => false,
            };
            if !is_name && !added.contains(&Some(place)) && is_missing(signed, delivery, place) {
                put(place, &Value::from(SAMPLE), rule, delivery)?;
            }
        }
        Ok(())
    }

    /// Changes a delivery that was signed at `now`, as somebody on its way could.
    ///
    /// # Errors
    /// [`SignError::Impossible`], when the delivery has no such thing, or it cannot be changed by itself.
    pub fn tamper(&self, what: Tampering, delivery: &mut Delivery, now: Timestamp) -> Result<(), SignError> {
        match (what, &self.scheme) {
            (Tampering::Body, _) if delivery.is_form() => delivery.body.extend_from_slice(b"&tampered=1"),
            // Means the same as JSON, and is not the same.
            (Tampering::Body, _) => delivery.body.push(b' '),
            (Tampering::Signature, Scheme::SharedHeader(name)) => change_header(name, delivery)?,
            (Tampering::Signature, Scheme::Basic) => change_header("authorization", delivery)?,
            (Tampering::Signature, Scheme::Signed(signed)) => match &signed.signature.at {
                SignatureAt::Headers(names) => change_header(names.first().map_or("", String::as_str), delivery)?,
                SignatureAt::Query(_) => change(&mut delivery.query)?,
                SignatureAt::Body(pointer) => change_in_body(pointer, delivery)?,
            },
            (Tampering::Timestamp, Scheme::Signed(signed)) => {
                let rule = signed.timestamp.as_ref().ok_or(SignError::Impossible("there is no time to change"))?;
                change_time(signed, rule, delivery, now)?;
            }
            (Tampering::Timestamp, Scheme::SharedHeader(_) | Scheme::Basic) => {
                return Err(SignError::Impossible("there is no time to change"));
            }
        }
        Ok(())
    }
}

fn is_missing(signed: &Signed, delivery: &Delivery, place: &Place) -> bool {
    Parts::new(signed, delivery, None).value(place).is_err()
}

fn change_header(name: &str, delivery: &mut Delivery) -> Result<(), SignError> {
    let value = delivery.headers.get_mut(name).ok_or(SignError::Impossible("there is no signature to change"))?;
    change(value)
}

/// Changes one character into another that hex and base64 have as well.
fn change(text: &mut String) -> Result<(), SignError> {
    let mut chars: Vec<char> = text.chars().collect();
    let at = chars.len().saturating_sub(TAIL_CHARS);
    let changed = chars.get_mut(at).ok_or(SignError::Impossible("there is no signature to change"))?;
    *changed = if *changed == '0' { '1' } else { '0' };
    *text = chars.into_iter().collect();
    Ok(())
}

fn change_in_body(pointer: &JsonPointer, delivery: &mut Delivery) -> Result<(), SignError> {
    let body = parse_json(&delivery.body).ok();
    let text = body.as_ref().and_then(|body| pointer.find(body)).and_then(scalar_text);
    let mut text = text.ok_or(SignError::Impossible("there is no signature to change"))?;
    change(&mut text)?;
    put_in_body(pointer, Value::from(text), delivery)
}

fn change_time(
    signed: &Signed,
    rule: &TimestampRule,
    delivery: &mut Delivery,
    now: Timestamp,
) -> Result<(), SignError> {
    let later = now.saturating_add(TIME_STEP).unwrap_or(now);
    let (before, after) = (rule.unit.write(now), rule.unit.write(later));
    match (&rule.at, &signed.signature.at, &signed.signature.layout) {
        (Place::Field(name), SignatureAt::Headers(names), Layout::Fields { .. }) => {
            let header = names.first().and_then(|header| delivery.headers.get_mut(header));
            let header = header.ok_or(SignError::Impossible("there is no time to change"))?;
            let text = |value: &Value| format!("{name}={}", scalar_text(value).unwrap_or_default());
            *header = header.replacen(&text(&before), &text(&after), 1);
            Ok(())
        }
        (Place::Claim(_), _, _) => Err(SignError::Impossible("the time is part of the token; change the signature")),
        (place, _, _) => put(place, &after, &signed.signature, delivery),
    }
}

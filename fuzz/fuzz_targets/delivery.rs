//! Whatever invokes the listener is an HTTP request or it is not; what is read
//! of one is all that the sender sent, and means the same however a gateway
//! writes it.
#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use stepwait_core::webhook::{Address, Delivery};
use stepwait_fuzz::letter::Letter;
use url::form_urlencoded;

/// The most bytes of a body and the most fields that are read, as
/// `webhook/gateway.rs` and `answer.rs` have them.
const MAX_BODY_BYTES: usize = 1024 * 1024;
const MAX_FIELDS: usize = 1_000;

fuzz_target!(|input: &[u8]| {
    if let Ok(event) = serde_json::from_slice::<Value>(input) {
        look_at(event);
    }
    // The same bytes as a request that a gateway took: METHOD PATH QUERY, headers, body.
    let letter = Letter::read(input);
    let event = |body: Value, is_base64: bool| {
        let headers = letter.headers.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str())));
        json!({
            "rawPath": letter.word(1),
            "rawQueryString": letter.word(2),
            "headers": headers.collect::<serde_json::Map<_, _>>(),
            "requestContext": { "domainName": "hooks.example.com", "http": { "method": letter.word(0) } },
            "body": body,
            "isBase64Encoded": is_base64,
        })
    };
    let Some(encoded) = look_at(event(STANDARD.encode(letter.body).into(), true)) else { return };
    assert!(encoded.content().is_ok() || !encoded.is_form());
    assert_eq!(encoded.body, letter.body);
    assert_eq!((encoded.method.as_str(), encoded.path.as_str()), (letter.word(0), letter.word(1)));
    if let Ok(text) = std::str::from_utf8(letter.body) {
        assert_eq!(look_at(event(text.into(), false)).as_ref(), Some(&encoded));
    }
});

/// Reads an event, and whatever is asked of a delivery.
fn look_at(event: Value) -> Option<Delivery> {
    let delivery = match Delivery::from_event(event) {
        Ok(delivery) => delivery,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return None;
        }
    };
    assert!(delivery.body.len() <= MAX_BODY_BYTES);
    for (name, value) in &delivery.headers {
        assert!(!name.bytes().any(|byte| byte.is_ascii_uppercase()), "{name:?}");
        assert_eq!(delivery.header(name), Some(value.as_str()));
    }
    if let Some(Address { integration, wait }) = delivery.address() {
        let wait = wait.map(|(wait, capability)| format!("/{wait}/{capability}")).unwrap_or_default();
        assert_eq!(delivery.path, format!("/webhooks/{integration}{wait}"));
    }
    assert_eq!(delivery.url().is_none(), delivery.domain.is_empty());
    assert!(fields(delivery.query_fields()) <= MAX_FIELDS);
    let in_form = fields(delivery.form_fields());
    assert!(in_form <= MAX_FIELDS && (in_form == 0 || delivery.is_form()));
    Some(delivery)
}

/// How many fields there are, which say the same when they are written again.
fn fields<'f>(fields: impl Iterator<Item = (std::borrow::Cow<'f, str>, std::borrow::Cow<'f, str>)>) -> usize {
    let fields: Vec<_> = fields.collect();
    let written = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
    assert_eq!(form_urlencoded::parse(written.as_bytes()).collect::<Vec<_>>(), fields);
    fields.len()
}

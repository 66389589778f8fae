use super::{Delivery, DeliveryError};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use url::form_urlencoded;

fn headers(event: Value) -> BTreeMap<String, String> {
    Delivery::from_event(event).unwrap().headers
}

#[test]
fn the_body_is_the_same_bytes_whether_or_not_the_gateway_encoded_it() {
    let plain = json!({"rawPath": "/webhooks/a", "headers": {"Webhook-Id": "1"}, "body": "{\"x\":1}"});
    let encoded = json!({"rawPath": "/webhooks/a", "headers": {"webhook-id": "1"}, "body": "eyJ4IjoxfQ==", "isBase64Encoded": true});
    let delivery = Delivery::from_event(plain).unwrap();
    assert_eq!(Ok(&delivery), Delivery::from_event(encoded).as_ref());
    assert_eq!(delivery.body, b"{\"x\":1}");
    assert_eq!(delivery.header("webhook-id"), Some("1"));
}

#[test]
fn the_method_is_the_gateways_word() {
    let event = json!({"rawPath": "/", "requestContext": {"http": {"method": "PUT", "path": "/"}, "stage": "x"}});
    assert_eq!(Delivery::from_event(event).unwrap().method, "PUT");
    assert_eq!(Delivery::from_event(json!({"rawPath": "/", "requestContext": {}})).unwrap().method, "");
    assert_eq!(Delivery::from_event(json!({"path": "/", "httpMethod": "GET"})).unwrap().method, "GET");
}

#[test]
fn the_url_is_made_of_the_gateways_own_name_and_of_nothing_that_the_sender_says() {
    let event = json!({"rawPath": "/webhooks/a", "headers": {"host": "evil.example"}, "requestContext": {"domainName": "x.lambda-url.eu-central-1.on.aws"}});
    let url = Delivery::from_event(event).unwrap().url();
    assert_eq!(url.as_deref(), Some("https://x.lambda-url.eu-central-1.on.aws/webhooks/a"));
    let event = json!({"rawPath": "/webhooks/a", "headers": {"host": "evil.example"}});
    assert_eq!(Delivery::from_event(event).unwrap().url(), None);
}

#[test]
fn the_url_behind_a_rest_api_holds_its_stage() {
    let context = json!({"domainName": "x.execute-api.eu-central-1.amazonaws.com", "path": "/live/webhooks/a"});
    let delivery = Delivery::from_event(json!({"path": "/webhooks/a", "requestContext": context})).unwrap();
    assert_eq!(delivery.path, "/webhooks/a");
    let url = "https://x.execute-api.eu-central-1.amazonaws.com/live/webhooks/a";
    assert_eq!(delivery.url().as_deref(), Some(url));
}

#[test]
fn headers_of_one_name_are_joined_whatever_their_case_and_whichever_map_they_are_in() {
    let joined = BTreeMap::from([("x-signature".to_owned(), "a,b".to_owned())]);
    assert_eq!(headers(json!({"rawPath": "/", "headers": {"x-signature": "a,b"}})), joined);
    assert_eq!(headers(json!({"rawPath": "/", "headers": {"X-Signature": "a", "x-signature": "b"}})), joined);
    assert_eq!(headers(json!({"path": "/", "multiValueHeaders": {"X-Signature": ["a", "b"]}})), joined);
    let both = json!({"path": "/", "headers": {"X-Signature": "b"}, "multiValueHeaders": {"X-Signature": ["a", "b"]}});
    assert_eq!(headers(both), joined);
}

#[test]
fn a_header_that_only_one_map_has_is_kept_and_cookies_are_not() {
    let event = json!({"path": "/", "headers": {"A": "1", "Cookie": "s=1"}, "multiValueHeaders": {"B": ["2"], "cookie": ["s=1"]}});
    let expected = [("a", "1"), ("b", "2")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(headers(event), BTreeMap::from(expected));
    assert_eq!(headers(json!({"path": "/", "headers": null, "multiValueHeaders": null})), BTreeMap::new());
}

#[test]
fn the_query_string_is_as_sent_or_written_anew_from_its_fields() {
    let delivery = Delivery::from_event(json!({"rawPath": "/", "rawQueryString": "b=%31&a=x+y"})).unwrap();
    assert_eq!(delivery.query, "b=%31&a=x+y");
    let fields = json!({"a": ["x y", "z"], "b": ["&"]});
    let event = json!({"path": "/", "queryStringParameters": {"a": "z", "b": "&", "c": ""}, "multiValueQueryStringParameters": fields});
    assert_eq!(Delivery::from_event(event).unwrap().query, "a=x+y&a=z&b=%26&c=");
}

#[test]
fn what_is_no_http_request_or_no_base64_is_an_error() {
    assert_eq!(Delivery::from_event(json!({"detail": 1})), Err(DeliveryError::NotHttp));
    for path in ["rawPath", "path"] {
        let bad = json!({path: "/", "body": "%%%", "isBase64Encoded": true});
        assert_eq!(Delivery::from_event(bad), Err(DeliveryError::BadBase64));
    }
}

#[test]
fn what_is_larger_than_is_read_is_an_error_that_says_so() {
    let cases = [
        (json!({"rawPath": "/", "body": "x".repeat(1024 * 1024 + 1)}), DeliveryError::TooLarge),
        (json!({"rawPath": "/", "headers": {"a": "x".repeat(32 * 1024)}}), DeliveryError::TooManyHeaders),
        (json!({"path": "/", "multiValueHeaders": {"a": vec!["x"; 201]}}), DeliveryError::TooManyHeaders),
        (json!({"rawPath": "/", "rawQueryString": "x".repeat(8 * 1024 + 1)}), DeliveryError::LineTooLong),
        (json!({"path": format!("/{}", "x".repeat(8 * 1024))}), DeliveryError::LineTooLong),
    ];
    for (event, error) in cases {
        assert!(error.is_size());
        assert_eq!(Delivery::from_event(event), Err(error));
    }
    let whole = STANDARD.encode(vec![b'x'; 1024 * 1024]);
    let event = json!({"rawPath": "/", "body": whole, "isBase64Encoded": true});
    assert_eq!(Delivery::from_event(event).unwrap().body.len(), 1024 * 1024);
}

/// Any JSON of small size, with the names that gateways use among its keys.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    let names = prop_oneof![
        Just("rawPath"),
        Just("path"),
        Just("headers"),
        Just("multiValueHeaders"),
        Just("rawQueryString"),
        Just("queryStringParameters"),
        Just("multiValueQueryStringParameters"),
        Just("requestContext"),
        Just("http"),
        Just("body"),
        Just("isBase64Encoded"),
        Just("x"),
    ];
    leaf.prop_recursive(4, 48, 8, move |inner| {
        let fields = proptest::collection::btree_map(names.clone(), inner.clone(), 0..8);
        prop_oneof![
            proptest::collection::vec(inner, 0..4).prop_map(Value::from),
            fields.prop_map(|map| map.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_event_crashes_its_reader(event in any_json()) {
        if let Ok(delivery) = Delivery::from_event(event) {
            let _ = (delivery.address(), delivery.url(), delivery.content(), delivery.query_object());
        }
    }

    #[test]
    fn both_formats_of_one_request_give_the_same_delivery(
        method in "GET|POST|PUT",
        path in "/[a-z/-]{0,30}",
        fields in proptest::collection::btree_map("[^\\x00-\\x1f]{1,8}", proptest::collection::vec("[^\\x00-\\x1f]{0,8}", 1..3), 0..4),
        headers in proptest::collection::btree_map("[a-zA-Z][a-zA-Z-]{0,10}", proptest::collection::vec("[ -~]{0,12}", 1..3), 0..6),
        body in proptest::collection::vec(any::<u8>(), 0..64),
        is_base64: bool,
    ) {
        // One name has one spelling in a request: gateways keep the first they see.
        let headers: BTreeMap<String, Vec<String>> =
            headers.into_iter().map(|(name, values)| (name.to_ascii_lowercase(), values)).collect();
        let is_base64 = is_base64 || std::str::from_utf8(&body).is_err();
        let text = if is_base64 { STANDARD.encode(&body) } else { String::from_utf8(body.clone()).unwrap() };
        let pairs = fields.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let domain = "hooks.example.com";
        let joined: Map<String, Value> =
            headers.iter().map(|(name, values)| (name.clone(), values.join(",").into())).collect();
        let last = |map: &BTreeMap<String, Vec<String>>| -> Map<String, Value> {
            map.iter().filter_map(|(name, values)| Some((name.clone(), values.last()?.as_str().into()))).collect()
        };
        let second = json!({
            "version": "2.0", "rawPath": path, "rawQueryString": query, "headers": joined, "body": text,
            "isBase64Encoded": is_base64,
            "requestContext": {"domainName": domain, "http": {"method": method, "path": path}},
        });
        let first = json!({
            "version": "1.0", "path": path, "httpMethod": method, "headers": last(&headers), "multiValueHeaders": headers,
            "queryStringParameters": last(&fields), "multiValueQueryStringParameters": fields, "body": text,
            "isBase64Encoded": is_base64, "requestContext": {"domainName": domain, "path": path},
        });
        let delivery = Delivery::from_event(second).unwrap();
        prop_assert_eq!(&delivery.body, &body);
        prop_assert_eq!(Ok(delivery), Delivery::from_event(first));
    }
}

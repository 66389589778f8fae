//! A delivery as received: the same whether a function URL or an HTTP API brought it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use url::form_urlencoded;

/// The most bytes of a webhook's body, 1 MiB; API Gateway and function URLs
/// allow more, and no terminal event needs as much.
const MAX_DELIVERY_BYTES: usize = 1024 * 1024;

/// The most fields of a form or a query string that are looked at, 1,000; third
/// parties send a few dozen.
const MAX_FIELDS: usize = 1_000;

/// A webhook delivery: raw bytes, and headers by their names in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The request's method; empty if the gateway did not say.
    pub method: String,
    /// The gateway's own name, by which it was reached; empty if it did not say.
    pub domain: String,
    /// The request's path.
    pub path: String,
    /// The query string as sent, without its `?`; empty if there is none.
    pub query: String,
    /// Headers by name in lower case; several of one name are joined by a comma.
    pub headers: BTreeMap<String, String>,
    /// The body as the sender signed it.
    pub body: Vec<u8>,
}

/// Why an invocation is no delivery.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// The invocation has not the shape of an HTTP request.
    #[error("the event is not an HTTP request of payload format 2.0")]
    NotHttp,
    /// The body says that it is base64 and is not.
    #[error("the body is marked as base64 and is not")]
    BadBase64,
    /// The body is too large.
    #[error("the body has more than {MAX_DELIVERY_BYTES} bytes")]
    TooLarge,
}

/// The part of payload format 2.0 that is used; everything else is ignored, as
/// AWS adds fields
/// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>).
#[derive(Deserialize)]
struct HttpEvent {
    #[serde(rename = "rawPath")]
    raw_path: String,
    #[serde(default, rename = "rawQueryString")]
    raw_query: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default, rename = "isBase64Encoded")]
    is_base64: bool,
    #[serde(default, rename = "requestContext")]
    context: RequestContext,
}

#[derive(Default, Deserialize)]
struct RequestContext {
    #[serde(default, rename = "domainName")]
    domain: String,
    #[serde(default)]
    http: HttpContext,
}

#[derive(Default, Deserialize)]
struct HttpContext {
    #[serde(default)]
    method: String,
}

impl Delivery {
    /// Reads a delivery from the event of a function URL or an HTTP API.
    ///
    /// # Errors
    /// [`DeliveryError`] when the event is not an HTTP request or its body cannot be had.
    pub fn from_event(event: serde_json::Value) -> Result<Self, DeliveryError> {
        let event: HttpEvent = serde_json::from_value(event).map_err(|_| DeliveryError::NotHttp)?;
        let text = event.body.unwrap_or_default();
        if text.len() > MAX_DELIVERY_BYTES * 4 / 3 + 4 {
            return Err(DeliveryError::TooLarge);
        }
        let body = if event.is_base64 {
            STANDARD.decode(text).map_err(|_| DeliveryError::BadBase64)?
        } else {
            text.into_bytes()
        };
        if body.len() > MAX_DELIVERY_BYTES {
            return Err(DeliveryError::TooLarge);
        }
        let headers = event.headers.into_iter().map(|(k, v)| (k.to_ascii_lowercase(), v)).collect();
        let RequestContext { domain, http } = event.context;
        Ok(Self { method: http.method, domain, path: event.raw_path, query: event.raw_query, headers, body })
    }

    /// The integration that the path names: `/webhooks/NAME`, and nothing behind it.
    #[must_use]
    pub fn integration(&self) -> Option<&str> {
        self.path.strip_prefix("/webhooks/").filter(|name| !name.contains('/'))
    }

    /// The URL that the sender called, if the gateway says by which name it was reached.
    #[must_use]
    pub fn url(&self) -> Option<String> {
        (!self.domain.is_empty()).then(|| format!("https://{}{}", self.domain, self.path))
    }

    /// The fields of the query string, decoded
    /// ([URL standard](https://url.spec.whatwg.org/#application/x-www-form-urlencoded)).
    pub fn query_fields(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        form_urlencoded::parse(self.query.as_bytes()).take(MAX_FIELDS)
    }

    /// The fields of a body that is a form, decoded; none if it is something else.
    pub fn form_fields(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        let body = if self.is_form() { self.body.as_slice() } else { &[] };
        form_urlencoded::parse(body).take(MAX_FIELDS)
    }

    /// Whether the body is a form by its content type.
    #[must_use]
    pub fn is_form(&self) -> bool {
        let media_type = self.header("content-type").and_then(|value| value.split(';').next());
        media_type.is_some_and(|name| name.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
    }

    /// A header by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::{Delivery, DeliveryError};
    use serde_json::json;

    #[test]
    fn the_body_is_the_same_bytes_whether_or_not_the_gateway_encoded_it() {
        let plain = json!({"rawPath": "/webhooks/a", "headers": {"Webhook-Id": "1"}, "body": "{\"x\":1}"});
        let encoded = json!({"rawPath": "/webhooks/a", "headers": {"webhook-id": "1"}, "body": "eyJ4IjoxfQ==", "isBase64Encoded": true});
        let delivery = Delivery::from_event(plain).unwrap();
        assert_eq!(Ok(&delivery), Delivery::from_event(encoded).as_ref());
        assert_eq!(delivery.body, b"{\"x\":1}");
        assert_eq!(delivery.header("webhook-id"), Some("1"));
        assert_eq!(delivery.integration(), Some("a"));
    }

    #[test]
    fn the_method_is_the_gateways_word() {
        let event = json!({"rawPath": "/", "requestContext": {"http": {"method": "PUT", "path": "/"}, "stage": "x"}});
        assert_eq!(Delivery::from_event(event).unwrap().method, "PUT");
        assert_eq!(Delivery::from_event(json!({"rawPath": "/", "requestContext": {}})).unwrap().method, "");
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
    fn what_is_no_http_request_or_no_base64_is_an_error() {
        assert_eq!(Delivery::from_event(json!({"detail": 1})), Err(DeliveryError::NotHttp));
        let bad = json!({"rawPath": "/", "body": "%%%", "isBase64Encoded": true});
        assert_eq!(Delivery::from_event(bad), Err(DeliveryError::BadBase64));
        let large = json!({"rawPath": "/", "body": "x".repeat(1024 * 1024 + 1)});
        assert_eq!(Delivery::from_event(large), Err(DeliveryError::TooLarge));
    }

    #[test]
    fn a_path_that_names_no_integration_names_none() {
        for path in ["/", "/webhooks", "/webhooks/a/b", "/other/a"] {
            let delivery = Delivery::from_event(json!({"rawPath": path})).unwrap();
            assert_eq!(delivery.integration(), None, "{path}");
        }
    }
}

//! What the gateways make of an HTTP request: the events of function URLs, HTTP
//! APIs and REST APIs, read into one [`Delivery`].
//!
//! There are two formats. Function URLs send payload format 2.0, HTTP APIs 2.0
//! or 1.0, and REST APIs what 1.0 was made after. Everything else in an event is
//! ignored, as AWS adds fields
//! (<https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>,
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html>).

use super::Delivery;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use url::form_urlencoded;

/// The most bytes of a webhook's body, 1 MiB; API Gateway and function URLs
/// allow more, and no terminal event needs as much.
const MAX_DELIVERY_BYTES: usize = 1024 * 1024;

/// The most headers of a delivery, 200, and the most bytes of their names and
/// values together, 32 KiB: API Gateway passes on 10 KiB, and no sender needs a
/// tenth of either.
const MAX_HEADERS: usize = 200;
const MAX_HEADER_BYTES: usize = 32 * 1024;

/// The most bytes of a path and of a query string, 8 KiB each: what common
/// servers allow a whole request line.
const MAX_LINE_BYTES: usize = 8 * 1024;

/// Why an invocation is no delivery.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// The invocation has not the shape of an HTTP request.
    #[error("the event is not an HTTP request of payload format 1.0 or 2.0")]
    NotHttp,
    /// The body says that it is base64 and is not.
    #[error("the body is marked as base64 and is not")]
    BadBase64,
    /// The body is too large.
    #[error("the body has more than {MAX_DELIVERY_BYTES} bytes")]
    TooLarge,
    /// There are too many headers, or they are too large.
    #[error("the request has more than {MAX_HEADERS} headers, or more than {MAX_HEADER_BYTES} bytes of them")]
    TooManyHeaders,
    /// The path or the query string is too long.
    #[error("the request's path or query string has more than {MAX_LINE_BYTES} bytes")]
    LineTooLong,
}

impl DeliveryError {
    /// Whether the request was understood and is larger than what is read.
    #[must_use]
    pub const fn is_size(&self) -> bool {
        match self {
            Self::TooLarge | Self::TooManyHeaders | Self::LineTooLong => true,
            Self::NotHttp | Self::BadBase64 => false,
        }
    }
}

/// Payload format 2.0.
#[derive(Deserialize)]
struct Event2 {
    #[serde(rename = "rawPath")]
    path: String,
    #[serde(default, rename = "rawQueryString")]
    query: Option<String>,
    #[serde(default)]
    headers: Option<BTreeMap<String, String>>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default, rename = "isBase64Encoded")]
    is_base64: bool,
    #[serde(default, rename = "requestContext")]
    context: Context2,
}

#[derive(Default, Deserialize)]
struct Context2 {
    #[serde(default, rename = "domainName")]
    domain: String,
    #[serde(default)]
    http: Http,
}

#[derive(Default, Deserialize)]
struct Http {
    #[serde(default)]
    method: String,
}

/// Payload format 1.0. What occurs once stands under both names of a map.
#[derive(Deserialize)]
struct Event1 {
    path: String,
    #[serde(default, rename = "httpMethod")]
    method: String,
    #[serde(default)]
    headers: Option<BTreeMap<String, String>>,
    #[serde(default, rename = "multiValueHeaders")]
    all_headers: Option<BTreeMap<String, Vec<String>>>,
    #[serde(default, rename = "queryStringParameters")]
    query: Option<BTreeMap<String, String>>,
    #[serde(default, rename = "multiValueQueryStringParameters")]
    whole_query: Option<BTreeMap<String, Vec<String>>>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default, rename = "isBase64Encoded")]
    is_base64: bool,
    #[serde(default, rename = "requestContext")]
    context: Context1,
}

#[derive(Default, Deserialize)]
struct Context1 {
    #[serde(default, rename = "domainName")]
    domain: String,
    /// The path with the stage before it.
    #[serde(default)]
    path: String,
}

impl Delivery {
    /// Reads a delivery from the event of a function URL, an HTTP API or a REST API.
    ///
    /// # Errors
    /// [`DeliveryError`] when the event is not an HTTP request, or a part of it
    /// is too large or cannot be had.
    pub fn from_event(event: Value) -> Result<Self, DeliveryError> {
        let delivery = if event.get("rawPath").is_some() {
            let event: Event2 = serde_json::from_value(event).map_err(|_| DeliveryError::NotHttp)?;
            event.delivery()
        } else {
            let event: Event1 = serde_json::from_value(event).map_err(|_| DeliveryError::NotHttp)?;
            event.delivery()
        }?;
        if delivery.path.len() > MAX_LINE_BYTES || delivery.query.len() > MAX_LINE_BYTES {
            return Err(DeliveryError::LineTooLong);
        }
        Ok(delivery)
    }
}

impl Event2 {
    fn delivery(self) -> Result<Delivery, DeliveryError> {
        Ok(Delivery {
            method: self.context.http.method,
            domain: self.context.domain,
            path: self.path,
            query: self.query.unwrap_or_default(),
            headers: headers(self.headers.unwrap_or_default())?,
            body: body(self.body, self.is_base64)?,
        })
    }
}

impl Event1 {
    fn delivery(self) -> Result<Delivery, DeliveryError> {
        let Context1 { mut domain, path } = self.context;
        if let Some(stage) = path.strip_suffix(&self.path)
            && !domain.is_empty()
        {
            domain.push_str(stage);
        }
        Ok(Delivery {
            method: self.method,
            domain,
            path: self.path,
            query: query_string(&several(self.query, self.whole_query)),
            headers: headers(
                several(self.headers, self.all_headers)
                    .into_iter()
                    .flat_map(|(name, values)| values.into_iter().map(move |value| (name.clone(), value))),
            )?,
            body: body(self.body, self.is_base64)?,
        })
    }
}

/// All values by name: those of the map that has all, or the one that the other has.
fn several(
    one: Option<BTreeMap<String, String>>,
    all: Option<BTreeMap<String, Vec<String>>>,
) -> BTreeMap<String, Vec<String>> {
    let mut values = all.unwrap_or_default();
    for (name, value) in one.unwrap_or_default() {
        values.entry(name).or_insert_with(|| vec![value]);
    }
    values
}

/// The query string, written anew: format 1.0 passes its fields on decoded and
/// without their order, so a signature over the query as sent cannot be verified
/// behind such a gateway.
fn query_string(fields: &BTreeMap<String, Vec<String>>) -> String {
    let pairs = fields.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)));
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Headers by name in lower case; several of one name are joined by a comma, as
/// format 2.0 has it, so that a header that must occur once and occurs twice is
/// neither the one nor the other. Cookies are nobody's signature.
fn headers(received: impl IntoIterator<Item = (String, String)>) -> Result<BTreeMap<String, String>, DeliveryError> {
    let mut headers = BTreeMap::<String, String>::new();
    let mut bytes = 0_usize;
    for (number, (name, value)) in received.into_iter().enumerate() {
        bytes = bytes.saturating_add(name.len()).saturating_add(value.len());
        if number >= MAX_HEADERS || bytes > MAX_HEADER_BYTES {
            return Err(DeliveryError::TooManyHeaders);
        }
        let name = name.to_ascii_lowercase();
        if name == "cookie" {
            continue;
        }
        headers
            .entry(name)
            .and_modify(|known| {
                known.push(',');
                known.push_str(&value);
            })
            .or_insert(value);
    }
    Ok(headers)
}

/// The body's bytes, as they were sent.
fn body(text: Option<String>, is_base64: bool) -> Result<Vec<u8>, DeliveryError> {
    let text = text.unwrap_or_default();
    // Base64 writes three bytes as four.
    if text.len() > MAX_DELIVERY_BYTES / 3 * 4 + 4 {
        return Err(DeliveryError::TooLarge);
    }
    let body = if is_base64 { STANDARD.decode(text).map_err(|_| DeliveryError::BadBase64)? } else { text.into_bytes() };
    if body.len() > MAX_DELIVERY_BYTES { Err(DeliveryError::TooLarge) } else { Ok(body) }
}

#[cfg(test)]
#[path = "gateway_tests.rs"]
mod tests;

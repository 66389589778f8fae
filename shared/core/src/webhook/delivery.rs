//! A delivery as received: the same whichever gateway brought it.

use crate::answer::{BodyError, Document, MAX_FIELDS, parse_json};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::BTreeMap;
use url::form_urlencoded;

/// A webhook delivery: raw bytes, and headers by their names in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The request's method; empty if the gateway did not say.
    pub method: String,
    /// The gateway's own name, by which it was reached, and the stage behind it
    /// where the path does not hold it; empty if it did not say.
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

/// Whom a path names: `/webhooks/INTEGRATION`, or with a wait's own address
/// `/webhooks/INTEGRATION/WAIT/CAPABILITY`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Address<'d> {
    /// The integration.
    pub integration: &'d str,
    /// The wait, and the text that proves that its address was given away.
    pub wait: Option<(&'d str, &'d str)>,
}

impl Delivery {
    /// Whom the path names, if it is one of the listener's.
    #[must_use]
    pub fn address(&self) -> Option<Address<'_>> {
        let mut parts = self.path.strip_prefix("/webhooks/")?.split('/');
        let integration = parts.next()?;
        let wait = match (parts.next(), parts.next(), parts.next()) {
            (None, _, _) => None,
            (Some(wait), Some(capability), None) => Some((wait, capability)),
            (Some(_), _, _) => return None,
        };
        Some(Address { integration, wait })
    }

    /// The URL that the sender called, without its query string, if the gateway
    /// says by which name it was reached.
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

    /// The body as locators see it: JSON, or a form as an object of texts.
    ///
    /// # Errors
    /// [`BodyError`] when it is neither.
    pub fn content(&self) -> Result<Value, BodyError> {
        if self.is_form() { Ok(object(self.form_fields())) } else { parse_json(&self.body) }
    }

    /// The delivery as locators and conditions see it, with this content.
    #[must_use]
    pub fn document(&self, content: Value) -> Document<'_> {
        Document::of_event(&self.headers, content).with_query(&self.query)
    }

    /// The query string as an object of texts: all that an event without a body says.
    #[must_use]
    pub fn query_object(&self) -> Value {
        object(self.query_fields())
    }
}

/// Fields as an object of texts. Of a name that occurs several times the first
/// counts, as it does for whoever asks the URL standard's own interface for one.
fn object<'f>(fields: impl Iterator<Item = (Cow<'f, str>, Cow<'f, str>)>) -> Value {
    let mut object = Map::new();
    for (name, value) in fields {
        object.entry(name).or_insert_with(|| Value::String(value.into_owned()));
    }
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use super::{Address, Delivery};
    use serde_json::json;

    fn at(path: &str) -> Delivery {
        Delivery::from_event(json!({"rawPath": path})).unwrap()
    }

    fn form(content_type: &str, body: &str) -> Delivery {
        Delivery::from_event(json!({"rawPath": "/", "headers": {"Content-Type": content_type}, "body": body})).unwrap()
    }

    #[test]
    fn a_path_names_an_integration_or_one_of_its_waits() {
        let delivery = at("/webhooks/a");
        assert!(delivery.address() == Some(Address { integration: "a", wait: None }));
        let delivery = at("/webhooks/a/w-1/secret");
        assert!(delivery.address() == Some(Address { integration: "a", wait: Some(("w-1", "secret")) }));
    }

    #[test]
    fn a_path_that_is_none_of_the_listeners_names_nobody() {
        for path in ["/", "/webhooks", "/webhooks/a/b", "/webhooks/a/b/c/d", "/other/a"] {
            assert!(at(path).address().is_none(), "{path}");
        }
    }

    #[test]
    fn a_form_is_read_as_an_object_of_texts_of_which_the_first_counts() {
        for content_type in ["application/x-www-form-urlencoded", "Application/X-WWW-Form-Urlencoded; charset=UTF-8"] {
            let content = form(content_type, "id=j1&n=5&text=a+b%26c&id=j2&empty=&flag").content();
            assert_eq!(content, Ok(json!({"id": "j1", "n": "5", "text": "a b&c", "empty": "", "flag": ""})));
        }
        assert!(form("text/plain", "id=j1").content().is_err());
        assert_eq!(form("text/plain", "{\"id\": 1}").content(), Ok(json!({"id": 1})));
    }

    #[test]
    fn a_form_has_no_more_than_a_thousand_fields() {
        let body: String = (0..1_100).map(|n| format!("n{n}=1&")).collect();
        let content = form("application/x-www-form-urlencoded", &body).content().unwrap();
        assert_eq!(content.as_object().map(serde_json::Map::len), Some(1_000));
    }
}

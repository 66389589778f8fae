//! The tables within `callback.verify` as written, and their checks.

use super::key_source::{AddressRule, KeySource, check_post};
use super::raw::one_place;
use super::scheme::{
    BodyHash, KeyRule, Layout, Place, SignatureAt, SignatureRule, SigningSecret, TimeUnit, TimestampRule,
};
use crate::Timestamp;
use crate::encoding::Encoding;
use crate::integration::{JsonPointer, KeyError, Locator, duration, header_name, secret_name};
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;
use url::Url;

/// The most headers that may carry a signature: DocuSign sends one for each of
/// a customer's keys, and ten are more than anybody rotates between.
const MAX_SIGNATURE_HEADERS: usize = 10;

/// The tolerance of a timestamp where the file says none: five minutes, as most
/// third parties recommend.
const DEFAULT_TOLERANCE: Duration = Duration::from_mins(5);

/// The shortest tolerance, one second: timestamps come in whole ones.
const MIN_TOLERANCE: Duration = Duration::from_secs(1);

/// The longest tolerance, one day: longer than any third party goes on sending
/// the same signature again.
const MAX_TOLERANCE: Duration = Duration::from_hours(24);

/// A secret that may have signed: its name, or its name and when it counts.
pub(super) struct RawSecret(RawWindow);

/// A secret's name and when it counts.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
struct RawWindow {
    /// The secret's name: `"vendor/webhook-old"`.
    name: String,
    /// From when it counts: `"2026-12-01T00:00:00Z"`. Always if absent.
    from: Option<String>,
    /// Until when it counts: `"2026-12-31T00:00:00Z"`. Always if absent.
    until: Option<String>,
}

/// What a file may write for [`RawSecret`], for its schema.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is of use")]
#[schemars(untagged, inline)]
enum NameOrWindow {
    Name(String),
    Window(RawWindow),
}

impl JsonSchema for RawSecret {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        NameOrWindow::schema_name()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        NameOrWindow::json_schema(generator)
    }
}

impl<'de> Deserialize<'de> for RawSecret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = RawSecret;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a secret's name such as \"vendor/webhook\", or a table with `name`, `from` and `until`")
            }

            fn visit_str<E>(self, text: &str) -> Result<RawSecret, E> {
                Ok(RawSecret(RawWindow { name: text.to_owned(), from: None, until: None }))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<RawSecret, A::Error> {
                RawWindow::deserialize(MapAccessDeserializer::new(map)).map(RawSecret)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl RawSecret {
    pub(super) fn check(self) -> Result<SigningSecret, String> {
        let RawWindow { name, from, until } = self.0;
        let name = secret_name::parse(name)?;
        let time = |text: Option<String>| {
            text.map(|text| {
                text.parse::<Timestamp>()
                    .map_err(|_| format!("{text:?} is not a date and time: write for example \"2026-12-31T00:00:00Z\""))
            })
        };
        let (from, until) = (time(from).transpose()?, time(until).transpose()?);
        match (from, until) {
            (Some(from), Some(until)) if from >= until => {
                Err(format!("{name:?} would never count, as it counts from {from} until {until}"))
            }
            (_, _) => Ok(SigningSecret { name, from, until }),
        }
    }
}

/// Where a signature is and how it is written. Exactly one of `header`,
/// `headers`, `query` and `body` says where.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct RawSignature {
    /// The header that carries the signature: `"X-Signature"`.
    header: Option<String>,
    /// Several headers, each of which may carry one, instead of `header`:
    /// `["X-Signature-Primary", "X-Signature-Secondary"]`.
    #[serde(default)]
    headers: Vec<String>,
    /// The field of the query string that carries it: `"signature"`.
    query: Option<String>,
    /// The place in the JSON body that carries it: `"/signature/signature"`.
    #[schemars(with = "Option<String>")]
    body: Option<JsonPointer>,
    /// What stands before the signature: `"sha256="`. Signatures without it are
    /// passed over.
    prefix: Option<String>,
    /// How the signature is written.
    #[serde(default)]
    #[schemars(extend("default" = "hex"))]
    encoding: Encoding,
    /// What stands between several signatures or fields of one header: `" "`,
    /// `","` or `";"`. Without it the whole header is one signature; fields are
    /// separated by `","`.
    separator: Option<Separator>,
    /// The field that holds the signature, in a header such as `t=1,v1=ab`:
    /// `"v1"`. It may occur several times.
    field: Option<String>,
}

/// What may stand between two signatures.
#[derive(Clone, Copy, Deserialize, JsonSchema)]
#[schemars(inline)]
enum Separator {
    #[serde(rename = " ")]
    Space,
    #[serde(rename = ",")]
    Comma,
    #[serde(rename = ";")]
    Semicolon,
}

impl Separator {
    const fn as_char(self) -> char {
        match self {
            Self::Space => ' ',
            Self::Comma => ',',
            Self::Semicolon => ';',
        }
    }
}

/// A mistake in a table of `callback.verify`.
fn at<T>(key: &str, what: Result<T, String>) -> Result<T, KeyError> {
    what.map_err(|e| (format!("callback.verify.{key}"), e))
}

fn mistake<T>(key: &str, what: impl Into<String>) -> Result<T, KeyError> {
    at(key, Err(what.into()))
}

impl RawSignature {
    pub(super) fn check(self, keys: KeyRule) -> Result<SignatureRule, KeyError> {
        let names = match (self.header, self.headers) {
            (Some(name), names) if names.is_empty() => vec![name],
            (None, names) if names.len() <= MAX_SIGNATURE_HEADERS => names,
            (Some(_) | None, _) => return places(),
        };
        let headers =
            at("signature", names.iter().map(|name| header_name::parse(name)).collect::<Result<Vec<_>, _>>())?;
        let several = headers.len() > 1;
        let place = match (headers.is_empty(), self.query, self.body) {
            (false, None, None) => SignatureAt::Headers(headers),
            (true, Some(name), None) if !name.is_empty() => SignatureAt::Query(name),
            (true, None, Some(pointer)) => SignatureAt::Body(pointer),
            (_, _, _) => return places(),
        };
        let separator = self.separator.map(Separator::as_char);
        let layout = match (self.field, separator) {
            (Some(_), _) if several => {
                return mistake(
                    "signature.field",
                    "is for one `header`; with `headers`, each is a signature of its own",
                );
            }
            (Some(name), separator) => {
                Layout::Fields { separator: separator.unwrap_or(','), name: at("signature.field", field_name(name))? }
            }
            (None, Some(separator)) => Layout::List(separator),
            (None, None) => Layout::Single,
        };
        let prefix = self.prefix.unwrap_or_default();
        Ok(SignatureRule { at: place, layout, prefix, encoding: self.encoding, keys })
    }
}

fn places<T>() -> Result<T, KeyError> {
    mistake(
        "signature",
        format!("name one `header`, or 1 to {MAX_SIGNATURE_HEADERS} `headers`, or the place in `query` or `body`"),
    )
}

/// Where a delivery's time of sending is and how old it may be. Exactly one of
/// `header`, `field`, `query`, `form`, `body` and `claim` says where.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct RawTimestamp {
    /// The header that holds it: `"X-Timestamp"`.
    header: Option<String>,
    /// The field of the signature's header that holds it, as in `t=1,v1=ab`: `"t"`.
    field: Option<String>,
    /// The field of the query string that holds it: `"timestamp"`.
    query: Option<String>,
    /// The field of a form that holds it: `"timestamp"`.
    form: Option<String>,
    /// The place in the JSON body that holds it: `"/sent_at"`.
    #[schemars(with = "Option<String>")]
    body: Option<JsonPointer>,
    /// The place in the claims of a token that holds it: `"/iat"`.
    #[schemars(with = "Option<String>")]
    claim: Option<JsonPointer>,
    /// How it is written: `"seconds"` or `"milliseconds"` since 1970, or
    /// `"rfc3339"`.
    #[serde(default)]
    #[schemars(extend("default" = "seconds"))]
    unit: TimeUnit,
    /// How far it may lie from now, to the past and to the future, from 1s to
    /// 1day.
    #[schemars(extend("default" = "5m"))]
    tolerance: Option<String>,
    /// How far it may lie in the future, if not as far as in the past: `"30s"`.
    ahead: Option<String>,
}

impl RawTimestamp {
    pub(super) fn check(self, layout: &Layout, is_token: bool) -> Result<TimestampRule, KeyError> {
        let header = self.header.map(|name| at("timestamp.header", header_name::parse(&name))).transpose()?;
        let field = self.field.map(|name| at("timestamp.field", field_name(name))).transpose()?;
        let place = one_place([
            header.map(Place::Header),
            field.map(Place::Field),
            self.query.map(Place::Query),
            self.form.map(Place::Form),
            self.body.map(Place::Body),
            self.claim.map(Place::Claim),
        ]);
        let Some(place) = place else {
            return mistake(
                "timestamp",
                "say in exactly one of `header`, `field`, `query`, `form`, `body` and `claim` where it stands",
            );
        };
        match (&place, layout) {
            (Place::Field(_), Layout::Single | Layout::List(_)) => {
                return mistake(
                    "timestamp.field",
                    "needs a signature header of fields: name the signature's own field in `signature.field` as well",
                );
            }
            (Place::Claim(_), _) if !is_token => {
                return mistake("timestamp.claim", "is for tokens, which `jwt` describes");
            }
            (Place::Header(_) | Place::Query(_) | Place::Form(_), _) if is_token => {
                return mistake("timestamp", "must be a `claim` of the token, which signs nothing else");
            }
            (_, _) => {}
        }
        let past = tolerance("timestamp.tolerance", self.tolerance.as_deref())?.unwrap_or(DEFAULT_TOLERANCE);
        let future = tolerance("timestamp.ahead", self.ahead.as_deref())?.unwrap_or(past);
        Ok(TimestampRule { at: place, unit: self.unit, past, future })
    }
}

fn tolerance(key: &str, text: Option<&str>) -> Result<Option<Duration>, KeyError> {
    let Some(text) = text else {
        return Ok(None);
    };
    let tolerance = at(key, duration::parse(text))?;
    if tolerance < MIN_TOLERANCE || tolerance > MAX_TOLERANCE {
        return mistake(key, "must lie between 1s and 1day");
    }
    Ok(Some(tolerance))
}

/// Where the body's SHA-256 stands. Exactly one of `header`, `query` and
/// `claim` says where.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct RawBodyHash {
    /// The header that holds it, which must be signed: `"X-Body-Hash"`.
    header: Option<String>,
    /// The field of the query string that holds it, which must be signed: `"bodySHA256"`.
    query: Option<String>,
    /// The place in the claims of a token that holds it: `"/request_body_sha256"`.
    #[schemars(with = "Option<String>")]
    claim: Option<JsonPointer>,
    /// How it is written.
    #[serde(default)]
    #[schemars(extend("default" = "hex"))]
    encoding: Encoding,
}

impl RawBodyHash {
    pub(super) fn check(self, is_token: bool) -> Result<BodyHash, KeyError> {
        let header = self.header.map(|name| at("body_hash.header", header_name::parse(&name))).transpose()?;
        let place = one_place([header.map(Place::Header), self.query.map(Place::Query), self.claim.map(Place::Claim)]);
        match place {
            Some(at @ Place::Claim(_)) if is_token => Ok(BodyHash { at, encoding: self.encoding }),
            Some(at @ (Place::Header(_) | Place::Query(_))) if !is_token => {
                Ok(BodyHash { at, encoding: self.encoding })
            }
            Some(_) => mistake("body_hash", "must be a `claim` of a token, and a `header` or `query` of anything else"),
            None => mistake("body_hash", "say in exactly one of `header`, `query` and `claim` where it stands"),
        }
    }
}

/// The set of keys with which a third party signs.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct RawJwks {
    /// Its address: `"https://api.vendor.com/.well-known/jwks.json"`.
    url: String,
    /// Where a delivery names its key: `"header:X-Key-Id"`. A token does so
    /// itself; without it all keys are tried.
    key_id: Option<Locator>,
    /// For third parties that give one key at a time: what is posted as JSON,
    /// `{ key_id = "{key_id}", secret = "{credential:secret}" }`.
    #[serde(default)]
    post: BTreeMap<String, String>,
    /// Where the answer holds the one key, if it is no set: `"/key"`.
    #[schemars(with = "Option<String>")]
    key: Option<JsonPointer>,
}

impl RawJwks {
    pub(super) fn check(self, credentials: BTreeMap<String, String>, is_token: bool) -> Result<KeySource, KeyError> {
        let url = Url::parse(&self.url).ok().filter(|url| url.scheme() == "https" && url.has_host());
        let Some(url) = url.filter(|url| url.username().is_empty() && url.password().is_none()) else {
            return mistake("jwks.url", "is not an address: write it whole, with https://");
        };
        let key_id = match self.key_id {
            None => None,
            Some(_) if is_token => return mistake("jwks.key_id", "is in the token itself; leave it out"),
            Some(Locator::Header(name)) => Some(Place::Header(name)),
            Some(Locator::Body(pointer)) => Some(Place::Body(pointer)),
            Some(Locator::Query(name)) => Some(Place::Query(name)),
            Some(Locator::Code) => return mistake("jwks.key_id", "a delivery has no code: write \"header:Name\""),
        };
        let post = if self.post.is_empty() {
            None
        } else if key_id.is_none() && !is_token {
            return mistake("jwks.post", "needs `key_id`, as one key is asked for");
        } else {
            Some(at("jwks.post", check_post(self.post, credentials))?)
        };
        Ok(KeySource::Jwks { url, key_id, post, key: self.key })
    }
}

/// The certificate whose key signs. Its address comes with the delivery, and
/// must be on one of the hosts.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct RawCertificate {
    /// Where a delivery holds its address: `"header:X-Cert-Url"` or `"body:/SigningCertURL"`.
    url: Locator,
    /// The hosts that it may be on, `*` standing for one label: `["sns.*.amazonaws.com"]`.
    hosts: Vec<String>,
    /// The path that it has there, `*` standing for letters, digits, `-` and `_`: `"/certs/*"`.
    path: String,
}

impl RawCertificate {
    pub(super) fn check(self) -> Result<KeySource, KeyError> {
        let url = match self.url {
            Locator::Header(name) => Place::Header(name),
            Locator::Body(pointer) => Place::Body(pointer),
            Locator::Query(name) => Place::Query(name),
            Locator::Code => {
                return mistake(
                    "certificate.url",
                    "a delivery has no code: write \"header:Name\" or \"body:/pointer\"",
                );
            }
        };
        let rule = at("certificate", AddressRule::parse(&self.hosts, &self.path))?;
        Ok(KeySource::Certificate { url, rule })
    }
}

/// A field's name: not empty, and nothing that could not stand before its `=`.
fn field_name(name: String) -> Result<String, String> {
    if name.is_empty() || name.contains(['=', ',', ';', ' ']) {
        Err(format!("{name:?} is not a field's name: write what stands before its \"=\", for example \"v1\""))
    } else {
        Ok(name)
    }
}

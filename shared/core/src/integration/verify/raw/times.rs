//! `timestamp` and `body_hash`: values that are checked once the signature is genuine.

use super::signature::field_name;
use super::{at, mistake, one_place};
use crate::encoding::Encoding;
use crate::integration::verify::{BodyHash, Layout, Place, TimeUnit, TimestampRule};
use crate::integration::{JsonPointer, KeyError, duration, header_name};
use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Duration;

/// The tolerance of a timestamp where the file says none: five minutes, as most
/// third parties recommend.
const DEFAULT_TOLERANCE: Duration = Duration::from_mins(5);

/// The shortest tolerance, one second: timestamps come in whole ones.
const MIN_TOLERANCE: Duration = Duration::from_secs(1);

/// The longest tolerance, one day: longer than any third party goes on sending
/// the same signature again.
const MAX_TOLERANCE: Duration = Duration::from_hours(24);

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

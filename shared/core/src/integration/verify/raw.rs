//! `callback.verify` as written, and its checks.

use super::preset::{Form, Preset};
use super::{
    Algorithm, Content, Encoding, HmacScheme, KeyForm, Layout, Scheme, SignatureRule, TimeUnit, TimestampAt,
    TimestampRule, Verification,
};
use crate::integration::{JsonPointer, KeyError, Locator, duration, header_name, secret_name};
use schemars::JsonSchema;
use serde::Deserialize;
use std::time::Duration;

/// The most signing secrets at a time: the current one, the one before and the
/// next one, with one to spare.
const MAX_SECRETS: usize = 4;

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

/// How a genuine webhook is told from a forged one: by a `preset`, such as
/// `{ preset = "stripe", secrets = ["stripe/webhook"] }`, or by a description
/// of the signature with `hmac`, `content` and `signature`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(in crate::integration) struct RawVerify {
    /// The names of 1 to 4 secrets, any of which may have signed, so that they
    /// can be rotated: `["vendor/webhook", "vendor/webhook-old"]`.
    #[serde(default)]
    secrets: Vec<String>,
    /// A scheme that is known by name: `"standard-webhooks"`. Only `secrets`,
    /// `id` and (with `"shared-header"`) `header` may stand beside it.
    preset: Option<Preset>,
    /// With the preset `"shared-header"`: the header that holds the secret
    /// itself, such as `"X-Webhook-Secret"`.
    header: Option<String>,
    /// The hash of the signature: `"sha256"`.
    hmac: Option<Algorithm>,
    /// How the secret's text becomes a key: `"text"` takes it as it is,
    /// `"base64"` and `"hex"` decode it first.
    #[schemars(extend("default" = "text"))]
    key: Option<KeyForm>,
    /// What is signed, with placeholders: `"v0:{timestamp}:{body}"`. There are
    /// `{body}`, `{body_sha256}` (in hex), `{timestamp}`, `{header:Name}`,
    /// `{field:name}` (of the signature's header), `{method}`, `{path}` and
    /// `{url}` (of the listener). A value that a delivery lacks makes it refused.
    content: Option<String>,
    /// Where the signature is: `{ header = "X-Signature", prefix = "v1=" }`.
    signature: Option<RawSignature>,
    /// Where the time of sending is, and how old it may be:
    /// `{ header = "X-Timestamp", tolerance = "5m" }`. Deliveries can be
    /// repeated at any time by whoever saw them if it is left out.
    timestamp: Option<RawTimestamp>,
    /// Where a delivery names itself, to be noted with the outcome:
    /// `"header:X-Request-Id"`. Presets know theirs.
    id: Option<Locator>,
}

/// Where a signature is and how it is written.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
struct RawSignature {
    /// The header that carries the signature: `"X-Signature"`.
    header: Option<String>,
    /// Several headers, each of which may carry one, instead of `header`:
    /// `["X-Signature-Primary", "X-Signature-Secondary"]`.
    #[serde(default)]
    headers: Vec<String>,
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

/// Where a delivery's time of sending is and how old it may be. Exactly one of
/// `header`, `field` and `body` says where.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
struct RawTimestamp {
    /// The header that holds it: `"X-Timestamp"`.
    header: Option<String>,
    /// The field of the signature's header that holds it, as in `t=1,v1=ab`: `"t"`.
    field: Option<String>,
    /// The place in the JSON body that holds it: `"/sent_at"`.
    #[schemars(with = "Option<String>")]
    body: Option<JsonPointer>,
    /// How it is written: `"seconds"` or `"milliseconds"` since 1970, or
    /// `"rfc3339"`.
    #[serde(default)]
    #[schemars(extend("default" = "seconds"))]
    unit: TimeUnit,
    /// How far it may lie from now, to the past and to the future, from 1s to
    /// 1day.
    #[schemars(extend("default" = "5m"))]
    tolerance: Option<String>,
}

impl RawVerify {
    pub(in crate::integration) fn check(mut self) -> Result<Verification, KeyError> {
        let names = std::mem::take(&mut self.secrets);
        if names.is_empty() || names.len() > MAX_SECRETS {
            return Err(("callback.verify.secrets".to_owned(), format!("name 1 to {MAX_SECRETS} secrets")));
        }
        let secrets = names.into_iter().map(secret_name::parse).collect::<Result<_, _>>();
        let secrets = secrets.map_err(|e| ("callback.verify.secrets".to_owned(), e))?;
        let (scheme, id) = match self.preset {
            Some(preset) => self.check_preset(preset)?,
            None => self.check_hmac()?,
        };
        Ok(Verification { secrets, scheme, id })
    }

    fn check_preset(self, preset: Preset) -> Result<(Scheme, Option<Locator>), KeyError> {
        let described = [
            ("callback.verify.hmac", self.hmac.is_some()),
            ("callback.verify.key", self.key.is_some()),
            ("callback.verify.content", self.content.is_some()),
            ("callback.verify.signature", self.signature.is_some()),
            ("callback.verify.timestamp", self.timestamp.is_some()),
        ];
        if let Some((key, _)) = described.into_iter().find(|(_, present)| *present) {
            return Err((
                key.to_owned(),
                "is part of what the preset says already; leave out the one or the other".to_owned(),
            ));
        }
        match (preset.form(), self.header) {
            (Form::SharedHeader, Some(name)) => {
                let name = header_name::parse(&name).map_err(|e| ("callback.verify.header".to_owned(), e))?;
                Ok((Scheme::SharedHeader(name), self.id))
            }
            (Form::SharedHeader, None) => {
                Err(("callback.verify.header".to_owned(), "name the header that holds the secret".to_owned()))
            }
            (Form::Hmac(_) | Form::Basic, Some(_)) => Err(misplaced_header()),
            (Form::Basic, None) => Ok((Scheme::Basic, self.id)),
            (Form::Hmac(text), None) => {
                let form: Self =
                    serde_json::from_str(text).map_err(|e| ("callback.verify.preset".to_owned(), e.to_string()))?;
                let (scheme, id) = form.check_hmac()?;
                Ok((scheme, self.id.or(id)))
            }
        }
    }

    fn check_hmac(self) -> Result<(Scheme, Option<Locator>), KeyError> {
        let (Some(algorithm), Some(content), Some(signature)) = (self.hmac, self.content, self.signature) else {
            let what = "name a `preset`, for example \"standard-webhooks\", or describe the signature with `hmac`, `content` and `signature`";
            return Err(("callback.verify".to_owned(), what.to_owned()));
        };
        if self.header.is_some() {
            return Err(misplaced_header());
        }
        let signature = signature.check()?;
        let timestamp = self.timestamp.map(|raw| raw.check(&signature.layout)).transpose()?;
        let content = Content::parse(&content, &signature.layout, timestamp.as_ref())
            .map_err(|e| ("callback.verify.content".to_owned(), e))?;
        let key = self.key.unwrap_or_default();
        Ok((Scheme::Hmac(HmacScheme { algorithm, key, content, signature, timestamp }), self.id))
    }
}

fn misplaced_header() -> KeyError {
    let what = "belongs to the preset \"shared-header\"; a signature's header is named in `signature`";
    ("callback.verify.header".to_owned(), what.to_owned())
}

impl RawSignature {
    fn check(self) -> Result<SignatureRule, KeyError> {
        let names = match (self.header, self.headers) {
            (Some(name), names) if names.is_empty() => vec![name],
            (None, names) if (1..=MAX_SIGNATURE_HEADERS).contains(&names.len()) => names,
            (Some(_) | None, _) => {
                let what = format!("name one `header`, or 1 to {MAX_SIGNATURE_HEADERS} `headers`");
                return Err(("callback.verify.signature".to_owned(), what));
            }
        };
        let headers = names.iter().map(|name| header_name::parse(name)).collect::<Result<Vec<_>, _>>();
        let headers = headers.map_err(|e| ("callback.verify.signature".to_owned(), e))?;
        let separator = self.separator.map(Separator::as_char);
        let layout = match (self.field, separator) {
            (Some(_), _) if headers.len() > 1 => {
                let what = "is for one `header`; with `headers`, each is a signature of its own";
                return Err(("callback.verify.signature.field".to_owned(), what.to_owned()));
            }
            (Some(name), separator) => Layout::Fields {
                separator: separator.unwrap_or(','),
                name: field_name(name).map_err(|e| ("callback.verify.signature.field".to_owned(), e))?,
            },
            (None, Some(separator)) => Layout::List(separator),
            (None, None) => Layout::Single,
        };
        Ok(SignatureRule { headers, layout, prefix: self.prefix.unwrap_or_default(), encoding: self.encoding })
    }
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

impl RawTimestamp {
    fn check(self, layout: &Layout) -> Result<TimestampRule, KeyError> {
        let at = match (self.header, self.field, self.body) {
            (Some(name), None, None) => TimestampAt::Header(
                header_name::parse(&name).map_err(|e| ("callback.verify.timestamp.header".to_owned(), e))?,
            ),
            (None, Some(name), None) if matches!(layout, Layout::Fields { .. }) => {
                TimestampAt::Field(field_name(name).map_err(|e| ("callback.verify.timestamp.field".to_owned(), e))?)
            }
            (None, Some(_), None) => {
                let what =
                    "needs a signature header of fields: name the signature's own field in `signature.field` as well";
                return Err(("callback.verify.timestamp.field".to_owned(), what.to_owned()));
            }
            (None, None, Some(pointer)) => TimestampAt::Body(pointer),
            (_, _, _) => {
                let what = "say in exactly one of `header`, `field` and `body` where it stands";
                return Err(("callback.verify.timestamp".to_owned(), what.to_owned()));
            }
        };
        let tolerance = self.tolerance.as_deref().map_or(Ok(DEFAULT_TOLERANCE), duration::parse);
        let tolerance = tolerance.map_err(|e| ("callback.verify.timestamp.tolerance".to_owned(), e))?;
        if tolerance < MIN_TOLERANCE || tolerance > MAX_TOLERANCE {
            return Err(("callback.verify.timestamp.tolerance".to_owned(), "must lie between 1s and 1day".to_owned()));
        }
        Ok(TimestampRule { at, unit: self.unit, tolerance })
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

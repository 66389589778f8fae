//! `signature`: where signatures are and how they are written.

use super::{at, mistake};
use crate::encoding::Encoding;
use crate::integration::verify::{KeyRule, Layout, SignatureAt, SignatureRule};
use crate::integration::{JsonPointer, KeyError, header_name};
use schemars::JsonSchema;
use serde::Deserialize;

/// The most headers that may carry a signature: DocuSign sends one for each of
/// a customer's keys, and ten are more than anybody rotates between.
const MAX_SIGNATURE_HEADERS: usize = 10;

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

/// A field's name: not empty, and nothing that could not stand before its `=`.
pub(super) fn field_name(name: String) -> Result<String, String> {
    if name.is_empty() || name.contains(['=', ',', ';', ' ']) {
        Err(format!("{name:?} is not a field's name: write what stands before its \"=\", for example \"v1\""))
    } else {
        Ok(name)
    }
}

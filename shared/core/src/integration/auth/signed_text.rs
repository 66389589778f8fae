//! Texts over the parts of a request: what is signed, and the headers that carry the signature.

use crate::integration::braces;
use std::fmt;

/// A text over the parts of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedText(pub(crate) Vec<SignedPiece>);

/// A piece of a signed text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SignedPiece {
    Text(String),
    Method,
    Host,
    Path,
    Query,
    PathAndQuery,
    Timestamp,
    Body,
    BodySha256,
    Signature,
}

impl SignedText {
    pub(super) fn parse(text: &str, with_signature: bool) -> Result<Self, String> {
        let hole = |name: &str| match name {
            "method" => Ok(SignedPiece::Method),
            "host" => Ok(SignedPiece::Host),
            "path" => Ok(SignedPiece::Path),
            "query" => Ok(SignedPiece::Query),
            "path_and_query" => Ok(SignedPiece::PathAndQuery),
            "timestamp" => Ok(SignedPiece::Timestamp),
            "body" if !with_signature => Ok(SignedPiece::Body),
            "body_sha256" => Ok(SignedPiece::BodySha256),
            "signature" if with_signature => Ok(SignedPiece::Signature),
            _ => {
                let more = if with_signature { "signature" } else { "body" };
                Err(format!(
                    "{{{name}}} is not known here: there are {{method}}, {{host}}, {{path}}, {{query}}, {{path_and_query}}, {{timestamp}}, {{body_sha256}} and {{{more}}}"
                ))
            }
        };
        braces::read(text, SignedPiece::Text, hole).map(Self)
    }

    pub(super) fn holds(&self, piece: &SignedPiece) -> bool {
        self.0.contains(piece)
    }
}

/// The text as files write it.
impl fmt::Display for SignedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|piece| {
            f.write_str(match piece {
                SignedPiece::Text(text) => text,
                SignedPiece::Method => "{method}",
                SignedPiece::Host => "{host}",
                SignedPiece::Path => "{path}",
                SignedPiece::Query => "{query}",
                SignedPiece::PathAndQuery => "{path_and_query}",
                SignedPiece::Timestamp => "{timestamp}",
                SignedPiece::Body => "{body}",
                SignedPiece::BodySha256 => "{body_sha256}",
                SignedPiece::Signature => "{signature}",
            })
        })
    }
}

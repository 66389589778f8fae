//! What makes a delivery genuine, in words.

use super::{
    Algorithm, BodyHash, Content, Covered, KeyRule, KeySource, KeyText, Layout, Part, Place, PublicKeyAlgorithm,
    Scheme, SignatureAt, SignatureRule, Signed, Signer, SigningSecret, TimestampRule, Verification,
};
use crate::encoding::Encoding;
use std::fmt;

/// For people: what is compared, and with which secrets, by their names.
impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secret = secrets(&self.secrets);
        match &self.scheme {
            Scheme::SharedHeader(name) => write!(f, "the header {name} holds {secret}")?,
            Scheme::Basic => write!(f, "HTTP Basic authorization holds {secret}")?,
            Scheme::Signed(signed) => signed.tell(&self.secrets, f)?,
        }
        match &self.id {
            Some(id) => write!(f, "; a delivery names itself at {id}"),
            None => Ok(()),
        }
    }
}

/// The secrets, by their names.
fn secrets(secrets: &[SigningSecret]) -> String {
    let names: Vec<String> = secrets.iter().map(SigningSecret::to_string).collect();
    match names.as_slice() {
        [one] => format!("the secret {one}"),
        several => format!("one of the secrets {}", several.join(", ")),
    }
}

impl fmt::Display for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match (self.from, self.until) {
            (None, None) => Ok(()),
            (Some(from), None) => write!(f, " (from {from})"),
            (None, Some(until)) => write!(f, " (until {until})"),
            (Some(from), Some(until)) => write!(f, " (from {from} until {until})"),
        }
    }
}

impl Signed {
    fn tell(&self, named: &[SigningSecret], f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { signer, covered, signature, body_hash, timestamp, covers_body } = self;
        match (covered, signer) {
            (Covered::Token(_), _) => write!(f, "{} holds a token", signature.place())?,
            (Covered::Content(_), Signer::Hmac(algorithm)) => write!(f, "{signature} holds the HMAC-{algorithm}")?,
            (Covered::Content(_), Signer::PrivateKey(_)) => write!(f, "{signature} holds the signature")?,
        }
        if let Covered::Content(content) = covered {
            write!(f, " of \"{content}\"")?;
        }
        match signer {
            Signer::Hmac(_) => write!(f, " with {}{}", secrets(named), signature.keys.form())?,
            Signer::PrivateKey(algorithm) => {
                write!(f, " by {algorithm} with {}", signature.keys.owners(named))?;
            }
        }
        if let Some(BodyHash { at, .. }) = body_hash {
            write!(f, ", {at} is the body's SHA-256")?;
        }
        match timestamp {
            Some(timestamp) => write!(f, ", and {timestamp}")?,
            None => f.write_str("; it carries no signed time, so one that was seen can be repeated")?,
        }
        if *covers_body {
            Ok(())
        } else {
            f.write_str("; it does not cover the body, so nothing of an event is believed")
        }
    }
}

impl KeyRule {
    const fn form(&self) -> &'static str {
        match self.text {
            KeyText::Text | KeyText::Pem => "",
            KeyText::Base64 => " (as base64)",
            KeyText::Base64url => " (as base64url)",
            KeyText::Hex => " (as hex)",
        }
    }

    /// Whose public keys verify.
    fn owners(&self, named: &[SigningSecret]) -> String {
        let mut owners = Vec::new();
        if !named.is_empty() {
            owners.push(format!("the public key in {}{}", secrets(named), self.form()));
        }
        if !self.literal.is_empty() {
            owners.push("a public key of the file".to_owned());
        }
        match &self.source {
            Some(KeySource::Jwks { url, .. }) => owners.push(format!("a key from {url}")),
            Some(KeySource::Certificate { url, rule }) => {
                owners.push(format!("the certificate that {url} names, on {rule}"));
            }
            None => {}
        }
        owners.join(" or ")
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
            Self::Sha384 => "SHA384",
            Self::Sha512 => "SHA512",
        })
    }
}

impl fmt::Display for PublicKeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ed25519 => "Ed25519",
            Self::EcdsaP256 | Self::EcdsaP256Fixed => "ECDSA on P-256 with SHA-256",
            Self::RsaSha256 => "RSA with SHA-256",
            Self::RsaSha1 => "RSA with SHA-1",
        })
    }
}

impl SignatureRule {
    /// Where signatures stand.
    fn place(&self) -> String {
        match &self.at {
            SignatureAt::Headers(headers) => match headers.as_slice() {
                [one] => format!("the header {one}"),
                several => format!("one of the headers {}", several.join(", ")),
            },
            SignatureAt::Query(name) => format!("the query's {name}"),
            SignatureAt::Body(pointer) => format!("body:{pointer}"),
        }
    }
}

impl fmt::Display for SignatureRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.layout {
            Layout::Fields { name, .. } => write!(f, "the field {name} of ")?,
            Layout::List(_) => f.write_str("one of the signatures in ")?,
            Layout::Single => {}
        }
        f.write_str(&self.place())?;
        if !self.prefix.is_empty() {
            write!(f, " (after {:?})", self.prefix)?;
        }
        f.write_str(match self.encoding {
            Encoding::Hex => ", in hex,",
            Encoding::Base64 => ", in base64,",
            Encoding::Base64url => ", in base64url,",
        })
    }
}

/// Where a value stands, as a refusal says it.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(name) => write!(f, "the header {name:?}"),
            Self::Field(name) => write!(f, "the field {name:?}"),
            Self::Query(name) => write!(f, "the query's {name:?}"),
            Self::Form(name) => write!(f, "the form's {name:?}"),
            Self::Body(pointer) => write!(f, "the body's {:?}", pointer.as_str()),
            Self::Claim(pointer) => write!(f, "the token's {:?}", pointer.as_str()),
        }
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(text),
            Part::Value(Place::Header(name)) => write!(f, "{{header:{name}}}"),
            Part::Value(Place::Field(name)) => write!(f, "{{field:{name}}}"),
            Part::Value(Place::Query(name)) => write!(f, "{{query:{name}}}"),
            Part::Value(Place::Form(name)) => write!(f, "{{form:{name}}}"),
            Part::Value(Place::Body(pointer)) => write!(f, "{{body:{pointer}}}"),
            Part::Value(Place::Claim(pointer)) => write!(f, "{{claim:{pointer}}}"),
            Part::Optional(pointer) => write!(f, "{{body?:{pointer}}}"),
            Part::Body => f.write_str("{body}"),
            Part::BodySha256 => f.write_str("{body_sha256}"),
            Part::BodyCrc32 => f.write_str("{body_crc32}"),
            Part::SortedForm => f.write_str("{sorted_form}"),
            Part::BodyLines(names) => write!(f, "{{body_lines:{}}}", names.join(",")),
            Part::Method => f.write_str("{method}"),
            Part::Path => f.write_str("{path}"),
            Part::Url => f.write_str("{url}"),
            Part::FullUrl => f.write_str("{full_url}"),
        })
    }
}

impl fmt::Display for TimestampRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.at {
            Place::Header(name) => write!(f, "the time in the header {name}")?,
            Place::Field(name) => write!(f, "the time in the field {name}")?,
            Place::Query(name) => write!(f, "the time in the query's {name}")?,
            Place::Form(name) => write!(f, "the time in the form's {name}")?,
            Place::Body(pointer) => write!(f, "the time at body:{pointer}")?,
            Place::Claim(pointer) => write!(f, "the time at the token's {pointer}")?,
        }
        write!(f, " is at most {} away", humantime::format_duration(self.past))?;
        if self.future == self.past {
            Ok(())
        } else {
            write!(f, ", {} in the future", humantime::format_duration(self.future))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::test_support::render;

    fn words(verify: &str) -> String {
        let shipped = r#"{ preset = "standard-webhooks", secrets = ["render/webhook"] }"#;
        render(&[(shipped, verify)]).callback.unwrap().verify.unwrap().to_string()
    }

    #[test]
    fn a_scheme_is_told_in_one_sentence() {
        let cases = [
            (
                r#"{ preset = "standard-webhooks", secrets = ["a"] }"#,
                "one of the signatures in the header webhook-signature (after \"v1,\"), in base64, holds the HMAC-SHA256 of \"{header:webhook-id}.{header:webhook-timestamp}.{body}\" with the secret a (as base64), and the time in the header webhook-timestamp is at most 5m away; a delivery names itself at header:webhook-id",
            ),
            (
                r#"{ preset = "stripe", secrets = ["a", "b"] }"#,
                "the field v1 of the header stripe-signature, in hex, holds the HMAC-SHA256 of \"{field:t}.{body}\" with one of the secrets a, b, and the time in the field t is at most 5m away; a delivery names itself at body:/id",
            ),
            (
                r#"{ preset = "onfido", secrets = ["a"] }"#,
                "the header x-sha2-signature, in hex, holds the HMAC-SHA256 of \"{body}\" with the secret a; it carries no signed time, so one that was seen can be repeated",
            ),
            (r#"{ preset = "shared-header", header = "X-S", secrets = ["a"] }"#, "the header x-s holds the secret a"),
            (r#"{ preset = "basic", secrets = ["a"] }"#, "HTTP Basic authorization holds the secret a"),
        ];
        for (verify, says) in cases {
            assert_eq!(words(verify), says, "{verify}");
        }
    }
}

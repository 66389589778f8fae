//! What makes a delivery genuine, in words.

use super::{
    Algorithm, Content, Encoding, HmacScheme, KeyForm, Layout, Part, Scheme, SignatureRule, TimestampAt, TimestampRule,
    Verification,
};
use std::fmt;

/// For people: what is compared, and with which secrets, by their names.
impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.secrets.join(", ");
        let secret =
            if self.secrets.len() == 1 { format!("the secret {names}") } else { format!("one of the secrets {names}") };
        match &self.scheme {
            Scheme::SharedHeader(name) => write!(f, "the header {name} holds {secret}")?,
            Scheme::Basic => write!(f, "HTTP Basic authorization holds {secret}")?,
            Scheme::Hmac(HmacScheme { algorithm, key, content, signature, timestamp }) => {
                let form = match key {
                    KeyForm::Text => "",
                    KeyForm::Base64 => " (as base64)",
                    KeyForm::Hex => " (as hex)",
                };
                write!(f, "{signature} holds the HMAC-{algorithm} of \"{content}\" with {secret}{form}")?;
                match timestamp {
                    Some(timestamp) => write!(f, ", and {timestamp}")?,
                    None => f.write_str("; it carries no signed time, so one that was seen can be repeated")?,
                }
            }
        }
        match &self.id {
            Some(id) => write!(f, "; a delivery names itself at {id}"),
            None => Ok(()),
        }
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

impl fmt::Display for SignatureRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { headers, layout, prefix, encoding } = self;
        match layout {
            Layout::Fields { name, .. } => write!(f, "the field {name} of ")?,
            Layout::List(_) => f.write_str("one of the signatures in ")?,
            Layout::Single => {}
        }
        match headers.as_slice() {
            [one] => write!(f, "the header {one}")?,
            several => write!(f, "one of the headers {}", several.join(", "))?,
        }
        if !prefix.is_empty() {
            write!(f, " (after {prefix:?})")?;
        }
        f.write_str(match encoding {
            Encoding::Hex => ", in hex,",
            Encoding::Base64 => ", in base64,",
            Encoding::Base64url => ", in base64url,",
        })
    }
}

impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(text),
            Part::Body => f.write_str("{body}"),
            Part::BodySha256 => f.write_str("{body_sha256}"),
            Part::Header(name) => write!(f, "{{header:{name}}}"),
            Part::Field(name) => write!(f, "{{field:{name}}}"),
            Part::Method => f.write_str("{method}"),
            Part::Path => f.write_str("{path}"),
            Part::Url => f.write_str("{url}"),
        })
    }
}

impl fmt::Display for TimestampRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.at {
            TimestampAt::Header(name) => write!(f, "the time in the header {name}")?,
            TimestampAt::Field(name) => write!(f, "the time in the field {name}")?,
            TimestampAt::Body(pointer) => write!(f, "the time at body:{pointer}")?,
        }
        write!(f, " is at most {} away", humantime::format_duration(self.tolerance))
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

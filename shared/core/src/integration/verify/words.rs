//! What makes a delivery genuine, in words.

use super::{
    Algorithm, Content, Encoding, HmacScheme, KeyForm, Layout, Part, Scheme, SignatureRule, TimestampAt, TimestampRule,
    Verification,
};
use std::fmt;

/// For people: what is compared, and with which secrets, by their names.
impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.scheme {
            Scheme::SharedHeader(name) => write!(f, "the header {name} holds {}", self.any_secret())?,
            Scheme::Basic => write!(f, "HTTP Basic authorization holds {}", self.any_secret())?,
            Scheme::Hmac(hmac) => write!(f, "{hmac}, made with {}", self.any_secret())?,
        }
        match &self.id {
            Some(id) => write!(f, "; the delivery names itself at {id}"),
            None => Ok(()),
        }
    }
}

impl Verification {
    fn any_secret(&self) -> String {
        let names = self.secrets.join(", ");
        if self.secrets.len() == 1 { format!("the secret {names}") } else { format!("one of the secrets {names}") }
    }
}

impl fmt::Display for HmacScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { algorithm, key, content, signature, timestamp } = self;
        let key = match key {
            KeyForm::Text => "",
            KeyForm::Base64 => " with a base64 key",
            KeyForm::Hex => " with a hex key",
        };
        write!(f, "{signature} holds the HMAC-{algorithm}{key} of \"{content}\"")?;
        match timestamp {
            Some(timestamp) => write!(f, ", {timestamp}"),
            None => f.write_str(", without a time: a delivery that was seen once can be repeated"),
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
        write!(f, " at most {} from now", humantime::format_duration(self.tolerance))
    }
}

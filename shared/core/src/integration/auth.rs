//! How requests to a third party are authorized. Files name secrets; values
//! come from Secrets Manager when a request is sent.

use super::{header_name, secret_name};
use crate::SecretValue;
use serde::Deserialize;

/// One way of authorizing requests.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "RawAuth")]
pub enum Auth {
    /// `Authorization: Bearer …` (RFC 6750).
    Bearer {
        /// The secret's name, after the deployment's prefix.
        secret: String,
    },
    /// A header of the third party's own.
    Header {
        /// The header's name, in lower case.
        name: String,
        /// The secret's name, after the deployment's prefix.
        secret: String,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum RawAuth {
    Bearer(RawBearer),
    Header(RawHeader),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "{ secret = \"vendor/api-token\" }")]
struct RawBearer {
    secret: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "{ name = \"X-Api-Key\", secret = \"vendor/api-key\" }")]
struct RawHeader {
    name: String,
    secret: String,
}

impl TryFrom<RawAuth> for Auth {
    type Error = String;
    fn try_from(raw: RawAuth) -> Result<Self, String> {
        Ok(match raw {
            RawAuth::Bearer(RawBearer { secret }) => Self::Bearer { secret: secret_name::parse(secret)? },
            RawAuth::Header(RawHeader { name, secret }) => {
                Self::Header { name: header_name::parse(&name)?, secret: secret_name::parse(secret)? }
            }
        })
    }
}

impl Auth {
    /// The name of the secret that is needed.
    #[must_use]
    pub fn secret(&self) -> &str {
        match self {
            Self::Bearer { secret } | Self::Header { secret, .. } => secret,
        }
    }

    /// The header that carries it.
    #[must_use]
    pub fn header(&self, value: &SecretValue) -> (String, SecretValue) {
        match self {
            Self::Bearer { .. } => {
                ("authorization".to_owned(), SecretValue::new(format!("Bearer {}", value.expose().trim())))
            }
            Self::Header { name, .. } => (name.clone(), SecretValue::new(value.expose().trim())),
        }
    }
}

//! `[auth]`: how requests to a third party are authorized. Files name secrets;
//! values come from Secrets Manager when a request is sent.

mod raw;
mod signed_text;

pub(super) use raw::RawAuth;
pub(crate) use signed_text::SignedPiece;
pub use signed_text::SignedText;

use super::verify::{Algorithm, KeyForm, TimeUnit};
use crate::encoding::Encoding;
use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

/// How requests are authorized.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Auth {
    /// The scheme that makes the `Authorization` header or signs the request.
    pub scheme: Option<Scheme>,
    /// Headers of the third party's own: names in lower case, and secrets.
    pub headers: Vec<(String, String)>,
    /// Query keys and secrets.
    pub query: Vec<(String, String)>,
}

/// One way of authorizing requests.
#[derive(Clone, Debug, PartialEq)]
pub enum Scheme {
    /// `Authorization: Bearer …` (RFC 6750).
    Bearer {
        /// The secret's name, after the deployment's prefix.
        secret: String,
    },
    /// `Authorization: Basic …` (RFC 7617).
    Basic {
        /// The user; absent if the secret holds `user:password`.
        user: Option<String>,
        /// The secret's name.
        secret: String,
    },
    /// An access token by client credentials (RFC 6749, section 4.4).
    OAuth2(OAuth2),
    /// A signature over the request.
    Hmac(Box<Hmac>),
}

/// OAuth 2 client credentials.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuth2 {
    /// Where tokens are asked for.
    pub token_url: Url,
    /// The name of the secret that holds the client's id.
    pub client_id: String,
    /// The name of the secret that holds the client's secret.
    pub client_secret: String,
    /// The scope asked for.
    pub scope: Option<String>,
    /// The grant asked for.
    pub grant: String,
    /// Further fields of the request.
    pub params: Vec<(String, String)>,
    /// How the client authenticates itself.
    pub client_auth: ClientAuth,
}

/// How an OAuth 2 client authenticates itself (RFC 6749, section 2.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum ClientAuth {
    /// By HTTP Basic, which every server must take.
    #[default]
    Basic,
    /// By fields of the body.
    Body,
}

/// A signature over the request.
#[derive(Clone, Debug, PartialEq)]
pub struct Hmac {
    /// The name of the secret that holds the key.
    pub secret: String,
    /// How the secret is read as a key.
    pub key: KeyForm,
    /// The hash.
    pub algorithm: Algorithm,
    /// How the signature is written.
    pub encoding: Encoding,
    /// What is signed.
    pub content: SignedText,
    /// Headers that are added, by name in lower case.
    pub headers: Vec<(String, SignedText)>,
    /// How the time is written.
    pub timestamp: TimeUnit,
}

impl Auth {
    /// The names of all secrets that requests need.
    #[must_use]
    pub fn secrets(&self) -> Vec<&str> {
        let of_scheme: Vec<&str> = match &self.scheme {
            None => vec![],
            Some(Scheme::Bearer { secret } | Scheme::Basic { secret, .. }) => vec![secret],
            Some(Scheme::OAuth2(oauth)) => vec![&oauth.client_id, &oauth.client_secret],
            Some(Scheme::Hmac(hmac)) => vec![&hmac.secret],
        };
        let entries = self.headers.iter().chain(&self.query).map(|(_, secret)| secret.as_str());
        of_scheme.into_iter().chain(entries).collect()
    }

    /// Where access tokens come from, if requests carry one.
    #[must_use]
    pub const fn oauth2(&self) -> Option<&OAuth2> {
        match &self.scheme {
            Some(Scheme::OAuth2(oauth)) => Some(oauth),
            Some(Scheme::Bearer { .. } | Scheme::Basic { .. } | Scheme::Hmac(_)) | None => None,
        }
    }
}

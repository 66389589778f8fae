//! `[auth]`: how requests to a third party are authorized. Files name secrets;
//! values come from Secrets Manager when a request is sent.

use super::verify::{Algorithm, KeyForm, TimeUnit};
use super::{KeyError, header_name, is_local_http, secret_name};
use crate::encoding::Encoding;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt;
use url::Url;

/// The most headers and query keys with secrets: vendors ask for one or two.
const MAX_ENTRIES: usize = 8;

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
    fn parse(text: &str, with_signature: bool) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, from)) = rest.split_once('{') {
            if !before.is_empty() {
                pieces.push(SignedPiece::Text(before.to_owned()));
            }
            let Some((name, after)) = from.split_once('}') else {
                return Err(format!("{text:?} has a brace without its partner"));
            };
            pieces.push(match name {
                "method" => SignedPiece::Method,
                "host" => SignedPiece::Host,
                "path" => SignedPiece::Path,
                "query" => SignedPiece::Query,
                "path_and_query" => SignedPiece::PathAndQuery,
                "timestamp" => SignedPiece::Timestamp,
                "body" if !with_signature => SignedPiece::Body,
                "body_sha256" => SignedPiece::BodySha256,
                "signature" if with_signature => SignedPiece::Signature,
                _ => {
                    let more = if with_signature { "signature" } else { "body" };
                    return Err(format!(
                        "{{{name}}} is not known here: there are {{method}}, {{host}}, {{path}}, {{query}}, {{path_and_query}}, {{timestamp}}, {{body_sha256}} and {{{more}}}"
                    ));
                }
            });
            rest = after;
        }
        if !rest.is_empty() {
            pieces.push(SignedPiece::Text(rest.to_owned()));
        }
        Ok(Self(pieces))
    }

    fn holds(&self, piece: &SignedPiece) -> bool {
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

/// `[auth]`: how requests are authorized. Secrets are named as Secrets Manager has them, after the deployment's prefix.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct RawAuth {
    /// `Authorization: Bearer …`, for example `{ secret = "vendor/api-token" }`.
    bearer: Option<RawBearer>,
    /// `Authorization: Basic …`, for example `{ user = "api", secret = "vendor/password" }`.
    basic: Option<RawBasic>,
    /// An OAuth 2 access token by client credentials, kept until it expires and asked for anew once when it is refused.
    oauth2: Option<RawOAuth2>,
    /// A signature over the request.
    hmac: Option<RawHmac>,
    /// Headers that carry secrets: `{ "X-Api-Key" = "vendor/api-key" }`.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// Query keys that carry secrets: `{ api_key = "vendor/api-key" }`. A header is better where there is a choice, as addresses end up in logs.
    #[serde(default)]
    query: BTreeMap<String, String>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "{ secret = \"vendor/api-token\" }")]
#[schemars(inline)]
struct RawBearer {
    /// The secret's name.
    secret: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "{ secret = \"vendor/login\" }")]
#[schemars(inline)]
struct RawBasic {
    /// The user; without it the secret holds `user:password`.
    user: Option<String>,
    /// The secret's name.
    secret: String,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
struct RawOAuth2 {
    /// Where access tokens are asked for.
    token_url: String,
    /// The name of the secret that holds the client's id.
    client_id: String,
    /// The name of the secret that holds the client's secret.
    client_secret: String,
    /// The scope asked for.
    scope: Option<String>,
    /// The grant type: `client_credentials` (RFC 6749, section 4.4), or one of the third party's own.
    #[schemars(extend("default" = "client_credentials"))]
    grant: Option<String>,
    /// The audience asked for, where the server needs one.
    audience: Option<String>,
    /// Further fields of the request for a token, such as `{ account_id = "…" }`.
    #[serde(default)]
    params: BTreeMap<String, String>,
    /// How the client authenticates itself: by HTTP `basic`, or by fields of the `body`.
    #[serde(default)]
    #[schemars(extend("default" = "basic"))]
    client_auth: ClientAuth,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
struct RawHmac {
    /// The name of the secret that holds the key.
    secret: String,
    /// How the secret is read as a key: `text` takes it as it is, `base64` and `hex` decode it first.
    #[serde(default)]
    #[schemars(extend("default" = "text"))]
    key: KeyForm,
    /// The hash: `sha256` (the default), `sha384`, `sha512` or `sha1`.
    #[serde(default)]
    algorithm: Algorithm,
    /// How the signature is written.
    #[serde(default)]
    #[schemars(extend("default" = "hex"))]
    encoding: Encoding,
    /// What is signed, from `{method}`, `{host}`, `{path}`, `{query}`, `{path_and_query}`, `{timestamp}`, `{body}` and `{body_sha256}`.
    content: String,
    /// Headers that are added: `{signature}` stands for the signature, beside `{timestamp}` and what else `content` may name, but for `{body}`.
    headers: BTreeMap<String, String>,
    /// How `{timestamp}` is written: `seconds` or `milliseconds` since 1970, or `rfc3339`.
    #[serde(default)]
    #[schemars(extend("default" = "seconds"))]
    timestamp: TimeUnit,
}

impl RawAuth {
    pub(super) fn check(self) -> Result<Auth, KeyError> {
        let given = [self.bearer.is_some(), self.basic.is_some(), self.oauth2.is_some(), self.hmac.is_some()];
        if given.iter().filter(|is_given| **is_given).count() > 1 {
            return Err(("auth".to_owned(), "keep one of `bearer`, `basic`, `oauth2` and `hmac`".to_owned()));
        }
        let named = |key: &'static str| move |text: String| secret_name::parse(text).map_err(|e| (key.to_owned(), e));
        let scheme = if let Some(raw) = self.bearer {
            Some(Scheme::Bearer { secret: named("auth.bearer.secret")(raw.secret)? })
        } else if let Some(raw) = self.basic {
            if raw.user.as_ref().is_some_and(|user| user.contains(':') || user.chars().any(char::is_control)) {
                return Err(("auth.basic.user".to_owned(), "a user has no colon and no control characters".to_owned()));
            }
            Some(Scheme::Basic { user: raw.user, secret: named("auth.basic.secret")(raw.secret)? })
        } else if let Some(raw) = self.oauth2 {
            Some(Scheme::OAuth2(raw.check()?))
        } else if let Some(raw) = self.hmac {
            Some(Scheme::Hmac(Box::new(raw.check()?)))
        } else {
            None
        };
        let mut headers = Vec::new();
        for (name, secret) in self.headers {
            let lower = header_name::parse_settable(&name).map_err(|e| (format!("auth.headers.{name}"), e))?;
            headers.push((lower, secret_name::parse(secret).map_err(|e| (format!("auth.headers.{name}"), e))?));
        }
        let mut query = Vec::new();
        for (name, secret) in self.query {
            let secret = secret_name::parse(secret).map_err(|e| (format!("auth.query.{name}"), e))?;
            query.push((name, secret));
        }
        if headers.len() + query.len() > MAX_ENTRIES {
            return Err(("auth".to_owned(), format!("at most {MAX_ENTRIES} headers and query keys")));
        }
        if scheme.is_none() && headers.is_empty() && query.is_empty() {
            return Err((
                "auth".to_owned(),
                "says nothing: write for example bearer = { secret = \"vendor/api-token\" }, or leave the section out"
                    .to_owned(),
            ));
        }
        Ok(Auth { scheme, headers, query })
    }
}

impl RawOAuth2 {
    fn check(self) -> Result<OAuth2, KeyError> {
        let at = |key: &str| format!("auth.oauth2.{key}");
        let token_url = Url::parse(&self.token_url)
            .ok()
            .filter(|url| url.scheme() == "https" || is_local_http(url))
            .filter(|url| url.has_host() && url.username().is_empty() && url.password().is_none())
            .ok_or_else(|| (at("token_url"), "must be an absolute https URL without a user".to_owned()))?;
        const OURS: [&str; 5] = ["grant_type", "scope", "audience", "client_id", "client_secret"];
        if let Some(name) = self.params.keys().find(|name| OURS.contains(&name.as_str())) {
            return Err((
                format!("auth.oauth2.params.{name}"),
                "has a key of its own in [auth.oauth2]; write it there".to_owned(),
            ));
        }
        if self.params.len() > MAX_ENTRIES {
            return Err((at("params"), format!("at most {MAX_ENTRIES} further fields")));
        }
        Ok(OAuth2 {
            token_url,
            client_id: secret_name::parse(self.client_id).map_err(|e| (at("client_id"), e))?,
            client_secret: secret_name::parse(self.client_secret).map_err(|e| (at("client_secret"), e))?,
            scope: self.scope,
            grant: self.grant.unwrap_or_else(|| "client_credentials".to_owned()),
            params: self.audience.map(|text| ("audience".to_owned(), text)).into_iter().chain(self.params).collect(),
            client_auth: self.client_auth,
        })
    }
}

impl RawHmac {
    fn check(self) -> Result<Hmac, KeyError> {
        let at = |key: &str| format!("auth.hmac.{key}");
        let content = SignedText::parse(&self.content, false).map_err(|e| (at("content"), e))?;
        let mut headers = Vec::new();
        for (name, text) in self.headers {
            let key = format!("auth.hmac.headers.{name}");
            let lower = header_name::parse_settable(&name).map_err(|e| (key.clone(), e))?;
            headers.push((lower, SignedText::parse(&text, true).map_err(|e| (key, e))?));
        }
        if headers.len() > MAX_ENTRIES || !headers.iter().any(|(_, text)| text.holds(&SignedPiece::Signature)) {
            return Err((at("headers"), format!("needs 1 to {MAX_ENTRIES} headers, one of them with {{signature}}")));
        }
        Ok(Hmac {
            secret: secret_name::parse(self.secret).map_err(|e| (at("secret"), e))?,
            key: self.key,
            algorithm: self.algorithm,
            encoding: self.encoding,
            content,
            headers,
            timestamp: self.timestamp,
        })
    }
}

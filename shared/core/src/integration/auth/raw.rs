//! `[auth]` as files write it, and its checks.

use super::{Auth, ClientAuth, Hmac, OAuth2, Scheme, SignedPiece, SignedText};
use crate::encoding::Encoding;
use crate::integration::verify::{Algorithm, KeyForm, TimeUnit};
use crate::integration::{KeyError, header_name, is_local_http, secret_name};
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use url::Url;

/// The most headers and query keys with secrets: vendors ask for one or two.
const MAX_ENTRIES: usize = 8;

/// `[auth]`: how requests are authorized. Secrets are named as Secrets Manager has them, after the deployment's prefix.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(in crate::integration) struct RawAuth {
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
    pub(in crate::integration) fn check(self) -> Result<Auth, KeyError> {
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

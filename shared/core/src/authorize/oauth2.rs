//! OAuth 2 client credentials ([RFC 6749, section 4.4](https://www.rfc-editor.org/rfc/rfc6749#section-4.4)):
//! the request for an access token, and what its answer means.

use super::{AuthError, basic, find};
use crate::answer::{Answer, MAX_BODY_BYTES};
use crate::duration::signed;
use crate::integration::{ClientAuth, Method, OAuth2, encoded_field, percent_encode};
use crate::request::OutgoingRequest;
use crate::{SecretValue, Timestamp};
use serde_json::Value;
use std::time::Duration;

/// How long a token is used whose server does not say, 5 minutes: a refused one
/// is replaced at once in any case.
const DEFAULT_LIFE: Duration = Duration::from_mins(5);

/// How much sooner than said a token counts as expired, 30 seconds: it must
/// outlive the request that carries it, and clocks differ.
const MARGIN: Duration = Duration::from_secs(30);

/// The longest that a token is used, one day, whatever its server says.
const MAX_LIFE: Duration = Duration::from_hours(24);

/// An access token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessToken {
    /// The token.
    pub value: SecretValue,
    /// Until when it is used.
    pub expires_at: Timestamp,
}

/// Why there is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// The server refused, or answered something else.
    #[error("the token endpoint answered HTTP {0}{1}")]
    Refused(u16, String),
    /// The answer holds no token.
    #[error("the token endpoint's answer holds no access_token")]
    NoToken,
}

/// The request for a token. Its client's credentials are in it already.
///
/// # Errors
/// [`AuthError`] when a secret is missing.
pub fn token_request(oauth: &OAuth2, secrets: &[(&str, SecretValue)]) -> Result<OutgoingRequest, AuthError> {
    let id = find(secrets, &oauth.client_id)?.expose().trim();
    let secret = find(secrets, &oauth.client_secret)?.expose().trim();
    let mut fields = vec![("grant_type", oauth.grant.as_str())];
    fields.extend(oauth.scope.as_deref().map(|scope| ("scope", scope)));
    fields.extend(oauth.params.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let mut headers = vec![
        ("accept".to_owned(), SecretValue::new("application/json")),
        ("content-type".to_owned(), SecretValue::new("application/x-www-form-urlencoded")),
    ];
    match oauth.client_auth {
        // Both are form-encoded first (RFC 6749, section 2.3.1).
        ClientAuth::Basic => {
            let login = format!("{}:{}", percent_encode(id), percent_encode(secret));
            headers.push(("authorization".to_owned(), basic(&login)));
        }
        ClientAuth::Body => fields.extend([("client_id", id), ("client_secret", secret)]),
    }
    let pairs = fields.iter().map(|(name, value)| encoded_field(name, value));
    Ok(OutgoingRequest {
        method: Method::Post,
        url: oauth.token_url.to_string(),
        headers,
        secret_query: Vec::new(),
        body: Some(pairs.collect::<Vec<_>>().join("&")),
        credentials: false,
        redirects: false,
        most_bytes: MAX_BODY_BYTES,
        until: None,
    })
}

/// Reads the answer to a request for a token.
///
/// # Errors
/// [`TokenError`] when there is none in it; it quotes the error's code alone
/// (RFC 6749, section 5.2).
pub fn read_token(answer: &Answer, now: Timestamp) -> Result<AccessToken, TokenError> {
    let body = answer.json().unwrap_or(Value::Null);
    if !(200..=299).contains(&answer.status) {
        let code = body.get("error").and_then(Value::as_str).unwrap_or_default();
        let code: String = code.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').take(64).collect();
        let said = if code.is_empty() { String::new() } else { format!(": {code}") };
        return Err(TokenError::Refused(answer.status, said));
    }
    // Printable ASCII (RFC 6749, appendix A.12): anything else could not be sent in a header.
    let is_token = |text: &&str| !text.is_empty() && text.bytes().all(|b| (b' '..=b'~').contains(&b));
    let token = body.get("access_token").and_then(Value::as_str).filter(is_token);
    let value = SecretValue::new(token.ok_or(TokenError::NoToken)?);
    // Some servers write the seconds as a text.
    let said = body.get("expires_in").and_then(|v| v.as_u64().or_else(|| v.as_str()?.parse().ok()));
    let life = said.map_or(DEFAULT_LIFE, Duration::from_secs).min(MAX_LIFE).saturating_sub(MARGIN);
    Ok(AccessToken { value, expires_at: now.saturating_add(signed(life)).unwrap_or(Timestamp::MAX) })
}

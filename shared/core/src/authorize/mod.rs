//! Credentials: put onto a request right before it is sent, and only if it goes
//! to a host that the file trusts with them.

mod oauth2;
mod sign;

pub use oauth2::{AccessToken, TokenError, read_token, token_request};

use crate::integration::{Auth, Scheme};
use crate::request::OutgoingRequest;
use crate::{SecretValue, Timestamp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Why a request could not be authorized.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// A secret was not supplied.
    #[error("the secret {0:?} was not supplied")]
    NoSecret(String),
    /// A secret is not of the form that the file says.
    #[error("the secret {0:?} is not {1}; correct the secret, or what [auth] says of it")]
    BadSecret(String, &'static str),
    /// There is no access token.
    #[error("there is no access token")]
    NoToken,
}

/// Adds the credentials to a request, if its host gets them.
///
/// `secrets` are the values of [`Auth::secrets`]; `token` is needed for OAuth 2 alone.
///
/// # Errors
/// [`AuthError`] when a secret is missing or of another form.
pub fn authorize(
    request: &mut OutgoingRequest,
    auth: &Auth,
    secrets: &[(&str, SecretValue)],
    token: Option<&SecretValue>,
    now: Timestamp,
) -> Result<(), AuthError> {
    if !request.credentials {
        return Ok(());
    }
    let secret = |name: &str| find(secrets, name);
    for (name, secret_name) in &auth.headers {
        request.set_header(name, SecretValue::new(secret(secret_name)?.expose().trim()));
    }
    for (name, secret_name) in &auth.query {
        request.secret_query.push((name.clone(), SecretValue::new(secret(secret_name)?.expose().trim())));
    }
    match &auth.scheme {
        None => {}
        Some(Scheme::Bearer { secret: name }) => request.set_header("authorization", bearer(secret(name)?)),
        Some(Scheme::Basic { user, secret: name }) => {
            let value = secret(name)?.expose().trim();
            let login = match user {
                Some(user) => format!("{user}:{value}"),
                None if value.contains(':') => value.to_owned(),
                None => return Err(AuthError::BadSecret(name.clone(), "\"user:password\"")),
            };
            request.set_header("authorization", basic(&login));
        }
        Some(Scheme::OAuth2(_)) => request.set_header("authorization", bearer(token.ok_or(AuthError::NoToken)?)),
        Some(Scheme::Hmac(hmac)) => sign::sign(request, hmac, secret(&hmac.secret)?, now)?,
    }
    Ok(())
}

fn find<'s>(secrets: &'s [(&str, SecretValue)], name: &str) -> Result<&'s SecretValue, AuthError> {
    let found = secrets.iter().find(|(known, _)| *known == name);
    found.map(|(_, value)| value).ok_or_else(|| AuthError::NoSecret(name.to_owned()))
}

fn bearer(token: &SecretValue) -> SecretValue {
    SecretValue::new(format!("Bearer {}", token.expose().trim()))
}

fn basic(login: &str) -> SecretValue {
    SecretValue::new(format!("Basic {}", STANDARD.encode(login)))
}

#[cfg(test)]
mod tests;

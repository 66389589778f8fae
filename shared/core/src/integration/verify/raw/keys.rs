//! Keys beside the names of secrets: public keys of the file, and where others are published.

use super::{MAX_SECRETS, at, mistake};
use crate::integration::verify::key_source::{AddressRule, KeySource, check_post};
use crate::integration::verify::{KeyRule, KeyText, Place, Signer};
use crate::integration::{JsonPointer, KeyError, Locator};
use crate::webhook::PublicKey;
use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;
use url::Url;

/// All that a file says of keys beside the names of secrets.
pub(super) struct KeySections<'a> {
    pub(super) signer: &'a Signer,
    pub(super) text: Option<KeyText>,
    pub(super) prefix: Option<String>,
    pub(super) literal: &'a [String],
    pub(super) jwks: Option<RawJwks>,
    pub(super) certificate: Option<RawCertificate>,
    pub(super) credentials: BTreeMap<String, String>,
    pub(super) is_token: bool,
}

impl KeySections<'_> {
    pub(super) fn check(self) -> Result<KeyRule, KeyError> {
        let (text, algorithm) = match (self.signer, self.text) {
            (Signer::Hmac(_), Some(KeyText::Pem)) => {
                return mistake(
                    "key",
                    "is for public keys; a secret of `hmac` is \"text\", \"base64\", \"base64url\" or \"hex\"",
                );
            }
            (Signer::Hmac(_), text) => (text.unwrap_or(KeyText::Text), None),
            (Signer::PrivateKey(_), Some(KeyText::Text)) => {
                return mistake("key", "is for secrets; a public key is \"pem\", \"base64\", \"base64url\" or \"hex\"");
            }
            (Signer::PrivateKey(algorithm), text) => (text.unwrap_or(KeyText::Pem), Some(*algorithm)),
        };
        let public = [
            ("keys", !self.literal.is_empty()),
            ("jwks", self.jwks.is_some()),
            ("certificate", self.certificate.is_some()),
        ];
        let Some(algorithm) = algorithm else {
            return match public.into_iter().find(|(_, present)| *present) {
                Some((key, _)) => mistake(key, "is for public keys; with `hmac`, name the `secrets`"),
                None => Ok(KeyRule { text, prefix: self.prefix, literal: Vec::new(), source: None }),
            };
        };
        if self.literal.len() > MAX_SECRETS {
            return mistake("keys", format!("write 1 to {MAX_SECRETS} keys"));
        }
        let literal = self.literal.iter().map(|key| PublicKey::parse(key, text, self.prefix.as_deref(), algorithm));
        let literal = at(
            "keys",
            literal.collect::<Result<Vec<_>, _>>().map_err(|what| format!("holds a key that is not {what}")),
        )?;
        let source = match (self.jwks, self.certificate) {
            (Some(_), Some(_)) => {
                return mistake("certificate", "is another source of keys than `jwks`; leave out the one or the other");
            }
            (Some(jwks), None) => Some(jwks.check(self.credentials, self.is_token)?),
            (None, Some(certificate)) => Some(certificate.check()?),
            (None, None) => None,
        };
        Ok(KeyRule { text, prefix: self.prefix, literal, source })
    }
}

/// The set of keys with which a third party signs.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct RawJwks {
    /// Its address: `"https://api.vendor.com/.well-known/jwks.json"`.
    url: String,
    /// Where a delivery names its key: `"header:X-Key-Id"`. A token does so
    /// itself; without it all keys are tried.
    key_id: Option<Locator>,
    /// For third parties that give one key at a time: what is posted as JSON,
    /// `{ key_id = "{key_id}", secret = "{credential:secret}" }`.
    #[serde(default)]
    post: BTreeMap<String, String>,
    /// Where the answer holds the one key, if it is no set: `"/key"`.
    #[schemars(with = "Option<String>")]
    key: Option<JsonPointer>,
}

impl RawJwks {
    pub(super) fn check(self, credentials: BTreeMap<String, String>, is_token: bool) -> Result<KeySource, KeyError> {
        let url = Url::parse(&self.url).ok().filter(|url| url.scheme() == "https" && url.has_host());
        let Some(url) = url.filter(|url| url.username().is_empty() && url.password().is_none()) else {
            return mistake("jwks.url", "is not an address: write it whole, with https://");
        };
        let key_id = match self.key_id {
            None => None,
            Some(_) if is_token => return mistake("jwks.key_id", "is in the token itself; leave it out"),
            Some(Locator::Header(name)) => Some(Place::Header(name)),
            Some(Locator::Body(pointer)) => Some(Place::Body(pointer)),
            Some(Locator::Query(name)) => Some(Place::Query(name)),
            Some(Locator::Code) => return mistake("jwks.key_id", "a delivery has no code: write \"header:Name\""),
        };
        let post = if self.post.is_empty() {
            None
        } else if key_id.is_none() && !is_token {
            return mistake("jwks.post", "needs `key_id`, as one key is asked for");
        } else {
            Some(at("jwks.post", check_post(self.post, credentials))?)
        };
        Ok(KeySource::Jwks { url, key_id, post, key: self.key })
    }
}

/// The certificate whose key signs. Its address comes with the delivery, and
/// must be on one of the hosts.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct RawCertificate {
    /// Where a delivery holds its address: `"header:X-Cert-Url"` or `"body:/SigningCertURL"`.
    url: Locator,
    /// The hosts that it may be on, `*` standing for one label: `["sns.*.amazonaws.com"]`.
    hosts: Vec<String>,
    /// The path that it has there, `*` standing for letters, digits, `-` and `_`: `"/certs/*"`.
    path: String,
}

impl RawCertificate {
    pub(super) fn check(self) -> Result<KeySource, KeyError> {
        let url = match self.url {
            Locator::Header(name) => Place::Header(name),
            Locator::Body(pointer) => Place::Body(pointer),
            Locator::Query(name) => Place::Query(name),
            Locator::Code => {
                return mistake(
                    "certificate.url",
                    "a delivery has no code: write \"header:Name\" or \"body:/pointer\"",
                );
            }
        };
        let rule = at("certificate", AddressRule::parse(&self.hosts, &self.path))?;
        Ok(KeySource::Certificate { url, rule })
    }
}

//! By what signatures are made, and how keys are written.

use crate::encoding::Encoding;
use schemars::JsonSchema;
use serde::Deserialize;

/// The hash of an HMAC ([RFC 2104](https://www.rfc-editor.org/rfc/rfc2104)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Algorithm {
    /// SHA-1: sound within an HMAC, and only for third parties that have nothing newer.
    Sha1,
    /// SHA-256, which most third parties use.
    #[default]
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// How a secret's text becomes the bytes of a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum KeyForm {
    /// The text itself is the key, even if it looks like base64 or hex.
    #[default]
    Text,
    /// The text is base64, with or without `whsec_` before it.
    Base64,
    /// The text is hex.
    Hex,
}

/// A signature that is made with a private key and verified with a public one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum PublicKeyAlgorithm {
    /// Ed25519 ([RFC 8032](https://www.rfc-editor.org/rfc/rfc8032)).
    Ed25519,
    /// ECDSA on P-256 with SHA-256, the signature in DER, as OpenSSL and most libraries write it.
    EcdsaP256,
    /// ECDSA on P-256 with SHA-256, the signature being two numbers of 32 bytes.
    EcdsaP256Fixed,
    /// RSA with PKCS#1 v1.5 and SHA-256, keys of 2,048 bits and more.
    RsaSha256,
    /// RSA with PKCS#1 v1.5 and SHA-1, for third parties that have nothing newer.
    RsaSha1,
}

/// The algorithm of a token ([RFC 7518](https://www.rfc-editor.org/rfc/rfc7518#section-3.1),
/// [RFC 8037](https://www.rfc-editor.org/rfc/rfc8037#section-3.1)). It is pinned here, as a
/// token's own word for it is the forger's too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub(crate) enum TokenAlgorithm {
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// RSA with PKCS#1 v1.5 and SHA-256.
    #[serde(rename = "RS256")]
    Rs256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl TokenAlgorithm {
    /// The name by which a token's header calls it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// What its signatures are.
    pub(crate) const fn signature(self) -> PublicKeyAlgorithm {
        match self {
            Self::Es256 => PublicKeyAlgorithm::EcdsaP256Fixed,
            Self::Rs256 => PublicKeyAlgorithm::RsaSha256,
            Self::EdDsa => PublicKeyAlgorithm::Ed25519,
        }
    }
}

/// How a key for verifying is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum KeyText {
    /// The text itself is the key.
    Text,
    /// Base64 with `+` and `/`.
    Base64,
    /// Base64 with `-` and `_`.
    Base64url,
    /// Hex.
    Hex,
    /// PEM: a public key, or a certificate that holds one.
    Pem,
}

impl KeyText {
    /// How bytes are written, where they are; not for text and PEM.
    pub(crate) const fn encoding(self) -> Option<Encoding> {
        match self {
            Self::Base64 => Some(Encoding::Base64),
            Self::Base64url => Some(Encoding::Base64url),
            Self::Hex => Some(Encoding::Hex),
            Self::Text | Self::Pem => None,
        }
    }
}

//! Public keys, as files, secrets and third parties write them, and signatures
//! by the private ones that belong to them.

use crate::integration::verify::{KeyText, PublicKeyAlgorithm};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_2048_8192_SHA256, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{
    AlgorithmIdentifier, CertificateDer, InvalidSignature, SignatureVerificationAlgorithm, SubjectPublicKeyInfoDer,
    alg_id,
};
use serde_json::Value;
use webpki::{EndEntityCert, RawPublicKeyEntity};

/// Bytes of a public key of Ed25519.
const ED25519_BYTES: usize = 32;

/// Bytes of an uncompressed point of P-256: a mark, and two numbers of 32 bytes.
const P256_POINT_BYTES: usize = 65;

/// The mark of an uncompressed point ([SEC 1, section 2.3.3](https://www.secg.org/sec1-v2.pdf)).
const UNCOMPRESSED: u8 = 4;

/// Bytes of a coordinate of P-256.
const P256_COORDINATE_BYTES: usize = 32;

/// A public key, which is no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(Form);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    /// As the algorithm itself has it: 32 bytes of Ed25519, a point of P-256.
    Raw(Vec<u8>),
    /// A SubjectPublicKeyInfo in DER ([RFC 5280, section 4.1.2.7](https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.7)).
    Info(Vec<u8>),
    /// A certificate in DER.
    Certificate(Vec<u8>),
    /// The modulus and exponent of an RSA key.
    Rsa(Vec<u8>, Vec<u8>),
}

impl PublicKey {
    /// Reads a key for this algorithm.
    ///
    /// # Errors
    /// What the text should have been.
    pub(crate) fn parse(
        text: &str,
        form: KeyText,
        prefix: Option<&str>,
        algorithm: PublicKeyAlgorithm,
    ) -> Result<Self, &'static str> {
        let needed = algorithm.needed_key();
        let text = text.trim();
        let text = prefix.and_then(|prefix| text.strip_prefix(prefix)).unwrap_or(text);
        let key = match form.encoding() {
            Some(encoding) => encoding.decode(text).map(|bytes| Self::of_bytes(bytes, algorithm)),
            None => Self::of_pem(text.as_bytes()),
        };
        key.filter(|key| key.fits(algorithm)).ok_or(needed)
    }

    fn of_bytes(bytes: Vec<u8>, algorithm: PublicKeyAlgorithm) -> Self {
        let is_raw = match algorithm {
            PublicKeyAlgorithm::Ed25519 => bytes.len() == ED25519_BYTES,
            PublicKeyAlgorithm::EcdsaP256 | PublicKeyAlgorithm::EcdsaP256Fixed => bytes.len() == P256_POINT_BYTES,
            PublicKeyAlgorithm::RsaSha256 | PublicKeyAlgorithm::RsaSha1 => false,
        };
        Self(if is_raw { Form::Raw(bytes) } else { Form::Info(bytes) })
    }

    /// The key of a PEM text: a public key, or a certificate.
    fn of_pem(text: &[u8]) -> Option<Self> {
        let info = SubjectPublicKeyInfoDer::from_pem_slice(text).ok().map(|info| Form::Info(info.to_vec()));
        info.map(Self).or_else(|| Self::of_certificate(text))
    }

    /// The key of the first certificate in a PEM text. Its chain and its dates
    /// are not looked at: who may be asked for it is what counts.
    pub(super) fn of_certificate(text: &[u8]) -> Option<Self> {
        let certificate = CertificateDer::from_pem_slice(text).ok()?;
        EndEntityCert::try_from(&certificate).ok()?;
        Some(Self(Form::Certificate(certificate.to_vec())))
    }

    /// A key of a set ([RFC 7518, section 6](https://www.rfc-editor.org/rfc/rfc7518#section-6),
    /// [RFC 8037, section 2](https://www.rfc-editor.org/rfc/rfc8037#section-2)), if it is for this algorithm.
    pub(super) fn of_jwk(jwk: &Value, algorithm: PublicKeyAlgorithm) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let number = |name: &str| text(name).and_then(|text| crate::encoding::Encoding::Base64url.decode(text));
        if text("use").is_some_and(|meant| meant != "sig") {
            return None;
        }
        let form = match (algorithm, text("kty")?, text("crv")) {
            (PublicKeyAlgorithm::Ed25519, "OKP", Some("Ed25519")) => Form::Raw(number("x")?),
            (PublicKeyAlgorithm::EcdsaP256 | PublicKeyAlgorithm::EcdsaP256Fixed, "EC", Some("P-256")) => {
                let (x, y) = (number("x")?, number("y")?);
                if x.len() != P256_COORDINATE_BYTES || y.len() != P256_COORDINATE_BYTES {
                    return None;
                }
                Form::Raw([&[UNCOMPRESSED][..], &x, &y].concat())
            }
            (PublicKeyAlgorithm::RsaSha256 | PublicKeyAlgorithm::RsaSha1, "RSA", None) => {
                Form::Rsa(number("n")?, number("e")?)
            }
            (_, _, _) => return None,
        };
        Some(Self(form)).filter(|key| key.fits(algorithm))
    }

    /// Whether the key can be one of the algorithm, as far as its form tells.
    fn fits(&self, algorithm: PublicKeyAlgorithm) -> bool {
        match &self.0 {
            Form::Raw(bytes) => match algorithm {
                PublicKeyAlgorithm::Ed25519 => bytes.len() == ED25519_BYTES,
                PublicKeyAlgorithm::EcdsaP256 | PublicKeyAlgorithm::EcdsaP256Fixed => {
                    bytes.len() == P256_POINT_BYTES && bytes.first() == Some(&UNCOMPRESSED)
                }
                PublicKeyAlgorithm::RsaSha256 | PublicKeyAlgorithm::RsaSha1 => false,
            },
            // A signature of no bytes is never genuine; whether the key is for another algorithm shows before it.
            Form::Info(info) => {
                let info = SubjectPublicKeyInfoDer::from(info.as_slice());
                RawPublicKeyEntity::try_from(&info).is_ok_and(|key| {
                    matches!(
                        key.verify_signature(&algorithm, b"", b""),
                        Err(webpki::Error::InvalidSignatureForPublicKey)
                    )
                })
            }
            Form::Certificate(_) => true,
            Form::Rsa(modulus, exponent) => !modulus.is_empty() && !exponent.is_empty(),
        }
    }

    /// Whether the private key of this one signed the message.
    pub(super) fn verifies(&self, algorithm: PublicKeyAlgorithm, message: &[u8], signature: &[u8]) -> bool {
        match &self.0 {
            Form::Raw(key) => algorithm.verify_signature(key, message, signature).is_ok(),
            Form::Info(info) => {
                let info = SubjectPublicKeyInfoDer::from(info.as_slice());
                RawPublicKeyEntity::try_from(&info)
                    .is_ok_and(|key| key.verify_signature(&algorithm, message, signature).is_ok())
            }
            Form::Certificate(der) => {
                let der = CertificateDer::from(der.as_slice());
                EndEntityCert::try_from(&der)
                    .is_ok_and(|cert| cert.verify_signature(&algorithm, message, signature).is_ok())
            }
            Form::Rsa(n, e) => algorithm.rsa().is_some_and(|parameters| {
                RsaPublicKeyComponents { n, e }.verify(parameters, message, signature).is_ok()
            }),
        }
    }
}

impl PublicKeyAlgorithm {
    /// What a key must be, for people.
    const fn needed_key(self) -> &'static str {
        match self {
            Self::Ed25519 => "a public key of Ed25519, written as `key` says",
            Self::EcdsaP256 | Self::EcdsaP256Fixed => "a public key of P-256, written as `key` says",
            Self::RsaSha256 | Self::RsaSha1 => "a public key of RSA, written as `key` says",
        }
    }

    fn ring(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::Ed25519 => &ED25519,
            Self::EcdsaP256 => &ECDSA_P256_SHA256_ASN1,
            Self::EcdsaP256Fixed => &ECDSA_P256_SHA256_FIXED,
            Self::RsaSha256 => &RSA_PKCS1_2048_8192_SHA256,
            Self::RsaSha1 => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
        }
    }

    const fn rsa(self) -> Option<&'static RsaParameters> {
        match self {
            Self::RsaSha256 => Some(&RSA_PKCS1_2048_8192_SHA256),
            Self::RsaSha1 => Some(&RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY),
            Self::Ed25519 | Self::EcdsaP256 | Self::EcdsaP256Fixed => None,
        }
    }
}

impl SignatureVerificationAlgorithm for PublicKeyAlgorithm {
    fn verify_signature(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        UnparsedPublicKey::new(self.ring(), key).verify(message, signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        match self {
            Self::Ed25519 => alg_id::ED25519,
            Self::EcdsaP256 | Self::EcdsaP256Fixed => alg_id::ECDSA_P256,
            Self::RsaSha256 | Self::RsaSha1 => alg_id::RSA_ENCRYPTION,
        }
    }

    /// Asked for where certificates vouch for others, which these do not.
    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        match self {
            Self::Ed25519 => alg_id::ED25519,
            Self::EcdsaP256 | Self::EcdsaP256Fixed => alg_id::ECDSA_SHA256,
            Self::RsaSha256 | Self::RsaSha1 => alg_id::RSA_PKCS1_SHA256,
        }
    }
}

//! One signature over one message.

use super::{SignError, Signing};
use crate::encoding::Encoding;
use crate::integration::PublicKeyAlgorithm;
use crate::integration::verify::{Algorithm, Signed, Signer};
use hmac::{Hmac, KeyInit, Mac};
use ring::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use rustls_pki_types::PrivatePkcs8KeyDer;
use rustls_pki_types::pem::PemObject as _;
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

/// Signs a message.
pub(super) fn make(signed: &Signed, message: &[u8], with: &Signing<'_>) -> Result<Vec<u8>, SignError> {
    match signed.signer {
        Signer::Hmac(algorithm) => {
            let key = signed.signature.keys.secret(with.key).map_err(SignError::BadKey)?;
            let mac = match algorithm {
                Algorithm::Sha1 => mac::<Hmac<Sha1>>(&key, message),
                Algorithm::Sha256 => mac::<Hmac<Sha256>>(&key, message),
                Algorithm::Sha384 => mac::<Hmac<Sha384>>(&key, message),
                Algorithm::Sha512 => mac::<Hmac<Sha512>>(&key, message),
            };
            mac.ok_or(SignError::BadKey("a key"))
        }
        Signer::PrivateKey(algorithm) => make_with_private_key(algorithm, message, with),
    }
}

fn mac<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> Option<Vec<u8>> {
    let mac = <M as KeyInit>::new_from_slice(key).ok()?;
    Some(mac.chain_update(message).finalize().into_bytes().to_vec())
}

fn make_with_private_key(
    algorithm: PublicKeyAlgorithm,
    message: &[u8],
    with: &Signing<'_>,
) -> Result<Vec<u8>, SignError> {
    let bad = || SignError::BadKey("a private key of this algorithm in PKCS#8, in PEM or base64");
    let text = with.key.expose().trim();
    let pkcs8 = PrivatePkcs8KeyDer::from_pem_slice(text.as_bytes())
        .map(|der| der.secret_pkcs8_der().to_vec())
        .ok()
        .or_else(|| Encoding::Base64.decode(text))
        .ok_or_else(bad)?;
    let ecdsa = |algorithm: &'static EcdsaSigningAlgorithm| {
        let pair = EcdsaKeyPair::from_pkcs8(algorithm, &pkcs8, with.random).map_err(|_| bad())?;
        let signature = pair.sign(with.random, message);
        signature
            .map(|signature| signature.as_ref().to_vec())
            .map_err(|_| SignError::Impossible("there is no randomness"))
    };
    match algorithm {
        PublicKeyAlgorithm::Ed25519 => {
            let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&pkcs8).map_err(|_| bad())?;
            Ok(pair.sign(message).as_ref().to_vec())
        }
        PublicKeyAlgorithm::EcdsaP256 => ecdsa(&ECDSA_P256_SHA256_ASN1_SIGNING),
        PublicKeyAlgorithm::EcdsaP256Fixed => ecdsa(&ECDSA_P256_SHA256_FIXED_SIGNING),
        PublicKeyAlgorithm::RsaSha256 => {
            let pair = RsaKeyPair::from_pkcs8(&pkcs8).map_err(|_| bad())?;
            let mut signature = vec![0; pair.public().modulus_len()];
            pair.sign(&RSA_PKCS1_SHA256, with.random, message, &mut signature)
                .map_err(|_| SignError::Impossible("there is no randomness"))?;
            Ok(signature)
        }
        PublicKeyAlgorithm::RsaSha1 => Err(SignError::Impossible(
            "RSA with SHA-1 is verified for third parties that have nothing newer, and made nowhere",
        )),
    }
}

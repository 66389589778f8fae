//! The one TLS configuration, for AWS and for third parties: TLS 1.2 and 1.3 by
//! ring, and Mozilla's roots, compiled in.
//!
//! Compiled in they are there at once. Reading the machine's own bundle, 144
//! certificates as text, took four fifths of a function's start, as the decoder
//! takes care to need the same time for whatever it decodes. It also makes
//! `stepwait try` trust whom the deployed functions will trust. A renewed list
//! comes with `cargo update --package webpki-roots`.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use std::env;
use std::path::Path;
use std::sync::{Arc, OnceLock};

/// The variable that names other roots, as OpenSSL knows it: a file of PEM
/// certificates that are trusted instead of those compiled in. For networks that
/// look into TLS, and for tests.
const OTHER_ROOTS: &str = "SSL_CERT_FILE";

/// TLS cannot be set up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TlsError {
    /// The other roots cannot be used.
    #[error("the certificates in {path:?}, which SSL_CERT_FILE names, cannot be used: {why}")]
    Roots {
        /// The file.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// The library and this configuration do not fit.
    #[error("tls cannot be set up: {0}")]
    SetUp(String),
}

/// The configuration; made at the first call, and the same one afterwards, so that
/// all connections share its sessions.
pub(crate) fn client_config() -> Result<ClientConfig, TlsError> {
    static MADE: OnceLock<ClientConfig> = OnceLock::new();
    if let Some(made) = MADE.get() {
        return Ok(made.clone());
    }
    let roots = match env::var_os(OTHER_ROOTS).filter(|path| !path.is_empty()) {
        Some(path) => roots_in(Path::new(&path))?,
        None => RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() },
    };
    let made = with_roots(roots)?;
    Ok(MADE.get_or_init(|| made).clone())
}

fn with_roots(roots: RootCertStore) -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let versions = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let versions = versions.map_err(|e| TlsError::SetUp(e.to_string()))?;
    let mut config = versions.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn roots_in(path: &Path) -> Result<RootCertStore, TlsError> {
    let failed = |why: String| TlsError::Roots { path: path.display().to_string(), why };
    let text = std::fs::read(path).map_err(|e| failed(e.to_string()))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&text) {
        let certificate = certificate.map_err(|e| failed(e.to_string()))?;
        // A bundle may hold roots that are no use here, as those of old algorithms.
        let _ = roots.add(certificate);
    }
    if roots.is_empty() { Err(failed("it holds no certificate of a root".to_owned())) } else { Ok(roots) }
}

#[cfg(test)]
mod tests {
    use super::{TlsError, client_config, roots_in};
    use std::path::Path;

    #[test]
    fn http_1_1_is_all_that_is_offered() {
        assert_eq!(client_config().unwrap().alpn_protocols, [b"http/1.1"]);
    }

    #[test]
    fn a_file_of_roots_that_is_missing_or_holds_none_is_named() {
        let missing = roots_in(Path::new("/no/such/roots.pem")).unwrap_err();
        let why = "No such file or directory (os error 2)".to_owned();
        assert_eq!(missing, TlsError::Roots { path: "/no/such/roots.pem".to_owned(), why });
        let empty = roots_in(Path::new("/dev/null")).unwrap_err();
        assert_eq!(
            empty.to_string(),
            "the certificates in \"/dev/null\", which SSL_CERT_FILE names, cannot be used: \
             it holds no certificate of a root"
        );
    }
}

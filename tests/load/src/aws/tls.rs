//! The services over TLS, with a certificate made for one run.

use super::Services;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use stepwait_local::http_server::Server;

/// The services behind addresses of their own, listening until dropped.
#[derive(Debug)]
pub struct Secure {
    servers: Vec<Server>,
    certificate: String,
}

/// The services cannot be reached over TLS.
#[derive(Debug, thiserror::Error)]
pub enum SecureError {
    /// No port could be bound.
    #[error("the services of AWS cannot listen on 127.0.0.1: {0}")]
    Listen(#[from] io::Error),
    /// No certificate could be made.
    #[error("no certificate could be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The certificate cannot be used.
    #[error("the certificate cannot be used: {0}")]
    SetUp(#[from] rustls::Error),
}

impl Secure {
    pub(super) async fn start(services: &Arc<Services>, count: usize) -> Result<Self, SecureError> {
        let host = IpAddr::from(Ipv4Addr::LOCALHOST).to_string();
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed([host])?;
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)?;
        let config = Arc::new(config);
        let mut servers = Vec::with_capacity(count);
        for _ in 0..count {
            let services = Arc::clone(services);
            let server = Server::start_with_tls(Arc::clone(&config), move |request| {
                let services = Arc::clone(&services);
                async move { services.answer(&request) }
            });
            servers.push(server.await?);
        }
        Ok(Self { servers, certificate: cert.pem() })
    }

    /// Where they are reached: `https://127.0.0.1:PORT` each.
    pub fn endpoints(&self) -> impl Iterator<Item = String> {
        self.servers.iter().map(|server| format!("https://{}", server.address()))
    }

    /// The certificate of all of them, to be trusted, as PEM.
    #[must_use]
    pub fn certificate(&self) -> &str {
        &self.certificate
    }
}

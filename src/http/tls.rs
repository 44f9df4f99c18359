//! A certificate of the desk's own, for who runs it without a proxy.

use std::path::Path;
use std::sync::Arc;

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{self, ServerConfig};

/// What the certificate and its key make possible.
#[derive(Clone)]
pub struct Tls(TlsAcceptor);

impl std::fmt::Debug for Tls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tls")
    }
}

/// Why the certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{path}: {why}")]
    File { path: String, why: String },
    #[error("{0} holds no certificate")]
    NoCertificate(String),
    #[error("the key does not fit the certificate: {0}")]
    Mismatch(rustls::Error),
}

impl Tls {
    /// Reads PEM files: the certificate with its chain, and the key.
    pub fn open(certificate: &Path, key: &Path) -> Result<Self, TlsError> {
        let file = |path: &Path, why: rustls_pki_types::pem::Error| TlsError::File {
            path: path.display().to_string(),
            why: format!("{why:?}"),
        };
        let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(certificate)
            .map_err(|why| file(certificate, why))?
            .collect::<Result<_, _>>()
            .map_err(|why| file(certificate, why))?;
        if chain.is_empty() {
            return Err(TlsError::NoCertificate(certificate.display().to_string()));
        }
        let key = PrivateKeyDer::from_pem_file(key).map_err(|why| file(key, why))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(TlsError::Mismatch)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(TlsError::Mismatch)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self(TlsAcceptor::from(Arc::new(config))))
    }

    pub(super) fn acceptor(&self) -> &TlsAcceptor {
        &self.0
    }
}

//! A certificate of the client's own, shown in the handshake.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use rustls::sign::{CertifiedKey, SingleCertAndKey};

use super::super::http::denied;
use super::super::protocol::HttpOutcome;

/// A chain of certificates, the client's first, and its key.
pub struct Identity {
    name: String,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Identity {
    /// Reads the secret `name`: certificates and one key as PEM, in any order.
    ///
    /// # Errors
    /// `Denied` with a sentence that shows nothing of it.
    pub fn read(name: &str, pem: &str) -> Result<Identity, HttpOutcome> {
        let wrong = || denied(format!("the secret `{name}` should hold certificates and their key as PEM"));
        let chain: Vec<CertificateDer<'static>> =
            CertificateDer::pem_slice_iter(pem.as_bytes()).collect::<Result<_, _>>().map_err(|_| wrong())?;
        let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| wrong())?;
        if chain.is_empty() { Err(wrong()) } else { Ok(Identity { name: name.to_owned(), chain, key }) }
    }

    /// The same way to connect, with this certificate shown to who asks for one.
    ///
    /// # Errors
    /// `Denied` when the key is of no known kind, or is not that of the certificate.
    pub fn show_in(&self, mut tls: rustls::ClientConfig) -> Result<rustls::ClientConfig, HttpOutcome> {
        let signer = tls.crypto_provider().key_provider.load_private_key(self.key.clone_key());
        let signer = signer
            .map_err(|_| denied(format!("the key in the secret `{}` is of no known kind", self.name)))?;
        let certified = CertifiedKey::new(self.chain.clone(), signer);
        // Unknown: keys that cannot say what their public half is.
        if let Err(error) = certified.keys_match()
            && !matches!(error, rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown))
        {
            return Err(denied(format!(
                "the key in the secret `{}` is not that of its certificate",
                self.name
            )));
        }
        tls.client_auth_cert_resolver = Arc::new(SingleCertAndKey::from(certified));
        Ok(tls)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chain_and_key_are_read_in_any_order_and_nonsense_is_not_shown() {
        let certificate = include_str!("../../../tests/data/tls/certificate.pem");
        let key = include_str!("../../../tests/data/tls/key.pem");
        for pem in [format!("{certificate}{key}"), format!("{key}\n{certificate}")] {
            assert_eq!(Identity::read("bank", &pem).ok().unwrap().chain.len(), 1);
        }
        for pem in [certificate, key, "my secret"] {
            let Err(HttpOutcome::Denied(why)) = Identity::read("bank", pem) else { panic!("it was read") };
            assert!(why.contains("`bank` should hold certificates") && !why.contains("my secret"), "{why}");
        }
    }
}

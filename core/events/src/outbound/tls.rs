//! The trusted certificates.

use std::sync::{Arc, OnceLock};

/// Configures TLS 1.2 or later, with the certificates that the machine trusts, read once. Returns an error message if the cryptography of
/// this build cannot do it.
pub fn tls_config() -> Result<rustls::ClientConfig, String> {
    static CONFIG: OnceLock<Result<rustls::ClientConfig, String>> = OnceLock::new();
    let config = CONFIG.get_or_init(|| {
        let mut roots = rustls::RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
        let builder = builder.map_err(|e| e.to_string())?;
        Ok(builder.with_root_certificates(roots).with_no_client_auth())
    });
    config.clone()
}

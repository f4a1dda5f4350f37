//! Encryption of connections, according to the URL's `sslmode`.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use tokio_postgres::Config;
use tokio_postgres_rustls::MakeRustlsConnect;

/// Whether to encrypt. The server's certificate is always checked on encrypted connections.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum TlsMode {
    #[default]
    Plain,
    Verified,
}

impl FromStr for TlsMode {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "disable" | "allow" | "prefer" => Ok(Self::Plain),
            "require" | "verify-ca" | "verify-full" => Ok(Self::Verified),
            _ => Err("sslmode: expected disable, prefer, require or verify-full".to_owned()),
        }
    }
}

/// The URL's parameters for encryption.
#[derive(Debug, Clone, Default)]
pub(super) struct TlsOptions {
    pub(super) mode: TlsMode,
    /// A PEM file with the authorities to trust in place of the system's.
    pub(super) root: Option<PathBuf>,
}

impl TlsOptions {
    pub(super) fn encrypts(&self) -> bool {
        self.mode == TlsMode::Verified
    }
}

/// A driver's configuration, with what the driver itself does not support.
#[derive(Clone)]
pub(super) struct ConnectionConfig {
    pub(super) config: Config,
    pub(super) options: TlsOptions,
}

/// Creates the connector for encrypted connections. Returns an error if no authority can be read.
pub(super) fn connector(options: &TlsOptions) -> Result<MakeRustlsConnect, String> {
    let mut roots = rustls::RootCertStore::empty();
    match &options.root {
        Some(path) => {
            let told = |e: &dyn std::fmt::Display| format!("sslrootcert {}: {e}", path.display());
            for certificate in CertificateDer::pem_file_iter(path).map_err(|e| told(&e))? {
                roots.add(certificate.map_err(|e| told(&e))?).map_err(|e| told(&e))?;
            }
        }
        None => {
            let (added, _) = roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            if added == 0 {
                return Err("the system has no certificate authorities; name a file with sslrootcert".to_owned());
            }
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

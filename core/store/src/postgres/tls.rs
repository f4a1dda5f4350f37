//! The certificate authorities that encrypted connections trust.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::fmt::Display;

// The driver adds these to the authorities that it is given.
const _: () =
    assert!(webpki_roots::TLS_SERVER_ROOTS.is_empty(), "the driver must trust only the authorities it is given");

/// The authorities to trust, in PEM: those of the file `root`, or without one the system's.
///
/// # Errors
/// If there are none, or the file has something else in it.
pub(super) fn read_authorities(root: Option<&str>) -> Result<Vec<u8>, String> {
    let Some(path) = root else {
        let mut certificates = rustls_native_certs::load_native_certs().certs;
        certificates.retain(|certificate| RootCertStore::empty().add(certificate.clone()).is_ok());
        return match certificates.is_empty() {
            true => Err("the system has no certificate authorities; name a file with sslrootcert".to_owned()),
            false => Ok(encode_pem(&certificates)),
        };
    };
    let describe_error = |e: &dyn Display| format!("sslrootcert {path}: {e}");
    let mut certificates = Vec::new();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|e| describe_error(&e))? {
        let certificate = certificate.map_err(|e| describe_error(&e))?;
        RootCertStore::empty().add(certificate.clone()).map_err(|e| describe_error(&e))?;
        certificates.push(certificate);
    }
    match certificates.is_empty() {
        true => Err(describe_error(&"it has no certificates")),
        false => Ok(encode_pem(&certificates)),
    }
}

fn encode_pem(certificates: &[CertificateDer<'_>]) -> Vec<u8> {
    let mut pem = String::new();
    for certificate in certificates {
        pem.push_str("-----BEGIN CERTIFICATE-----\n");
        let mut rest = STANDARD.encode(certificate);
        while !rest.is_empty() {
            let after = rest.split_off(rest.len().min(64));
            pem.push_str(&rest);
            pem.push('\n');
            rest = after;
        }
        pem.push_str("-----END CERTIFICATE-----\n");
    }
    pem.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::postgres::connector::Role;
    use crate::postgres::options::parse_url;
    use crate::postgres::pool::Pool;
    use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
    use rustls::pki_types::PrivatePkcs8KeyDer;
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::path::Path;
    use std::sync::Arc;

    /// Starts a server whose certificate an authority of the test signed, and writes that authority to a file. It accepts no user.
    fn start_server(authority: &Path) -> u16 {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        std::fs::write(authority, encode_pem(&[params.self_signed(&key).unwrap().der().clone()])).unwrap();
        let own_key = KeyPair::generate().unwrap();
        let own = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let own = own.signed_by(&own_key, &Issuer::from_params(&params, &key)).unwrap();
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![own.der().clone()], PrivatePkcs8KeyDer::from(own_key.serialize_der()).into())
            .unwrap();
        let config = Arc::new(config);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            listener.incoming().flatten().for_each(|socket| drop(reject_user(socket, config.clone())));
        });
        port
    }

    fn reject_user(mut socket: TcpStream, config: Arc<rustls::ServerConfig>) -> std::io::Result<()> {
        socket.read_exact(&mut [0; 8])?;
        socket.write_all(b"S")?;
        let connection = rustls::ServerConnection::new(config).map_err(std::io::Error::other)?;
        let mut stream = rustls::StreamOwned::new(connection, socket);
        let _ = stream.read(&mut [0; 1_024])?;
        let fields = b"SFATAL\0VFATAL\0C28P01\0Mno such user\0\0";
        stream.write_all(b"E")?;
        stream.write_all(&(4 + fields.len() as u32).to_be_bytes())?;
        stream.write_all(fields)?;
        stream.flush()
    }

    /// True if a connection with those parameters trusts the server.
    fn trusts(port: u16, parameters: &str) -> bool {
        let (options, _) = parse_url(&format!("postgres://u:p@127.0.0.1:{port}/d?{parameters}")).unwrap();
        let e = Pool::new(options, Role::Reader, 1).get("cairn").map(drop).unwrap_err().to_string();
        let (accepted, refused) = (e.contains("no such user"), e.contains("invalid peer certificate"));
        assert!(accepted != refused, "{e}");
        accepted
    }

    #[test]
    fn a_named_authority_replaces_the_systems() {
        // In a process of its own, to which the first server's authority is the system's.
        const INSIDE: &str = "CAIRN_TEST_AUTHORITIES";
        if let Some(folder) = std::env::var_os(INSIDE) {
            let folder = Path::new(&folder);
            let (first, second) = (folder.join("first.pem"), folder.join("second.pem"));
            let (first_port, second_port) = (start_server(&first), start_server(&second));
            let naming = |file: &Path| format!("sslmode=verify-full&sslrootcert={}", file.display());
            assert!(trusts(first_port, "sslmode=require"));
            assert!(!trusts(second_port, "sslmode=require"));
            assert!(trusts(first_port, &naming(&first)));
            assert!(!trusts(first_port, &naming(&second)));
            assert!(trusts(second_port, &naming(&second)));
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let test = std::thread::current().name().unwrap().to_owned();
        let output = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", &test, "--nocapture"])
            .env(INSIDE, folder.path())
            .env("SSL_CERT_FILE", folder.path().join("first.pem"))
            .env_remove("SSL_CERT_DIR")
            .output()
            .unwrap();
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(
            output.status.success() && printed.contains("1 passed"),
            "{printed}{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    #[test]
    fn a_file_without_certificates_is_refused() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_str().unwrap();
        assert_eq!(read_authorities(Some(path)).unwrap_err(), format!("sslrootcert {path}: it has no certificates"));
    }
}

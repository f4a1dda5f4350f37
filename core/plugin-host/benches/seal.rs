//! Costs of the seal of a PDF: room for it made by `cairn-pdf`, the signature, and its verification, for each kind of key.
//! `cargo bench -p cairn-plugin-host --bench seal -- FILE.pdf CAIRN-PDF`; `cargo xtask bench --applications esign` runs it with a contract of
//! 20 pages.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use cairn_access::{AccessControl, Passwords, SecretKey, SystemClock};
use cairn_pades::{TrustAnchors, Verdict};
use cairn_plugin_host::{PadesSealer, PdfProgram, SealLevel, SealOptions, Sealer};
use cairn_seals::KeyMaterial;
use cairn_store::{Database, Store, StoreOptions};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384};
use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Seals of each key that count, and those before them.
const MEASURED_SEALS: usize = 100;
const WARMUP_SEALS: usize = 5;
/// Longest time of a verification.
const VERIFY_TIMEOUT: Duration = Duration::from_secs(20);

fn main() -> Outcome<()> {
    // Cargo adds `--bench`.
    let paths: Vec<PathBuf> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).map(PathBuf::from).collect();
    let [pdf, program] = paths.as_slice() else {
        return write_line("left out: seals (needs the paths of a PDF and of cairn-pdf)");
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(seal_with_each_key(std::fs::read(pdf)?.into(), PdfProgram::new(program.clone())))
}

/// A key of each kind with a certificate, as PEM.
fn list_keys() -> Outcome<[(&'static str, String, String); 3]> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../seals/tests/openssl/rsa");
    let (rsa_certificate, rsa_key) =
        (std::fs::read_to_string(folder.join("certificate.pem"))?, std::fs::read_to_string(folder.join("key.pem"))?);
    let (p256, p384) =
        (KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?, KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384)?);
    let certify = |key: &KeyPair| {
        let certificate = CertificateParams::default().self_signed(key);
        certificate.map(|certificate| encode_pem("CERTIFICATE", certificate.der()))
    };
    let key_pem = |key: &KeyPair| encode_pem("PRIVATE KEY", &key.serialize_der());
    Ok([
        ("RSA 2048", rsa_certificate, rsa_key),
        ("P-256", certify(&p256)?, key_pem(&p256)),
        ("P-384", certify(&p384)?, key_pem(&p384)),
    ])
}

fn encode_pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

async fn seal_with_each_key(pdf: Bytes, program: PdfProgram) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let loaded = cairn_model::load::load_project(folder.path()).map_err(|p| format!("{p:?}"))?;
    let options = StoreOptions { database: Database::parse("sqlite:cairn.db", folder.path())? };
    let store = Store::open(options, Arc::new(loaded.registry))?;
    let secret = SecretKey::load(None, folder.path())?;
    let access = AccessControl::open(store, &secret, "default", Passwords::new(1), Arc::new(SystemClock)).await?;
    let sealer = PadesSealer::new(program.clone(), Arc::new(SystemClock), None);
    let options = SealOptions {
        plugin: "esign".to_owned(),
        key: "contract".to_owned(),
        level: SealLevel::BB,
        reason: "Contract".to_owned(),
        location: None,
        field: None,
        final_seal: true,
    };
    write_line(&format!("seals of a PDF of {} bytes, {MEASURED_SEALS} with each key, one at a time", pdf.len()))?;
    for (kind, certificates, key) in list_keys()? {
        let material = KeyMaterial::from_pem(&certificates, &key, None, access.now().timestamp_millis())?;
        cairn_seals::store_profile(&access, "contracts", &material, |_| Ok(())).await?;
        let (mut seal_times, mut verify_times) = (Vec::new(), Vec::new());
        for n in 0..WARMUP_SEALS + MEASURED_SEALS {
            let began = Instant::now();
            let profile = access.store().read(|r| cairn_seals::open_profile(r, &access, "contracts"))?;
            let sealed = sealer.seal_pdf(pdf.clone(), &options, &profile.ok_or("no profile")?).await;
            let seal_time = began.elapsed();
            let sealed = sealed.map_err(|error| format!("{kind}: {error:?}"))?.pdf;
            let began = Instant::now();
            let (program, at) = (program.clone(), access.now().timestamp_millis());
            let verify = move || {
                program.verify_signatures(&sealed, &TrustAnchors::default(), at, Instant::now() + VERIFY_TIMEOUT)
            };
            let findings = tokio::task::spawn_blocking(verify).await??;
            let verify_time = began.elapsed();
            if findings.len() != 1 || findings[0].verdict == Verdict::Invalid {
                return Err(format!("{kind}: {findings:?}").into());
            }
            if n >= WARMUP_SEALS {
                seal_times.push(seal_time);
                verify_times.push(verify_time);
            }
        }
        write_times(&format!("seal, {kind}"), seal_times)?;
        write_times(&format!("verification, {kind}"), verify_times)?;
    }
    Ok(())
}

fn write_times(name: &str, mut times: Vec<Duration>) -> Outcome<()> {
    times.sort_unstable();
    let percentile = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e3;
    write_line(&format!("{name:30} p50 {:8.2} ms   p95 {:8.2} ms", percentile(50), percentile(95)))
}

fn write_line(line: &str) -> Outcome<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

//! Seals that plugins have made, checked by programs of others: `pdfsig` of Poppler and `qpdf`.

use crate::pdf::{TestPdf, call_teller, inline_request, make_pdf};
use crate::test_project::{TestProject, root};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use cairn_access::FixedClock;
use cairn_pades::{TrustAnchors, Verdict};
use cairn_plugin_host::{HostContext, PadesSealer, PdfProgram, TimeStampAuthority};
use cairn_seals::KeyMaterial;
use chrono::{DateTime, TimeDelta};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value as Json, json};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// 2100-01-01. All certificates are valid then, that of the key made by OpenSSL included, and no time stamp is from later.
const SEALED_AT: i64 = 4_102_444_800;

fn pdf_program() -> PdfProgram {
    PdfProgram::new(root().join("target/tools/cairn-pdf"))
}

/// A project whose plugins can seal, at [`SEALED_AT`].
async fn sealing_project(authority: Option<TimeStampAuthority>) -> TestProject {
    let clock = Arc::new(FixedClock::starting_at(DateTime::from_timestamp(SEALED_AT, 0).unwrap()));
    let add =
        move |context: HostContext| context.with_sealer(Arc::new(PadesSealer::new(pdf_program(), clock, authority)));
    let (project, ran) = TestProject::with_context(&["teller"], add).await;
    assert!(ran.into_iter().all(|answer| answer.is_ok()));
    project.clock.advance(TimeDelta::seconds(SEALED_AT) - TimeDelta::milliseconds(project.now_ms()));
    project
}

/// A kind of keys, as `name`, with a certificate in PEM.
fn key_of(kind: &str) -> (String, String) {
    if kind == "rsa" {
        let read =
            |name: &str| std::fs::read_to_string(root().join("core/seals/tests/openssl/rsa").join(name)).unwrap();
        return (read("certificate.pem"), read("key.pem"));
    }
    let key = match kind {
        "p384" => rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap(),
        _ => rcgen::KeyPair::generate().unwrap(),
    };
    let certificate = rcgen::CertificateParams::default().self_signed(&key).unwrap();
    (encode_pem("CERTIFICATE", certificate.der()), encode_pem("PRIVATE KEY", &key.serialize_der()))
}

fn encode_pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

/// Hands in a key as the profile `contracts`.
async fn store_profile(project: &TestProject, (certificates, key): (String, String)) {
    let material = KeyMaterial::from_pem(&certificates, &key, None, 0).unwrap();
    cairn_seals::store_profile(&project.access, "contracts", &material, |_| Ok(())).await.unwrap();
}

async fn keep(project: &TestProject, pdf: &[u8]) -> String {
    let hex: String = pdf.iter().map(|byte| format!("{byte:02x}")).collect();
    let request = json!({ "do": "keep-bytes", "name": "a.pdf", "type": "application/pdf", "hex": hex });
    call_teller(project, request).await.unwrap().as_str().unwrap().to_owned()
}

fn seal_request(file: &str, key: &str) -> Json {
    json!({ "do": "seal", "key": key, "reason": "Contract 17 (é)", "location": "Lelystad", "file": file, "profile": "contracts" })
}

async fn seal(project: &TestProject, request: Json) -> TestPdf {
    let file = call_teller(project, request).await.unwrap_or_else(|e| panic!("{e}"));
    TestPdf::from_file_id(project, file.as_str().unwrap())
}

async fn verify(project: &TestProject, file: &str) -> Vec<Json> {
    let findings = call_teller(project, json!({ "do": "verify", "file": file })).await.unwrap();
    findings.as_array().unwrap().clone()
}

fn verdicts(findings: &[Json]) -> Vec<&str> {
    findings.iter().map(|finding| finding["verdict"].as_str().unwrap()).collect()
}

/// Returns the report of `pdfsig` on each signature; it knows none of the certificates.
fn run_pdfsig(pdf: &Path) -> Vec<String> {
    let ran = Command::new("pdfsig").arg("-nocert").arg(pdf).output().unwrap_or_else(|e| panic!("pdfsig: {e}"));
    let text = String::from_utf8_lossy(&ran.stdout).into_owned();
    text.split("Signature #").skip(1).map(str::to_owned).collect()
}

fn check_with_qpdf(pdf: &Path) {
    let ran = Command::new("qpdf").arg("--check").arg(pdf).output().unwrap_or_else(|e| panic!("qpdf: {e}"));
    let text = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success() && text.contains("No syntax or stream encoding errors found"), "{text}");
}

/// A PDF as `qpdf` writes it with these options.
fn rewrite_with_qpdf(pdf: &TestPdf, options: &[&str]) -> Vec<u8> {
    let to = pdf.path().with_extension("new.pdf");
    let ran = Command::new("qpdf").args(options).arg(pdf.path()).arg(&to).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    std::fs::read(to).unwrap()
}

const TWO_PAGES: &str =
    "#set page(width: 200pt, height: 100pt, margin: 20pt)\nBuyer: {{sign:buyer}}\n#pagebreak()\n{{seal}}";

#[tokio::test(flavor = "multi_thread")]
async fn seals_of_all_key_types_are_verified_by_others() {
    let project = sealing_project(None).await;
    let source = make_pdf(&project, inline_request(TWO_PAGES)).await;
    let original = project.read_file(&source.id);
    for (kind, hash) in [("rsa", "SHA-256"), ("p256", "SHA-256"), ("p384", "SHA-384")] {
        store_profile(&project, key_of(kind)).await;
        let sealed = seal(&project, seal_request(&source.id, kind)).await;
        let bytes = project.read_file(&sealed.id);
        assert!(bytes.starts_with(&original), "{kind}");
        let [said] = &run_pdfsig(&sealed.path())[..] else { panic!("{kind}") };
        assert!(said.contains("Signature is Valid.") && said.contains("Total document signed"), "{kind}: {said}");
        assert!(said.contains(hash) && said.contains("ETSI.CAdES.detached"), "{kind}: {said}");
        check_with_qpdf(&sealed.path());
        let findings = verify(&project, &sealed.id).await;
        assert_eq!(verdicts(&findings), ["valid"], "{kind}: {findings:?}");
        let finding = &findings[0];
        assert_eq!((&finding["level"], &finding["coversWholeFile"]), (&json!("Pades::BB"), &json!(true)), "{finding}");
        assert_eq!((&finding["field"], &finding["signedAt"]), (&json!("Seal1"), &json!(SEALED_AT * 1000)));
    }
}

/// The verdict of Cairn on bytes, without a plugin; `None` where they cannot be read.
fn verify_bytes(pdf: &[u8], trust: &TrustAnchors) -> Option<Vec<Verdict>> {
    let until = Instant::now() + cairn_testkit::extend_limit(Duration::from_secs(20));
    let found = pdf_program().verify_signatures(&Bytes::copy_from_slice(pdf), trust, SEALED_AT * 1000, until);
    Some(found.ok()?.into_iter().map(|finding| finding.verdict).collect())
}

/// Trust in a certificate in PEM.
fn trust_pem(pem: &str) -> TrustAnchors {
    let mut trust = TrustAnchors::default();
    trust.add_file(pem.as_bytes()).unwrap();
    trust
}

/// Where the signature of a PDF begins and ends, with its angle brackets.
fn find_hole(pdf: &[u8]) -> (usize, usize) {
    let at = |from: usize, what: &[u8]| from + pdf[from..].windows(what.len()).position(|part| part == what).unwrap();
    let start = at(0, b"/Contents<") + b"/Contents".len();
    (start, at(start, b">") + 1)
}

/// Changes bits of what is signed and expects all to be found; how many of them `pdfsig` is asked about too.
async fn flip_bytes(count: usize, asked: usize) {
    let project = sealing_project(None).await;
    let (certificates, key) = key_of("p256");
    let trust = trust_pem(&certificates);
    store_profile(&project, (certificates, key)).await;
    let source = make_pdf(&project, inline_request(TWO_PAGES)).await;
    let sealed = seal(&project, seal_request(&source.id, "k")).await;
    let bytes = project.read_file(&sealed.id);
    assert_eq!(verify_bytes(&bytes, &trust), Some(vec![Verdict::Valid]));
    let (start, end) = find_hole(&bytes);
    let mut random = StdRng::seed_from_u64(17);
    let changed: Vec<(usize, Vec<u8>)> = (0..count)
        .map(|_| {
            let at = random.random_range(0..bytes.len() - (end - start));
            let at = if at < start { at } else { at + (end - start) };
            let mut changed = bytes.clone();
            changed[at] ^= 1 << random.random_range(0..8);
            (at, changed)
        })
        .collect();
    for (i, (at, changed)) in changed.iter().enumerate() {
        // A file that cannot be read, or has lost its signature, is not taken for valid either.
        let valid = verify_bytes(changed, &trust).unwrap_or_default().contains(&Verdict::Valid);
        assert!(!valid, "byte {at}");
        if i < asked {
            let path = sealed.path().with_extension("changed.pdf");
            std::fs::write(&path, changed).unwrap();
            assert!(!run_pdfsig(&path).iter().any(|said| said.contains("Signature is Valid.")), "byte {at}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changed_bytes_are_found() {
    flip_bytes(20, 5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn second_seals_leave_the_first_valid() {
    let project = sealing_project(None).await;
    let source = make_pdf(&project, inline_request(TWO_PAGES)).await;
    // The cross-references are a table or a stream, each also with the first page in front.
    for (i, options) in [
        &["--object-streams=disable"][..],
        &["--object-streams=generate"],
        &["--object-streams=disable", "--linearize"],
        &["--object-streams=generate", "--linearize"],
    ]
    .into_iter()
    .enumerate()
    {
        store_profile(&project, key_of("p256")).await;
        let file = keep(&project, &rewrite_with_qpdf(&source, options)).await;
        let first = seal(&project, seal_request(&file, &format!("{i}/1"))).await;
        let mut visible = seal_request(&first.id, &format!("{i}/2"));
        visible["field"] = json!("sign:buyer");
        let second = seal(&project, visible).await;
        check_with_qpdf(&second.path());
        let said = run_pdfsig(&second.path());
        assert!(said.len() == 2 && said.iter().all(|s| s.contains("Signature is Valid.")), "{options:?}: {said:?}");
        assert!(said.iter().any(|said| said.contains("Total document signed")), "{options:?}: {said:?}");
        let findings = verify(&project, &second.id).await;
        assert_eq!(verdicts(&findings), ["valid", "valid"], "{options:?}: {findings:?}");
        let covers = |i: usize| findings[i]["coversWholeFile"].as_bool().unwrap();
        assert_eq!((covers(0), covers(1)), (false, true), "{options:?}");
        assert_eq!((&findings[0]["field"], &findings[1]["field"]), (&json!("Seal1"), &json!("Seal2")));
        assert!(findings[0]["notes"].to_string().contains("further signatures"), "{findings:?}");
        assert!(second.text().contains("Contract 17 (é)"), "{}", second.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn final_seals_forbid_later_changes() {
    let project = sealing_project(None).await;
    store_profile(&project, key_of("p256")).await;
    let source = make_pdf(&project, inline_request(TWO_PAGES)).await;
    let mut request = seal_request(&source.id, "k1");
    request["final"] = json!(true);
    let sealed = seal(&project, request).await;
    check_with_qpdf(&sealed.path());
    let [said] = &run_pdfsig(&sealed.path())[..] else { panic!() };
    assert!(said.contains("Signature is Valid.") && said.contains("Total document signed"), "{said}");
    assert_eq!(verdicts(&verify(&project, &sealed.id).await), ["valid"]);
    let error = call_teller(&project, seal_request(&sealed.id, "k2")).await.unwrap_err();
    assert!(error.contains("final seal") && error.contains("DocMDP 1"), "{error}");
    // A file that is signed already cannot be made final.
    let first = seal(&project, seal_request(&source.id, "k3")).await;
    let mut request = seal_request(&first.id, "k4");
    request["final"] = json!(true);
    let error = call_teller(&project, request).await.unwrap_err();
    assert!(error.contains("must be its first signature"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn unusable_pdfs_profiles_and_levels_are_refused() {
    let project = sealing_project(None).await;
    let source = make_pdf(&project, inline_request(TWO_PAGES)).await;
    store_profile(&project, key_of("p256")).await;
    let encrypted = rewrite_with_qpdf(&source, &["--encrypt", "a", "b", "256", "--"]);
    let encrypted = keep(&project, &encrypted).await;
    let garbage = keep(&project, b"%PDF-1.7 and nothing").await;
    let with = |file: &str, key: &str, value: Json| {
        let mut request = seal_request(file, "k");
        request[key] = value;
        request
    };
    for (request, expected) in [
        (seal_request(&encrypted, "k"), "encrypted"),
        (seal_request(&garbage, "k"), "cannot be read"),
        (with(&source.id, "field", json!("nobody")), "no field nobody; available fields: seal, sign:buyer"),
        (with(&source.id, "level", json!("b-t")), "[seals] time_stamps"),
        (with(&source.id, "level", json!("b-lt")), "B-LT is not available"),
        (with(&source.id, "level", json!("b-lta")), "B-LTA is not available"),
    ] {
        let error = call_teller(&project, request.clone()).await.unwrap_err();
        assert!(error.starts_with("invalid: file: ") && error.contains(expected), "{request}: {error}");
    }
    assert_eq!(verify(&project, &source.id).await, [] as [Json; 0]);
    let error = call_teller(&project, json!({ "do": "verify", "file": garbage })).await.unwrap_err();
    assert!(error.contains("cannot be read"), "{error}");
    // Certificates that are not valid yet, and that have expired.
    for (from, until, expected) in [(2101, 2102, "is valid only from 2101"), (2001, 2002, "expired at 2002")] {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::default();
        (params.not_before, params.not_after) = (rcgen::date_time_ymd(from, 1, 1), rcgen::date_time_ymd(until, 1, 1));
        let certificate = params.self_signed(&key).unwrap();
        let pem = (encode_pem("CERTIFICATE", certificate.der()), encode_pem("PRIVATE KEY", &key.serialize_der()));
        store_profile(&project, pem).await;
        let error = call_teller(&project, seal_request(&source.id, "k")).await.unwrap_err();
        assert!(error.contains("the sealing profile contracts cannot seal") && error.contains(expected), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_changes_after_a_seal_are_doubtful() {
    let project = sealing_project(None).await;
    let (certificates, key) = key_of("p256");
    let trust = trust_pem(&certificates);
    store_profile(&project, (certificates, key)).await;
    let source = make_pdf(&project, inline_request(TWO_PAGES)).await;
    let classic = keep(&project, &rewrite_with_qpdf(&source, &["--object-streams=disable"])).await;
    let sealed = project.read_file(&seal(&project, seal_request(&classic, "k")).await.id);
    let text = String::from_utf8_lossy(&sealed).into_owned();
    let after_last = |what: &str| text[text.rfind(what).unwrap() + what.len()..].trim_start().to_owned();
    let startxref: usize = after_last("startxref").lines().next().unwrap().parse().unwrap();
    let trailer = after_last("trailer");
    let root: u32 = trailer.split_once("/Root ").unwrap().1.split(' ').next().unwrap().parse().unwrap();
    // An update without `/Info` would remove the document information, which is a change as well.
    let info = trailer.split_once("/Info ").map(|(_, rest)| format!("/Info {} 0 R", rest.split(' ').next().unwrap()));
    let info = info.unwrap_or_default();
    let size: u32 = trailer.split_once("/Size ").unwrap().1.split(['/', ' ', '>']).next().unwrap().parse().unwrap();
    // An update that replaces an object.
    let update = |object: u32, content: &str| {
        let mut bytes = sealed.clone();
        let at = bytes.len();
        bytes.extend_from_slice(format!("{object} 0 obj\n{content}\nendobj\n").as_bytes());
        let table = bytes.len();
        let size = size.max(object + 1);
        bytes.extend_from_slice(format!("xref\n{object} 1\n{at:010} 00000 n\r\n").as_bytes());
        let trailer =
            format!("trailer\n<</Size {size}/Root {root} 0 R{info}/Prev {startxref}>>\nstartxref\n{table}\n%%EOF\n");
        bytes.extend_from_slice(trailer.as_bytes());
        bytes
    };
    let new = update(size, "(nobody refers to this)");
    assert_eq!(verify_bytes(&new, &trust), Some(vec![Verdict::Valid]));
    for object in (1..size).filter(|object| *object != root) {
        let verdicts = verify_bytes(&update(object, "<</Changed true>>"), &trust).unwrap_or_default();
        assert!(!verdicts.contains(&Verdict::Valid), "object {object}: {verdicts:?}");
    }
    let after = [&sealed[..], b"more"].concat();
    assert_eq!(verify_bytes(&after, &trust).map(|all| all.contains(&Verdict::Valid)), Some(true));
    // A ByteRange that leaves out more, less or something else.
    let (start, end) = find_hole(&sealed);
    let range = format!("/ByteRange[0 {start} {end} {}]", sealed.len() - end);
    for (changed, expected) in [
        (format!("/ByteRange[0 {} {end} {}]", start - 1, sealed.len() - end), Verdict::Invalid),
        (format!("/ByteRange[1 {start} {end} {}]", sealed.len() - end), Verdict::Invalid),
        (format!("/ByteRange[0 {start} {start} {}]", sealed.len() - end), Verdict::Invalid),
        (format!("/ByteRange[0 {start} {end} 99999999999]"), Verdict::Invalid),
        (format!("/ByteRange[0 {start} {end} -5]"), Verdict::Invalid),
        (format!("/ByteRange[0 {start} {end} {}]", sealed.len() - end - 20), Verdict::Invalid),
        ("/ByteRange[0 1]".to_owned(), Verdict::Invalid),
    ] {
        let width = range.len().max(changed.len());
        let at = sealed.windows(range.len()).position(|part| part == range.as_bytes()).unwrap();
        let mut bytes = sealed.clone();
        bytes[at..at + width].copy_from_slice(format!("{changed:<width$}").as_bytes());
        assert_eq!(verify_bytes(&bytes, &trust), Some(vec![expected]), "{changed}");
    }
}

/// How the time-stamp authority of a test answers.
type AuthorityMode = Arc<Mutex<&'static str>>;

/// A time-stamp authority, `openssl ts` behind HTTP, and its certificate in PEM.
async fn start_authority(folder: &Path, mode: AuthorityMode) -> (String, String) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::default();
    // extendedKeyUsage with timeStamping alone.
    let purpose = vec![0x30, 0x0a, 0x06, 0x08, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x08];
    let mut purpose = rcgen::CustomExtension::from_oid_content(&[2, 5, 29, 37], purpose);
    purpose.set_criticality(true);
    params.custom_extensions = vec![purpose];
    let certificate = encode_pem("CERTIFICATE", params.self_signed(&key).unwrap().der());
    std::fs::write(folder.join("tsa.pem"), &certificate).unwrap();
    std::fs::write(folder.join("tsa.key"), encode_pem("PRIVATE KEY", &key.serialize_der())).unwrap();
    std::fs::write(folder.join("serial"), "01\n").unwrap();
    let config = "[tsa]\ndefault_policy = 1.2.3.4\ndigests = sha256\nsigner_digest = sha256\ness_cert_id_alg = sha256\n\
                  serial = serial\ncrypto_device = builtin\n";
    std::fs::write(folder.join("tsa.cnf"), config).unwrap();
    let folder = folder.to_owned();
    let answer = move |request: &[u8]| {
        let reply = |query: &[u8]| {
            std::fs::write(folder.join("query"), query).unwrap();
            let mut openssl = Command::new("openssl");
            openssl.current_dir(&folder).args(["ts", "-reply", "-config", "tsa.cnf", "-section", "tsa"]);
            openssl.args(["-signer", "tsa.pem", "-inkey", "tsa.key", "-queryfile", "query", "-out", "reply"]);
            let ran = openssl.output().unwrap();
            assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
            std::fs::read(folder.join("reply")).unwrap()
        };
        let mode = *mode.lock().unwrap();
        match mode {
            "well" => (200, reply(request)),
            "busy" => (503, Vec::new()),
            "missing" => (404, Vec::new()),
            "large" => (200, vec![0; 1 << 20]),
            "html" => (200, b"<html>".to_vec()),
            // A stamp of something else.
            _ => {
                let mut other = request.to_vec();
                let middle = other.len() / 2;
                other[middle] ^= 1;
                (200, reply(&other))
            }
        }
    };
    (crate::external_server::serve_answers(answer).await, certificate)
}

#[tokio::test(flavor = "multi_thread")]
async fn time_stamps_of_an_authority_make_level_b_t() {
    let folder = tempfile::tempdir().unwrap();
    let mode = AuthorityMode::new(Mutex::new("well"));
    let (address, authority) = start_authority(folder.path(), mode.clone()).await;
    let project = sealing_project(Some(TimeStampAuthority::new(&address).unwrap())).await;
    let (certificates, key) = key_of("p384");
    let mut trust = trust_pem(&certificates);
    store_profile(&project, (certificates, key)).await;
    let source = make_pdf(&project, inline_request(TWO_PAGES)).await;
    let mut request = seal_request(&source.id, "k1");
    request["level"] = json!("b-t");
    let sealed = seal(&project, request.clone()).await;
    check_with_qpdf(&sealed.path());
    let [said] = &run_pdfsig(&sealed.path())[..] else { panic!() };
    assert!(said.contains("Signature is Valid.") && said.contains("Total document signed"), "{said}");
    // A time stamp by an authority that is not trusted proves nothing.
    let findings = verify(&project, &sealed.id).await;
    assert_eq!((verdicts(&findings), &findings[0]["level"]), (vec!["valid"], &json!("Pades::BB")), "{findings:?}");
    assert!(findings[0]["notes"].to_string().contains("time stamp is not taken into account"), "{findings:?}");
    trust.add_file(authority.as_bytes()).unwrap();
    let until = Instant::now() + cairn_testkit::extend_limit(Duration::from_secs(20));
    let bytes = Bytes::from(project.read_file(&sealed.id));
    let findings = pdf_program().verify_signatures(&bytes, &trust, SEALED_AT * 1000, until).unwrap();
    let [finding] = &findings[..] else { panic!("{findings:?}") };
    assert_eq!(
        (finding.verdict, finding.level),
        (Verdict::Valid, Some(cairn_pades::SignatureLevel::BT)),
        "{finding:?}"
    );
    assert!(finding.signed_at.is_some_and(|at| at < SEALED_AT * 1000), "{finding:?}");
    for (answers, expected) in [
        ("busy", "unavailable for 60000 ms"),
        ("missing", "fault of the host"),
        ("large", "fault of the host"),
        ("html", "fault of the host"),
        ("other", "fault of the host"),
    ] {
        *mode.lock().unwrap() = answers;
        request["key"] = json!(answers);
        let error = call_teller(&project, request.clone()).await.unwrap_err();
        assert!(error.contains(expected), "{answers}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unreachable_time_stamp_authorities_make_no_seals() {
    // The port is closed: no authority listens there.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let closed = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let project = sealing_project(Some(TimeStampAuthority::new(&closed).unwrap())).await;
    store_profile(&project, key_of("p256")).await;
    let file = keep(&project, MINIMAL_PDF).await;
    let mut request = seal_request(&file, "k");
    request["level"] = json!("b-t");
    assert_eq!(call_teller(&project, request.clone()).await.unwrap_err(), "unavailable for 60000 ms");
    request["level"] = json!("b-b");
    assert_eq!(verdicts(&verify(&project, &seal(&project, request).await.id).await), ["valid"]);
}

/// A PDF by hand, with a cross-reference table.
const MINIMAL_PDF: &[u8] = b"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>\nendobj\nxref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000054 00000 n \n0000000105 00000 n \ntrailer\n<</Size 4/Root 1 0 R>>\nstartxref\n168\n%%EOF\n";

/// The verdicts of pyHanko on the signatures of a PDF, by these certificates. `cargo xtask test --full` fetches it.
fn run_pyhanko(pdf: &Path, trusted: &[&Path]) -> Vec<String> {
    let mut python = Command::new("python3");
    python.env("PYTHONPATH", root().join("target/tools/pyhanko"));
    python.args(["-m", "pyhanko", "sign", "validate", "--pretty-print", "--trust-replace"]);
    for file in trusted {
        python.arg("--trust").arg(file);
    }
    let ran = python.arg(pdf).output().unwrap_or_else(|e| panic!("python3: {e}"));
    let text = String::from_utf8_lossy(&ran.stdout).into_owned();
    let verdicts: Vec<_> = text.lines().filter(|line| line.contains("is judged")).map(str::to_owned).collect();
    assert!(!verdicts.is_empty(), "{text} {}", String::from_utf8_lossy(&ran.stderr));
    verdicts
}

/// Tests that take long: `cargo xtask test --full`.
mod full {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn two_hundred_changed_bytes_are_found() {
        flip_bytes(200, 20).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn pyhanko_judges_seals_valid() {
        let folder = tempfile::tempdir().unwrap();
        let (address, authority) = start_authority(folder.path(), AuthorityMode::new(Mutex::new("well"))).await;
        let project = sealing_project(Some(TimeStampAuthority::new(&address).unwrap())).await;
        let source = make_pdf(&project, inline_request(TWO_PAGES)).await;
        let (own, stamps) = (folder.path().join("own.pem"), folder.path().join("stamps.pem"));
        std::fs::write(&stamps, authority).unwrap();
        for kind in ["rsa", "p256", "p384"] {
            let (certificates, key) = key_of(kind);
            std::fs::write(&own, &certificates).unwrap();
            store_profile(&project, (certificates, key)).await;
            for (form, options) in [("table", "--object-streams=disable"), ("stream", "--object-streams=generate")] {
                let file = keep(&project, &rewrite_with_qpdf(&source, &[options])).await;
                let first = seal(&project, seal_request(&file, &format!("{kind}/{form}/1"))).await;
                let mut request = seal_request(&first.id, &format!("{kind}/{form}/2"));
                (request["level"], request["field"]) = (json!("b-t"), json!("sign:buyer"));
                let second = seal(&project, request).await;
                let judged = run_pyhanko(&second.path(), &[&own, &stamps]);
                assert_eq!(judged, ["The signature is judged VALID."; 2], "{kind} {form}");
            }
        }
        // The tool pyHanko also judges signatures invalid: the check above can fail.
        let sealed = seal(&project, seal_request(&source.id, "changed")).await;
        let mut changed = project.read_file(&sealed.id);
        changed[100] ^= 1;
        let path = sealed.path().with_extension("changed.pdf");
        std::fs::write(&path, changed).unwrap();
        assert_eq!(run_pyhanko(&path, &[&own]), ["The signature is judged INVALID."]);
    }
}

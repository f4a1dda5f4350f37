//! PDFs that plugins have made, read by programs of others: `pdftotext`, `pdfinfo` and `pdfdetach` of Poppler. By the guest `teller`, whose
//! job leaves what it was told.

use crate::test_project::TestProject;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use cairn_assets::BlobKey;
use cairn_plugin_host::{InstalledPlugin, PdfSealError, SealLevel, SealOptions, SealedPdf, Sealer};
use cairn_plugin_package::Grants;
use cairn_seals::{KeyMaterial, SealProfile};
use cairn_store::events::{Actor, AuditFilter, DuplicatePolicy, NewJob};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tempfile::TempDir;

static NUMBER: AtomicUsize = AtomicUsize::new(0);

/// Runs a job of `teller`, and returns the host's response to the request that it makes.
pub(crate) async fn run_teller_job(project: &TestProject, job: &str, ask: Json) -> Result<Json, String> {
    let key = format!("said/{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let payload = json!({ "key": key, "ask": ask });
    let name = format!("plugin:teller:{job}");
    let job = NewJob { name, key: None, duplicate: DuplicatePolicy::Keep, lane: None, payload, due: 0 };
    project.engine.enqueue(job).await.unwrap();
    project.engine.run_until_idle().await.unwrap();
    let response: Json = serde_json::from_str(&project.kv_value("teller", &key).unwrap()).unwrap();
    match response["error"].as_str() {
        Some(error) => Err(error.to_owned()),
        None => Ok(response["ok"].clone()),
    }
}

pub(crate) async fn call_teller(project: &TestProject, ask: Json) -> Result<Json, String> {
    run_teller_job(project, "ask", ask).await
}

pub(crate) fn inline_request(source: &str) -> Json {
    json!({ "do": "pdf", "inline": source, "model": { "name": "Ann" }, "locale": "en", "name": "a.pdf", "profile": "pdf" })
}

/// A PDF that was made, its id and its bytes in a folder.
pub(crate) struct TestPdf {
    pub(crate) id: String,
    folder: TempDir,
}

impl TestPdf {
    pub(crate) fn from_file_id(project: &TestProject, id: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("made.pdf"), project.read_file(id)).unwrap();
        Self { id: id.to_owned(), folder }
    }

    /// By the key of its object.
    pub(crate) fn from_blob(project: &TestProject, key: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("made.pdf"), project.read_blob(&BlobKey::parse(key).unwrap())).unwrap();
        Self { id: String::new(), folder }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("made.pdf")
    }

    /// Runs a program of poppler on the PDF, and returns its output.
    pub(crate) fn run_poppler(&self, program: &str, arguments: &[&str]) -> String {
        let path = self.path();
        let mut command = Command::new(program);
        command.args(arguments).arg(&path).args((program == "pdftotext").then_some("-"));
        let ran = command.output().unwrap_or_else(|e| panic!("{program}: {e}; it is in Debian's poppler-utils"));
        assert!(ran.status.success(), "{program}: {}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8_lossy(&ran.stdout).into_owned()
    }

    pub(crate) fn text(&self) -> String {
        self.run_poppler("pdftotext", &["-layout"])
    }

    /// A line of `pdfinfo`.
    pub(crate) fn info(&self, name: &str) -> String {
        let all = self.run_poppler("pdfinfo", &["-isodates"]);
        let line = all.lines().find_map(|line| line.strip_prefix(&format!("{name}:")));
        line.unwrap_or_else(|| panic!("no {name}: {all}")).trim().to_owned()
    }
}

pub(crate) async fn make_pdf(project: &TestProject, request: Json) -> TestPdf {
    let file_id = call_teller(project, request).await.unwrap_or_else(|e| panic!("{e}"));
    TestPdf::from_file_id(project, file_id.as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn pdfs_are_rendered_from_the_nearest_language() {
    let project = TestProject::with_guests(&["teller"]).await;
    let pdf_request = |locale: &str| json!({ "do": "pdf", "template": "paper", "model": { "name": "*Ann* #{x} 日" }, "locale": locale, "name": "a.pdf", "profile": "pdf" });
    let dutch = make_pdf(&project, pdf_request("nl-BE")).await;
    let text = dutch.text();
    // The model is text, whatever is in it; the day is that of the project's clock.
    assert!(text.contains("Factuur") && text.contains("*Ann* #{x}") && text.contains("2025-01-01"), "{text}");
    assert!(text.contains("nl-BE"), "{text}");
    assert_eq!((dutch.info("Title"), dutch.info("Pages")), ("Factuur".into(), "1".into()));
    assert!(dutch.info("CreationDate").starts_with("2025-01-01T10:00:00"), "{}", dutch.info("CreationDate"));
    assert!(make_pdf(&project, pdf_request("fr")).await.text().contains("Invoice"));
    // The same, byte for byte.
    let repeated = make_pdf(&project, pdf_request("nl-BE")).await;
    assert!(project.read_file(&dutch.id) == project.read_file(&repeated.id) && dutch.id != repeated.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_pdf_templates_report_file_line_and_column() {
    let project = TestProject::with_guests(&["teller"]).await;
    let broken =
        json!({ "do": "pdf", "template": "broken", "model": {}, "locale": "nl", "name": "a.pdf", "profile": "pdf" });
    let message = call_teller(&project, broken).await.unwrap_err();
    assert!(message.contains("template: templates/broken.en.typ:3:"), "{message}");
    for (source, expected) in [
        ("= A\n\n#nobody", "the template:3:2: unknown variable: nobody"),
        ("#import \"@preview/cetz:0.4.0\"", "packages are not downloaded"),
        ("#read(\"/etc/passwd\")", "file not found"),
        ("#read(\"../../etc/passwd\")", "escape"),
        ("#image(\"https://example.com/a.png\")", "file not found"),
        ("#plugin(\"/none.wasm\")", "file not found"),
        ("#json(\"/data.json\").nobody", "does not contain key"),
        ("#(", "the template:1:"),
    ] {
        let error = call_teller(&project, inline_request(source)).await.unwrap_err();
        assert!(error.contains(expected), "{source}: {error}");
    }
    for (field, value, expected) in [
        ("profile", json!("pdf-x"), "must be pdf, pdf-a-2b or pdf-a-3b"),
        ("locale", json!("../nl"), "locale"),
        ("name", json!(""), "a name must have"),
        ("name", json!("a\nb"), "a name must have"),
        ("model", json!("x".repeat(1_100_000)), "KiB"),
        ("inline", json!("x".repeat(300_000)), "KiB"),
        ("attachments", json!(["nobody"]), "not found"),
        ("attachments", json!(vec!["nobody"; 101]), "the limit is 100"),
    ] {
        let mut request = inline_request("a");
        request[field] = value;
        let error = call_teller(&project, request).await.unwrap_err();
        assert!(error.contains(expected), "{field}: {error}");
    }
    let unknown =
        json!({ "do": "pdf", "template": "../paper", "model": {}, "locale": "nl", "name": "a.pdf", "profile": "pdf" });
    assert!(call_teller(&project, unknown).await.unwrap_err().contains("it has broken, paper"));
}

#[tokio::test(flavor = "multi_thread")]
async fn pdf_a_files_declare_conformance_and_embed_attachments() {
    let project = TestProject::with_guests(&["teller"]).await;
    let keep_request = |name: &str| json!({ "do": "keep", "name": name, "type": "text/xml", "content": "<a/>" });
    let ids = [
        call_teller(&project, keep_request("invoice.xml")).await.unwrap(),
        call_teller(&project, keep_request("invoice.xml")).await.unwrap(),
    ];
    let mut request = inline_request("#set document(title: \"Kept\")\nKept: #json(\"/data.json\").name");
    request["attachments"] = json!(ids);
    for (profile, part, files) in [("pdf", None, 0), ("pdf-a-2b", Some("2"), 0), ("pdf-a-3b", Some("3"), 2)] {
        request["profile"] = json!(profile);
        let pdf = make_pdf(&project, request.clone()).await;
        let bytes = String::from_utf8_lossy(&project.read_file(&pdf.id)).into_owned();
        assert_eq!(bytes.contains("<pdfaid:part>"), part.is_some(), "{profile}");
        if let Some(part) = part {
            let marks =
                [format!("<pdfaid:part>{part}</pdfaid:part>"), "<pdfaid:conformance>B</pdfaid:conformance>".into()];
            assert!(marks.iter().all(|mark| bytes.contains(mark)), "{profile}");
            assert!(bytes.contains("/OutputIntents"), "{profile}");
        }
        let listed = pdf.run_poppler("pdfdetach", &["-list"]);
        assert!(listed.starts_with(&format!("{files} embedded files")), "{profile}: {listed}");
        assert_eq!(listed.contains("invoice.xml") && listed.contains("2-invoice.xml"), files == 2, "{listed}");
    }
    // A template may read the files it names in every profile.
    let mut reads = inline_request(&format!("#read(\"/files/{}\")", ids[0].as_str().unwrap()));
    reads["attachments"] = json!([ids[0]]);
    assert!(make_pdf(&project, reads).await.text().contains("<a/>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn pdf_marks_are_located_filled_and_merged() {
    let project = TestProject::with_guests(&["teller"]).await;
    let source = "#set page(width: 200pt, height: 100pt, margin: 20pt)\nBuyer: {{sign:buyer}}\n\nAgreed: {{agreed}}\n#pagebreak()\n{{seal}}";
    let form = make_pdf(&project, inline_request(source)).await;
    let places = call_teller(&project, json!({ "do": "locate", "file": form.id })).await.unwrap();
    let names: Vec<(&str, i64)> =
        places.as_array().unwrap().iter().map(|p| (p[0].as_str().unwrap(), p[1].as_i64().unwrap())).collect();
    assert_eq!(names, [("sign:buyer", 1), ("agreed", 1), ("seal", 2)]);
    let buyer: Vec<f64> = places[0][2].as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect();
    assert!((45.0..70.0).contains(&buyer[0]) && (10.0..30.0).contains(&buyer[1]), "{buyer:?}");
    assert!((40.0..90.0).contains(&buyer[2]) && (8.0..14.0).contains(&buyer[3]), "{buyer:?}");
    let picture =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 2 2\"><rect width=\"2\" height=\"2\"/></svg>";
    let picture = json!({ "do": "keep", "name": "seal.svg", "type": "image/svg+xml", "content": picture });
    let picture = call_teller(&project, picture).await.unwrap();
    let fields = json!({ "sign:buyer": "Łukasz 日本", "agreed": true, "seal": { "image": picture } });
    let filled = make_pdf(&project, json!({ "do": "fill", "file": form.id, "fields": fields })).await;
    assert!(filled.text().contains("Łukasz"), "{}", filled.text());
    assert_eq!((filled.info("Pages"), filled.info("Page size")), ("2".into(), "200 x 100 pts".into()));
    let message =
        call_teller(&project, json!({ "do": "fill", "file": form.id, "fields": { "nobody": "x" } })).await.unwrap_err();
    assert!(message.contains("no field nobody") && message.contains("agreed, seal, sign:buyer"), "{message}");
    let merge_request = json!({ "do": "merge", "files": [filled.id, form.id], "name": "whole.pdf" });
    let merged = make_pdf(&project, merge_request).await;
    assert_eq!(merged.info("Pages"), "4");
    assert!(merged.text().contains("Łukasz") && merged.text().contains("{{seal}}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_pdfs_and_unknown_profiles_are_reported() {
    let project = TestProject::with_guests(&["teller"]).await;
    let garbage =
        json!({ "do": "keep", "name": "a.pdf", "type": "application/pdf", "content": "%PDF-1.7 and nothing" });
    let garbage = call_teller(&project, garbage).await.unwrap();
    for request in [
        json!({ "do": "locate", "file": garbage }),
        json!({ "do": "fill", "file": garbage, "fields": {} }),
        json!({ "do": "merge", "files": [garbage], "name": "a.pdf" }),
        json!({ "do": "verify", "file": garbage }),
    ] {
        let message = call_teller(&project, request.clone()).await.unwrap_err();
        assert!(message.starts_with("invalid: ") && message.contains("cannot be read"), "{request}: {message}");
    }
    assert!(
        call_teller(&project, json!({ "do": "merge", "files": [], "name": "a.pdf" }))
            .await
            .unwrap_err()
            .contains("files")
    );
    assert!(
        call_teller(&project, json!({ "do": "locate", "file": "nobody" })).await.unwrap_err().starts_with("not found")
    );
    for (profile, expected) in [("contracts", "sealing profile \"contracts\" not found"), ("other", "is not granted")] {
        let error = call_teller(&project, json!({ "do": "seal", "key": "k", "file": garbage, "profile": profile }))
            .await
            .unwrap_err();
        assert!(error.starts_with("denied: ") && error.contains(expected), "{error}");
    }
}

/// Seals by a line at the end of the file, with a signature of it, once; who asks again is not to come here.
struct LineSealer(AtomicUsize);

impl Sealer for LineSealer {
    fn find_problem(&self, _profile: &SealProfile, level: SealLevel) -> Option<String> {
        (level != SealLevel::BB).then(|| "lines are B-B".to_owned())
    }

    fn seal_pdf<'a>(
        &'a self,
        pdf: Bytes,
        wish: &'a SealOptions,
        profile: &'a SealProfile,
    ) -> BoxFuture<'a, Result<SealedPdf, PdfSealError>> {
        async move {
            match wish.reason.as_str() {
                "refuse" => return Err(PdfSealError::Refused("it has a seal already".into())),
                "later" => return Err(PdfSealError::Later(Some(Duration::from_secs(2)))),
                "fault" => return Err(PdfSealError::Fault("the key is not to be told".into())),
                _ => {}
            }
            let count = self.0.fetch_add(1, Ordering::Relaxed);
            let signature = profile.key.sign(&pdf).unwrap();
            let pdf = [&pdf[..], format!("%{} {count}\n", wish.plugin).as_bytes(), &signature].concat().into();
            Ok(SealedPdf { pdf, signed_at: 5, level: wish.level })
        }
        .boxed()
    }
}

/// Hands in a key with a certificate, as an operator does. The public half of the key.
async fn store_test_profile(project: &TestProject, name: &str) -> Vec<u8> {
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::default().self_signed(&key).unwrap();
    let pem =
        |label: &str, der: &[u8]| format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der));
    let (certificates, text) = (pem("CERTIFICATE", certificate.der()), pem("PRIVATE KEY", &key.serialize_der()));
    let material = KeyMaterial::from_pem(&certificates, &text, None, 0).unwrap();
    cairn_seals::store_profile(&project.access, name, &material, |_| Ok(())).await.unwrap();
    key.public_key_raw().to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn seals_are_made_once_per_key_and_audited() {
    let (project, ran) = TestProject::with_context(&["teller"], |context| {
        context.with_sealer(Arc::new(LineSealer(AtomicUsize::new(0))))
    })
    .await;
    assert!(ran.into_iter().all(|answer| answer.is_ok()));
    let keep_request = json!({ "do": "keep", "name": "a.pdf", "type": "application/pdf", "content": "%PDF-1.7" });
    let file = call_teller(&project, keep_request).await.unwrap();
    let seal = |key: &str, reason: &str| json!({ "do": "seal", "key": key, "reason": reason, "file": file, "profile": "contracts" });
    // Granted, but the operator has handed in no key of that name.
    assert!(
        call_teller(&project, seal("k1", "test"))
            .await
            .unwrap_err()
            .contains("sealing profile \"contracts\" not found")
    );
    let look = |profile: &str, level: &str| json!({ "do": "sealing-profile", "profile": profile, "level": level });
    let missing = call_teller(&project, look("contracts", "b-b")).await.unwrap_err();
    assert!(missing.starts_with("not found: "), "{missing}");
    assert!(call_teller(&project, look("other", "b-b")).await.unwrap_err().starts_with("denied: "));
    let public = store_test_profile(&project, "contracts").await;
    let found = call_teller(&project, look("contracts", "b-b")).await.unwrap();
    assert!(found["problem"].is_null() && found["until"].as_i64() > found["from"].as_i64(), "{found}");
    assert_eq!(call_teller(&project, look("contracts", "b-t")).await.unwrap()["problem"], "lines are B-B");
    let sealed = call_teller(&project, seal("k1", "test")).await.unwrap();
    let bytes = project.read_file(sealed.as_str().unwrap());
    let signature = bytes.strip_prefix(b"%PDF-1.7%teller 0\n").unwrap();
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &public);
    public.verify(b"%PDF-1.7", signature).unwrap();
    assert_eq!(call_teller(&project, seal("k1", "test")).await.unwrap(), sealed);
    assert_ne!(call_teller(&project, seal("k2", "test")).await.unwrap(), sealed);
    for (reason, expected) in [
        ("refuse", "it has a seal already"),
        ("later", "unavailable for 2000 ms"),
        ("fault", "fault of the host"),
        ("a\nb", "no control characters"),
    ] {
        let message = call_teller(&project, seal("k3", reason)).await.unwrap_err();
        assert!(message.contains(expected) && !message.contains("the key is not"), "{reason}: {message}");
    }
    assert!(call_teller(&project, seal("", "test")).await.unwrap_err().contains("a key must have"));
    // The audit log has what was sealed and with which key, even if the seal failed after that.
    project.engine.run_until_idle().await.unwrap();
    let filter = AuditFilter { action: Some("seal-profile.used".into()), ..AuditFilter::default() };
    let log = project.content.store().read(|r| r.audit().list_oldest_first(&filter, 0, 100)).unwrap();
    let count_for = |key: &str| log.iter().filter(|entry| entry.entry.details["key"] == key).count();
    assert_eq!((count_for("k1"), count_for("k2"), count_for("k3")), (1, 1, 3));
    let (entry, digest) = (&log[0].entry, Sha256::digest(b"%PDF-1.7"));
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((&entry.details["sha256"], entry.actor.key()), (&json!(digest), "plugin:teller".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn seal_keys_are_not_used_without_a_sealer() {
    let project = TestProject::with_guests(&["teller"]).await;
    store_test_profile(&project, "contracts").await;
    let keep_request = json!({ "do": "keep", "name": "a.pdf", "type": "application/pdf", "content": "%PDF-1.7" });
    let file = call_teller(&project, keep_request).await.unwrap();
    let seal = json!({ "do": "seal", "key": "k", "reason": "test", "file": file, "profile": "contracts" });
    assert_eq!(call_teller(&project, seal).await.unwrap_err(), "unavailable");
    project.engine.run_until_idle().await.unwrap();
    let filter = AuditFilter { action: Some("seal-profile.used".into()), ..AuditFilter::default() };
    assert!(project.content.store().read(|r| r.audit().list_oldest_first(&filter, 0, 100)).unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn pdf_functions_require_a_grant_and_visible_files() {
    let project = TestProject::with_guests(&["teller"]).await;
    let owner = Actor { kind: cairn_store::events::ActorKind::Plugin, id: Some("other".into()), ..Actor::public() };
    let foreign = crate::files::upload(&project, owner, true).await;
    let mut request = inline_request("a");
    request["attachments"] = json!([foreign]);
    assert!(call_teller(&project, request).await.unwrap_err().starts_with("not found"));
    assert!(
        call_teller(&project, json!({ "do": "locate", "file": foreign })).await.unwrap_err().starts_with("not found")
    );
    // PDF functions without grants are refused.
    let installed = crate::test_project::installed_guest("teller");
    let filter = installed.grants.list().iter().filter(|g| !g.scope.capability().as_str().starts_with("pdf"));
    let grants = Grants::from(filter.cloned().collect::<Vec<_>>());
    let ran = project.plugins.replace_running(vec![InstalledPlugin { grants, number: 2, ..installed }]);
    assert!(ran.into_iter().all(|answer| answer.is_ok()));
    for request in [
        inline_request("a"),
        json!({ "do": "locate", "file": "x" }),
        json!({ "do": "merge", "files": ["x"], "name": "a.pdf" }),
        json!({ "do": "fill", "file": "x", "fields": {} }),
        json!({ "do": "seal", "key": "k", "file": "x", "profile": "contracts" }),
        json!({ "do": "verify", "file": "x" }),
    ] {
        let message = call_teller(&project, request.clone()).await.unwrap_err();
        assert!(message.starts_with("denied: ") && message.contains("is not granted"), "{request}: {message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_attachments_must_still_exist_when_the_mail_is_sent() {
    let project = TestProject::with_guests(&["teller"]).await;
    let pdf = make_pdf(&project, inline_request("with a mail")).await;
    let mail = |key: &str, files: Json| json!({ "do": "send", "key": key, "to": ["ann@example.com"], "template": "hello", "model": { "name": "Ann" }, "locale": "en", "attachments": files });
    call_teller(&project, mail("k1", json!([pdf.id]))).await.unwrap();
    call_teller(&project, mail("k1", json!([pdf.id]))).await.unwrap();
    project.engine.run_until_idle().await.unwrap();
    let [row] = &project.mails()[..] else { panic!("{:?}", project.mails().len()) };
    assert_eq!(row.state, cairn_store::notify::MailState::Test, "{:?}", row.error);
    let attachment = &row.mail.data["written"]["attachments"][0];
    assert_eq!((&attachment["name"], &attachment["mediaType"]), (&json!("a.pdf"), &json!("application/pdf")));
    // Bytes that are gone are told, and the mail does not go without them.
    let mut request = mail("k2", json!([pdf.id]));
    request["to"] = json!(["bart@example.com"]);
    project.delete_blob(&pdf.id);
    call_teller(&project, request).await.unwrap();
    project.engine.run_until_idle().await.unwrap();
    let row = project.mails().pop().unwrap();
    assert_eq!(row.state, cairn_store::notify::MailState::Failed);
    assert!(row.error.as_ref().unwrap().contains("a.pdf was deleted"), "{:?}", row.error);
}

/// Tests that take long: `cargo xtask test --full`.
mod full {
    use super::{call_teller, inline_request, make_pdf, run_teller_job};
    use crate::test_project::TestProject;

    #[tokio::test(flavor = "multi_thread")]
    async fn endless_pdf_templates_are_stopped() {
        let project = TestProject::with_guests(&["teller"]).await;
        let endless = "#for i in range(9000) { for j in range(9000) { for k in range(9000) { } } }";
        let message = run_teller_job(&project, "hurry", inline_request(endless)).await.unwrap_err();
        assert_eq!(message, "exhausted: pdf");
        let bomb = "#let a = \"x\" * 1000000\n#let b = ()\n#for i in range(9000) { b.push(a + str(i)) }\n#b.len()";
        let error = call_teller(&project, inline_request(bomb)).await.unwrap_err();
        assert_eq!(error, "exhausted: pdf");
        assert!(make_pdf(&project, inline_request("still here")).await.text().contains("still here"));
    }
}

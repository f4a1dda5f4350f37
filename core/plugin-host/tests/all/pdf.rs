//! PDFs that plugins have made, read by programs of others: `pdftotext`, `pdfinfo` and `pdfdetach` of Poppler. By the guest `teller`, whose
//! job leaves what it was told.

use crate::world::World;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use cairn_assets::BlobKey;
use cairn_plugin_host::{InstalledPlugin, PdfSealError, SealOptions, SealedPdf, Sealer};
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

/// What the host says to what a job asks.
async fn ask_by(world: &World, job: &str, ask: Json) -> Result<Json, String> {
    let key = format!("said/{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let payload = json!({ "key": key, "ask": ask });
    let name = format!("plugin:teller:{job}");
    let job = NewJob { name, key: None, duplicate: DuplicatePolicy::Keep, lane: None, payload, due: 0 };
    world.engine.enqueue(job).await.unwrap();
    world.engine.run_until_idle().await.unwrap();
    let said: Json = serde_json::from_str(&world.kept("teller", &key).unwrap()).unwrap();
    match said["error"].as_str() {
        Some(error) => Err(error.to_owned()),
        None => Ok(said["ok"].clone()),
    }
}

async fn ask(world: &World, ask: Json) -> Result<Json, String> {
    ask_by(world, "ask", ask).await
}

fn inline(source: &str) -> Json {
    json!({ "do": "pdf", "inline": source, "model": { "name": "Ann" }, "locale": "en", "name": "a.pdf", "profile": "pdf" })
}

/// A PDF that was made, its id and its bytes in a folder.
pub(crate) struct Made {
    pub(crate) id: String,
    folder: TempDir,
}

impl Made {
    pub(crate) fn of(world: &World, id: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("made.pdf"), world.bytes(id)).unwrap();
        Self { id: id.to_owned(), folder }
    }

    /// By the key of its object.
    pub(crate) fn of_object(world: &World, key: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("made.pdf"), world.bytes_of(&BlobKey::parse(key).unwrap())).unwrap();
        Self { id: String::new(), folder }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("made.pdf")
    }

    /// What a program says of it.
    pub(crate) fn by(&self, program: &str, arguments: &[&str]) -> String {
        let path = self.path();
        let mut command = Command::new(program);
        command.args(arguments).arg(&path).args((program == "pdftotext").then_some("-"));
        let ran = command.output().unwrap_or_else(|e| panic!("{program}: {e}; it is in Debian's poppler-utils"));
        assert!(ran.status.success(), "{program}: {}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8_lossy(&ran.stdout).into_owned()
    }

    pub(crate) fn text(&self) -> String {
        self.by("pdftotext", &["-layout"])
    }

    /// A line of `pdfinfo`.
    pub(crate) fn info(&self, name: &str) -> String {
        let all = self.by("pdfinfo", &["-isodates"]);
        let line = all.lines().find_map(|line| line.strip_prefix(&format!("{name}:")));
        line.unwrap_or_else(|| panic!("no {name}: {all}")).trim().to_owned()
    }
}

async fn made(world: &World, request: Json) -> Made {
    let said = ask(world, request).await.unwrap_or_else(|e| panic!("{e}"));
    Made::of(world, said.as_str().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pdf_is_made_of_a_template_in_the_language_there_is() {
    let world = World::of(&["teller"]).await;
    let named = |locale: &str| json!({ "do": "pdf", "template": "paper", "model": { "name": "*Ann* #{x} 日" }, "locale": locale, "name": "a.pdf", "profile": "pdf" });
    let dutch = made(&world, named("nl-BE")).await;
    let text = dutch.text();
    // The model is text, whatever is in it; the day is that of the world's clock.
    assert!(text.contains("Factuur") && text.contains("*Ann* #{x}") && text.contains("2025-01-01"), "{text}");
    assert!(text.contains("nl-BE"), "{text}");
    assert_eq!((dutch.info("Title"), dutch.info("Pages")), ("Factuur".into(), "1".into()));
    assert!(dutch.info("CreationDate").starts_with("2025-01-01T10:00:00"), "{}", dutch.info("CreationDate"));
    assert!(made(&world, named("fr")).await.text().contains("Invoice"));
    // The same, byte for byte.
    let again = made(&world, named("nl-BE")).await;
    assert!(world.bytes(&dutch.id) == world.bytes(&again.id) && dutch.id != again.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_of_a_pdf_that_is_wrong_is_told_with_file_line_and_column() {
    let world = World::of(&["teller"]).await;
    let broken =
        json!({ "do": "pdf", "template": "broken", "model": {}, "locale": "nl", "name": "a.pdf", "profile": "pdf" });
    let told = ask(&world, broken).await.unwrap_err();
    assert!(told.contains("template: templates/broken.en.typ:3:"), "{told}");
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
        let told = ask(&world, inline(source)).await.unwrap_err();
        assert!(told.contains(expected), "{source}: {told}");
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
        let mut request = inline("a");
        request[field] = value;
        let told = ask(&world, request).await.unwrap_err();
        assert!(told.contains(expected), "{field}: {told}");
    }
    let unknown =
        json!({ "do": "pdf", "template": "../paper", "model": {}, "locale": "nl", "name": "a.pdf", "profile": "pdf" });
    assert!(ask(&world, unknown).await.unwrap_err().contains("it has broken, paper"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_without_end_is_stopped_and_the_next_one_is_made() {
    let world = World::of(&["teller"]).await;
    let endless = "#for i in range(9000) { for j in range(9000) { for k in range(9000) { } } }";
    let told = ask_by(&world, "hurry", inline(endless)).await.unwrap_err();
    assert_eq!(told, "exhausted: pdf");
    let bomb = "#let a = \"x\" * 1000000\n#let b = ()\n#for i in range(9000) { b.push(a + str(i)) }\n#b.len()";
    let told = ask(&world, inline(bomb)).await.unwrap_err();
    assert_eq!(told, "exhausted: pdf");
    assert!(made(&world, inline("still here")).await.text().contains("still here"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pdf_to_be_kept_says_so_and_has_its_files_in_it() {
    let world = World::of(&["teller"]).await;
    let kept = |name: &str| json!({ "do": "keep", "name": name, "type": "text/xml", "content": "<a/>" });
    let ids = [ask(&world, kept("invoice.xml")).await.unwrap(), ask(&world, kept("invoice.xml")).await.unwrap()];
    let mut request = inline("#set document(title: \"Kept\")\nKept: #json(\"/data.json\").name");
    request["attachments"] = json!(ids);
    for (profile, part, files) in [("pdf", None, 0), ("pdf-a-2b", Some("2"), 0), ("pdf-a-3b", Some("3"), 2)] {
        request["profile"] = json!(profile);
        let pdf = made(&world, request.clone()).await;
        let bytes = String::from_utf8_lossy(&world.bytes(&pdf.id)).into_owned();
        assert_eq!(bytes.contains("<pdfaid:part>"), part.is_some(), "{profile}");
        if let Some(part) = part {
            let marks =
                [format!("<pdfaid:part>{part}</pdfaid:part>"), "<pdfaid:conformance>B</pdfaid:conformance>".into()];
            assert!(marks.iter().all(|mark| bytes.contains(mark)), "{profile}");
            assert!(bytes.contains("/OutputIntents"), "{profile}");
        }
        let listed = pdf.by("pdfdetach", &["-list"]);
        assert!(listed.starts_with(&format!("{files} embedded files")), "{profile}: {listed}");
        assert_eq!(listed.contains("invoice.xml") && listed.contains("2-invoice.xml"), files == 2, "{listed}");
    }
    // What the template names, it may read in every profile.
    let mut reads = inline(&format!("#read(\"/files/{}\")", ids[0].as_str().unwrap()));
    reads["attachments"] = json!([ids[0]]);
    assert!(made(&world, reads).await.text().contains("<a/>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn marked_places_are_found_and_filled_and_pdfs_put_together() {
    let world = World::of(&["teller"]).await;
    let source = "#set page(width: 200pt, height: 100pt, margin: 20pt)\nBuyer: {{sign:buyer}}\n\nAgreed: {{agreed}}\n#pagebreak()\n{{seal}}";
    let form = made(&world, inline(source)).await;
    let places = ask(&world, json!({ "do": "locate", "file": form.id })).await.unwrap();
    let names: Vec<(&str, i64)> =
        places.as_array().unwrap().iter().map(|p| (p[0].as_str().unwrap(), p[1].as_i64().unwrap())).collect();
    assert_eq!(names, [("sign:buyer", 1), ("agreed", 1), ("seal", 2)]);
    let buyer: Vec<f64> = places[0][2].as_array().unwrap().iter().map(|n| n.as_f64().unwrap()).collect();
    assert!((45.0..70.0).contains(&buyer[0]) && (10.0..30.0).contains(&buyer[1]), "{buyer:?}");
    assert!((40.0..90.0).contains(&buyer[2]) && (8.0..14.0).contains(&buyer[3]), "{buyer:?}");
    let picture =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 2 2\"><rect width=\"2\" height=\"2\"/></svg>";
    let picture = json!({ "do": "keep", "name": "seal.svg", "type": "image/svg+xml", "content": picture });
    let picture = ask(&world, picture).await.unwrap();
    let fields = json!({ "sign:buyer": "Łukasz 日本", "agreed": true, "seal": { "image": picture } });
    let filled = made(&world, json!({ "do": "fill", "file": form.id, "fields": fields })).await;
    assert!(filled.text().contains("Łukasz"), "{}", filled.text());
    assert_eq!((filled.info("Pages"), filled.info("Page size")), ("2".into(), "200 x 100 pts".into()));
    let told = ask(&world, json!({ "do": "fill", "file": form.id, "fields": { "nobody": "x" } })).await.unwrap_err();
    assert!(told.contains("no field nobody") && told.contains("agreed, seal, sign:buyer"), "{told}");
    let whole = json!({ "do": "merge", "files": [filled.id, form.id], "name": "whole.pdf" });
    let whole = made(&world, whole).await;
    assert_eq!(whole.info("Pages"), "4");
    assert!(whole.text().contains("Łukasz") && whole.text().contains("{{seal}}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_pdf_is_told_and_what_is_not_offered_is_not_feigned() {
    let world = World::of(&["teller"]).await;
    let garbage =
        json!({ "do": "keep", "name": "a.pdf", "type": "application/pdf", "content": "%PDF-1.7 and nothing" });
    let garbage = ask(&world, garbage).await.unwrap();
    for request in [
        json!({ "do": "locate", "file": garbage }),
        json!({ "do": "fill", "file": garbage, "fields": {} }),
        json!({ "do": "merge", "files": [garbage], "name": "a.pdf" }),
    ] {
        let told = ask(&world, request.clone()).await.unwrap_err();
        assert!(told.starts_with("invalid: ") && told.contains("cannot be read"), "{request}: {told}");
    }
    assert!(ask(&world, json!({ "do": "merge", "files": [], "name": "a.pdf" })).await.unwrap_err().contains("files"));
    assert!(ask(&world, json!({ "do": "locate", "file": "nobody" })).await.unwrap_err().starts_with("not found"));
    for (profile, expected) in [("contracts", "sealing profile \"contracts\" not found"), ("other", "is not granted")] {
        let told =
            ask(&world, json!({ "do": "seal", "key": "k", "file": garbage, "profile": profile })).await.unwrap_err();
        assert!(told.starts_with("denied: ") && told.contains(expected), "{told}");
    }
    assert_eq!(ask(&world, json!({ "do": "verify", "file": garbage })).await.unwrap_err(), "unavailable");
}

/// Seals by a line at the end of the file, with a signature of it, once; who asks again is not to come here.
struct Line(AtomicUsize);

impl Sealer for Line {
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
async fn profile(world: &World, name: &str) -> Vec<u8> {
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate = rcgen::CertificateParams::default().self_signed(&key).unwrap();
    let pem =
        |label: &str, der: &[u8]| format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der));
    let (certificates, text) = (pem("CERTIFICATE", certificate.der()), pem("PRIVATE KEY", &key.serialize_der()));
    let material = KeyMaterial::from_pem(&certificates, &text, None, 0).unwrap();
    cairn_seals::store_profile(&world.access, name, &material, |_| Ok(())).await.unwrap();
    key.public_key_raw().to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_of_the_operators_seals_once_by_its_key() {
    let (world, ran) = World::on(&["teller"], |ground| ground.with_sealer(Arc::new(Line(AtomicUsize::new(0))))).await;
    assert!(ran.into_iter().all(|answer| answer.is_ok()));
    let kept = json!({ "do": "keep", "name": "a.pdf", "type": "application/pdf", "content": "%PDF-1.7" });
    let file = ask(&world, kept).await.unwrap();
    let seal = |key: &str, reason: &str| json!({ "do": "seal", "key": key, "reason": reason, "file": file, "profile": "contracts" });
    // Granted, but the operator has handed in no key of that name.
    assert!(ask(&world, seal("k1", "test")).await.unwrap_err().contains("sealing profile \"contracts\" not found"));
    let public = profile(&world, "contracts").await;
    let sealed = ask(&world, seal("k1", "test")).await.unwrap();
    let bytes = world.bytes(sealed.as_str().unwrap());
    let signature = bytes.strip_prefix(b"%PDF-1.7%teller 0\n").unwrap();
    let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &public);
    public.verify(b"%PDF-1.7", signature).unwrap();
    assert_eq!(ask(&world, seal("k1", "test")).await.unwrap(), sealed);
    assert_ne!(ask(&world, seal("k2", "test")).await.unwrap(), sealed);
    for (reason, expected) in [
        ("refuse", "it has a seal already"),
        ("later", "unavailable for 2000 ms"),
        ("fault", "fault of the host"),
        ("a\nb", "no control characters"),
    ] {
        let told = ask(&world, seal("k3", reason)).await.unwrap_err();
        assert!(told.contains(expected) && !told.contains("the key is not"), "{reason}: {told}");
    }
    assert!(ask(&world, seal("", "test")).await.unwrap_err().contains("a key must have"));
    // What was sealed, by which key, is in the audit log; also where it came to nothing after that.
    world.engine.run_until_idle().await.unwrap();
    let filter = AuditFilter { action: Some("seal-profile.used".into()), ..AuditFilter::default() };
    let log = world.content.store().read(|r| r.audit_trail(&filter, 0, 100)).unwrap();
    let of = |key: &str| log.iter().filter(|entry| entry.entry.details["key"] == key).count();
    assert_eq!((of("k1"), of("k2"), of("k3")), (1, 1, 3));
    let (entry, digest) = (&log[0].entry, Sha256::digest(b"%PDF-1.7"));
    let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((&entry.details["sha256"], entry.actor.key()), (&json!(digest), "plugin:teller".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_not_touched_where_nobody_makes_seals() {
    let world = World::of(&["teller"]).await;
    profile(&world, "contracts").await;
    let kept = json!({ "do": "keep", "name": "a.pdf", "type": "application/pdf", "content": "%PDF-1.7" });
    let file = ask(&world, kept).await.unwrap();
    let seal = json!({ "do": "seal", "key": "k", "reason": "test", "file": file, "profile": "contracts" });
    assert_eq!(ask(&world, seal).await.unwrap_err(), "unavailable");
    world.engine.run_until_idle().await.unwrap();
    let filter = AuditFilter { action: Some("seal-profile.used".into()), ..AuditFilter::default() };
    assert!(world.content.store().read(|r| r.audit_trail(&filter, 0, 100)).unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_pdf_is_made_without_a_grant_or_of_anothers_file() {
    let world = World::of(&["teller"]).await;
    let owner = Actor { kind: cairn_store::events::ActorKind::Plugin, id: Some("other".into()), ..Actor::public() };
    let foreign = crate::files::upload(&world, owner, true).await;
    let mut request = inline("a");
    request["attachments"] = json!([foreign]);
    assert!(ask(&world, request).await.unwrap_err().starts_with("not found"));
    assert!(ask(&world, json!({ "do": "locate", "file": foreign })).await.unwrap_err().starts_with("not found"));
    // With nothing granted of it.
    let installed = crate::world::guest("teller");
    let kept = installed.grants.list().iter().filter(|g| !g.scope.capability().as_str().starts_with("pdf"));
    let grants = Grants::from(kept.cloned().collect::<Vec<_>>());
    let ran = world.plugins.replace_running(vec![InstalledPlugin { grants, number: 2, ..installed }]);
    assert!(ran.into_iter().all(|answer| answer.is_ok()));
    for request in [
        inline("a"),
        json!({ "do": "locate", "file": "x" }),
        json!({ "do": "merge", "files": ["x"], "name": "a.pdf" }),
        json!({ "do": "fill", "file": "x", "fields": {} }),
        json!({ "do": "seal", "key": "k", "file": "x", "profile": "contracts" }),
        json!({ "do": "verify", "file": "x" }),
    ] {
        let told = ask(&world, request.clone()).await.unwrap_err();
        assert!(told.starts_with("denied: ") && told.contains("is not granted"), "{request}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_with_a_mail_as_it_was_when_the_mail_was_asked_for() {
    let world = World::of(&["teller"]).await;
    let pdf = made(&world, inline("with a mail")).await;
    let mail = |key: &str, files: Json| json!({ "do": "send", "key": key, "to": ["ann@example.com"], "template": "hello", "model": { "name": "Ann" }, "locale": "en", "attachments": files });
    ask(&world, mail("k1", json!([pdf.id]))).await.unwrap();
    ask(&world, mail("k1", json!([pdf.id]))).await.unwrap();
    world.engine.run_until_idle().await.unwrap();
    let [row] = &world.mails()[..] else { panic!("{:?}", world.mails().len()) };
    assert_eq!(row.state, cairn_store::notify::MailState::Test, "{:?}", row.error);
    let kept = &row.mail.data["written"]["attachments"][0];
    assert_eq!((&kept["name"], &kept["mediaType"]), (&json!("a.pdf"), &json!("application/pdf")));
    // Whoever else's it is, it does not go with a mail, even where it may be seen.
    let public = crate::files::upload(&world, Actor::public(), false).await;
    let told = ask(&world, mail("k2", json!([public]))).await.unwrap_err();
    assert!(told.contains("does not belong to the plugin"), "{told}");
    // Bytes that are gone are told, and the mail does not go without them.
    let mut lost = mail("k3", json!([pdf.id]));
    lost["to"] = json!(["bart@example.com"]);
    world.lose(&pdf.id);
    ask(&world, lost).await.unwrap();
    world.engine.run_until_idle().await.unwrap();
    let row = world.mails().pop().unwrap();
    assert_eq!(row.state, cairn_store::notify::MailState::Failed);
    assert!(row.error.as_ref().unwrap().contains("a.pdf was deleted"), "{:?}", row.error);
}

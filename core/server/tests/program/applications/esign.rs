//! E-signing by the program: an envelope with its signers, from the draft to what everybody has in their mailbox.

mod kills;
mod seals;

use super::killed_server::{Application, KilledServer, SITE, StepRequest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::process::Command;

/// An envelope to begin with.
struct StorySetup {
    /// Chooses the moments of kills; without it there are none.
    seed: Option<u64>,
    signers: Vec<Signer>,
    document: Vec<u8>,
    /// A time-stamp authority that seals are stamped by.
    authority: Option<String>,
}

/// A drawing of a line, as the page sends it.
fn draw_line() -> String {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 60, 20);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let pixels: Vec<u8> = (0..60 * 20).flat_map(|n| [0, 0, 0, if n / 60 == 10 { 255 } else { 0 }]).collect();
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    format!("data:image/png;base64,{}", STANDARD.encode(bytes))
}

/// A PDF with a page for each of these, turned by so many degrees.
fn build_pdf(turns: &[u32]) -> Vec<u8> {
    let kids: String = (0..turns.len()).map(|n| format!("{} 0 R ", n + 3)).collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [{kids}] /Count {} >>", turns.len()),
    ];
    let page = |turn: &u32| format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Rotate {turn} >>");
    objects.extend(turns.iter().map(page));
    let mut pdf = "%PDF-1.7\n".to_owned();
    let mut offsets = String::new();
    for (n, object) in objects.iter().enumerate() {
        offsets.push_str(&format!("{:010} 00000 n \n", pdf.len()));
        pdf.push_str(&format!("{} 0 obj\n{object}\nendobj\n", n + 1));
    }
    let (start, size) = (pdf.len(), objects.len() + 1);
    pdf.push_str(&format!(
        "xref\n0 {size}\n0000000000 65535 f \n{offsets}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
    ));
    pdf.into_bytes()
}

/// Somebody who signs: name and group.
struct Signer {
    name: String,
    group: usize,
}

impl Signer {
    fn address(&self) -> String {
        format!("{}@example.com", self.name)
    }
}

/// Signers with these names, in groups of their own or all in the first.
fn name_signers(names: &[&str], in_order: bool) -> Vec<Signer> {
    let group = |n: usize| if in_order { n + 1 } else { 1 };
    names.iter().enumerate().map(|(n, name)| Signer { name: (*name).to_owned(), group: group(n) }).collect()
}

/// A program with e-signing and a draft that those people sign.
struct SigningStory {
    server: KilledServer,
    envelope: String,
    signers: Vec<Signer>,
    /// Their ids.
    recipients: Vec<String>,
}

impl SigningStory {
    async fn start(setup: StorySetup) -> Self {
        let level = if setup.authority.is_some() { "b-t" } else { "b-b" };
        let settings = json!({ "companyName": "Donkervoort", "language": "en", "level": level });
        let environment = setup.authority.map(|address| ("CAIRN_SEALS_TIME_STAMPS", address));
        let application =
            Application { folder: "esign", id: "esign", settings, environment: environment.into_iter().collect() };
        let server = KilledServer::start(application, setup.seed).await;
        server.import_seal().await;
        let envelope = server.create("plugin::esign.envelope", json!({ "title": "Sales contract" })).await;
        let document = server.upload("contract.pdf", "application/pdf", setup.document).await;
        let mut recipients = Vec::new();
        for signer in &setup.signers {
            let data = json!({
                "envelope": { "set": [envelope] }, "name": signer.name, "email": signer.address(), "group": signer.group, "role": "signer",
                "language": "en",
            });
            recipients.push(server.create("plugin::esign.recipient", data).await);
        }
        let story = Self { server, envelope, signers: setup.signers, recipients };
        let path = format!("/admin/api/content/plugin::esign.envelope/{}", story.envelope);
        story.change(&path, json!({ "data": { "document": document } })).await;
        let has_pages = async || {
            let envelopes = story.server.rows("plugin::esign.envelope", "filters[pageCount][$gt]=0").await;
            (!envelopes.is_empty()).then_some(())
        };
        story.server.wait_for("the pages of the document", has_pages).await;
        story
    }

    /// A place for the signature of each, side by side on the first page.
    fn list_signature_fields(&self) -> Vec<Json> {
        let place = |(n, recipient): (usize, &String)| {
            json!({
                "recipient": recipient, "type": "signature", "page": 1, "x": 20 + 110 * (n % 5), "y": 30 + 75 * (n / 5), "width": 100.0,
                "height": 40.0, "label": "",
            })
        };
        self.recipients.iter().enumerate().map(place).collect()
    }

    async fn place_fields(&self, fields: Vec<Json>) {
        self.change(&format!("/api/esign/draft/{}/fields", self.envelope), json!({ "fields": fields })).await;
    }

    /// Sends the envelope.
    async fn send(&mut self) {
        let send = StepRequest::post(format!("/api/esign/send/{}", self.envelope), json!({}));
        let send = send.by(self.server.root());
        self.server.step(send, &[200, 409]).await;
    }

    /// Has a signer open the document and sign it.
    async fn sign(&mut self, signer: usize, mut answers: Json) {
        let link = self.wait_for_link(&self.signers[signer]).await;
        self.server.step(StepRequest::post(format!("{link}/open"), json!({})), &[200]).await;
        answers["consent"] = json!(true);
        self.server.step(StepRequest::post(format!("{link}/sign"), answers), &[200]).await;
    }

    async fn change(&self, path: &str, body: Json) {
        let request = StepRequest::put(path, body).by(self.server.root());
        self.server.client().expect(&request, &[200]).await;
    }

    /// The path of the newest link that was mailed to a signer.
    fn find_link(&self, signer: &Signer) -> Option<String> {
        let mails = self.server.receiver.mails_to(&signer.address());
        mails.iter().rev().find_map(|mail| {
            let text = mail.text();
            let start = text.find(&format!("{SITE}/api/esign/s/"))?;
            Some(text[start + SITE.len()..].split_whitespace().next()?.to_owned())
        })
    }

    async fn wait_for_link(&self, signer: &Signer) -> String {
        self.server.wait_for("a link", async || self.find_link(signer)).await
    }

    async fn find_envelope(&self) -> Json {
        self.server.rows("plugin::esign.envelope", "populate[sealed]=true").await.swap_remove(0)
    }

    /// Everything that has to be there once, at the end of the story.
    async fn tell_end(&self) -> Json {
        let path = format!("/api/esign/audit/{}", self.envelope);
        let audit = self.server.client().expect(&StepRequest::get(path).by(self.server.root()), &[200]).await.data();
        let events = audit["events"].as_array().unwrap();
        let recipients = self.server.rows("plugin::esign.recipient", "sort=name:asc").await;
        let mails: Vec<Json> = self.signers.iter().map(|to| json!(self.server.mails_to(&to.address()))).collect();
        let envelope = self.find_envelope().await;
        json!({
            "intact": audit["intact"],
            "audit": events.iter().map(|event| &event["type"]).collect::<Vec<_>>(),
            "status": envelope["status"],
            "problem": envelope["problem"],
            "recipients": recipients.iter().map(|row| json!([row["name"], row["status"]])).collect::<Vec<_>>(),
            "mails": mails,
            "events": self.server.count_events("esign").await,
        })
    }

    /// The sealed document: the only one that everybody got by mail, and the one that the envelope has.
    async fn find_sealed(&self) -> Vec<u8> {
        let envelope = self.find_envelope().await;
        let mut documents: BTreeSet<Vec<u8>> = BTreeSet::new();
        for signer in &self.signers {
            let mails = self.server.receiver.mails_to(&signer.address());
            documents.extend(mails.iter().flat_map(|mail| mail.parts("application/pdf")));
        }
        assert_eq!(documents.len(), 1, "everybody has the same document");
        let sealed = documents.pop_first().unwrap();
        let digest: String = Sha256::digest(&sealed).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(envelope["sha256Final"], digest);
        sealed
    }

    /// Checks the seal with the program itself and with others, and that the certificate names everybody.
    async fn check_sealed(&self) {
        let file = write_pdf(&self.find_sealed().await);
        let path = file.path().to_str().unwrap();
        self.server.run_command(&["seal", "verify", path], "");
        let said = run_program("pdfsig", &["-nocert", path]);
        assert_eq!(said.matches("Signature is Valid.").count(), 1, "{said}");
        assert!(said.contains("Total document signed"), "{said}");
        let text = run_program("pdftotext", &["-layout", path, "-"]);
        for signer in &self.signers {
            assert!(text.contains(&signer.address()), "{} is not in {text}", signer.name);
        }
    }
}

fn write_pdf(bytes: &[u8]) -> tempfile::NamedTempFile {
    let file = tempfile::Builder::new().suffix(".pdf").tempfile().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    file
}

/// Runs a program. Returns what it writes to standard output.
fn run_program(program: &str, arguments: &[&str]) -> String {
    let ran = Command::new(program).args(arguments).output().unwrap_or_else(|e| panic!("{program}: {e}"));
    String::from_utf8_lossy(&ran.stdout).into_owned()
}

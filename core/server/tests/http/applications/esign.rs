//! E-signing over HTTP: from a PDF that is placed, approved and sent to the sealed document in everybody's mailbox.

mod bad_input;
mod endings;
mod privacy;
mod requests;

use super::mail_receiver::{MailReceiver, ReceivedMail};
use super::{apply_roles, configured_server_with_plugin};
use crate::plugins::root;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cairn_testkit::{TestClient, TestResponse, TestServer};
use serde_json::{Value as Json, json};
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

const CONTENT: &str = "/admin/api/content/plugin::esign.";
const PASSWORD: &str = "a password of some length";
const SITE: &str = "https://sign.example.com";
const HTML: &str = "text/html,application/xhtml+xml";
/// A drawing of 60 × 20 pixels: a line on nothing.
const DRAWING: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAADwAAAAUCAYAAADRA14pAAAAOUlEQVR42u3PQQ0AMAgAMf4TgSL8y2EvEiws6yUnoHGyeo5f2mh4eHh4eHh4eHh4eHh4eHh4+NfwF1wGjy2vzpB6AAAAAElFTkSuQmCC";

/// A server with e-signing, a sealing profile, and three people.
struct SigningSite {
    server: TestServer,
    receiver: MailReceiver,
    /// Drafts and sends, and is the second to sign.
    bart: TestClient,
    /// Approves.
    lena: TestClient,
}

impl SigningSite {
    /// It is a year later than tests begin: the certificates of the sealing profile are valid from then on.
    async fn start() -> Self {
        let receiver = MailReceiver::start().await;
        let smtp_url = receiver.url();
        let server = configured_server_with_plugin("esign", |config| {
            config.mail.smtp_url = Some(smtp_url);
            config.mail.from = Some("Donkervoort <post@example.com>".to_owned());
            config.plugins.pdf = Some(root().join("target/tools/cairn-pdf").display().to_string());
            config.server.public_url = Some(SITE.to_owned());
        })
        .await;
        let user = |name: &str, role: &str| json!({ "email": format!("{name}@example.com"), "password": PASSWORD, "roles": [role] });
        apply_roles(&server, "esign", json!([user("bart", "contracts"), user("lena", "legal")])).await;
        server.run_until_idle().await;
        server.advance_clock(Duration::from_secs(330 * 86_400));
        let values = json!({ "companyName": "Donkervoort", "announce": true, "language": "en" });
        server.put("/admin/api/plugins/esign/settings", json!({ "values": values })).await.expect_status(200);
        let (bart, lena) = (
            server.sign_in_admin("bart@example.com", PASSWORD).await,
            server.sign_in_admin("lena@example.com", PASSWORD).await,
        );
        let site = Self { server, receiver, bart, lena };
        site.import_seal().await;
        site
    }

    /// Imports the key and certificate that contracts are sealed with.
    async fn import_seal(&self) {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../seals/tests/openssl/modern.p12");
        let file = json!({ "pkcs12": STANDARD.encode(std::fs::read(file).unwrap()), "password": "geheim" });
        self.server.put("/admin/api/seal-profiles/contracts", file).await.expect_status(200);
    }

    /// A draft with a document of two pages: Ann signs first and Bart second, and the office gets a copy.
    async fn draft(&self, extra_fields: Json) -> String {
        let mut data = json!({ "title": "Sales contract", "language": "en" });
        data.as_object_mut().unwrap().extend(extra_fields.as_object().unwrap().clone());
        let envelope = create(&self.bart, "envelope", data).await;
        let upload = self.bart.request("PUT", &format!("/api/esign/draft/{envelope}/document?name=contract.pdf"));
        let upload = upload.header("content-type", "application/pdf").body(build_pdf(2));
        self.bart.send(upload).await.expect_status(200);
        let people =
            [("Ann Jansen", "ann@example.com", 1, "signer", "nl"), ("Bart", "bart@example.com", 2, "signer", "en")];
        let people = people.into_iter().chain([("Office", "office@example.com", 1, "cc", "en")]);
        let mut ids = Vec::new();
        for (name, email, group, role, language) in people {
            let data = json!({ "envelope": { "set": [envelope] }, "name": name, "email": email, "group": group, "role": role, "language": language });
            ids.push(create(&self.bart, "recipient", data).await);
        }
        let field = |recipient: &str, kind: &str, page: u32, y: u32| json!({ "recipient": recipient, "type": kind, "page": page, "x": 72.0, "y": y, "width": 170.0, "height": 48.0, "label": if kind == "text" { "Chassis number" } else { "" } });
        let fields = [
            field(&ids[0], "signature", 2, 500),
            field(&ids[0], "text", 1, 300),
            field(&ids[0], "date", 2, 560),
            field(&ids[1], "signature", 2, 640),
        ];
        self.bart
            .put(&format!("/api/esign/draft/{envelope}/fields"), json!({ "fields": fields }))
            .await
            .expect_status(200);
        envelope
    }

    async fn send(&self, envelope: &str) {
        self.bart.post(&format!("/api/esign/send/{envelope}"), json!({})).await.expect_status(200);
        self.server.run_until_idle().await;
    }

    /// The path of the newest link that was mailed to an address.
    fn link(&self, address: &str) -> String {
        let texts = self.receiver.mails_to(address).into_iter().map(|mail| mail.text());
        let mut links = texts.filter_map(|text| {
            let start = text.find(&format!("{SITE}/api/esign/s/"))?;
            Some(text[start + SITE.len()..].split_whitespace().next()?.to_owned())
        });
        links.next_back().unwrap_or_else(|| panic!("no link to {address}"))
    }

    async fn envelope(&self, id: &str) -> Json {
        self.bart.get(&format!("{CONTENT}envelope/{id}?populate=*")).await.expect_status(200).data().clone()
    }

    /// The events of an envelope, by their kind.
    async fn events(&self, id: &str) -> Vec<String> {
        let audit = self.bart.get(&format!("/api/esign/audit/{id}")).await.expect_status(200);
        assert_eq!(audit.data()["intact"], true, "{}", audit.text());
        let events = audit.data()["events"].as_array().unwrap();
        events.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    }

    /// Ann opens the document, and draws her signature.
    async fn sign_as_ann(&self, envelope: &str) -> TestResponse {
        let link = self.link("ann@example.com");
        let public = self.server.public_client();
        send_form(&public, &format!("{link}/open"), "").await.expect_status(200);
        send_form(&public, &format!("{link}/sign"), &self.ann_answers(envelope).await).await
    }

    /// Returns the form that Ann sends to sign.
    async fn ann_answers(&self, envelope: &str) -> String {
        let field = format!("{CONTENT}field?filters[type]=text&filters[envelope][documentId]={envelope}");
        let field = self.bart.get(&field).await.expect_status(200).data()[0]["documentId"].as_str().unwrap().to_owned();
        let drawing = DRAWING.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        format!("consent=yes&field-{field}=SN+0417&signature={drawing}")
    }

    /// Bart opens the document, and types his name.
    async fn sign_as_bart(&self) {
        let link = self.link("bart@example.com");
        let public = self.server.public_client();
        public.post(&format!("{link}/open"), json!({})).await.expect_status(200);
        public
            .post(&format!("{link}/sign"), json!({ "typed": "Bart v. d. Weijer", "consent": true }))
            .await
            .expect_status(200);
        self.server.run_until_idle().await;
    }
}

async fn create(client: &TestClient, name: &str, data: Json) -> String {
    let created = client.post(&format!("{CONTENT}{name}"), json!({ "data": data })).await.expect_status(201);
    created.data()["documentId"].as_str().unwrap().to_owned()
}

/// Sends a form as the page's own does.
async fn send_form(client: &TestClient, path: &str, body: &str) -> TestResponse {
    let request = client.request("POST", path).header("accept", HTML).header("user-agent", "Phone 1");
    let request = request.header("content-type", "application/x-www-form-urlencoded").header("origin", "null");
    client.send(request.body(body.to_owned())).await
}

async fn get_page(client: &TestClient, path: &str) -> TestResponse {
    client.get_with(path, ("accept", HTML)).await
}

/// A PDF with a line of text on each page.
fn build_pdf(pages: usize) -> Vec<u8> {
    let kids: String = (0..pages).map(|n| format!("{} 0 R ", 4 + 2 * n)).collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [{kids}] /Count {pages} >>"),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    for n in 0..pages {
        let text = format!("BT /F 14 Tf 72 760 Td (Page {} of the contract) Tj ET", n + 1);
        let content = 5 + 2 * n;
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F 3 0 R >> >> /Contents {content} 0 R >>"
        ));
        objects.push(format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()));
    }
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

/// Runs a program on a PDF, and returns its output.
fn run_on(pdf: &[u8], program: &str, arguments: &[&str], after: &[&str]) -> String {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(pdf).unwrap();
    let ran = Command::new(program).args(arguments).arg(file.path()).args(after).output().unwrap();
    String::from_utf8_lossy(&ran.stdout).replace('\u{a0}', " ")
}

fn sealed_pdfs(mails: &[ReceivedMail]) -> Vec<Vec<u8>> {
    mails.iter().flat_map(|mail| mail.parts("application/pdf")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn contract_is_approved_signed_in_order_sealed_and_mailed() {
    let site = SigningSite::start().await;
    let (server, public) = (&site.server, site.server.public_client());
    let envelope = site.draft(json!({ "approver": "role:legal", "senderEmail": "sender@example.com" })).await;

    // Legal approval first, by somebody else, and of exactly this.
    let send = format!("/api/esign/send/{envelope}");
    site.bart.post(&send, json!({})).await.expect_status(409);
    site.bart.post(&format!("/api/esign/approve/{envelope}"), json!({})).await.expect_status(403);
    site.lena.post(&send, json!({})).await.expect_status(403);
    let names = json!({ "firstName": "Lena", "lastName": "Vis" });
    site.lena.put("/admin/api/me", names).await.expect_status(200);
    let review = site.lena.get(&format!("/api/esign/review/{envelope}")).await.expect_status(200);
    assert_eq!(review.data()["fields"].as_array().unwrap().len(), 4, "{}", review.text());
    site.lena.get(&format!("/api/esign/draft/{envelope}")).await.expect_status(403);
    site.lena.post(&format!("/api/esign/approve/{envelope}"), json!({})).await.expect_status(200);
    site.send(&envelope).await;
    // A document out for signature can be neither deleted nor replaced, by anybody.
    let file = site.envelope(&envelope).await["document"]["id"].clone();
    let locked = server.delete(&format!("/api/upload/files/{file}")).await.expect_status(409);
    assert!(locked.text().contains("Sales contract") && locked.text().contains("esign"), "{}", locked.text());
    site.bart.post(&send, json!({})).await.expect_status(409);
    public.post(&send, json!({})).await.expect_status(401);

    // The links are in the mails and nowhere else.
    let (link, early) = (site.link("ann@example.com"), site.link("bart@example.com"));
    let content = server.dump_content().await;
    let kept = server.get("/admin/api/mails?limit=100").await.expect_status(200).text();
    let log = server.get("/admin/api/audit?limit=100").await.expect_status(200).text();
    for token in [&link, &early].map(|link| link.rsplit('/').next().unwrap().to_owned()) {
        assert!(!kept.contains(&token) && !log.contains(&token), "a link was kept");
        assert!(!content.iter().any(|(_, text)| text.contains(&token)), "a link was kept");
    }
    let recipients = site.bart.get(&format!("{CONTENT}recipient")).await.expect_status(200).text();
    assert!(recipients.contains("ann@example.com") && !recipients.contains(link.rsplit('/').next().unwrap()));
    public.get("/api/esign/envelopes").await.expect_status(403);

    // Reading changes nothing, and shows nothing of the document before it is opened.
    let before = site.envelope(&envelope).await;
    let page = get_page(&public, &link).await.expect_status(200);
    assert!(page.text().contains("Hallo Ann Jansen") && !page.text().contains("<img"), "{}", page.text());
    assert_eq!((page.header("cache-control"), page.header("referrer-policy")), ("no-store", "no-referrer"));
    public.send(public.request("HEAD", &link)).await.expect_status(200);
    public.get(&format!("{link}/pdf")).await.expect_status(404);
    public.get(&format!("{link}/page/1")).await.expect_status(404);
    public.get(&format!("{link}/open")).await.expect_status(405);
    assert_eq!(site.envelope(&envelope).await, before);

    // The second link does not work yet.
    let told = public.get(&early).await.expect_status(200);
    assert_eq!(told.data(), &json!({ "status": "notYet" }));
    let mail = site.receiver.mails_to("bart@example.com").swap_remove(0).text();
    assert!(!mail.contains("Sales contract") && !mail.contains("Ann"), "{mail}");
    let page = get_page(&public, &early).await.expect_status(200);
    assert!(page.text().contains("not your turn yet") && !page.text().contains("Sales contract"), "{}", page.text());
    for (path, body) in [("open", ""), ("sign", "typed=Bart&consent=yes"), ("decline", "reason=No")] {
        send_form(&public, &format!("{early}/{path}"), body).await.expect_status(409);
    }

    // Ann reads and signs. Twenty posts at once are one signature, and all get the same answer.
    send_form(&public, &format!("{link}/open"), "").await.expect_status(200);
    let page = get_page(&public, &link).await.expect_status(200);
    assert!(page.text().contains("Chassis number") && page.text().contains("<canvas"), "{}", page.text());
    let picture = public.get(&format!("{link}/page/2")).await.expect_status(200);
    assert_eq!((picture.header("content-type"), &picture.bytes[1..4]), ("image/png", b"PNG".as_slice()));
    public.get(&format!("{link}/page/3")).await.expect_status(404);
    let answers = site.ann_answers(&envelope).await;
    let mut posts = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (client, path, body) = (server.public_client(), format!("{link}/sign"), answers.clone());
        posts.spawn(async move { send_form(&client, &path, &body).await });
    }
    let answers = posts.join_all().await;
    let failed = server.get("/admin/api/plugins/esign/calls").await.expect_status(200);
    assert_eq!(failed.data(), &json!([]), "a call failed");
    for answer in answers {
        let answer = answer.expect_status(200);
        assert!(answer.text().contains("Je hebt getekend op"), "{}", answer.text());
    }
    server.run_until_idle().await;
    let events = site.events(&envelope).await;
    assert_eq!(events, ["approved", "sent", "linkSent", "linkSent", "viewed", "signed", "linkSent"]);
    let files = server.get("/admin/api/upload/files?filters[name][$startsWith]=signature").await;
    assert!(files.status != 200 || files.text().matches("signature.png").count() <= 1, "{}", files.text());

    // Now the second link works: a new one.
    let page = get_page(&public, &early).await.expect_status(410);
    assert!(page.text().contains("newer link") && !page.text().contains("Sales contract"), "{}", page.text());
    site.sign_as_bart().await;

    // Signers, the office and the sender get the sealed document once each.
    let done = site.envelope(&envelope).await;
    assert_eq!((&done["status"], &done["problem"]), (&json!("completed"), &Json::Null), "{done}");
    let pdfs: Vec<Vec<Vec<u8>>> = ["ann", "bart", "office", "sender"]
        .map(|name| sealed_pdfs(&site.receiver.mails_to(&format!("{name}@example.com"))))
        .into();
    assert!(pdfs.iter().all(|theirs| theirs.len() == 1 && *theirs == pdfs[0]));
    let pdf = &pdfs[0][0];
    let shown = public.get(&format!("{}/pdf", site.link("bart@example.com"))).await.expect_status(200);
    assert!(shown.bytes == *pdf);
    check_sealed(pdf, &done);

    // Afterwards nothing can be changed any more.
    for path in ["void", "extend", "remind", "retry"] {
        site.bart.post(&format!("/api/esign/{path}/{envelope}"), json!({ "reason": "x" })).await.expect_status(409);
    }
    site.bart.delete(&format!("{CONTENT}envelope/{envelope}")).await.expect_status(409);
    let calls = server.get("/admin/api/plugins/esign/calls").await.expect_status(200);
    assert_eq!(calls.data(), &json!([]), "a call failed");
}

/// Checks a sealed document with programs of others, as it is and with a byte of it changed.
fn check_sealed(pdf: &[u8], envelope: &Json) {
    let said = run_on(pdf, "pdfsig", &["-nocert"], &[]);
    assert!(said.contains("Signature is Valid.") && said.contains("Total document signed"), "{said}");
    assert!(said.contains("ETSI.CAdES.detached") && said.contains("CN=Seals,O=Donkervoort"), "{said}");
    let checked = run_on(pdf, "qpdf", &["--check"], &[]);
    assert!(checked.contains("No syntax or stream encoding errors found"), "{checked}");
    for at in [100, pdf.len() / 4, pdf.len() / 3] {
        let mut broken = pdf.to_vec();
        broken[at] ^= 1;
        let said = run_on(&broken, "pdfsig", &["-nocert"], &[]);
        assert!(!said.contains("Signature is Valid."), "byte {at}: {said}");
    }
    let text = run_on(pdf, "pdftotext", &["-layout"], &["-"]);
    for words in [
        "Page 1 of the contract",
        "SN 0417",
        "Certificate of completion",
        "Ann Jansen",
        "ann@example.com",
        "Bart v. d. Weijer",
        "Approved by",
        "Lena Vis",
        "Phone 1",
        "127.0.0.1",
        envelope["sha256Original"].as_str().unwrap(),
    ] {
        assert!(text.contains(words), "{words} is not in {text}");
    }
}

//! E-signing: contracts of 20 pages, from the last signature to the sealed document.

use super::mailbox::Mailbox;
use super::server::{BenchServer, read_id};
use crate::api::FileUpload;
use crate::process::{cargo_command, run_checked};
use crate::{paths, pdf};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};
use ureq::http::Method;

/// Pages of a contract, and contracts.
const PAGES: usize = 20;
const CONTRACTS: usize = 40;
const SITE: &str = "https://sign.example.com";
/// How long a mail or a seal may take.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Measures it. Returns an error if the server cannot be set up or does not answer.
pub(super) fn run(binary: &Path) -> Result<()> {
    let mailbox = Mailbox::start()?;
    let program = match binary.with_file_name("cairn-pdf") {
        beside if beside.is_file() => beside,
        _ => paths::target_folder().join("tools/cairn-pdf"),
    };
    let env = [
        ("CAIRN_SMTP_URL", mailbox.url.clone()),
        ("CAIRN_MAIL_FROM", "Cairn <post@example.com>".to_owned()),
        ("CAIRN_PUBLIC_URL", SITE.to_owned()),
        (pdf::PROGRAM_VARIABLE, program.display().to_string()),
        ("CAIRN_SECRET_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".to_owned()),
    ];
    let env = env.map(|(name, value)| (name.to_owned(), value)).into();
    let bench = BenchServer::start(binary, "plugins/esign", "esign", env, &[])?;
    bench.set_up(&json!({ "language": "en" }))?;
    let folder = paths::repository_root().join("core/seals/tests/openssl/rsa");
    let read = |name: &str| std::fs::read_to_string(folder.join(name));
    let profile = json!({ "certificates": read("certificate.pem")?, "key": read("key.pem")? });
    bench.root.send(Method::PUT, "/admin/api/seal-profiles/contracts", &profile)?.into_data("the profile")?;
    println!("e-signing, {CONTRACTS} contracts of {PAGES} pages, signed and sealed one after another");
    let contract = build_pdf(PAGES);
    time_seals(&contract, &program)?;
    let mut times = Vec::new();
    for n in 0..CONTRACTS {
        times.push(seal_contract(&bench, &mailbox, &contract, n)?);
    }
    times.sort_unstable();
    println!("{:30} p50 {:8.2} ms", "signature to sealed document", times[times.len() / 2].as_secs_f64() * 1e3);
    bench.print_calls(&[
        ("seal", 50.0),
        ("inspection", 50.0),
        ("signer-sign", 50.0),
        ("parts", 0.15),
        ("envelopes", 0.15),
    ])?;
    bench.server.stop()
}

/// Measures the seal alone, in a process of its own.
fn time_seals(contract: &[u8], program: &Path) -> Result<()> {
    let file = paths::scratch_folder("bench-seals")?.join("contract.pdf");
    std::fs::write(&file, contract)?;
    let bench = ["bench", "--quiet", "--package", "cairn-plugin-host", "--bench", "seal", "--"];
    run_checked(cargo_command().args(bench).arg(&file).arg(program))
}

/// Has a contract signed, and waits for its seal. Returns how long that took from the signature on.
fn seal_contract(bench: &BenchServer, mailbox: &Mailbox, contract: &[u8], n: usize) -> Result<Duration> {
    let create = |name: &str, data: Value| -> Result<String> {
        let path = format!("/admin/api/content/plugin::esign.{name}");
        read_id(&bench.root.send(Method::POST, &path, &json!({ "data": data }))?.into_data(&path)?)
    };
    let upload = FileUpload { name: &format!("contract-{n}.pdf"), mime: "application/pdf", bytes: contract };
    let document = bench.program.upload_file(&upload)?["id"].clone();
    let envelope = create("envelope", json!({ "title": format!("Contract {n}"), "document": document }))?;
    let path = format!("/admin/api/content/plugin::esign.envelope?filters[documentId]={envelope}");
    let wait_for = |field: &str, value: &Value| -> Result<()> {
        let began = Instant::now();
        loop {
            let found = bench.root.get(&path)?.into_data(&path)?;
            if found[0][field] == *value {
                return Ok(());
            }
            if began.elapsed() > TIMEOUT {
                bail!("{field} of {}", found[0]);
            }
            thread::sleep(Duration::from_millis(2));
        }
    };
    wait_for("pageCount", &json!(PAGES))?;
    let email = format!("signer{n}@example.com");
    let signer = json!({ "envelope": { "set": [envelope] }, "name": "Ann Jansen", "email": email, "role": "signer", "group": 1 });
    let signer = create("recipient", signer)?;
    let field = json!({
        "recipient": signer, "type": "signature", "page": PAGES, "x": 72.0, "y": 500.0, "width": 170.0, "height": 48.0, "label": "",
    });
    let fields = format!("/api/esign/draft/{envelope}/fields");
    bench.root.send(Method::PUT, &fields, &json!({ "fields": [field] }))?.into_data(&fields)?;
    let send = format!("/api/esign/send/{envelope}");
    bench.root.send(Method::POST, &send, &json!({}))?.into_data(&send)?;
    let began = Instant::now();
    let mail = loop {
        if let Some(mail) = mailbox.find_mail(&email) {
            break mail;
        }
        if began.elapsed() > TIMEOUT {
            bail!("no mail to {email}");
        }
        thread::sleep(Duration::from_millis(2));
    };
    let link = mail.split(&format!("{SITE}/api/esign/s/")).nth(1).context("a link in the mail")?;
    let token: String = link.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    let link = format!("/api/esign/s/{token}");
    bench.visitor.send(Method::POST, &format!("{link}/open"), &json!({}))?.into_data("opening")?;
    let began = Instant::now();
    let answer = json!({ "typed": "Ann Jansen", "consent": true });
    bench.visitor.send(Method::POST, &format!("{link}/sign"), &answer)?.into_data("signing")?;
    wait_for("status", &json!("completed"))?;
    Ok(began.elapsed())
}

/// A PDF with a page of text on each of so many pages.
fn build_pdf(pages: usize) -> Vec<u8> {
    let kids: String = (0..pages).map(|n| format!("{} 0 R ", 4 + 2 * n)).collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [{kids}] /Count {pages} >>"),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    for n in 0..pages {
        let lines: String =
            (0..50).map(|line| format!("(Article {line} of page {n}: both agree to it.) Tj T* ")).collect();
        let text = format!("BT /F 10 Tf 14 TL 72 780 Td {lines}ET");
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

//! Files that a plugin has stored, as steps read them.

use crate::{load_plugin, root, run_text_with};
use cairn_plugin_host::PdfProgram;

async fn run_teller(text: &str, pdf: Option<&PdfProgram>) -> Result<(), String> {
    run_text_with(&load_plugin("plugins/guests/teller"), text, false, pdf).await
}

const NOTE: &str = r#"
[[step]]
request = "POST /api/teller/ask"
body = { do = "keep", name = "note.txt", type = "text/plain", content = "Hello\nAnn" }
as = "note"
"#;

const QUOTE: &str = r##"
[[step]]
request = "POST /api/teller/ask"
body = { do = "pdf", inline = "= Quote 2026-1\n#pagebreak()\nFor Ann", model = {}, locale = "en", name = "quote.pdf", profile = "pdf" }
as = "quote"
"##;

#[tokio::test(flavor = "multi_thread")]
async fn texts_of_files_are_compared() {
    let steps = r#"
[[step]]
file = "{note}"
type = "text/plain"
bytes = 9
text = "Hello Ann"
expect = { name = "note.txt", text = { contains = "Hello\n" } }
as = "read"

[[step]]
file = "{read}"
text = [{ contains = "Hello" }, { contains = "Ann" }]
"#;
    assert_eq!(run_teller(&format!("{NOTE}{steps}"), None).await, Ok(()));
    for (step, part) in [
        ("type = \"image/png\"", "the type is \"text/plain\", not \"image/png\""),
        ("bytes = 8", "the file has 9 bytes, not 8"),
        ("pages = 1", "only PDFs have pages; the type is \"text/plain\""),
        ("text = \"Hello\"", "the text: it is \"Hello Ann\", not \"Hello\""),
        ("text = [{ contains = \"Ann\" }, { contains = \"Bob\" }]", "does not contain \"Bob\""),
    ] {
        let error = run_teller(&format!("{NOTE}[[step]]\nfile = \"{{note}}\"\n{step}\n"), None).await.unwrap_err();
        assert!(error.contains(part), "{step}: {error}");
    }
    let error = run_teller("[[step]]\nfile = \"nothing\"\n", None).await.unwrap_err();
    assert!(error.contains("there is no file nothing"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn attachments_of_mails_are_told() {
    let steps = r#"
[[step]]
request = "POST /api/teller/ask"
body = { do = "send", key = "a", to = ["ann@example.com"], template = "hello", model = { name = "Ann" }, locale = "en", attachments = ["{note}"] }

[[step]]
mails = "ann@example.com"
count = 1
expect = [{ template = "hello", attachments = [{ name = "note.txt", mediaType = "text/plain", bytes = 9 }] }]
"#;
    assert_eq!(run_teller(&format!("{NOTE}{steps}"), None).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_pdfs_are_read_with_cairn_pdf() {
    let program = PdfProgram::new(root().join("target/tools/cairn-pdf"));
    let steps = r#"
[[step]]
file = "{quote}"
type = "application/pdf"
pages = 2
text = "Quote 2026-1 For Ann"
expect = { name = "quote.pdf", pages = [{ text = "Quote 2026-1" }, { text = "For Ann" }], signatures = [] }
"#;
    assert_eq!(run_teller(&format!("{QUOTE}{steps}"), Some(&program)).await, Ok(()));
    let error = run_teller(&format!("{QUOTE}[[step]]\nfile = \"{{quote}}\"\npages = 1\n"), Some(&program)).await;
    assert!(error.as_ref().unwrap_err().contains("the PDF has 2 pages, not 1"), "{error:?}");
    // A file of that type can be stored without it.
    let damaged = "[[step]]\nrequest = \"POST /api/teller/ask\"\n\
        body = { do = \"keep\", name = \"a.pdf\", type = \"application/pdf\", content = \"%PDF-1.7 and nothing\" }\nas = \"a\"\n\
        [[step]]\nfile = \"{a}\"\n";
    let error = run_teller(damaged, None).await.unwrap_err();
    assert!(error.contains("needs the program cairn-pdf, which was not found"), "{error}");
    let error = run_teller(damaged, Some(&PdfProgram::new("/nonexistent/cairn-pdf".into()))).await.unwrap_err();
    assert!(error.contains("cairn-pdf not found at /nonexistent/cairn-pdf"), "{error}");
    let error = run_teller(damaged, Some(&program)).await.unwrap_err();
    assert!(error.contains("cannot be read"), "{error}");
}

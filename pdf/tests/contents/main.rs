//! Contents of PDFs, whoever made them: by the program as Cairn starts it, and read by programs of others (Poppler's, qpdf).

#![expect(clippy::unwrap_used, reason = "a test stops where its ground gives way")]

mod forms;
mod hostile;
#[path = "../support/mod.rs"]
mod support;
mod template_fields;

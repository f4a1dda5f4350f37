//! Services of a tenant and of this process that capabilities use: files, searches, outbound requests, PDFs, secrets.

pub(crate) mod entropy;
pub(crate) mod files;
pub(crate) mod host_context;
pub(crate) mod http;
pub(crate) mod pades_sealer;
pub(crate) mod pdf;
pub(crate) mod pdf_signatures;
pub(crate) mod pdf_text;
pub(crate) mod sealer;
pub(crate) mod search;
pub mod secrets;
pub mod signing_keys;
pub(crate) mod time_stamps;

//! `cairn seal verify`.

use super::read_bytes_limited;
use crate::{ProjectArgs, TenantNameArgs, print_line};
use bytes::Bytes;
use cairn_access::{Clock, SystemClock, format_iso};
use cairn_app::OperatorError;
use cairn_app::config::Config;
use cairn_pades::{SignatureLevel, TrustAnchors, Verdict};
use cairn_plugin_host::SignatureFinding;
use chrono::{DateTime, FixedOffset};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Largest PDF, in bytes.
const MAX_PDF_BYTES: u64 = 64 << 20;
/// Time that `cairn-pdf` gets to read it.
const READ_TIME: Duration = Duration::from_secs(20);

/// Arguments of `cairn seal verify`.
#[derive(Debug, clap::Args)]
pub(crate) struct VerifyArgs {
    /// The PDF, or `-` for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// A file with certificates (PEM or DER) to trust, of authorities or signers; can be repeated. Default: the tenant's sealing profiles and
    /// the certificates in `[seals] trust`
    #[arg(long, value_name = "FILE")]
    trust: Vec<PathBuf>,
    /// The time at which certificates have to be valid, if no trusted time stamp says when the seal was made: 2026-01-31T12:00:00Z. Default: now
    #[arg(long, value_name = "INSTANT", value_parser = parse_instant)]
    at: Option<DateTime<FixedOffset>>,
    /// Print JSON, one object per line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    tenant: TenantNameArgs,
    #[command(flatten)]
    project: ProjectArgs,
}

fn parse_instant(text: &str) -> Result<DateTime<FixedOffset>, String> {
    DateTime::parse_from_rfc3339(text).map_err(|_| "expected a time such as 2026-01-31T12:00:00Z".to_owned())
}

impl VerifyArgs {
    /// Prints the findings; an error is for the terminal, also where a signature is not valid or there is none.
    pub(super) async fn run(self) -> Result<(), OperatorError> {
        let pdf = Bytes::from(read_bytes_limited(&self.file, MAX_PDF_BYTES)?);
        let config = self.project.load_config()?;
        let trust = match self.trust.is_empty() {
            true => self.installed_anchors(&config).await?,
            false => read_anchors(&self.trust)?,
        };
        let program = config.plugins.pdf_program(&config.data_folder()).ok_or_else(|| {
            OperatorError("cairn-pdf is not installed: place it next to the cairn program to read PDFs".to_owned())
        })?;
        let at = self.at.map_or_else(|| SystemClock.now().timestamp_millis(), |at| at.timestamp_millis());
        let until = Instant::now() + READ_TIME;
        let verified = tokio::task::spawn_blocking(move || program.verify_signatures(&pdf, &trust, at, until)).await;
        let findings = verified.map_err(|e| OperatorError(e.to_string()))?;
        let findings = findings.map_err(|e| OperatorError(format!("{}: {e}", self.file.display())))?;
        for finding in &findings {
            match self.json {
                true => print_line(format_json(finding)),
                false => print_line(format_text(finding)),
            }
        }
        let valid = findings.iter().filter(|finding| finding.verdict == Verdict::Valid).count();
        match (findings.len(), valid) {
            (0, _) => Err(OperatorError(format!("{}: not signed", self.file.display()))),
            (all, valid) if all == valid => Ok(()),
            (all, valid) => {
                Err(OperatorError(format!("{}: {valid} of {all} signatures are valid", self.file.display())))
            }
        }
    }

    /// Trust anchors of this installation.
    async fn installed_anchors(&self, config: &Config) -> Result<TrustAnchors, OperatorError> {
        let mut trust = config.seals.trust_anchors(&config.project)?;
        let access = self.tenant.open_filled(&self.project.load_context()?).await?;
        let own = access.store().read(|r| Ok::<_, cairn_store::StoreError>(cairn_seals::list_certificates(r)))?;
        for der in own.map_err(|e| OperatorError(e.to_string()))? {
            trust.add_der(&der).map_err(|e| OperatorError(e.to_string()))?;
        }
        Ok(trust)
    }
}

fn read_anchors(files: &[PathBuf]) -> Result<TrustAnchors, OperatorError> {
    let mut trust = TrustAnchors::default();
    for file in files {
        let bytes = read_bytes_limited(file, super::MAX_INPUT_BYTES)?;
        trust.add_file(&bytes).map_err(|e| trust_error(file, &e))?;
    }
    Ok(trust)
}

fn trust_error(file: &Path, why: &dyn std::fmt::Display) -> OperatorError {
    OperatorError(format!("--trust {}: {why}", file.display()))
}

fn level_name(level: SignatureLevel) -> &'static str {
    match level {
        SignatureLevel::BB => "B-B",
        SignatureLevel::BT => "B-T",
    }
}

fn format_time(at: i64) -> String {
    DateTime::from_timestamp_millis(at).map(format_iso).unwrap_or_default()
}

fn format_text(finding: &SignatureFinding) -> String {
    let mut lines = vec![
        format!("{}: {}", finding.field, finding.verdict.as_str()),
        format!("  signer: {}", finding.signer),
        format!("  time: {}", finding.signed_at.map_or_else(|| "unknown".to_owned(), format_time)),
        format!("  level: {}", finding.level.map_or("none", level_name)),
        format!("  covers the whole file: {}", if finding.covers_whole_file { "yes" } else { "no" }),
    ];
    lines.extend(finding.notes.iter().map(|note| format!("  note: {note}")));
    lines.join("\n")
}

fn format_json(finding: &SignatureFinding) -> String {
    json!({
        "field": finding.field,
        "signer": finding.signer,
        "signedAt": finding.signed_at.map(format_time),
        "level": finding.level.map(level_name),
        "coversWholeFile": finding.covers_whole_file,
        "verdict": finding.verdict.as_str(),
        "notes": finding.notes,
    })
    .to_string()
}

//! Bounces and complaints that a mail provider reports after it accepted a mail. The report is signed according to Standard Webhooks
//! with a secret of the tenant.

use crate::Notifier;
use crate::error::{InvalidFields, NotifyError};
use crate::mail::address;
use crate::mail::send_job;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cairn_store::StoreError;
use cairn_store::events::Actor;
use cairn_store::notify::{Suppression, SuppressionReason};
use hmac::{Hmac, Mac};
use serde::Deserialize;
use sha2::Sha256;

/// Largest difference, in milliseconds, between the time of a report's signature and now.
const MAX_CLOCK_SKEW_MS: i64 = 5 * 60_000;
/// Largest number of events in a report.
const MAX_EVENTS: usize = 1_000;
/// Longest detail that is stored, in characters.
const MAX_DETAIL_CHARS: usize = 500;

/// The headers of a report.
#[derive(Debug, Clone, Copy)]
pub struct ReportSignature<'a> {
    /// The header `webhook-id`.
    pub id: &'a str,
    /// The header `webhook-timestamp`, in seconds.
    pub timestamp: &'a str,
    /// The header `webhook-signature`: `v1,<base64>`, several separated by blanks.
    pub signature: &'a str,
}

#[derive(Debug, Deserialize)]
struct BounceReport {
    events: Vec<BounceReportEvent>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BounceReportEvent {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    address: Option<String>,
    #[serde(default)]
    message_id: Option<String>,
    #[serde(default)]
    detail: Option<String>,
}

/// A validated event of a report.
#[derive(Debug, Clone)]
struct Bounce {
    reason: SuppressionReason,
    address: Option<String>,
    message_id: Option<String>,
    detail: Option<String>,
}

impl Notifier {
    /// The secret with which reports of bounces are signed, for configuring the provider.
    pub fn bounce_secret(&self) -> String {
        format!("whsec_{}", STANDARD.encode(self.bounce_key()))
    }

    fn bounce_key(&self) -> [u8; 32] {
        self.access().sign("mail bounces", b"standard webhooks")
    }

    /// Records a provider's report: `{"events": [{"type": "bounce" | "complaint", "address": …, "messageId": …, "detail": …}]}` with an
    /// address, a `Message-ID` of ours, or both. Suppresses the addresses. Returns the number of newly suppressed ones.
    ///
    /// # Errors
    /// Returns an error for an invalid signature, and for a body of another form: then nothing is recorded.
    pub async fn record_bounces(&self, signature: ReportSignature<'_>, body: &[u8]) -> Result<usize, NotifyError> {
        self.verify_report_signature(signature, body)?;
        let bounces = parse_report(body)?;
        let now = self.now();
        let future = self.store().write(move |tx| {
            let mut news = 0;
            for b in &bounces {
                let error = b.detail.clone().unwrap_or_else(|| format!("reported as a {}", b.reason.as_str()));
                let mail = match &b.message_id {
                    Some(id) => tx.mails().mark_bounced(id, &error)?,
                    None => None,
                };
                let (mail, to) = mail.unzip();
                let Some(address) = b.address.clone().or(to.map(|to| address::suppression_key(&to))) else { continue };
                let suppression = Suppression { address, reason: b.reason, detail: b.detail.clone(), mail, at: now };
                if tx.mail_suppressions().create(&suppression)? {
                    news += 1;
                    tx.events().emit(
                        &Actor::system("mail"),
                        &send_job::bounce_event(mail.unwrap_or(0), b.reason.as_str()),
                        now,
                    )?;
                }
            }
            Ok::<_, StoreError>(news)
        });
        Ok(future.await?)
    }

    fn verify_report_signature(&self, s: ReportSignature<'_>, body: &[u8]) -> Result<(), NotifyError> {
        let signature_error = NotifyError::Signature;
        let at: i64 =
            s.timestamp.parse().map_err(|_| signature_error("webhook-timestamp is missing or not a number"))?;
        if at.checked_mul(1_000).is_none_or(|at| (self.now() - at).abs() > MAX_CLOCK_SKEW_MS) {
            return Err(signature_error("webhook-timestamp is more than 5 minutes off"));
        }
        let good = s.signature.split(' ').take(16).any(|candidate| {
            let candidate = candidate.strip_prefix("v1,").and_then(|text| STANDARD.decode(text).ok());
            let mac = Hmac::<Sha256>::new_from_slice(&self.bounce_key());
            let (Some(candidate), Ok(mut mac)) = (candidate, mac) else { return false };
            for part in [s.id.as_bytes(), b".", s.timestamp.as_bytes(), b".", body] {
                mac.update(part);
            }
            mac.verify_slice(&candidate).is_ok()
        });
        if good { Ok(()) } else { Err(signature_error("webhook-signature is missing or invalid")) }
    }
}

fn parse_report(body: &[u8]) -> Result<Vec<Bounce>, InvalidFields> {
    let report: BounceReport = serde_json::from_slice(body).map_err(|e| InvalidFields::for_field("", e.to_string()))?;
    if report.events.len() > MAX_EVENTS {
        return Err(InvalidFields::for_field("events", format!("at most {MAX_EVENTS} events per request")));
    }
    let mut problems = Vec::new();
    let mut all = Vec::new();
    for (i, e) in report.events.into_iter().enumerate() {
        let reason = match e.kind.as_str() {
            "bounce" => SuppressionReason::Bounce,
            "complaint" => SuppressionReason::Complaint,
            _ => {
                problems.push((format!("events[{i}].type"), "expected bounce or complaint".to_owned()));
                continue;
            }
        };
        let address = match e.address.as_deref().map(|a| address::parse_address("address", a)).transpose() {
            Ok(address) => address.map(|a| address::suppression_key(&a)),
            Err(problem) => {
                problems.push((format!("events[{i}].address"), problem.problem));
                continue;
            }
        };
        if address.is_none() && e.message_id.is_none() {
            problems.push((format!("events[{i}]"), "address or messageId is required".to_owned()));
            continue;
        }
        let message_id = e.message_id.map(|id| if id.starts_with('<') { id } else { format!("<{id}>") });
        let detail =
            e.detail.map(|d| d.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_DETAIL_CHARS).collect());
        all.push(Bounce { reason, address, message_id, detail });
    }
    if problems.is_empty() { Ok(all) } else { Err(InvalidFields(problems)) }
}

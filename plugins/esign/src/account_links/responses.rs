//! Responses to signers who are signed in on the site: no cache stores them, and refusals have codes for programs beside the text that is shown.

use super::signer_access::CodeFinding;
use super::way::SigningWay;
use crate::envelope_state::SigningPageState;
use cairn_plugin::prelude::*;
use serde_json::{Value, json};

/// Value of `cache-control` for what one person reads.
const PRIVATE: &str = "private, no-store";

/// Responds with what was asked for.
///
/// # Errors
/// Never: it is JSON.
pub(crate) fn respond(data: &Value) -> Result<Response> {
    Ok(Response::json(200, &json!({ "data": data }))?.header("cache-control", PRIVATE))
}

/// Responds that something is on its way.
///
/// # Errors
/// Never: it is JSON.
pub(crate) fn accept(data: &Value) -> Result<Response> {
    Ok(Response::json(202, &json!({ "data": data }))?.header("cache-control", PRIVATE))
}

fn refuse(status: u16, name: &str, message: &str, details: &Value) -> Result<Response> {
    let error = json!({ "status": status, "name": name, "message": message, "details": details });
    Ok(Response::json(status, &json!({ "data": null, "error": error }))?.header("cache-control", PRIVATE))
}

/// Refuses what the state of an envelope does not allow, with that state.
///
/// # Errors
/// Never: it is JSON.
pub(crate) fn refuse_state(page_state: SigningPageState, locale: &str) -> Result<Response> {
    let message = translate(&format!("conflict.link.{}", page_state.name()), locale, None);
    refuse(409, "ConflictError", &message, &json!({ "kind": "state", "state": page_state.name() }))
}

/// Refuses a way that the setting does not name, with the one that it names.
///
/// # Errors
/// Never: it is JSON.
pub(crate) fn refuse_way(way: SigningWay, locale: &str) -> Result<Response> {
    let message = translate(&format!("conflict.way.{}", way.name()), locale, None);
    refuse(409, "ConflictError", &message, &json!({ "kind": "way", "way": way }))
}

/// Refuses what nobody gets any more of, for the reason of that key.
///
/// # Errors
/// Never: it is JSON.
pub(crate) fn refuse_limit(key: &str, locale: &str) -> Result<Response> {
    refuse(409, "ConflictError", &translate(key, locale, None), &json!({ "kind": "limit" }))
}

/// Refuses what is asked for too often, with the time to wait in milliseconds.
///
/// # Errors
/// Never: it is JSON.
pub(crate) fn refuse_rate(wait_ms: i64, locale: &str) -> Result<Response> {
    let seconds = wait_ms.saturating_add(999).div_euclid(1_000).max(1);
    let message = translate("refused.rate", locale, Some(&json!({ "minutes": seconds.saturating_add(59) / 60 })));
    let details = json!({ "kind": "rate", "retryAfter": seconds });
    Ok(refuse(429, "RateLimitError", &message, &details)?.header("retry-after", &seconds.to_string()))
}

/// Refuses a code that does not open the envelope.
///
/// # Errors
/// Never: it is JSON.
pub(crate) fn refuse_code(finding: CodeFinding, locale: &str) -> Result<Response> {
    let (code, left) = match finding {
        CodeFinding::UsedUp { .. } => {
            let message = translate("refused.code.usedUp", locale, None);
            return refuse(429, "RateLimitError", &message, &json!({ "kind": "attempts" }));
        }
        CodeFinding::Missing => ("missing", None),
        CodeFinding::Malformed => ("format", None),
        CodeFinding::Expired => ("expired", None),
        CodeFinding::Wrong { left } => ("wrong", Some(left)),
    };
    let message =
        translate(&format!("refused.code.{code}"), locale, Some(&json!({ "left": left.unwrap_or_default() })));
    let mut details =
        json!({ "errors": [{ "path": ["code"], "message": message, "name": "ValidationError", "code": code }] });
    if let Some(left) = left {
        details["attemptsLeft"] = json!(left);
    }
    refuse(400, "ValidationError", &message, &details)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_for_one_person_is_kept() {
        for response in [respond(&json!({})).unwrap(), accept(&json!({})).unwrap()] {
            assert!(response.headers.contains(&("cache-control".to_owned(), PRIVATE.to_owned())));
        }
    }
}

//! The gate: nothing is published without the approvals that its workflow requires, by whatever route.

use super::{ReviewObstacle, ReviewState};
use crate::service::not_now;
use cairn_content::{PublishGate, Result};
use cairn_model::TypeId;
use cairn_store::WriteTx;
use cairn_store::editorial::DocumentKey;
use cairn_store::events::Actor;
use serde_json::{Value as Json, json};

/// Number of invalidated approvals of each role that are reported.
const MAX_FALLEN_APPROVALS: usize = 5;

/// Refuses what its review workflow does not permit. It runs in the transaction that publishes, after the draft was written: a request that
/// changes and publishes at once invalidates the approvals as any change does.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReviewGate;

impl PublishGate for ReviewGate {
    /// Refuses with 400, with the stage, the approvals that are missing, and the changes that invalidated earlier ones.
    fn check(&self, tx: &mut WriteTx<'_>, ct: TypeId, document_id: &str, locale: &str, _: &Actor) -> Result<()> {
        let registry = tx.registry();
        let content_type = registry.get(ct);
        let d = DocumentKey {
            content_type: content_type.uid.clone(),
            document_id: document_id.to_owned(),
            locale: locale.to_owned(),
        };
        if super::review_state::load_workflow(&tx.reader(), &d.content_type)?.is_none() {
            return Ok(());
        }
        let Some(token) = tx.reader().documents().get_draft_token(ct, document_id, locale)? else { return Ok(()) };
        let state = ReviewState::load_state(&tx.reader(), &d, token)?;
        let Some(workflow) = &state.workflow else { return Ok(()) };
        let why = state.publish_obstacles();
        if why.is_empty() {
            return Ok(());
        }
        let wrong_stage = !workflow.publishes_in(&state.stage);
        let mut needs = Vec::new();
        for need in state.to_publish().iter().filter(|n| !n.is_met()) {
            let fell = fallen_approvals(tx, &d, &state, &need.role)?;
            needs.push(json!({ "role": need.role, "needed": need.needed, "have": need.by.len(), "fell": fell }));
        }
        let message = format!("This entry cannot be published yet: {}", ReviewObstacle::join(&why));
        let review = json!({
            "workflow": workflow.name, "stage": state.stage, "version": token.version,
            "publishIn": if wrong_stage { json!(workflow.publish_in) } else { Json::Null },
            "missing": needs,
        });
        Err(not_now(message, json!({ "review": review })))
    }
}

/// The invalidated approvals of a role, newest first, with the change that invalidated each.
fn fallen_approvals(tx: &WriteTx<'_>, d: &DocumentKey, s: &ReviewState, role: &str) -> Result<Vec<Json>> {
    let Some(review) = &s.review else { return Ok(Vec::new()) };
    let reader = tx.reader();
    let all = reader.reviews().list_approvals(&[review.id], super::review_state::MAX_SHOWN_APPROVALS)?;
    let fell = all.iter().rev().filter(|a| a.approval.role == role && a.withdrawn_at.is_none());
    let mut fallen = Vec::new();
    for a in fell.filter(|a| a.approval.token != s.token).take(MAX_FALLEN_APPROVALS) {
        let change = reader.history().get_first_change_after(d, a.approval.token.version)?.map(|(at, actor, changed, version)| {
            let changed: Json = serde_json::from_str(&changed).unwrap_or_default();
            json!({ "at": crate::calendar::format_ms(at), "by": actor.name, "changed": changed, "version": version })
        });
        fallen.push(json!({
            "by": a.approval.actor.name, "at": crate::calendar::format_ms(a.at), "version": a.approval.token.version, "change": change,
        }));
    }
    Ok(fallen)
}

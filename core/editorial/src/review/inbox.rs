//! Lists of reviews: those assigned to the caller, those that wait for their approval, overdue ones.

use super::review_state::ReviewState;
use super::view::stage_colour;
use super::{ReviewDue, ReviewObstacle, ReviewSummary};
use crate::EditorialService;
use crate::service::EditorialCaller;
use cairn_access::AdminCaller;
use cairn_content::Result;
use cairn_content::view::Time;
use cairn_settings::workflows;
use cairn_store::editorial::{DocumentKey, ReviewFilter, ReviewRow, VersionRow};
use serde::Deserialize;
use std::collections::HashMap;

/// Number of reviews that one page examines at most, for filters that need the computed state of a review.
const MAX_SCANNED_REVIEWS: i64 = 1_000;

/// Filter of reviews.
#[derive(Debug, Clone, Default, Deserialize, utoipa::IntoParams)]
#[serde(default, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
pub struct ReviewListParams {
    /// Number of an admin user, or `me`.
    pub assignee: Option<String>,
    /// Uid of a content type.
    pub content_type: Option<String>,
    /// The stage that they are in.
    pub stage: Option<String>,
    /// Code of a locale.
    pub locale: Option<String>,
    /// Those whose due date has passed.
    pub overdue: Option<bool>,
    /// Those that wait for an approval of mine.
    pub waiting_for_me: Option<bool>,
    /// Those that are published as they are, too.
    pub done: Option<bool>,
}

impl EditorialService {
    /// Lists reviews, newest first, with the id to continue before. Fails with 400 for an invalid filter.
    pub async fn list_reviews(
        &self,
        admin: &AdminCaller,
        params: &ReviewListParams,
        before: Option<i64>,
        limit: i64,
    ) -> Result<(Vec<ReviewSummary>, Option<i64>)> {
        let now = self.now();
        let caller = EditorialCaller::new(admin, &admin.actor.clone().into());
        let assignee = match params.assignee.as_deref() {
            None => None,
            Some("me") => Some(caller.require_person()?),
            Some(id) => {
                let invalid_assignee =
                    || crate::service::invalid_at("assignee", "assignee must be the id of an admin user, or me");
                Some(id.parse().map_err(|_| invalid_assignee())?)
            }
        };
        let mut filter = ReviewFilter {
            assignee,
            content_type: params.content_type.clone(),
            stage: None,
            due_before: (params.overdue == Some(true)).then_some(now),
            done: params.done == Some(true),
            before,
        };
        let mut found: Vec<(ReviewRow, ReviewState, Vec<i64>)> = Vec::new();
        let mut next = None;
        let mut looked_at = 0;
        while (found.len() as i64) < limit && looked_at < MAX_SCANNED_REVIEWS {
            let page = limit.max(20);
            let rows = self.store().read(|r| r.reviews().list(&filter, page))?;
            looked_at += rows.len() as i64;
            let is_last = (rows.len() as i64) < page;
            let last_id = rows.last().map(|r| r.id);
            for (row, state, assignees) in self.review_states(rows, filter.done)? {
                if (found.len() as i64) == limit {
                    next = found.last().map(|(r, ..)| r.id);
                    break;
                }
                if matches_filter(&state, params, &caller) {
                    found.push((row, state, assignees));
                }
            }
            if next.is_some() || is_last {
                break;
            }
            filter.before = last_id;
            if (found.len() as i64) == limit || looked_at >= MAX_SCANNED_REVIEWS {
                next = last_id;
            }
        }
        let documents: Vec<&DocumentKey> = found.iter().map(|(r, ..)| &r.document).collect();
        let labels = self.load_labels(&documents, &HashMap::new()).await?;
        let summaries = found
            .into_iter()
            .map(|(row, s, assignees)| {
                let workflow = s.workflow.as_ref();
                ReviewSummary {
                    id: row.id,
                    title: labels.get(&row.document).and_then(|l| l.title.clone()),
                    workflow: workflow.map(|w| w.name.clone()),
                    colour: workflow.and_then(|w| stage_colour(w, &s.stage)),
                    since: Time(row.since),
                    version: s.token.version,
                    assignees,
                    due: row.due.as_ref().map(|due| ReviewDue::new(due, due.at < now)),
                    asked_for: s.requested_roles(),
                    missing: ReviewObstacle::from_missing(&s.to_publish()),
                    publishable: s.is_publishable(),
                    stage: Some(s.stage).filter(|stage| !stage.is_empty()),
                    content_type: row.document.content_type,
                    document_id: row.document.document_id,
                    locale: Some(row.document.locale).filter(|locale| !locale.is_empty()),
                }
            })
            .collect();
        Ok((summaries, next))
    }

    /// The state of each of some reviews, in a few statements for all of them. Those whose document was deleted, and unless `include_done` those
    /// that are published without newer changes, are left out.
    pub(crate) fn review_states(
        &self,
        rows: Vec<ReviewRow>,
        include_done: bool,
    ) -> Result<Vec<(ReviewRow, ReviewState, Vec<i64>)>> {
        self.store().read(|r| {
            let all = workflows::load_workflows(r)?;
            let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
            let mut assignees = r.reviews().find_assignees(&ids)?;
            let approvals = r.reviews().list_approvals(&ids, 100_000)?;
            let mut versions: HashMap<String, Vec<VersionRow>> = HashMap::new();
            for uid in rows.iter().map(|row| &row.document.content_type) {
                let Some(ct) = self.registry().by_uid(uid) else { continue };
                if versions.contains_key(uid) {
                    continue;
                }
                let same = rows.iter().filter(|row| row.document.content_type == *uid);
                let documents: Vec<&str> = same.map(|row| row.document.document_id.as_str()).collect();
                versions.insert(uid.clone(), r.documents().list_versions(ct.id, &documents)?);
            }
            let mut found = Vec::new();
            for row in rows {
                let d = &row.document;
                let drafts = self.registry().by_uid(&d.content_type).is_some_and(|ct| ct.draft_publish);
                let find_versions = || {
                    let of_type = versions.get(&d.content_type).into_iter().flatten();
                    of_type.filter(|v| v.document_id == d.document_id && v.locale == d.locale)
                };
                let Some(draft) = find_versions().find(|v| v.published != drafts) else { continue };
                let published = find_versions().find(|v| v.published).map(|v| v.token.version);
                if !include_done && drafts && published == Some(draft.token.version) {
                    continue;
                }
                let workflow = all.iter().find(|w| w.content_types.contains(&d.content_type)).cloned();
                let counting = |a: &&cairn_store::editorial::ApprovalRow| {
                    a.approval.review == row.id && a.withdrawn_at.is_none() && a.approval.token == draft.token
                };
                let approvals = approvals.iter().filter(counting).cloned().collect();
                let state = ReviewState::from_parts(workflow, Some(row.clone()), approvals, draft.token);
                let assigned = assignees.remove(&row.id).unwrap_or_default();
                found.push((row, state, assigned));
            }
            Ok(found)
        })
    }
}

fn matches_filter(s: &ReviewState, params: &ReviewListParams, caller: &EditorialCaller) -> bool {
    let d = s.review.as_ref().map(|r| &r.document);
    if params.stage.as_ref().is_some_and(|stage| *stage != s.stage) {
        return false;
    }
    if params.locale.as_ref().is_some_and(|locale| d.is_none_or(|d| d.locale != *locale)) {
        return false;
    }
    if params.waiting_for_me == Some(true) {
        let can_approve = |role: &String| {
            caller.has_role(role)
                && !s.approvals.iter().any(|a| a.approval.role == *role && Some(a.approval.admin_user) == caller.id)
        };
        return s.requested_roles().iter().any(can_approve);
    }
    true
}

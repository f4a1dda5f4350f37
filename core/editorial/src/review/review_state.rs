//! The state of a document in its review: the one computation that everything else uses.

use super::view::stage_colour;
use super::{ApprovalView, NeededApproval, NextStage, Person, Publishable, ReviewDue, ReviewObstacle, ReviewView};
use crate::EditorialService;
use crate::service::{EditorialCaller, not_found};
use cairn_content::Result;
use cairn_model::workflow::Workflow;
use cairn_model::{Registry, TypeId};
use cairn_settings::workflows;
use cairn_store::editorial::{ApprovalRow, DocumentKey, DraftToken, ReviewRow};
use cairn_store::{Reader, StoreError, WriteTx};
use std::collections::BTreeSet;

/// Number of approvals of one review that are returned.
pub(super) const MAX_SHOWN_APPROVALS: i64 = 200;

/// Approvals of one role: how many are required, and how many exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovalProgress {
    /// Code of the role.
    pub role: String,
    /// Number of people who have to approve.
    pub needed: u64,
    /// Numeric ids of the users who have approved.
    pub by: Vec<i64>,
}

impl ApprovalProgress {
    /// True if there are enough approvals.
    pub fn is_met(&self) -> bool {
        self.by.len() as u64 >= self.needed
    }
}

/// The state of a document in its review.
#[derive(Debug, Clone, PartialEq)]
pub struct ReviewState {
    /// The workflow of its type.
    pub workflow: Option<Workflow>,
    /// The stored review.
    pub review: Option<ReviewRow>,
    /// The present draft.
    pub token: DraftToken,
    /// The stage that it is in; empty without a workflow.
    pub stage: String,
    /// True if it was moved on and came back because its content changed.
    pub returned: bool,
    /// Valid approvals: not withdrawn, and of the present draft.
    pub approvals: Vec<ApprovalRow>,
}

/// The workflow of a type.
pub(super) fn load_workflow(reader: &Reader<'_>, uid: &str) -> Result<Option<Workflow>, StoreError> {
    Ok(workflows::load_workflows(reader)?.into_iter().find(|w| w.content_types.iter().any(|t| t == uid)))
}

/// The stage of a document: that of its last move, unless its content has changed since and the stage returns it then. A stage that the
/// workflow no longer has counts as the first one.
pub(super) fn current_stage<'w>(
    workflow: &'w Workflow,
    moved: Option<(&str, DraftToken)>,
    now: DraftToken,
) -> (&'w str, bool) {
    let first = workflow.stages.first().map_or("", |s| s.name.as_str());
    let Some((stage, then)) = moved else { return (first, false) };
    match workflow.find_stage(stage) {
        None => (first, true),
        Some(stage) => match &stage.back_to {
            Some(back) if then != now => (back, true),
            _ => (&stage.name, false),
        },
    }
}

impl ReviewState {
    /// The state of a document whose draft is `token`.
    pub(super) fn load_state(reader: &Reader<'_>, d: &DocumentKey, token: DraftToken) -> Result<Self, StoreError> {
        let workflow = load_workflow(reader, &d.content_type)?;
        let review = reader.reviews().get(d)?;
        let approvals = match (&workflow, &review) {
            (Some(_), Some(review)) => reader.reviews().list_valid_approvals(review.id, token)?,
            _ => Vec::new(),
        };
        Ok(Self::from_parts(workflow, review, approvals, token))
    }

    /// The same from values that were read before.
    pub(super) fn from_parts(
        workflow: Option<Workflow>,
        review: Option<ReviewRow>,
        approvals: Vec<ApprovalRow>,
        token: DraftToken,
    ) -> Self {
        let moved = review.as_ref().map(|r| (r.stage.as_str(), r.token));
        let (stage, returned) = match &workflow {
            None => (String::new(), false),
            Some(w) => {
                let (stage, returned) = current_stage(w, moved, token);
                (stage.to_owned(), returned)
            }
        };
        Self { workflow, review, token, stage, returned, approvals }
    }

    fn approval_progress(&self, needed: Vec<(&str, u64)>) -> Vec<ApprovalProgress> {
        let find_approvers = |role: &str| {
            let people: BTreeSet<i64> = self
                .approvals
                .iter()
                .filter(|a| a.approval.role == role && a.approval.token == self.token && a.withdrawn_at.is_none())
                .map(|a| a.approval.admin_user)
                .collect();
            people.into_iter().collect()
        };
        needed
            .into_iter()
            .map(|(role, needed)| ApprovalProgress { role: role.to_owned(), needed, by: find_approvers(role) })
            .collect()
    }

    /// Approvals that publishing requires.
    pub fn to_publish(&self) -> Vec<ApprovalProgress> {
        self.workflow.as_ref().map_or(Vec::new(), |w| self.approval_progress(w.needed_to_publish()))
    }

    /// Approvals that entering a stage requires.
    pub fn to_enter(&self, stage: &str) -> Vec<ApprovalProgress> {
        self.workflow.as_ref().map_or(Vec::new(), |w| self.approval_progress(w.needed_to_enter(stage)))
    }

    /// True if the draft may be published in its stage.
    pub fn is_publishable(&self) -> bool {
        self.publish_obstacles().is_empty()
    }

    /// Reasons why the draft cannot be published; empty if it can be.
    pub(super) fn publish_obstacles(&self) -> Vec<ReviewObstacle> {
        let wrong_stage = self.workflow.as_ref().filter(|w| !w.publishes_in(&self.stage));
        let stage = wrong_stage
            .map(|w| ReviewObstacle::PublishStage { stage: self.stage.clone(), publish_in: w.publish_in.clone() });
        stage.into_iter().chain(ReviewObstacle::from_missing(&self.to_publish())).collect()
    }

    /// Roles whose approvals are required in the present stage: those for the next stages, and for publishing if the document
    /// may be published from here. An approval that names no stage is requested as if it named the first stage in which documents are
    /// published: nobody would learn of it before, and the document could not go on.
    pub fn requested_roles(&self) -> Vec<String> {
        let Some(w) = &self.workflow else { return Vec::new() };
        let mut needs: Vec<ApprovalProgress> = Vec::new();
        for next in w.find_stage(&self.stage).map_or(&[][..], |s| &s.next) {
            needs.extend(self.to_enter(next));
        }
        if w.publishes_in(&self.stage) {
            needs.extend(self.to_publish());
        } else if w.precedes_publishing(&self.stage) {
            needs.extend(self.approval_progress(w.needed_without_stage()));
        }
        let missing: BTreeSet<String> = needs.into_iter().filter(|n| !n.is_met()).map(|n| n.role).collect();
        missing.into_iter().collect()
    }

    /// Why that caller cannot move the document there; empty if they can.
    pub(super) fn find_hindrances(&self, to: &str, caller: &EditorialCaller) -> Vec<ReviewObstacle> {
        let Some(w) = &self.workflow else { return vec![ReviewObstacle::NoWorkflow] };
        let Some(target) = w.find_stage(to) else {
            let stages = w.stages.iter().map(|s| s.name.clone()).collect();
            return vec![ReviewObstacle::UnknownStage { stage: to.to_owned(), stages }];
        };
        let mut why = Vec::new();
        if let Some(current) = w.find_stage(&self.stage) {
            if !current.next.iter().any(|n| n == to) {
                why.push(ReviewObstacle::NotNext { from: current.name.clone(), next: current.next.clone() });
            }
            if !caller.has_any_role(&current.leave) {
                why.push(ReviewObstacle::LeaveRole { stage: current.name.clone(), roles: current.leave.clone() });
            }
        }
        if !caller.has_any_role(&target.enter) {
            why.push(ReviewObstacle::EnterRole { stage: to.to_owned(), roles: target.enter.clone() });
        }
        why.extend(ReviewObstacle::from_missing(&self.to_enter(to)));
        why
    }
}

/// The draft of a document, which must exist, inside a transaction that locks it.
pub(super) fn lock_draft(tx: &WriteTx<'_>, d: &DocumentKey) -> Result<(TypeId, DraftToken)> {
    let ct = find_type(&tx.registry(), d)?;
    let exists = tx.lock_document(ct, &d.document_id, cairn_store::LockMode::Change)?;
    let token = if exists { tx.reader().documents().get_draft_token(ct, &d.document_id, &d.locale)? } else { None };
    Ok((ct, token.ok_or_else(|| gone_error(d))?))
}

fn find_type(registry: &Registry, d: &DocumentKey) -> Result<TypeId> {
    let type_id = registry.by_uid(&d.content_type).map(|t| t.id);
    type_id.ok_or_else(|| not_found(format!("Content type {:?} not found", d.content_type)))
}

pub(super) fn gone_error(d: &DocumentKey) -> cairn_content::ContentError {
    match d.locale.as_str() {
        "" => not_found("Document not found"),
        locale => not_found(format!("Document not found in the locale {locale}")),
    }
}

impl EditorialService {
    /// Returns the review state of a document for that caller: `GET …/review/<type>/<document>`. Fails with 404 for an unknown document.
    pub fn get_review(
        &self,
        admin: &cairn_access::AdminCaller,
        uid: &str,
        document_id: &str,
        locale: Option<&str>,
    ) -> Result<ReviewView> {
        let d = self.document_key(uid, document_id, locale)?;
        let ct = self.content_type(uid)?;
        let caller = EditorialCaller::new(admin, &admin.actor.clone().into());
        self.store().read(|r| {
            let versions = r.documents().list_versions(ct.id, &[&d.document_id])?;
            let find_version = |published| versions.iter().find(|v| v.locale == d.locale && v.published == published);
            let token = find_version(!ct.draft_publish).ok_or_else(|| gone_error(&d))?.token;
            let published = find_version(true).map(|v| v.token.version);
            let state = ReviewState::load_state(r, &d, token)?;
            load_review_view(r, &d, &state, published, &caller, self.now())
        })
    }
}

/// The state for that caller, with what they may do next.
pub(super) fn load_review_view(
    r: &Reader<'_>,
    d: &DocumentKey,
    s: &ReviewState,
    published: Option<i64>,
    caller: &EditorialCaller,
    now: i64,
) -> Result<ReviewView> {
    let id = s.review.as_ref().map(|r| r.id);
    let ids: Vec<i64> = id.into_iter().collect();
    let admins = r.admin_users().list()?;
    let people = |ids: &[i64]| -> Vec<Person> { ids.iter().map(|id| Person::find(*id, &admins)).collect() };
    let assignees = r.reviews().find_assignees(&ids)?.remove(&id.unwrap_or(0)).unwrap_or_default();
    let approvals = r.reviews().list_approvals(&ids, MAX_SHOWN_APPROVALS)?;
    let workflow = s.workflow.as_ref();
    let next = workflow.map_or_else(Vec::new, |w| {
        let stages = w.find_stage(&s.stage).map_or(&[][..], |stage| &stage.next);
        stages.iter().map(|to| NextStage::new(w, to, s.find_hindrances(to, caller))).collect()
    });
    let to_publish = s.to_publish();
    let may_approve = workflow.map_or_else(Vec::new, |w| {
        let roles = w.needed_to_publish().into_iter().map(|(role, _)| role);
        roles.filter(|role| caller.id.is_some() && caller.has_role(role)).map(str::to_owned).collect()
    });
    let due = s.review.as_ref().and_then(|r| r.due.as_ref());
    Ok(ReviewView {
        id,
        content_type: d.content_type.clone(),
        document_id: d.document_id.clone(),
        locale: (!d.locale.is_empty()).then(|| d.locale.clone()),
        version: s.token.version,
        published_version: published,
        workflow: workflow.map(|w| w.name.clone()),
        stage: (!s.stage.is_empty()).then(|| s.stage.clone()),
        colour: workflow.and_then(|w| stage_colour(w, &s.stage)),
        returned: s.returned,
        next,
        needed: to_publish
            .iter()
            .map(|n| NeededApproval { role: n.role.clone(), needed: n.needed, have: n.by.len(), by: people(&n.by) })
            .collect(),
        approvals: approvals.iter().map(|a| ApprovalView::new(a, s.token)).collect(),
        publish: Publishable { allowed: s.is_publishable(), why: s.publish_obstacles() },
        may_approve,
        assignees: people(&assignees),
        due: due.map(|due| ReviewDue::new(due, due.at < now && published != Some(s.token.version))),
    })
}

//! Actions on a review: moving it, approving it, withdrawing an approval, assigning it, setting a due date.

use super::review_state::{ReviewState, load_review_view, lock_draft};
use super::{ReviewMove, ReviewObstacle, ReviewView};
use crate::EditorialService;
use crate::input::{self, LocalTime, MAX_REMARK_CHARS};
use crate::service::{
    EditorialCaller, changed_meanwhile, document_event, forbidden_error, invalid_at, known_users, not_found, not_now,
};
use cairn_access::AdminCaller;
use cairn_content::Result;
use cairn_model::workflow::Workflow;
use cairn_store::WriteTx;
use cairn_store::editorial::{DocumentKey, DraftToken, NewApproval, ReviewRow};
use cairn_store::events::Actor;
use serde::Deserialize;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Largest number of assignees of one review.
const MAX_ASSIGNEES: usize = 20;

/// Moving to another stage.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MoveReview)]
pub struct MoveReviewInput {
    /// Name of the stage to move to.
    pub to: String,
    /// Reason for the move, plain text.
    pub comment: Option<String>,
    /// The version that was looked at; without it whatever there is.
    pub version: Option<i64>,
}

/// An approval of the draft.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GiveApproval)]
pub struct ApprovalInput {
    /// In which role; not needed where only one is asked for that they have.
    pub role: Option<String>,
    /// The version that was looked at: nobody approves what they have not seen.
    pub version: i64,
    /// Remark on the approval, plain text.
    pub comment: Option<String>,
}

/// Assignment of a review to admin users.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AssignReview)]
pub struct AssignmentInput {
    /// Numbers of admin users; none: nobody.
    pub users: Vec<i64>,
}

/// Until when it is to be done.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetDue {
    /// A local time in a zone; `null`: no due date.
    #[serde(deserialize_with = "input::given")]
    pub due: Option<Option<LocalTime>>,
}

/// The context of an action, and its result.
struct ActionContext<'a, 'tx> {
    tx: &'a mut WriteTx<'tx>,
    d: &'a DocumentKey,
    who: &'a EditorialCaller,
    standing: ReviewState,
    now: i64,
}

impl ActionContext<'_, '_> {
    fn emit_event(&mut self, name: &str, data: Json) -> Result<()> {
        Ok(self.tx.events().emit(&self.who.actor, &document_event(name, self.d, data), self.now)?)
    }

    fn require_workflow(&self) -> Result<&Workflow> {
        self.standing.workflow.as_ref().ok_or_else(|| not_now("This content type has no review workflow", json!({})))
    }

    /// The review, created if there is none yet.
    fn get_or_create_review(&mut self) -> Result<ReviewRow> {
        Ok(self.tx.reviews().ensure(self.d, &self.standing.stage, self.standing.token, self.now)?)
    }

    fn require_seen_version(&self, version: Option<i64>) -> Result<()> {
        match version {
            Some(seen) if seen != self.standing.token.version => {
                Err(changed_meanwhile(seen, self.standing.token.version))
            }
            _ => Ok(()),
        }
    }

    fn load_assignees(&self, review: i64) -> Result<Vec<i64>> {
        Ok(self.tx.reader().reviews().find_assignees(&[review])?.remove(&review).unwrap_or_default())
    }
}

impl EditorialService {
    /// Moves a document to another stage.
    ///
    /// # Errors
    /// 400 with what prevents the move, 404 for an unknown document, 409 if the content has changed.
    pub async fn move_review(
        &self,
        admin: &AdminCaller,
        actor: &Arc<Actor>,
        d: DocumentKey,
        input: MoveReviewInput,
    ) -> Result<ReviewView> {
        let comment = input::check_remark("comment", input.comment.as_deref(), MAX_REMARK_CHARS)?;
        self.run_action(admin, actor, d, move |step| {
            step.require_seen_version(input.version)?;
            step.require_workflow()?;
            let why = step.standing.find_hindrances(&input.to, step.who);
            if !why.is_empty() {
                let details = json!({ "stage": step.standing.stage, "to": input.to, "why": why });
                let message = format!("The entry cannot be moved to {:?}: {}", input.to, ReviewObstacle::join(&why));
                return Err(not_now(message, details));
            }
            let review = step.get_or_create_review()?;
            let (from, token) = (step.standing.stage.clone(), step.standing.token);
            let by = (&*step.who.actor, comment.as_deref());
            step.tx.reviews().move_to_stage(review.id, (&from, &input.to), token, by, step.now)?;
            let assignees = step.load_assignees(review.id)?;
            let data = json!({ "from": from, "to": input.to, "comment": comment, "version": token.version, "assignees": assignees });
            step.emit_event("cairn.review.moved", data)?;
            let after = ReviewState::load_state(&step.tx.reader(), step.d, token)?;
            let roles = after.requested_roles();
            if !roles.is_empty() {
                let data = json!({ "roles": roles, "stage": input.to, "comment": comment, "version": token.version });
                step.emit_event("cairn.review.requested", data)?;
            }
            Ok(())
        })
        .await
    }

    /// Approves the draft of a document, in the version that the caller has seen.
    ///
    /// # Errors
    /// 400 if no approval of theirs is required, 403 for their changes and for roles they do not have, 404 for an unknown document, 409 if
    /// the content has changed.
    pub async fn approve_draft(
        &self,
        admin: &AdminCaller,
        actor: &Arc<Actor>,
        d: DocumentKey,
        input: ApprovalInput,
    ) -> Result<ReviewView> {
        let comment = input::check_remark("comment", input.comment.as_deref(), MAX_REMARK_CHARS)?;
        self.run_action(admin, actor, d, move |step| {
            let person = step.who.require_person()?;
            step.require_seen_version(Some(input.version))?;
            let role = approval_role(step.require_workflow()?, step.who, input.role.as_deref())?;
            let token = step.standing.token;
            if !step.require_workflow()?.own_changes && changed_by(step.tx, step.d, step.who)? {
                return Err(forbidden_error(
                    "You have changed this entry since it was last published: somebody else must approve it",
                ));
            }
            let has_approved = step.standing.approvals.iter().any(|a| a.approval.role == role && a.approval.admin_user == person);
            if has_approved {
                return Ok(());
            }
            let review = step.get_or_create_review()?;
            let approval = NewApproval {
                review: review.id,
                role: role.clone(),
                admin_user: person,
                actor: (*step.who.actor).clone(),
                token,
                comment: comment.clone(),
            };
            let id = step.tx.reviews().create_approval(&approval, step.now)?;
            let assignees = step.load_assignees(review.id)?;
            let data = json!({
                "approval": id, "role": role, "stage": step.standing.stage, "version": token.version, "comment": comment,
                "assignees": assignees,
            });
            step.emit_event("cairn.review.approved", data)
        })
        .await
    }

    /// Withdraws an approval: the caller's, or for super admins any.
    ///
    /// # Errors
    /// 403 for somebody else's approval, 404 for an unknown one.
    pub async fn withdraw_approval(
        &self,
        admin: &AdminCaller,
        actor: &Arc<Actor>,
        d: DocumentKey,
        id: i64,
    ) -> Result<ReviewView> {
        self.run_action(admin, actor, d, move |step| {
            let missing = || not_found("Approval not found");
            let review = step.standing.review.as_ref().ok_or_else(missing)?.id;
            let all = step.tx.reader().reviews().list_approvals(&[review], super::review_state::MAX_SHOWN_APPROVALS)?;
            let row = all.into_iter().find(|a| a.id == id).ok_or_else(missing)?;
            if step.who.id != Some(row.approval.admin_user) && !step.who.is_super {
                return Err(forbidden_error("Only the approver or a super admin can withdraw an approval"));
            }
            if step.tx.reviews().withdraw_approval(review, id, step.now)? {
                let data = json!({ "approval": id, "role": row.approval.role, "of": row.approval.admin_user });
                step.emit_event("cairn.review.withdrawn", data)?;
            }
            Ok(())
        })
        .await
    }

    /// Replaces the assignees of a document's review.
    ///
    /// # Errors
    /// 400 for an unknown user, 404 for an unknown document.
    pub async fn assign_people(
        &self,
        admin: &AdminCaller,
        actor: &Arc<Actor>,
        d: DocumentKey,
        input: AssignmentInput,
    ) -> Result<ReviewView> {
        if input.users.len() > MAX_ASSIGNEES {
            return Err(invalid_at("users", format!("A review can have at most {MAX_ASSIGNEES} assignees")));
        }
        self.run_action(admin, actor, d, move |step| {
            known_users(&step.tx.reader(), "users", &input.users)?;
            let review = step.get_or_create_review()?;
            let before = step.load_assignees(review.id)?;
            let mut users = input.users.clone();
            users.sort_unstable();
            users.dedup();
            if users == before {
                return Ok(());
            }
            step.tx.reviews().set_assignees(review.id, &users, step.now)?;
            let added: Vec<i64> = users.iter().copied().filter(|u| !before.contains(u)).collect();
            let due = review.due.map(|due| due.local);
            step.emit_event(
                "cairn.review.assigned",
                json!({ "users": users, "added": added, "before": before, "due": due }),
            )
        })
        .await
    }

    /// Sets or clears the due date of a document's review.
    ///
    /// # Errors
    /// 400 for a time that does not exist or is past, 404 for an unknown document.
    pub async fn set_due(
        &self,
        admin: &AdminCaller,
        actor: &Arc<Actor>,
        d: DocumentKey,
        input: SetDue,
    ) -> Result<ReviewView> {
        let due = input.due.flatten().map(|t| t.resolve("due")).transpose()?;
        if due.as_ref().is_some_and(|due| due.at <= self.now()) {
            return Err(invalid_at("due.localTime", "A due date must be in the future"));
        }
        self.run_action(admin, actor, d, move |step| {
            let review = step.get_or_create_review()?;
            if review.due == due {
                return Ok(());
            }
            step.tx.reviews().set_due(review.id, due.as_ref(), step.now)?;
            let due_json = due.as_ref().map(
                |due| json!({ "at": crate::calendar::format_ms(due.at), "localTime": due.local, "zone": due.zone }),
            );
            step.emit_event("cairn.review.due_changed", json!({ "due": due_json }))
        })
        .await
    }

    /// Lists the moves of a document's review, newest first. Returns an error if the database fails.
    pub fn review_moves(
        &self,
        d: &DocumentKey,
        before: Option<i64>,
        limit: i64,
    ) -> Result<(Vec<ReviewMove>, Option<i64>)> {
        let moves = self.store().read(|r| match r.reviews().get(d)? {
            None => Ok(Vec::new()),
            Some(review) => r.reviews().list_moves(review.id, before, limit),
        })?;
        let next = (moves.len() as i64 == limit).then(|| moves.last().map(|m| m.id)).flatten();
        Ok((moves.into_iter().map(ReviewMove::from).collect(), next))
    }

    /// The document that a route names. Fails with 404 for an unknown type.
    pub fn resolve_document(&self, uid: &str, document_id: &str, locale: Option<&str>) -> Result<DocumentKey> {
        self.document_key(uid, document_id, locale)
    }

    /// Runs an action on a review with the document locked, and returns the new state of the review.
    async fn run_action<F>(&self, admin: &AdminCaller, actor: &Arc<Actor>, d: DocumentKey, act: F) -> Result<ReviewView>
    where
        F: Fn(&mut ActionContext<'_, '_>) -> Result<()> + Clone + Send + 'static,
    {
        let (caller, now) = (EditorialCaller::new(admin, actor), self.now());
        self.store()
            .write(move |tx| {
                let (ct, token) = lock_draft(tx, &d)?;
                let state = ReviewState::load_state(&tx.reader(), &d, token)?;
                let mut step = ActionContext { tx, d: &d, who: &caller, standing: state, now };
                act(&mut step)?;
                let reader = step.tx.reader();
                let after = ReviewState::load_state(&reader, &d, token)?;
                let published = published_token(&reader, ct, &d)?;
                load_review_view(&reader, &d, &after, published.map(|t| t.version), &caller, now)
            })
            .await
    }
}

/// The published version of a document.
pub(super) fn published_token(
    r: &cairn_store::Reader<'_>,
    ct: cairn_model::TypeId,
    d: &DocumentKey,
) -> Result<Option<DraftToken>> {
    let versions = r.documents().list_versions(ct, &[&d.document_id])?;
    Ok(versions.into_iter().find(|v| v.published && v.locale == d.locale).map(|v| v.token))
}

/// True if somebody has changed a document since it was last published.
fn changed_by(tx: &WriteTx<'_>, d: &DocumentKey, caller: &EditorialCaller) -> Result<bool> {
    let registry = tx.registry();
    let Some(ct) = registry.by_uid(&d.content_type) else { return Ok(false) };
    let reader = tx.reader();
    let after = published_token(&reader, ct.id, d)?.map_or(0, |t| t.version);
    Ok(reader.history().has_change_by(d, &caller.actor.key(), after)?)
}

/// The role in which somebody approves.
fn approval_role(w: &Workflow, caller: &EditorialCaller, role: Option<&str>) -> Result<String> {
    let needed: Vec<&str> = w.needed_to_publish().into_iter().map(|(role, _)| role).collect();
    let listed = || needed.join(", ");
    if needed.is_empty() {
        return Err(not_now(format!("The workflow {:?} does not require approvals", w.name), json!({})));
    }
    match role {
        Some(role) if !needed.contains(&role) => Err(invalid_at(
            "role",
            format!("Approvals by {role:?} are not required; they are required from {}", listed()),
        )),
        Some(role) if !caller.has_role(role) => {
            Err(forbidden_error(format!("Only admin users with the role {role} can approve as {role}")))
        }
        Some(role) => Ok(role.to_owned()),
        None => {
            let own: Vec<&str> = needed.iter().copied().filter(|role| caller.has_role(role)).collect();
            match own.as_slice() {
                [one] => Ok((*one).to_owned()),
                [] => {
                    Err(forbidden_error(format!("Only admin users with one of these roles can approve: {}", listed())))
                }
                many => Err(invalid_at("role", format!("Specify the role to approve as: {}", many.join(", ")))),
            }
        }
    }
}
